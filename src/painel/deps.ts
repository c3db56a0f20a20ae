import type { Chat } from '../canais/start.js'
import type { Core } from '../core.js'
import type { Caller } from '../http/route.js'
import type { LocalTime } from '../lib/local-time.js'
import type { Panel } from '../pipedrive/routes.js'
import type { ListRoutes } from '../protocolos/list-routes.js'
import type { ProtocoloModel } from '../protocolos/model.js'
import type { BeforeChanged } from '../protocolos/routes.js'
import type { SessionDeps } from '../sessoes/deps.js'
import type { Autor } from '../vez/rules/commands.js'
import type { Api } from './in-process.js'
import type { Hub } from './stream.js'

/** What the calls of the pages work with. */
export interface PainelDeps extends Core {
  readonly hub: Hub
  readonly protocolos: ProtocoloModel
  readonly lists: ListRoutes
  readonly time: LocalTime
  readonly chat: Chat
  /** Absent where Pipedrive is off. */
  readonly pipedrive: Panel | undefined
  /** The routes of the API, once they are known. */
  readonly api: () => Api
  /** Makes durable what a change of a protocol owes to others, before the change. */
  readonly beforeChanged: BeforeChanged
  readonly sessions: SessionDeps
}

/** Whoever changes something on a page, as the ledger names him. */
export const authorOf = ({ id }: Caller, motivo?: string): Autor => ({
  por: id,
  ...(motivo !== undefined && { motivo }),
})
