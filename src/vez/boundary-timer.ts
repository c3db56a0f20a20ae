import type { Clock } from '../lib/clock.js'
import type { Vez } from './document.js'
import { nextBoundary } from './rules/boundaries.js'

/** A timer is set only for a boundary as near as this, ms: over longer times the wall clock may be stepped. */
const NEAR_MS = 2_000

/**
 * Has a tick come at the next boundary of the state, so that those who wait are served then.
 *
 * @returns `look`, to be called with each snapshot and at least once in `NEAR_MS`; and `stop`
 */
export function boundaryTimer(
  clock: Clock,
  tick: () => void,
): { readonly look: (vez: Vez) => void; readonly stop: () => void } {
  let cancel = (): void => undefined
  let stopped = false
  return {
    look(vez) {
      cancel()
      const next = nextBoundary(vez)
      const ms = next === undefined ? Number.POSITIVE_INFINITY : next.getTime() - clock.now().getTime()
      if (stopped || ms > NEAR_MS) return
      cancel = clock.after(Math.max(0, ms), tick, 'vez.boundary')
    },
    stop() {
      stopped = true
      cancel()
    },
  }
}
