import { type Waits as Served, WaitTimes } from '../justica/waits.js'

/** How customers fared; the times are of those who were served. */
export interface WaitsOf extends Omit<Served, 'clientes'> {
  readonly esperaram: number
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
  const times = new WaitTimes()
  for (const one of outcomes) if (typeof one === 'number') times.add(one)
  const { clientes: _, ...served } = times.end()
  return {
    esperaram: outcomes.filter((one) => one !== 0).length,
    ...served,
    desistiram: outcomes.filter((one) => one === 'saiu').length,
    ainda_esperam: outcomes.filter((one) => one === undefined).length,
  }
}
