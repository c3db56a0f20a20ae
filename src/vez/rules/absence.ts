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

/**
 * Whether this person is absent: offline, or outside his hours, for at least so long; since the earlier of the two. A pause is
 * no absence.
 */
function absenceOf({ online, desde, horario }: Consultor, ms: number, now: Date): Absence | undefined {
  const offline = online ? undefined : forLong(desde, ms, now)
  const outside = horario?.dentro === false ? forLong(horario.desde, ms, now) : undefined
  if (!offline || !outside) return offline ?? outside
  const isLater = offline.desde !== undefined && (outside.desde === undefined || outside.desde < offline.desde)
  return isLater ? outside : offline
}

/** For at least so long, or for an unknown time. A `desde` farther in the future than that comes from a clock that was set back. */
function forLong(desde: Date | undefined, ms: number, now: Date): Absence | undefined {
  if (desde === undefined) return {}
  return Math.abs(now.getTime() - desde.getTime()) >= ms ? { desde } : undefined
}

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
