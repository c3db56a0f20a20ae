/** A turn, as the border of an interval. */
export interface Mark {
  readonly n: number
  readonly em: Date
}

/** How many turns more one of two people got than the other, within an interval. */
export interface Difference {
  readonly mais: number
  readonly menos: number
  readonly diferenca: number
  /** The interval's first and last turn. */
  readonly de: Mark
  readonly ate: Mark
}

/** Turns of the person with the lower id minus those of the other: now, and where it was lowest and highest. */
interface Pair {
  now: number
  least: number
  leastAt: Mark
  most: number
  mostAt: Mark
}

/**
 * Compares people of the same kind two by two, as long as both may take turns: how far their turns lie apart, over any interval.
 * The rule promises 1.
 */
export class Pairs {
  /** Who may take turns now, and of which kind he is. */
  readonly #kinds = new Map<number, string>()
  /** Lower id → higher id → pair; those of whom nobody has had a turn have none. */
  readonly #pairs = new Map<number, Map<number, Pair>>()
  #worst: Difference | undefined

  /** The largest difference so far; `undefined`: no two people could be compared. */
  get worst(): Difference | undefined {
    return this.#worst
  }

  /** From now on he may take turns of this kind; `undefined`: none. What was before is compared no further. */
  put(id: number, kind: string | undefined): void {
    if (this.#kinds.get(id) === kind) return
    this.restart(id)
    if (kind === undefined) this.#kinds.delete(id)
    else this.#kinds.set(id, kind)
  }

  /** He is compared anew from now on: a turn moved him that the rule did not give. */
  restart(id: number): void {
    this.#pairs.delete(id)
    for (const row of this.#pairs.values()) row.delete(id)
  }

  /** Nothing is known any more of who may take turns. */
  forgetAll(): void {
    this.#kinds.clear()
    this.#pairs.clear()
  }

  /** The rule gave him a turn. */
  turn(id: number, at: Mark): void {
    const kind = this.#kinds.get(id)
    if (kind === undefined) return
    for (const [other, otherKind] of this.#kinds) {
      if (other !== id && otherKind === kind) this.#count(id, other, at)
    }
  }

  #count(id: number, other: number, at: Mark): void {
    const [low, high] = id < other ? [id, other] : [other, id]
    const pair = this.#pairOf(low, high, at)
    pair.now += id === low ? 1 : -1
    if (pair.now > pair.most) {
      pair.most = pair.now
      pair.mostAt = at
    } else if (pair.now < pair.least) {
      pair.least = pair.now
      pair.leastAt = at
    } else return
    const diferenca = pair.most - pair.least
    if (diferenca <= (this.#worst?.diferenca ?? 0)) return
    const de = pair.now === pair.most ? pair.leastAt : pair.mostAt
    this.#worst = { mais: id, menos: other, diferenca, de, ate: at }
  }

  #pairOf(low: number, high: number, at: Mark): Pair {
    const row = this.#pairs.get(low) ?? new Map<number, Pair>()
    this.#pairs.set(low, row)
    const pair = row.get(high) ?? { now: 0, least: 0, leastAt: at, most: 0, mostAt: at }
    row.set(high, pair)
    return pair
  }
}
