import type { Clock } from '../lib/clock.js'

const BASE_MS = 1_000
const CAP_MS = 300_000

/** Full jitter: anything from at once to a bound that doubles with each attempt, at most five minutes. */
export const backoff = (attempts: number, random: () => number): number =>
  random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempts, 20))

const FAILURES_TO_OPEN = 5
const OPEN_MS = 30_000

/** Leaves a platform alone for half a minute after five failures in a row; then one attempt tells whether it is back. */
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
    return this.#until > this.#clock.elapsed()
  }

  /** How long it stays open, ms; 0: go on. Whoever gets 0 after an opening is the one attempt. */
  waitMs(): number {
    const left = this.#until - this.#clock.elapsed()
    if (left > 0) return left
    if (this.#failures < FAILURES_TO_OPEN) return 0
    // Whoever got the last one may never have made it: another process had claimed the work.
    if (this.#probing && this.#clock.elapsed() - this.#probedAt < OPEN_MS) return OPEN_MS / 10
    this.#probing = true
    this.#probedAt = this.#clock.elapsed()
    return 0
  }

  succeeded(): void {
    this.#failures = 0
    this.#probing = false
  }

  /** The one attempt told nothing. */
  skipped(): void {
    this.#probing = false
  }

  failed(): void {
    this.#failures += 1
    this.#probing = false
    if (this.#failures >= FAILURES_TO_OPEN) this.#until = this.#clock.elapsed() + OPEN_MS
  }
}
