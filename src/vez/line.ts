import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { Clock } from '../lib/clock.js'
import { unavailable } from '../lib/errors.js'
import type { Pedido, Resposta } from './ask.js'

const MAX_WAITING = 1_000
const MAX_WAIT_MS = 5_000

/** A request and whoever waits for its answer. It is answered or refused once; later words are not heard. */
export interface Waiting {
  readonly pedido: Pedido
  /** Monotonic ms. */
  readonly arrived: number
  readonly answer: (resposta: Resposta) => void
  readonly refuse: (error: Error) => void
  readonly isOpen: () => boolean
  /** False: the client has gone. */
  readonly isAlive: () => boolean
}

/** Requests in arrival order, at most 1,000 and for at most 5 s each: beyond that a 503. */
export class Line {
  readonly #clock: Clock
  #waiting: Waiting[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get length(): number {
    return this.#waiting.length
  }

  /** Puts a request at the end. Throws 503 when the line is full, or when its time has passed without an answer. */
  join(pedido: Pedido, isAlive: () => boolean): Promise<Resposta> {
    if (this.#waiting.length >= MAX_WAITING) return Promise.reject(unavailable())
    return new Promise((resolve, reject) => {
      let open = true
      const once =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          if (!open) return
          open = false
          cancel()
          then(value)
        }
      const refuse = once<Error>(reject)
      const cancel = this.#clock.after(MAX_WAIT_MS, () => refuse(unavailable()), 'vez.request-deadline')
      const arrived = this.#clock.elapsed()
      this.#waiting.push({ pedido, arrived, answer: once(resolve), refuse, isOpen: () => open, isAlive })
    })
  }

  /** Who is at the door already comes in: up to so many, as long as each turn of the event loop brings somebody. No timer. */
  async letIn(most: number): Promise<void> {
    let before = 0
    while (this.#waiting.length > before && this.#waiting.length < most) {
      before = this.#waiting.length
      await turnOfTheLoop()
    }
  }

  /** The next so many; who has gone or was answered meanwhile is left out. */
  take(most: number): Waiting[] {
    const taken: Waiting[] = []
    let looked = 0
    for (const one of this.#waiting) {
      if (taken.length === most) break
      looked += 1
      if (!one.isAlive()) one.refuse(unavailable())
      else if (one.isOpen()) taken.push(one)
    }
    this.#waiting = this.#waiting.slice(looked)
    return taken
  }

  /** Those of a batch that got no answer are first again. */
  putBack(batch: readonly Waiting[]): void {
    this.#waiting = [...batch.filter((one) => one.isOpen()), ...this.#waiting]
  }
}
