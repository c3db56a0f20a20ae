import type { InboundMessage, OutboundContext } from '../../integrations/contract.js'
import type { Core } from '../core.js'
import type { HttpClient } from '../lib/http-client.js'
import type { SecretBox } from '../lib/secret-box.js'
import type { Asked } from '../protocolos/change.js'
import type { Protocolo, ProtocoloModel } from '../protocolos/model.js'
import type { Contato } from '../vez/document.js'
import type { Prefer } from '../vez/service.js'
import type { Canal, Contas } from './accounts.js'
import type { Apelidos } from './apelidos.js'
import type { EventLog } from './event-log.js'
import type { CanalModel } from './model.js'

/** What the chat side works with, handed on as a whole. */
export interface ChatDeps extends Core {
  readonly protocolos: ProtocoloModel
  readonly canais: CanalModel
  readonly contas: Contas
  readonly apelidos: Apelidos
  /** Opens and locks the accounts' secrets; absent without a master key. */
  readonly box: SecretBox | undefined
  readonly http: HttpClient
  /** What became of each account's events. */
  readonly events: EventLog
  /** The types of work that a turn with this contact owes besides what its account asks for. */
  readonly owed: (contato: Contato) => readonly string[]
  readonly prefer: Prefer
  /** What people change at the platform changes at Pipedrive too: made durable before the change. */
  readonly follow: (before: Protocolo, moves: Pick<Asked, 'status' | 'responsavel_id'>) => Promise<void>
  /** The e-mail of a platform's agent, where its events name him by id only. */
  readonly emailOf: (slug: string, agent: string) => string | undefined
}

/** A message, the account that it came to, and when. */
export interface Arrival {
  readonly canal: Canal
  readonly event: InboundMessage
  readonly now: Date
}

/**
 * What a call to the account's platform needs.
 *
 * @param since when the work was created that it is for; now when absent
 */
export function outboundOf(
  { http, clock }: Pick<ChatDeps, 'http' | 'clock'>,
  { conta }: Canal,
  idempotencyKey: string,
  since?: Date,
): OutboundContext<unknown> {
  const now = clock.now()
  return { account: conta, http, now, since: since ?? now, idempotencyKey }
}
