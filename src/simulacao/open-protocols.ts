/**
 * How many protocols each person has open in a simulation: those that he had before it, as far as they were counted, and those that
 * it gave him. Each one ends after as long as it took in truth, whoever has it.
 */
export class OpenProtocols {
  /** By person: open ones from before the simulation. */
  readonly #carried = new Map<number, number>()
  readonly #real = new Counts<number>()
  readonly #simulated = new Counts<string>()
  /** The next to end comes last. */
  readonly #ends: { readonly at: number; readonly end: () => number | undefined }[] = []
  /** Given by the simulation before it was known how long they take, and the other way round. */
  readonly #givenAt = new Map<string, number>()
  readonly #lasts = new Map<string, number>()

  of(id: number): number {
    return (this.#carried.get(id) ?? 0) + this.#simulated.of(id)
  }

  /** As it was at the beginning. */
  begin(id: number, open: number): void {
    this.#carried.set(id, open)
  }

  /** In truth somebody has so many: what the period did not give him is from before. */
  counted(id: number, open: number): void {
    this.#carried.set(id, Math.max(0, open - this.#real.of(id)))
  }

  /** In truth he got this number, which ended then. */
  gotReally(n: number, id: number, ended: number | undefined): void {
    this.#real.add(n, id)
    if (ended !== undefined) this.#endAt(ended, () => void this.#real.drop(n))
  }

  /** The simulation gives it to him. */
  give(key: string, id: number, at: number): void {
    this.#simulated.add(key, id)
    const lasts = this.#lasts.get(key)
    if (lasts === undefined) this.#givenAt.set(key, at)
    else this.#endAt(at + lasts, () => this.#simulated.drop(key))
    this.#lasts.delete(key)
  }

  /** It takes so long, ms. */
  lasts(key: string, ms: number, now: number): void {
    const given = this.#givenAt.get(key)
    if (given === undefined) this.#lasts.set(key, ms)
    else this.#endAt(Math.max(now, given + ms), () => this.#simulated.drop(key))
    this.#givenAt.delete(key)
  }

  get nextEnd(): number {
    return this.#ends.at(-1)?.at ?? Number.POSITIVE_INFINITY
  }

  /** Ends what ends until this instant, and says who has fewer now. */
  endUntil(at: number): readonly number[] {
    const fewer: number[] = []
    for (let next = this.#ends.at(-1); next && next.at <= at; next = this.#ends.at(-1)) {
      this.#ends.pop()
      const id = next.end()
      if (id !== undefined) fewer.push(id)
    }
    return fewer
  }

  #endAt(at: number, end: () => number | undefined): void {
    let [low, high] = [0, this.#ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#ends[middle]?.at ?? 0) >= at) low = middle + 1
      else high = middle
    }
    this.#ends.splice(low, 0, { at, end })
  }
}

/** What each person has. */
class Counts<K> {
  readonly #of = new Map<K, number>()
  readonly #counts = new Map<number, number>()

  of(id: number): number {
    return this.#counts.get(id) ?? 0
  }

  add(key: K, id: number): void {
    this.#of.set(key, id)
    this.#counts.set(id, this.of(id) + 1)
  }

  /** Whose it was. */
  drop(key: K): number | undefined {
    const id = this.#of.get(key)
    if (id === undefined) return undefined
    this.#of.delete(key)
    this.#counts.set(id, this.of(id) - 1)
    return id
  }
}
