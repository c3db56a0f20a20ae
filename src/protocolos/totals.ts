/** Filtered totals are counted so far; beyond, the answer says that there are more. */
export const MOST_COUNTED = 10_000
/** How long it is believed that there are still more, or what took long to count, ms. */
const BELIEVED_MS = 60_000
/** A total from here on costs much, and is told again for a moment, ms. */
const MANY = 2_000
const MANY_MS = 5_000
/** Filters that are remembered. */
const MOST_REMEMBERED = 500
/** How long one is counted on behind its answer, ms. */
const BEHIND_MS = 20_000

export interface Total {
  readonly total: number
  /** There are more than `total`. */
  readonly capped: boolean
}

interface Counted {
  /** Beyond `MOST_COUNTED`: at least so many. */
  readonly total: number
  /** By the clock of what has elapsed. */
  readonly until: number
}

/** What earlier counts found, and one that goes on behind its answer. */
export class Totals {
  readonly #counted = new Map<string, Counted>()
  #isBusy = false

  counted(filter: string, elapsed: number): number | undefined {
    const known = this.#counted.get(filter)
    return known && known.until > elapsed ? known.total : undefined
  }

  /** @param tookLong the answer could not wait for it */
  setCounted(filter: string, total: number, elapsed: number, tookLong = false): void {
    if (total < MANY && !tookLong) return
    this.#counted.delete(filter)
    this.#counted.set(filter, { total, until: elapsed + (total > MOST_COUNTED || tookLong ? BELIEVED_MS : MANY_MS) })
    const [oldest] = this.#counted.keys()
    if (this.#counted.size > MOST_REMEMBERED && oldest !== undefined) this.#counted.delete(oldest)
  }

  /** Counts on, one filter at a time; the others, and what fails, are counted by the next who asks. */
  async behind(count: (isOver: (elapsed: number) => boolean) => Promise<void>, elapsed: number): Promise<void> {
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      await count((now) => now - elapsed > BEHIND_MS)
    } catch {
      // The database is not reached, or has been closed.
    } finally {
      this.#isBusy = false
    }
  }
}

export const capped = (total: number): Total => ({
  total: Math.min(total, MOST_COUNTED),
  capped: total > MOST_COUNTED,
})
