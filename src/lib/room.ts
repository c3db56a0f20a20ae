import type { Clock } from './clock.js'

export interface RoomOptions {
  readonly clock: Clock
  /** How much there is in all. */
  readonly size: number
  /** How long somebody waits for it, ms. */
  readonly waitMs: number
  /** How many may wait. */
  readonly maxWaiting: number
}

interface Waiting {
  readonly amount: number
  readonly end: (given: boolean) => void
}

/** An amount that many share, as memory. Who finds too little waits a while, in order of arrival. */
export class Room {
  readonly #options: RoomOptions
  #taken = 0
  #waiting: Waiting[] = []

  constructor(options: RoomOptions) {
    this.#options = options
  }

  get taken(): number {
    return this.#taken
  }

  /** Takes so much now, if there is so much and nobody waits. */
  tryTake(amount: number): boolean {
    if (this.#waiting.length > 0 || !this.#fits(amount)) return false
    this.#taken += amount
    return true
  }

  /** Takes so much once there is so much; false: there was not in time, and nothing is taken. */
  async take(amount: number): Promise<boolean> {
    if (this.tryTake(amount)) return true
    const { clock, waitMs, maxWaiting } = this.#options
    if (this.#waiting.length >= maxWaiting) return false
    return new Promise((resolve) => {
      const waiting: Waiting = {
        amount,
        end: (given) => {
          cancel()
          resolve(given)
        },
      }
      const cancel = clock.after(
        waitMs,
        () => {
          this.#waiting = this.#waiting.filter((one) => one !== waiting)
          resolve(false)
          this.#serve()
        },
        'lib.room',
      )
      this.#waiting.push(waiting)
    })
  }

  give(amount: number): void {
    this.#taken -= amount
    this.#serve()
  }

  #fits(amount: number): boolean {
    return this.#taken + amount <= this.#options.size
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next && this.#fits(next.amount); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#taken += next.amount
      next.end(true)
    }
  }
}
