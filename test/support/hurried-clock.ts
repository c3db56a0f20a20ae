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

/**
 * This one, and a way to have all that is set by this name come now rather than in its own time; `nextSet` resolves when
 * something is set by it the next time.
 */
export function pressed(
  clock: Clock,
  pressedName: string,
): { readonly clock: Clock; readonly press: () => void; readonly nextSet: () => Promise<void> } {
  const set = new Set<() => void>()
  let waiting: (() => void)[] = []
  return {
    clock: {
      now: () => clock.now(),
      elapsed: () => clock.elapsed(),
      wait: (ms) => clock.wait(ms),
      after: (ms, callback, name) => {
        if (name !== pressedName) return clock.after(ms, callback, name)
        const call = (): void => {
          cancel()
          callback()
        }
        const forget = clock.after(ms, call, name)
        const cancel = (): void => {
          set.delete(call)
          forget()
        }
        set.add(call)
        const told = waiting
        waiting = []
        for (const tell of told) tell()
        return cancel
      },
    },
    press: () => {
      for (const call of [...set]) call()
    },
    nextSet: () => new Promise((resolve) => waiting.push(resolve)),
  }
}
