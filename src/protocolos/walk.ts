import { LIMIT } from '../lib/mongo.js'
import { type Range, slices } from '../lib/slices.js'
import type { Protocolo, ProtocoloModel } from './model.js'

/** How wide the first slice is. */
const FIRST_NUMBERS = 200
const FIRST_MS = 60_000

/** What a list needs to know of a protocol before it reads it whole. */
export type Row = Pick<Protocolo, 'n' | 'created_at' | 'status' | 'consultor_id'>

export interface Walk extends Omit<Range, 'width'> {
  /** The indexed field that is walked along. */
  readonly along: 'n' | 'created_at'
  /** Fields that the same index holds before the one that is walked along. */
  readonly equal: Readonly<Record<string, unknown>>
}

/**
 * The rows of a range in order, slice by slice. Each slice may bring others with it: `between` says which rows the database
 * does not have yet.
 */
export async function* walk(
  protocolos: ProtocoloModel,
  { along, equal, ...range }: Walk,
  between: (inside: (row: Row) => boolean) => readonly Row[],
): AsyncGenerator<readonly Row[]> {
  const isByNumber = along === 'n'
  const key = (row: Row): number => (isByNumber ? row.n : row.created_at.getTime())
  const find = (low: number, high: number, limit: number): Promise<Row[]> => {
    const within = isByNumber ? { $gte: low, $lte: high } : { $gte: new Date(low), $lte: new Date(high) }
    const fields = { n: 1, created_at: 1, status: 1, consultor_id: 1 }
    return protocolos.find({ ...equal, [along]: within }, fields, { ...LIMIT, limit }).lean<Row[]>()
  }
  for await (const { found, low, high } of slices({ ...range, width: isByNumber ? FIRST_NUMBERS : FIRST_MS }, find)) {
    const stored = new Set(found.map(({ n }) => n))
    const pending = between((row) => key(row) >= low && key(row) <= high && !stored.has(row.n))
    yield [...found, ...pending].sort((a, b) => (range.descending ? -1 : 1) * (key(a) - key(b) || a.n - b.n))
  }
}
