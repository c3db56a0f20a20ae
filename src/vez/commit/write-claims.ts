import type { Clock } from '../../lib/clock.js'
import type { Claim, Claims } from '../document.js'

/** No claim holds another process up for longer than this, ms. */
const MAX_YIELD_MS = 500
/** Processes count as contending for so long after the last sign of it, ms. */
const CONTENDED_MS = 1_000
/** A claim that has not changed for so long belongs to a process that is gone or idle, ms. */
const CLAIM_ALIVE_MS = 2_000

/** How many times to look for another's write within the time that is left, and the shortest wait between two looks, ms. */
const LOOKS = 6
const MIN_LOOK_MS = 1
/** A claim holds the others up for this many attempts of its process. */
const ATTEMPTS = 5

/** What a write does with claims on the document. */
export interface ClaimChange {
  readonly set?: Claim
  readonly unset: readonly string[]
}

interface Seen {
  readonly n: number
  /** Monotonic ms: when it was first seen. */
  readonly since: number
  /** When its process should have written, by the length of its attempts, and until when it is waited for; absent: not yet. */
  readonly wait?: { readonly due: number; readonly until: number }
}

/**
 * Keeps one of several processes from starving. The winner of a write knows its new snapshot without reading it, so it would
 * win the next write too, above all against a process that is farther from the database. Therefore a process that has lost
 * twice in a row leaves a claim on the document. A process that finds another's claim with its own write does not write again
 * until the other one has, or until five times the length of the other's attempt has passed. While such claims keep coming,
 * each process also claims its own next write, so that all write in turn.
 */
export class WriteClaims {
  readonly #clock: Clock
  readonly #processId: string
  readonly #seen = new Map<string, Seen>()
  #contendedUntil = Number.NEGATIVE_INFINITY
  #made = 0
  /** Is a claim of ours on the document, as far as we know? And will it be, once the write in flight has happened? */
  #isStanding = false
  #standsAfterWrite = false

  constructor(clock: Clock, processId: string) {
    this.#clock = clock
    this.#processId = processId
  }

  /** This process's claim after a lost write. `ms`: how long an attempt takes. */
  lost(ms: number): Claim {
    this.#contendedUntil = this.#clock.elapsed() + CONTENDED_MS
    return this.#next(ms)
  }

  /** What our next write does with claims: it renews or removes our own, and removes those of processes that are gone. */
  change(ms: number): ClaimChange {
    const gone = [...this.#seen].filter(([, { since }]) => !this.#isAlive(since)).map(([processId]) => processId)
    if (this.#clock.elapsed() < this.#contendedUntil) return { set: this.#next(ms), unset: gone }
    this.#standsAfterWrite = false
    return { unset: this.#isStanding ? [this.#processId, ...gone] : gone }
  }

  /** Our write succeeded, and these claims stood on the document before: each makes us wait once. */
  wrote(claims: Claims): void {
    this.#isStanding = this.#standsAfterWrite
    this.looked(claims)
    const now = this.#clock.elapsed()
    for (const [processId, { ms }] of Object.entries(claims)) {
      const seen = this.#seen.get(processId)
      if (!seen || seen.wait) continue
      const after = (attempts: number): number => now + Math.min(MAX_YIELD_MS, attempts * ms)
      this.#seen.set(processId, { ...seen, wait: { due: after(1), until: after(ATTEMPTS) } })
      this.#contendedUntil = now + CONTENDED_MS
    }
  }

  /** These claims stand on the document now: a process whose claim is gone or has changed has written meanwhile. */
  looked(claims: Claims): void {
    for (const processId of this.#seen.keys()) if (!claims[processId]) this.#seen.delete(processId)
    for (const [process, { n }] of Object.entries(claims)) {
      if (process === this.#processId || this.#seen.get(process)?.n === n) continue
      this.#seen.set(process, { n, since: this.#clock.elapsed() })
    }
  }

  /**
   * How long to wait before looking whether the others have written, ms; `undefined`: go on and write. A look before an attempt
   * of theirs can be over only costs the database.
   */
  get waitMs(): number | undefined {
    const now = this.#clock.elapsed()
    const waits = [...this.#seen.values()].flatMap(({ wait }) => wait ?? [])
    const left = Math.max(0, ...waits.map(({ until }) => until - now))
    if (left === 0) return undefined
    const early = Math.max(...waits.map(({ due }) => due - now))
    return Math.min(left, Math.max(MIN_LOOK_MS, early > 0 ? early : left / LOOKS))
  }

  #next(ms: number): Claim {
    this.#made += 1
    this.#isStanding = true
    this.#standsAfterWrite = true
    return { ms: Math.ceil(ms), n: this.#made }
  }

  #isAlive = (since: number): boolean => this.#clock.elapsed() - since < CLAIM_ALIVE_MS
}
