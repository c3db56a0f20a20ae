export { seeded } from '../../fakes/random.js'

/** The run's seed: SEED when it is set; told, so that a failure can be had again. */
export function newSeed(what: string): number {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
  process.stdout.write(`${what}: SEED=${seed}\n`)
  return seed
}
