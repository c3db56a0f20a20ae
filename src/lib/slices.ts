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
  { from, to, descending, width: first, most = SLICE }: Range,
  find: (low: number, high: number, limit: number) => Promise<T>,
): AsyncGenerator<Slice<T>> {
  let width = first
  let at = descending ? to : from
  while (descending ? at >= from : at <= to) {
    const low = descending ? Math.max(from, at - width + 1) : at
    const high = descending ? at : Math.min(to, at + width - 1)
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
