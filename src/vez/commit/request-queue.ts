import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { Clock } from '../../lib/clock.js'
import { unavailable } from '../../lib/errors.js'
import type { Command, CommandResult } from '../rules/commands.js'

const MAX_WAITING = 1_000
const MAX_WAIT_MS = 5_000

/** A request that waits for its result. The first answer or refusal counts, later ones do nothing. */
export interface QueuedRequest {
  readonly command: Command
  /** Monotonic ms. */
  readonly arrivedAt: number
  readonly answer: (result: CommandResult) => void
  readonly refuse: (error: Error) => void
  readonly isOpen: () => boolean
  /** False: the client has gone. */
  readonly isAlive: () => boolean
}

/** Requests in arrival order, at most 1,000 and for at most 5 s each: beyond that a 503. */
export class RequestQueue {
  readonly #clock: Clock
  #waiting: QueuedRequest[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get length(): number {
    return this.#waiting.length
  }

  /** Puts a request at the end. Throws 503 when the queue is full, or when its time has passed without an answer. */
  enqueue(command: Command, isAlive: () => boolean): Promise<CommandResult> {
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
      this.#waiting.push({
        command,
        arrivedAt: arrived,
        answer: once(resolve),
        refuse,
        isOpen: () => open,
        isAlive,
      })
    })
  }

  /** Lets the event loop bring in requests that have arrived already, up to so many, as long as each turn of it brings one. No timer. */
  async admitArriving(most: number): Promise<void> {
    let before = 0
    while (this.#waiting.length > before && this.#waiting.length < most) {
      before = this.#waiting.length
      await turnOfTheLoop()
    }
  }

  /** Takes the next so many off the queue, without those that were answered meanwhile or whose client has gone. */
  take(most: number): QueuedRequest[] {
    const taken: QueuedRequest[] = []
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

  /** Puts those of a batch that got no answer first again. */
  requeue(batch: readonly QueuedRequest[]): void {
    this.#waiting = [...batch.filter((one) => one.isOpen()), ...this.#waiting]
  }
}
