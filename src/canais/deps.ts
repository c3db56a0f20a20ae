import type { Clock } from '../lib/clock.js'
import type { Protocolo, ProtocoloModel, Status } from '../protocolos/model.js'
import type { Outbox } from '../tarefas/outbox.js'
import type { Contato } from '../vez/document.js'
import type { VezService } from '../vez/service.js'

/** What an event needs on its way to a turn. */
export interface ReceiveDeps {
  readonly vez: VezService
  readonly protocolos: ProtocoloModel
  readonly clock: Clock
  /** The types of work that a turn with this contact owes besides what its account asks for. */
  readonly owed: (contato: Contato) => readonly string[]
  /** What people change at the platform changes at Pipedrive too: made durable before the change. */
  readonly follow: (
    before: Protocolo,
    moves: { readonly status?: Status; readonly responsavel_id?: number | null },
  ) => Promise<void>
  /** Takes the work that no turn carries. */
  readonly outbox: Pick<Outbox, 'insert' | 'has' | 'recentOf'>
  /** The e-mail of a platform's agent, where its events name him by id only. */
  readonly emailOf: (slug: string, agent: string) => string | undefined
}
