/** The windows and the budget of an account (developer docs, rate limits of 17 Sep 2026). */
export interface Limits {
  /** Requests of a token in two seconds. */
  burst: number
  /** Searches in two seconds, on every plan. */
  search: number
  /** Tokens left today. */
  daily: number
  readonly dailyLimit: number
}

const WINDOW_MS = 2_000

/** Counts calls in rolling windows of two seconds. */
export class Windows {
  readonly #all: number[] = []
  readonly #searches: number[] = []

  /** `undefined`: let in. Else the windows' 429. */
  enter(now: number, isSearch: boolean, { burst, search }: Limits): 'burst' | undefined {
    for (const list of [this.#all, this.#searches]) {
      while (list[0] !== undefined && list[0] <= now - WINDOW_MS) list.shift()
    }
    if (this.#all.length >= burst || (isSearch && this.#searches.length >= search)) return 'burst'
    this.#all.push(now)
    if (isSearch) this.#searches.push(now)
    return undefined
  }

  left(burst: number): number {
    return Math.max(0, burst - this.#all.length)
  }
}
