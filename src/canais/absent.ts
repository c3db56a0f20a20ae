import type { CommandResult } from '../vez/rules/commands.js'
import { canSend } from './ask.js'
import type { Arrival, ChatDeps } from './deps.js'
import { asDone, workFor } from './owed.js'

type Attended = Extract<CommandResult, { situacao: 'em_atendimento' }>

/**
 * Tells a customer that whoever has his protocol is absent: once an absence, however often he writes.
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
  const origin = `ausente:${n}:${ausencia?.desde?.getTime() ?? ''}`
  const tarefa = workFor(arrival, 'texto_responsavel_ausente', about, origin)
  if (await outbox.has(tarefa._id)) return true
  const isSent = canSend(canal) && canal.adapter.replyReader(canal.conta.ajustes) !== 'customer'
  await outbox.insert(isSent ? tarefa : asDone(tarefa, now))
  return false
}
