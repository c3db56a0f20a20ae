/** A seeded source of numbers in [0, 1) (mulberry32's mixing), so that a run can be repeated with SEED. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The run's seed: SEED when it is set; told, so that a failure can be had again. */
export function newSeed(what: string): number {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
  process.stdout.write(`${what}: SEED=${seed}\n`)
  return seed
}
