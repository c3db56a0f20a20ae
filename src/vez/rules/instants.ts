const SECOND_MS = 1_000

const toSecond = (at: Date): number => Math.floor(at.getTime() / SECOND_MS)

/**
 * Is what a platform dates so older than this instant of our own clock? Most platforms tell whole seconds only, so that what
 * happened in the same second counts as after.
 */
export const isOlder = (told: Date, ours: Date): boolean => toSecond(told) < toSecond(ours)

/** Was the last contact so short ago? In a window of 0 none is, also where a clock has been put back since. */
export const isWithinWindow = (last: Date, now: Date, windowMs: number): boolean =>
  windowMs > 0 && now.getTime() - last.getTime() < windowMs
