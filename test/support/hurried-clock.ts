import { type Clock, systemClock } from '../../src/lib/clock.js'

/** A clock that runs as the system's does, and is moved ahead by whoever waits: nobody waits for a rate limit in real time. */
export interface HurriedClock extends Clock {
  /** Moves it ahead too. What was set by `after` comes in its own time. */
  advance(ms: number): void
}

export function hurriedClock(): HurriedClock {
  let ahead = 0
  const advance = (ms: number): void => {
    ahead += ms
  }
  return {
    ...systemClock,
    now: () => new Date(Date.now() + ahead),
    elapsed: () => performance.now() + ahead,
    wait: async (ms) => advance(ms),
    advance,
  }
}
