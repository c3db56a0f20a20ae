import type { Clock } from '../lib/clock.js'

const MOST_MS = 10_000
const AGAIN_MS = 250

/**
 * While the database has all it can do with the turns, nothing new is begun: none of it is urgent, and an account allows few
 * customers a second anyway. For no longer than ten seconds at a time, so that a busy day does not stop it.
 *
 * @returns how long not to begin anything, ms; 0: now
 */
export function giveWay(clock: Clock, isBusy: () => boolean): () => number {
  let since: number | undefined
  return () => {
    if (!isBusy()) {
      since = undefined
      return 0
    }
    since ??= clock.elapsed()
    if (clock.elapsed() - since < MOST_MS) return AGAIN_MS
    since = undefined
    return 0
  }
}
