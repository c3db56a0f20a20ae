import type { Clock } from '../lib/clock.js'

/** Longest wait in a row, so that a busy day does not stop the work, ms. */
const MOST_MS = 10_000
/** Wait before the next look, ms. */
const AGAIN_MS = 250

/**
 * Begins no new work while the database is busy with the turns: none of it is urgent, and an account's limits allow few
 * customers a second anyway.
 *
 * @returns how long to begin nothing, ms; 0: begin now
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
