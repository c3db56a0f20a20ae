import type { Clock } from '../../src/lib/clock.js'
import type { Capped } from './wire.js'

/** First wait after a refusal; it doubles with each further one, ms. */
const FIRST_MS = 300_000
const MOST_MS = 3_600_000
const MOST_DOUBLINGS = 4
/** How long the one call that tries again keeps all others waiting, ms: longer than any call takes. */
const PROBE_MS = 60_000

interface Full {
  /** Until when nothing is tried, ms. */
  readonly until: number
  /** Refusals in a row. */
  readonly times: number
}

/**
 * The ceiling that a plan puts on a kind of record (docs/vendors/pipedrive.md#what-a-plan-allows). Once reached, no call makes
 * one for a while; then one call tries, and its result decides for all.
 */
export class PlanCap {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #full = new Map<Capped, Full>()

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  /** How long until one may be made, ms; 0: now. */
  fullMs(what: Capped): number {
    return Math.max(0, (this.#full.get(what)?.until ?? 0) - this.#now())
  }

  /** A call that makes one is about to be sent: where the plan was full, it tries for all. */
  enter(what: Capped): void {
    const full = this.#full.get(what)
    if (full) this.#full.set(what, { ...full, until: this.#now() + PROBE_MS })
  }

  /** @returns until when the next one waits */
  refused(what: Capped): Date {
    const times = (this.#full.get(what)?.times ?? 0) + 1
    const wait = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(times - 1, MOST_DOUBLINGS))
    const until = this.#now() + wait * (1 + this.#random() / 5)
    this.#full.set(what, { until, times })
    return new Date(until)
  }

  /** @returns whether the plan was full until now */
  passed(what: Capped): boolean {
    return this.#full.delete(what)
  }

  /** The next call may try at once. */
  retry(): void {
    for (const what of this.#full.keys()) this.#full.set(what, { until: 0, times: 0 })
  }

  #now(): number {
    return this.#clock.now().getTime()
  }
}
