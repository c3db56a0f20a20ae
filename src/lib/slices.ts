/** Documents a query: more would hold up a turn that writes at the same time. */
const SLICE = 200

export interface Range {
  readonly from: number
  /** Included. */
  readonly to: number
  readonly descending: boolean
  /** How wide the first slice is; later ones follow what was found. */
  readonly width: number
  /** Documents a query; 200 when absent. */
  readonly most?: number
  /** Where a slice begins, whatever its width: it does not reach over one of these, of which there may be any number. */
  readonly starts?: readonly number[]
}

export interface Slice<T> {
  readonly found: T
  readonly low: number
  readonly high: number
}

/**
 * Walks along an index in closed slices, which is the only kind of range that both engines answer at a price that does not grow
 * with the collection (docs/vendors/database.md#ranges). A slice that holds too much is halved, one that holds little
 * is followed by a wider one.
 *
 * @param find all from `low` to `high`, both included, but no more than `limit`; 0 is no limit
 */
export async function* slices<T extends { readonly length: number }>(
  { from, to, descending, width: first, most = SLICE, starts = [] }: Range,
  find: (low: number, high: number, limit: number) => Promise<T>,
): AsyncGenerator<Slice<T>> {
  let width = first
  let at = descending ? to : from
  while (descending ? at >= from : at <= to) {
    const [begin, end] = between(starts, at)
    const low = descending ? Math.max(from, begin, at - width + 1) : at
    const high = descending ? at : Math.min(to, end, at + width - 1)
    const found = await find(low, high, low === high ? 0 : most + 1)
    if (found.length > most && low < high) {
      width = Math.max(1, Math.floor((high - low + 1) / 2))
      continue
    }
    yield { found, low, high }
    if (found.length < most / 4) width *= 4
    at = descending ? low - 1 : high + 1
  }
}

/** What lies around a place, both included: from the last of the starts that is not above it to the next one. */
export function between(starts: readonly number[], at: number): readonly [number, number] {
  let [begin, end] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (const start of starts) {
    if (start <= at) begin = Math.max(begin, start)
    else end = Math.min(end, start - 1)
  }
  return [begin, end]
}
