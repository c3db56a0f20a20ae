import type { CommandResult } from '../vez/rules/commands.js'
import { canSend } from './ask.js'
import type { Arrival, ChatDeps } from './deps.js'
import { asDone, workFor } from './owed.js'

type Attended = Extract<CommandResult, { situacao: 'em_atendimento' }>

/**
 * Tells a customer that whoever has his protocol is absent: once an absence, however often he writes, and also where it goes on
 * for another reason: offline in the evening, then outside his hours, and still offline when they begin.
 *
 * @returns true when he had been told before
 */
export async function wasToldAbsent(
  { outbox }: Pick<ChatDeps, 'outbox'>,
  arrival: Arrival,
  { protocolo: { n }, consultor, ausencia }: Pick<Attended, 'protocolo' | 'consultor' | 'ausencia'>,
): Promise<boolean> {
  const { canal, now } = arrival
  const about = { protocolo: n, consultor_nome: consultor?.nome }
  const works = (ausencia?.since ?? []).map((at) =>
    workFor(arrival, 'texto_responsavel_ausente', about, `ausente:${n}:${at?.getTime() ?? ''}`),
  )
  const known = await Promise.all(works.map(({ _id }) => outbox.has(_id)))
  const wasTold = known.includes(true)
  const isSent = canSend(canal) && canal.adapter.replyReader(canal.conta.ajustes) !== 'customer'
  for (const [place, work] of works.entries()) {
    // One text says it; what else it is known by is only noted.
    if (!known[place]) await outbox.insert(isSent && !wasTold && place === 0 ? work : asDone(work, now))
  }
  return wasTold
}
