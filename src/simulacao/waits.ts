/** How long customers waited, in whole seconds; `null` where nobody was served. */
export interface WaitsOf {
  readonly esperaram: number
  readonly mediana_s: number | null
  readonly p95_s: number | null
  readonly pior_s: number | null
  /** Left, or were no longer waited for, before somebody came. */
  readonly desistiram: number
  readonly ainda_esperam: number
}

export interface Waits {
  /** Those who waited in truth or in the simulation: the others had somebody at once in both. */
  readonly clientes: number
  readonly antes: WaitsOf
  readonly depois: WaitsOf
}

/** How it ended for a customer: served after so long (ms), or he left; absent: he waits still. */
type Outcome = number | 'saiu'

type World = 'antes' | 'depois'

/** What became of each customer who waited, in truth (`antes`) and in the simulation (`depois`). */
export class WaitBook {
  readonly #customers = new Map<string, Partial<Record<World, Outcome>>>()

  /** Somebody waits, or would have; what is known already stays. */
  open(key: string, known: Partial<Record<World, Outcome>> = {}): void {
    this.#customers.set(key, { ...known, ...this.#customers.get(key) })
  }

  has(key: string): boolean {
    return this.#customers.has(key)
  }

  /** Nothing where nobody by this name waited. */
  end(key: string, world: World, outcome: Outcome): void {
    const customer = this.#customers.get(key)
    if (customer) this.#customers.set(key, { [world]: outcome, ...customer })
  }

  /** Another entry of the same customer. */
  forget(key: string): void {
    this.#customers.delete(key)
  }

  result(): Waits {
    const all = [...this.#customers.values()]
    return {
      clientes: all.length,
      antes: waitsOf(all.map(({ antes }) => antes)),
      depois: waitsOf(all.map(({ depois }) => depois)),
    }
  }
}

function waitsOf(outcomes: readonly (Outcome | undefined)[]): WaitsOf {
  const served = outcomes.filter((one) => typeof one === 'number').sort((one, other) => one - other)
  /** The shortest wait that this share of them did not exceed. */
  const at = (share: number): number | null => {
    const ms = served[Math.ceil(share * served.length) - 1]
    return ms === undefined ? null : Math.round(ms / 1_000)
  }
  return {
    esperaram: outcomes.filter((one) => one !== 0).length,
    mediana_s: at(0.5),
    p95_s: at(0.95),
    pior_s: at(1),
    desistiram: outcomes.filter((one) => one === 'saiu').length,
    ainda_esperam: outcomes.filter((one) => one === undefined).length,
  }
}
