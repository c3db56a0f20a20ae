import type { AsPerson } from './as-person.js'
import type { FakeClock } from './clock.js'
import type { SentEvent } from './delivery.js'
import type { Fault } from './faults.js'
import type { Limits } from './limits.js'
import type { Seed } from './seed.js'
import type { State } from './state.js'
import type { Switches, WebhookSwitches } from './switches.js'

export interface Call {
  readonly method: string
  /** Without `/api` and query. */
  readonly path: string
  readonly status: number
  readonly tokens: number
  /** ms of the fake's clock. */
  readonly at: number
}

/** A stand-in for one Pipedrive account, written from its documentation; what it does not know it refuses and records. */
export interface FakePipedrive {
  /** For `PIPEDRIVE_BASE_URL`: the API is under `/api/v1` and `/api/v2`. */
  readonly url: string
  /** What the account holds. Write through `asPerson` or the API: only that is told to subscribers and has a past. */
  readonly state: State
  readonly limits: Limits
  readonly switches: Switches
  readonly webhookSwitches: WebhookSwitches
  readonly clock: FakeClock
  /** Every call of the API that was answered, in order. */
  readonly calls: readonly Call[]
  /** Calls that it knows nothing of, or that are gone. */
  readonly unplanned: readonly string[]
  /** Every try to deliver an event, in the order of their ends. */
  readonly events: readonly SentEvent[]
  /** What people do in the service's own pages. */
  readonly asPerson: AsPerson
  readonly seed: Seed
  readonly faultsLeft: () => number
  fault(fault: Fault): void
  /** The search index is so far behind. */
  lag(ms: number): void
  /** From now on it lets nobody in but who has this token. */
  token(known: string): void
  /** Resolves when no event is under way; retries that wait for the clock do not count (`eventsWaiting`). */
  delivered(): Promise<void>
  readonly eventsWaiting: () => number
  /** All as at the start, but for the clock. */
  reset(): void
  end(): Promise<void>
}
