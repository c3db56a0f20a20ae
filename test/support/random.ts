import { seeded } from '../../fakes/random.js'

export { seeded }

const RUN_SEED = Number(process.env.SEMENTE ?? Math.floor(Math.random() * 1e9))

/** A source of numbers of its own for each `what`, made of the run's seed; the seed is told, so that a failure can be had again. */
export function randomFor(what: string): () => number {
  process.stdout.write(`${what}: SEMENTE=${RUN_SEED}\n`)
  let hash = RUN_SEED | 0
  for (const char of what) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  return seeded(hash)
}
