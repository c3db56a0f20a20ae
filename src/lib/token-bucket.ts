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
    const wait = this.waitMs()
    if (wait === 0) this.charge(1)
    return wait
  }

  /** How long until there is one, ms; 0: there is. */
  waitMs(): number {
    const now = this.#clock.elapsed()
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1_000) * this.#perSecond)
    this.#at = now
    return this.#left < 1 ? Math.ceil(((1 - this.#left) / this.#perSecond) * 1_000) : 0
  }

  /** Takes so many whether or not they are there: who comes next waits for them. A negative count gives back. */
  charge(count: number): void {
    this.#left -= count
  }
}
