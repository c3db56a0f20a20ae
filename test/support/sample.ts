import { randomFor } from './random.js'

/** Whether this run takes every case (`npm run test:tudo`) rather than a sample (`npm test`). */
export const isWhole = process.env.TUDO === 'sim'

/**
 * The cases of a long matrix that this run takes, in a seeded order: all with TUDO=sim, else as few as it takes to meet each
 * kind once.
 *
 * @param what names the matrix where the seed is told
 * @param kindsOf the kinds that a case belongs to, such as its fault and its step
 */
export function sample<T>(what: string, cases: readonly T[], kindsOf: (one: T) => readonly string[]): T[] {
  if (isWhole) return [...cases]
  const open = new Set(cases.flatMap(kindsOf))
  return shuffled(cases, randomFor(what)).filter((one) => {
    // Not `some`: each kind of a case that is taken is met.
    const met = kindsOf(one).filter((kind) => open.delete(kind))
    return met.length > 0
  })
}

/** How much of something this run does: the whole amount with TUDO=sim, else a smaller one. */
export const amount = (whole: number, sampled: number): number => (isWhole ? whole : sampled)

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  return all
    .map((one) => ({ one, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one)
}
