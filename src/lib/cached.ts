import type { Clock } from './clock.js'

export interface Cached<T> {
  get(): Promise<T>
  forget(): void
  /** When the value was asked for, by `clock.elapsed()`; -Infinity while there is none. */
  askedAt(): number
}

/**
 * Caches one answer. Concurrent callers share one question.
 *
 * @param keepMs how long an answer is kept
 * @param failedMs how long a failure is kept
 */
export function cached<T>(clock: Clock, keepMs: number, ask: () => Promise<T>, failedMs = 0): Cached<T> {
  let known: { readonly answer: Promise<T>; readonly at: number; until: number } | undefined
  return {
    get() {
      const at = clock.elapsed()
      if (known && at < known.until) return known.answer
      const asked = { answer: ask(), at, until: at + keepMs }
      known = asked
      asked.answer.catch(() => {
        asked.until = clock.elapsed() + failedMs
      })
      return asked.answer
    },
    forget() {
      known = undefined
    },
    askedAt: () => known?.at ?? Number.NEGATIVE_INFINITY,
  }
}
