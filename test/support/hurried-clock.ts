import { type Clock, systemClock } from '../../src/lib/clock.js'

/** A clock that is moved ahead by whoever waits, or by a test: nobody waits for a rate limit in real time. */
export interface MovableClock extends Clock {
  advance(ms: number): void
}

/** This one, but that who waits moves it ahead, and with it whoever shares it. */
export const hurried = (clock: MovableClock): MovableClock => ({
  now: () => clock.now(),
  elapsed: () => clock.elapsed(),
  after: (ms, callback, name) => clock.after(ms, callback, name),
  wait: async (ms) => clock.advance(ms),
  advance: (ms) => clock.advance(ms),
})

/** The system's clock, but that who waits moves it ahead. What was set by `after` comes in its own time. */
export function hurriedClock(): MovableClock {
  let ahead = 0
  return hurried({
    ...systemClock,
    now: () => new Date(Date.now() + ahead),
    elapsed: () => performance.now() + ahead,
    advance: (ms) => {
      ahead += ms
    },
  })
}
