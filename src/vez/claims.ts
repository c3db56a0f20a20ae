import type { Clock } from '../lib/clock.js'

/** No claim holds another process up for longer than this, ms. */
const MAX_YIELD_MS = 500
/** So long after the last sign of it processes are taken to contend still, ms. */
const CONTENDED_MS = 1_000
/** A claim that has not changed for so long belongs to a process that is gone or idle, ms. */
const CLAIM_ALIVE_MS = 2_000

/** So often it is looked whether the others have written, within the time that is left; not more often than each ms. */
const LOOKS = 6
const MIN_LOOK_MS = 1
/** For so many attempts of another process its claim holds us up. */
const ATTEMPTS = 3

/** A process asks the others to let it write first. `ms`: how long its attempt takes. `n`: tells two of its claims apart. */
export interface Claim {
  readonly ms: number
  readonly n: number
}

/** By process. */
export type Claims = Readonly<Record<string, Claim>>

/** What a write does with claims on the document. */
export interface ClaimChange {
  readonly set?: Claim
  readonly unset: readonly string[]
}

interface Seen {
  readonly n: number
  /** Monotonic ms: when it was first seen, and until when it is waited for; absent: not waited for yet. */
  readonly since: number
  readonly yieldUntil?: number
}

/**
 * Several processes write one document. The winner of a write knows its new snapshot without reading it, so it would win the
 * next write too, above all against a process that is farther from the database. So who has lost twice in a row leaves a claim
 * on the document. Whoever finds another's claim with its own write does not write again until that process has, or until
 * three times the length of its attempt has passed; and as long as such claims come, it claims each next write for itself as well.
 */
export class WriteClaims {
  readonly #clock: Clock
  readonly #processo: string
  readonly #seen = new Map<string, Seen>()
  #contendedUntil = Number.NEGATIVE_INFINITY
  #made = 0
  #isStanding = false

  constructor(clock: Clock, processo: string) {
    this.#clock = clock
    this.#processo = processo
  }

  /** This process's claim after a lost write, when an attempt takes so many ms. */
  lost(ms: number): Claim {
    this.#contendedUntil = this.#clock.elapsed() + CONTENDED_MS
    return this.#next(ms)
  }

  /** What our next write does with claims: our own goes on or goes away, those of processes that are gone go away. */
  change(ms: number): ClaimChange {
    const gone = [...this.#seen].filter(([, { since }]) => !this.#isAlive(since)).map(([processo]) => processo)
    if (this.#clock.elapsed() < this.#contendedUntil) return { set: this.#next(ms), unset: gone }
    const unset = this.#isStanding ? [this.#processo, ...gone] : gone
    this.#isStanding = false
    return { unset }
  }

  /** We have written, and these claims stood on the document before: whoever made one goes first now, each claim once. */
  wrote(claims: Claims): void {
    this.looked(claims)
    const now = this.#clock.elapsed()
    for (const [processo, { ms }] of Object.entries(claims)) {
      const seen = this.#seen.get(processo)
      if (!seen || seen.yieldUntil !== undefined) continue
      this.#seen.set(processo, { ...seen, yieldUntil: now + Math.min(MAX_YIELD_MS, ATTEMPTS * ms) })
      this.#contendedUntil = now + CONTENDED_MS
    }
  }

  /** These claims stand on the document now: whose claim is gone, or is another one, has written meanwhile. */
  looked(claims: Claims): void {
    for (const processo of this.#seen.keys()) if (!claims[processo]) this.#seen.delete(processo)
    for (const [processo, { n }] of Object.entries(claims)) {
      if (processo === this.#processo || this.#seen.get(processo)?.n === n) continue
      this.#seen.set(processo, { n, since: this.#clock.elapsed() })
    }
  }

  /** How long to wait before looking whether the others have written, ms; `undefined`: go on and write. */
  get waitMs(): number | undefined {
    const now = this.#clock.elapsed()
    const left = Math.max(0, ...[...this.#seen.values()].map(({ yieldUntil = now }) => yieldUntil - now))
    return left > 0 ? Math.min(left, Math.max(MIN_LOOK_MS, left / LOOKS)) : undefined
  }

  #next(ms: number): Claim {
    this.#made += 1
    this.#isStanding = true
    return { ms: Math.ceil(ms), n: this.#made }
  }

  #isAlive = (since: number): boolean => this.#clock.elapsed() - since < CLAIM_ALIVE_MS
}
