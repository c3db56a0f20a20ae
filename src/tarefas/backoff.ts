import type { Clock } from '../lib/clock.js'

const BASE_MS = 1_000
const CAP_MS = 300_000

/** Full jitter: a random wait from 0 to a bound that starts at 1 s, doubles with each attempt and ends at five minutes. */
export const backoff = (attempts: number, random: () => number): number =>
  random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempts, 20))

const FAILURES_TO_OPEN = 5
const OPEN_MS = 30_000

/** Circuit breaker: open for 30 s after five failures in a row, then half-open: one attempt decides. */
export class Breaker {
  readonly #clock: Clock
  #failures = 0
  #until = Number.NEGATIVE_INFINITY
  #probing = false
  #probedAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isOpen(): boolean {
    return this.openMs > 0
  }

  /** How long nobody calls at all, ms. */
  get openMs(): number {
    return Math.max(0, this.#until - this.#clock.elapsed())
  }

  /** How long to wait, ms; 0: call now. In the half-open state one caller gets 0, the others wait for its result. */
  waitMs(): number {
    const left = this.#until - this.#clock.elapsed()
    if (left > 0) return left
    if (this.#failures < FAILURES_TO_OPEN) return 0
    // The attempt may never have been made, because another process had claimed the work: after 30 s there is another.
    if (this.#probing && this.#clock.elapsed() - this.#probedAt < OPEN_MS) return OPEN_MS / 10
    this.#probing = true
    this.#probedAt = this.#clock.elapsed()
    return 0
  }

  succeeded(): void {
    this.#failures = 0
    this.#probing = false
  }

  /** The half-open attempt called nobody: the next caller makes it. */
  skipped(): void {
    this.#probing = false
  }

  failed(): void {
    this.#failures += 1
    this.#probing = false
    if (this.#failures >= FAILURES_TO_OPEN) this.#until = this.#clock.elapsed() + OPEN_MS
  }
}
