import type { Clock } from '../lib/clock.js'
import type { Protocolo, ProtocoloModel, Status } from '../protocolos/model.js'
import type { Tarefa } from '../tarefas/model.js'
import type { Contato } from '../vez/document.js'
import type { VezService } from '../vez/service.js'
import type { Canal } from './accounts.js'

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
  /** Makes work durable that no turn carries; there already is fine. */
  readonly insertTarefa: (tarefa: Tarefa) => Promise<void>
  readonly wasMade: (tarefa: Tarefa) => Promise<boolean>
  /** The e-mail of a platform's agent, where its events name him by id only. */
  readonly emailOf: (slug: string, agent: string) => string | undefined
  /** Was such a text made for this conversation within the last ten minutes? */
  readonly toldLately: (canal: Canal, conversa: string, tipo: string) => Promise<boolean>
}
