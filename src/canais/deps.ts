import type { Clock } from '../lib/clock.js'
import type { ProtocoloModel } from '../protocolos/model.js'
import type { Tarefa } from '../tarefas/model.js'
import type { VezService } from '../vez/service.js'
import type { Canal } from './accounts.js'

/** What an event needs on its way to a turn. */
export interface ReceiveDeps {
  readonly vez: VezService
  readonly protocolos: ProtocoloModel
  readonly clock: Clock
  /** Makes work durable that no turn carries; there already is fine. */
  readonly insertTarefa: (tarefa: Tarefa) => Promise<void>
  readonly wasMade: (tarefa: Tarefa) => Promise<boolean>
  /** The e-mail of a platform's agent, where its events name him by id only. */
  readonly emailOf: (slug: string, agent: string) => string | undefined
  /** Was such a text made for this conversation within the last ten minutes? */
  readonly toldLately: (canal: Canal, conversa: string, tipo: string) => Promise<boolean>
}
