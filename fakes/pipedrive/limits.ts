/** The windows and the budget of an account (developer docs, rate limits of 17 Sep 2026), and its ceilings. */
export interface Limits {
  /** Requests of a token in two seconds. */
  burst: number
  /** Searches in two seconds, on every plan. */
  search: number
  /** Tokens left today: filled up at midnight UTC. */
  daily: number
  dailyLimit: number
  /** Custom fields of the account (plan Growth). */
  customFields: number
  /** Deals and leads that are not deleted, closed ones too; `null`: no ceiling. */
  deals: number | null
  /** After so many 429s in a row that nobody heeded, Cloudflare answers in HTML; `null`: never. */
  patience: number | null
}

export const newLimits = (): Limits => ({
  burst: 20,
  search: 10,
  daily: 1_000_000,
  dailyLimit: 1_000_000,
  customFields: 100,
  deals: null,
  patience: null,
})

export const WINDOW_MS = 2_000
/** How long Cloudflare keeps a caller out is not documented: minutes. */
export const BAN_MS = 300_000

/** Counts calls of one token in rolling windows of two seconds. */
export class Windows {
  readonly #all: number[] = []
  readonly #searches: number[] = []
  #unheeded = 0
  #bannedUntil = 0

  /** `undefined`: let in. Else the 429 of the budget or of a window, or the ban's 403. */
  enter(now: number, isSearch: boolean, tokens: number, limits: Limits): 'budget' | 'burst' | 'ban' | undefined {
    const { burst, search, patience, daily } = limits
    if (now < this.#bannedUntil) return 'ban'
    if (daily < tokens) return this.#refuse(now, patience) ?? 'budget'
    for (const list of [this.#all, this.#searches]) {
      while (list[0] !== undefined && list[0] <= now - WINDOW_MS) list.shift()
    }
    const isFull = this.#all.length >= burst || (isSearch && this.#searches.length >= search)
    if (isFull) return this.#refuse(now, patience) ?? 'burst'
    this.#unheeded = 0
    this.#all.push(now)
    if (isSearch) this.#searches.push(now)
    return undefined
  }

  /** Whoever was refused and calls again loses patience with the guard before the service. */
  #refuse(now: number, patience: number | null): 'ban' | undefined {
    this.#unheeded += 1
    if (patience === null || this.#unheeded <= patience) return undefined
    this.#bannedUntil = now + BAN_MS
    this.#unheeded = 0
    return 'ban'
  }

  left(burst: number): number {
    return Math.max(0, burst - this.#all.length)
  }
}

/** Fills the budget up when a new day begins. */
export class Day {
  #day: string
  constructor(now: Date) {
    this.#day = now.toISOString().slice(0, 10)
  }

  turn(now: Date, limits: Limits): void {
    const day = now.toISOString().slice(0, 10)
    if (day === this.#day) return
    this.#day = day
    limits.daily = limits.dailyLimit
  }
}
