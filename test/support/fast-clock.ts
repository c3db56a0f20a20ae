import { type Clock, systemClock } from '../../src/lib/clock.js'

/** A clock that runs so many times as fast: whoever shares it lives through an hour in a minute. It begins now. */
export function fastClock(factor: number): Clock {
  const [start, origin] = [Date.now(), performance.now()]
  const elapsed = (): number => (performance.now() - origin) * factor
  return {
    now: () => new Date(start + elapsed()),
    elapsed,
    wait: (ms) => systemClock.wait(ms / factor),
    after: (ms, callback) => systemClock.after(ms / factor, callback),
  }
}
