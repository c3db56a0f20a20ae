import { LIMIT } from '../lib/mongo.js'
import { slices } from '../lib/slices.js'
import type { Protocolo, ProtocoloModel } from './model.js'

/** How wide the first slice is. */
const FIRST_NUMBERS = 200
const FIRST_MS = 60_000

/** What a list needs to know of a protocol before it reads it whole. */
export type Row = Pick<Protocolo, 'n' | 'created_at' | 'status' | 'consultor_id'>

export interface Walk {
  /**
   * The indexed field that is walked along, in closed slices: the only ranges that both engines do well
   * (docs/vendors/database.md#ranges).
   */
  readonly along: 'n' | 'created_at'
  readonly from: number
  /** Included. */
  readonly to: number
  readonly descending: boolean
  /** Fields that the same index holds before the one that is walked along. */
  readonly equal: Readonly<Record<string, unknown>>
}

/**
 * The rows of a range in order, slice by slice. Each slice may bring others with it: `between` says which rows the database
 * does not have yet.
 */
export async function* walk(
  protocolos: ProtocoloModel,
  { along, from, to, descending, equal }: Walk,
  between: (inside: (row: Row) => boolean) => readonly Row[],
): AsyncGenerator<readonly Row[]> {
  const width = along === 'n' ? FIRST_NUMBERS : FIRST_MS
  const find = (low: number, high: number, limit: number): Promise<Row[]> =>
    slice(protocolos, along, low, high, limit, equal)
  for await (const { found, low, high } of slices({ from, to, descending, width }, find)) {
    const rows = merge(
      found,
      between((row) => isWithin(row, along, low, high)),
    )
    yield rows.sort((a, b) => (descending ? -1 : 1) * (key(a, along) - key(b, along) || a.n - b.n))
  }
}

const key = (row: Row, along: Walk['along']): number => (along === 'n' ? row.n : row.created_at.getTime())

const isWithin = (row: Row, along: Walk['along'], low: number, high: number): boolean =>
  key(row, along) >= low && key(row, along) <= high

function merge(stored: readonly Row[], pending: readonly Row[]): Row[] {
  const numbers = new Set(stored.map(({ n }) => n))
  return [...stored, ...pending.filter(({ n }) => !numbers.has(n))]
}

function slice(
  protocolos: ProtocoloModel,
  along: Walk['along'],
  low: number,
  high: number,
  limit: number,
  equal: Walk['equal'],
): Promise<Row[]> {
  const range = along === 'n' ? { $gte: low, $lte: high } : { $gte: new Date(low), $lte: new Date(high) }
  return protocolos
    .find({ ...equal, [along]: range }, { n: 1, created_at: 1, status: 1, consultor_id: 1 })
    .limit(limit)
    .maxTimeMS(LIMIT.maxTimeMS)
    .lean<Row[]>()
}
