import type { Consultor, TarefasDevidas } from '../document.js'
import type { Absence, ChatTurnCommand, PriorProtocol } from './commands.js'
import { type Draft, MAX_IDS_HERDADOS } from './draft.js'

/** Whoever has this protocol, if that is a consultor here. */
export const responsavelOf = (draft: Draft, { responsavel_id }: PriorProtocol): Consultor | undefined =>
  responsavel_id === null ? undefined : draft.consultores.get(responsavel_id)

/** The absence of whoever has this protocol; of one that has ended nobody is missed. */
export function absenceFrom(draft: Draft, { chat }: ChatTurnCommand, protocolo: PriorProtocol): Absence | undefined {
  const responsavel = protocolo.encerrado_em ? undefined : responsavelOf(draft, protocolo)
  return responsavel && absenceOf(responsavel, chat.ausente.ms, draft.moment.now)
}

/** Whether this person is absent: offline, or outside his hours, for at least so long. A pause is no absence. */
function absenceOf({ online, desde, horario }: Consultor, ms: number, now: Date): Absence | undefined {
  const isOutside = horario?.dentro === false
  const since = [...(online ? [] : [desde]), ...(isOutside ? [horario.desde] : [])].filter((at) => isLong(at, ms, now))
  return since.length > 0 ? { since } : undefined
}

/** At least so long ago, or at an unknown time. An instant farther in the future than that comes from a clock that was set back. */
const isLong = (at: Date | undefined, ms: number, now: Date): boolean =>
  at === undefined || Math.abs(now.getTime() - at.getTime()) >= ms

/**
 * The request as it takes the place of an earlier protocol: with all that is known of the contact there, so that any of his ids
 * finds the new one.
 *
 * @param tarefas what its turn owes
 */
export function continuing(command: ChatTurnCommand, before: PriorProtocol, tarefas: TarefasDevidas): ChatTurnCommand {
  const ids = [...new Set([...command.contato.ids, ...before.contato_ids])].slice(0, MAX_IDS_HERDADOS)
  return { ...command, contato: { ...before.contato, ...command.contato, ids }, continua: before.n, tarefas }
}
