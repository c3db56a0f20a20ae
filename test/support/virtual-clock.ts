import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { Clock } from '../../src/lib/clock.js'

/** Turns of the event loop that let promises which wait for no timer come to their end. */
const TURNS = 12

/** A clock whose time passes only when the test says so: timers fire in order, and between two all that can go on does. */
export class VirtualClock implements Clock {
  #ms = 0
  #timers: { readonly at: number; readonly callback: () => void }[] = []
  readonly #start: number

  constructor(start = Date.parse('2026-01-05T12:00:00Z')) {
    this.#start = start
  }

  now(): Date {
    return new Date(this.#start + this.#ms)
  }

  elapsed(): number {
    return this.#ms
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#ms + ms, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer)
    }
  }

  /** Lets so many ms pass. */
  async pass(ms: number): Promise<void> {
    const end = this.#ms + ms
    for (;;) {
      for (let turn = 0; turn < TURNS; turn += 1) await turnOfTheLoop()
      const next = this.#timers.reduce<number>((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY)
      if (next > end) break
      this.#ms = next
      const due = this.#timers.filter(({ at }) => at <= next)
      this.#timers = this.#timers.filter(({ at }) => at > next)
      for (const { callback } of due) callback()
    }
    this.#ms = end
  }
}
