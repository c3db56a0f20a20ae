const SECOND_MS = 1_000

const toSecond = (at: Date): number => Math.floor(at.getTime() / SECOND_MS)

/**
 * Is what a platform dates so older than this instant of our own clock? Most platforms tell whole seconds only, so that what
 * happened in the same second counts as after.
 */
export const isOlder = (told: Date, ours: Date): boolean => toSecond(told) < toSecond(ours)
