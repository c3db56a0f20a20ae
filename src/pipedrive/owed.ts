import type { Config } from '../config.js'
import type { Clock } from '../lib/clock.js'
import { type Asked, isOver } from '../protocolos/change.js'
import type { Protocolo } from '../protocolos/model.js'
import { customerKeyOf, DO_PIPEDRIVE, newTarefa, STATUS_NO_PIPEDRIVE } from '../tarefas/model.js'
import type { Outbox } from '../tarefas/outbox.js'
import type { Contato } from '../vez/document.js'

/** The types of work that a turn or a protocol owes to Pipedrive, with this contact or without one. */
export type OwedTypes = (contato: Contato | undefined) => readonly string[]

/** Without a token nothing is owed. */
export function owedToPipedrive(config: Pick<Config, 'PIPEDRIVE_API_TOKEN' | 'PIPEDRIVE_SEM_CONTATO'>): OwedTypes {
  const { PIPEDRIVE_API_TOKEN, PIPEDRIVE_SEM_CONTATO } = config
  if (PIPEDRIVE_API_TOKEN === undefined) return () => []
  return (contato) => (contato || PIPEDRIVE_SEM_CONTATO === 'negocio' ? [DO_PIPEDRIVE] : [])
}

/** Delay of the work, ms: the change that it follows is written right after it. */
const SETTLE_MS = 2_000

/** Work that makes Pipedrive follow who has the customer here. */
export const RESPONSAVEL_NO_PIPEDRIVE = 'pipedrive_responsavel'

/** Makes durable, before a change of status or responsável, the work at Pipedrive that follows it. What is absent does not change. */
export type Follow = (before: Protocolo, asked: Pick<Asked, 'status' | 'responsavel_id'>) => Promise<void>

/** Without a token nothing is owed. */
export function followInPipedrive(config: Config, clock: Clock, outbox: Pick<Outbox, 'insert'>): Follow {
  const owed = owedToPipedrive(config)
  return async (before, { status = before.status, responsavel_id = before.responsavel_id }) => {
    if (before.consultor_id === undefined || owed(before.contato).length === 0) return
    const tipos = [
      ...(isOver(status) === isOver(before.status) ? [] : [STATUS_NO_PIPEDRIVE]),
      ...(responsavel_id === null || responsavel_id === before.responsavel_id ? [] : [RESPONSAVEL_NO_PIPEDRIVE]),
    ]
    const now = clock.now()
    for (const [place, tipo] of tipos.entries()) {
      await outbox.insert(
        newTarefa({
          origin: `protocolo:${before.n}:${before.rev}:${now.getTime()}`,
          tipo,
          payload: { protocolo: before.n },
          conversationKey: customerKeyOf(before.contato),
          now,
          delayMs: SETTLE_MS,
          place,
        }),
      )
    }
  }
}
