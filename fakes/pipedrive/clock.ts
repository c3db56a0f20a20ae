import { type Clock, systemClock } from '../../src/lib/clock.js'

interface Timer {
  readonly due: number
  readonly callback: () => void
  cancel: () => void
}

/** A clock that runs like another one and can be moved ahead: what falls due in between happens, in order. */
export class FakeClock implements Clock {
  readonly #base: Clock
  #ahead = 0
  #timers: Timer[] = []

  constructor(base: Clock = systemClock) {
    this.#base = base
  }

  now(): Date {
    return new Date(this.#base.now().getTime() + this.#ahead)
  }

  elapsed(): number {
    return this.#base.elapsed() + this.#ahead
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  after(ms: number, callback: () => void): () => void {
    const timer: Timer = { due: this.elapsed() + ms, callback, cancel: () => undefined }
    timer.cancel = this.#base.after(ms, () => this.#fire(timer))
    this.#timers.push(timer)
    return () => {
      timer.cancel()
      this.#timers = this.#timers.filter((one) => one !== timer)
    }
  }

  /** @param ms how far */
  advance(ms: number): void {
    this.#ahead += ms
    const now = this.elapsed()
    for (const timer of [...this.#timers].sort((a, b) => a.due - b.due)) {
      timer.cancel()
      if (timer.due <= now) this.#fire(timer)
      else timer.cancel = this.#base.after(timer.due - now, () => this.#fire(timer))
    }
  }

  /** Cancels all that waits. */
  clear(): void {
    for (const timer of this.#timers) timer.cancel()
    this.#timers = []
  }

  #fire(timer: Timer): void {
    if (!this.#timers.includes(timer)) return
    this.#timers = this.#timers.filter((one) => one !== timer)
    timer.callback()
  }
}

/** v2: RFC 3339 in whole seconds. */
export const time = (now: Date): string => now.toISOString().replace(/\.\d+Z$/, 'Z')

/** v1: `YYYY-MM-DD HH:MM:SS`, UTC. */
export const v1Time = (text: string): string => text.replace('T', ' ').replace(/(\.\d+)?Z$/, '')
