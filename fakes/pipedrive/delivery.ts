import type { Clock } from '../../src/lib/clock.js'
import type { Happening } from './account.js'
import { v1Time } from './clock.js'
import { type Body, ENTITIES, eventBody, v1Body } from './events.js'
import type { Gancho, State } from './state.js'
import type { WebhookSwitches } from './switches.js'

const TIMEOUT_MS = 10_000
/** After the first, second and third try that failed. */
const RETRIES_MS = [3_000, 30_000, 150_000]
const STRIKES = 10
const BANNED_MS = 30 * 60_000
const DELETED_AFTER_MS = 3 * 86_400_000
const KEPT = 10_000

/** One try, or why there was none. */
export interface SentEvent {
  readonly webhookId: number
  readonly attempt: number
  /** What the receiver said; 0: nothing came back. */
  readonly status: number
  readonly result: 'entregue' | 'falhou' | 'banido' | 'descartado'
  /** ms of the fake's clock. */
  readonly at: number
  readonly body: unknown
}

interface Held {
  readonly hook: Gancho
  readonly body: Body
}

/** Sends events to the subscriptions, beside the answers of the API. */
export class Delivery {
  readonly sent: SentEvent[] = []
  readonly #state: State
  readonly #clock: Clock
  readonly #switches: WebhookSwitches
  readonly #under = new Set<Promise<void>>()
  readonly #aborts = new Set<AbortController>()
  #held: Held[] = []
  #waiting = 0
  #round = 0

  constructor(state: State, clock: Clock, switches: WebhookSwitches) {
    this.#state = state
    this.#clock = clock
    this.#switches = switches
  }

  /** Retries and delayed events that wait for the clock. */
  get waiting(): number {
    return this.#waiting
  }

  tell(happening: Happening): void {
    const entity = ENTITIES[happening.kind]
    for (const hook of this.#state.webhooks) {
      const fits = (wanted: string, value: string): boolean => wanted === '*' || wanted === value
      if (hook.is_active === 0 || !fits(hook.event_action, happening.action)) continue
      if (!fits(hook.event_object, entity)) continue
      this.#leave(hook, eventBody(this.#state, happening, hook, this.#clock.now(), this.#switches))
    }
  }

  /** Resolves when nothing is under way; what was held back for its order leaves first. What waits for the clock does not count. */
  async delivered(): Promise<void> {
    this.#release()
    while (this.#under.size > 0) await Promise.all(this.#under)
  }

  /** Breaks off all that is under way or waits, and forgets it. */
  forget(): void {
    this.#round += 1
    for (const abort of this.#aborts) abort.abort()
    this.#held = []
    this.#waiting = 0
    this.sent.length = 0
  }

  #leave(hook: Gancho, body: Body): void {
    const { drop, outOfOrder, delayMs, duplicate } = this.#switches
    if (drop) {
      this.#note(hook, body, 1, 0, 'descartado')
      return
    }
    if (outOfOrder) {
      this.#held.push({ hook, body })
      if (this.#held.length > 1) this.#release()
      return
    }
    const go = (): void => {
      this.#start(() => this.#attempt(hook, body, 1))
      if (duplicate) this.#start(() => this.#attempt(hook, body, 1))
    }
    if (delayMs > 0) this.#later(delayMs, go)
    else go()
  }

  /** The later ones first, each only after the one before has its answer. */
  #release(): void {
    const held = this.#held.reverse()
    this.#held = []
    if (held.length === 0) return
    this.#start(async () => {
      for (const { hook, body } of held) await this.#attempt(hook, body, 1)
    })
  }

  #later(ms: number, work: () => void): void {
    const round = this.#round
    this.#waiting += 1
    this.#clock.after(ms, () => {
      if (round !== this.#round) return
      this.#waiting -= 1
      work()
    })
  }

  #start(work: () => Promise<void>): void {
    const running: Promise<void> = work().finally(() => this.#under.delete(running))
    this.#under.add(running)
  }

  async #attempt(hook: Gancho, body: Body, attempt: number): Promise<void> {
    const now = this.#clock.now().getTime()
    if (hook.banned_until !== null && now < hook.banned_until) return this.#note(hook, body, attempt, 0, 'banido')
    hook.banned_until = null
    const round = this.#round
    const status = await this.#post(hook, body, attempt)
    if (round !== this.#round) return
    const isGood = status >= 200 && status < 300
    this.#note(hook, body, attempt, status, isGood ? 'entregue' : 'falhou')
    hook.last_http_status = status === 0 ? null : status
    hook.last_delivery_time = v1Time(this.#clock.now().toISOString())
    if (isGood) hook.failing_since = null
    else this.#failed(hook, body, attempt)
  }

  #failed(hook: Gancho, body: Body, attempt: number): void {
    const now = this.#clock.now().getTime()
    hook.failing_since ??= now
    if (now - hook.failing_since >= DELETED_AFTER_MS) {
      hook.is_active = 0
      this.#state.webhooks = this.#state.webhooks.filter((one) => one !== hook)
      return
    }
    if (attempt === 1) hook.strikes += 1
    if (hook.strikes >= STRIKES) {
      hook.strikes = 0
      hook.banned_until = now + BANNED_MS
      return
    }
    const wait = RETRIES_MS[attempt - 1]
    if (wait === undefined) return
    this.#later(wait, () => this.#start(() => this.#attempt(hook, body, attempt + 1)))
  }

  /** The receiver's status; 0 when it said nothing in time. A redirect is not followed. */
  async #post(hook: Gancho, body: Body, attempt: number): Promise<number> {
    const abort = new AbortController()
    this.#aborts.add(abort)
    const cancel = this.#clock.after(TIMEOUT_MS, () => abort.abort())
    const { http_auth_user: user, http_auth_password: password } = hook
    const basic = Buffer.from(`${user ?? ''}:${password ?? ''}`).toString('base64')
    const isV1 = this.#switches.v1Body || hook.version === '1.0'
    try {
      const answer = await fetch(hook.subscription_url, {
        method: 'POST',
        redirect: 'manual',
        signal: abort.signal,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Pipedrive Webhooks',
          ...(user !== null && { authorization: `Basic ${basic}` }),
        },
        body: JSON.stringify(isV1 ? v1Body(body, attempt) : { ...body, meta: { ...body.meta, attempt } }),
      })
      await answer.body?.cancel()
      return answer.status
    } catch {
      return 0
    } finally {
      cancel()
      this.#aborts.delete(abort)
    }
  }

  #note(hook: Gancho, body: Body, attempt: number, status: number, result: SentEvent['result']): void {
    const told = { ...body, meta: { ...body.meta, attempt } }
    this.sent.push({ webhookId: hook.id, attempt, status, result, at: this.#clock.now().getTime(), body: told })
    if (this.sent.length > KEPT) this.sent.shift()
  }
}
