import type { Clock } from './clock.js'

/** A token bucket: `perSecond` on average, at most `burst` at once. */
export class TokenBucket {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #burst: number
  #left: number
  #at: number

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#burst = burst
    this.#left = burst
    this.#at = clock.elapsed()
  }

  /** Takes one, and returns 0; or takes none, and returns how long until there is one, ms. */
  take(): number {
    const now = this.#clock.elapsed()
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1_000) * this.#perSecond)
    this.#at = now
    if (this.#left < 1) return Math.ceil(((1 - this.#left) / this.#perSecond) * 1_000)
    this.#left -= 1
    return 0
  }
}
