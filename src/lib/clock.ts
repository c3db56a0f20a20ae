import { setTimeout as wait } from 'node:timers/promises'

/** Time as an argument: what decides, waits or times out takes one of these, so that tests control it. */
export interface Clock {
  /** Wall time, for what people read. */
  now(): Date
  /** Monotonic milliseconds, for durations and deadlines. */
  elapsed(): number
  /** Resolves after so many ms. */
  wait(ms: number): Promise<void>
  /**
   * Calls back after so many ms, unless cancelled by what it returns. Keeps no process alive.
   *
   * @param name `room.what`, by which a test tells this timer from others; the system's clock ignores it
   */
  after(ms: number, callback: () => void, name?: string): () => void
}

export const systemClock: Clock = {
  now: () => new Date(),
  elapsed: () => performance.now(),
  wait: (ms) => wait(ms),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
