import { LIMIT } from '../lib/mongo.js'
import { slices } from '../lib/slices.js'
import { type Path, ROW_FIELDS, type Row } from './filter.js'
import type { Protocolo, ProtocoloModel } from './model.js'

/** How wide the first slice is: of all numbers, of the few of one telephone, of time. */
const FIRST_NUMBERS = 200
const FIRST_NUMBERS_OF_A_PHONE = 20_000
export const FIRST_MS = 60_000

/** What stands in a snapshot's `pendentes`, as it is now; taken instead of what is stored under these numbers. */
export interface Pending<T extends Row = Row> {
  readonly rows: readonly T[]
  readonly numbers: ReadonlySet<number>
}

export const NOTHING_PENDING: Pending<never> = { rows: [], numbers: new Set() }

export interface Walk<T extends Row = Row> extends Path {
  readonly descending: boolean
  readonly pending: Pending<T>
}

/** The rows of a range in order, slice by slice; those that are not copied yet among them. */
export const walk = (protocolos: ProtocoloModel, range: Walk): AsyncGenerator<readonly Row[]> =>
  walkBy(range, (filter, limit) => protocolos.find(filter, ROW_FIELDS, { ...LIMIT, limit }).lean<Row[]>())

/** The same as whole documents. */
export const walkWhole = (protocolos: ProtocoloModel, range: Walk<Protocolo>): AsyncGenerator<readonly Protocolo[]> =>
  walkBy(range, (filter, limit) => protocolos.find(filter, null, { ...LIMIT, limit }).lean<Protocolo[]>())

async function* walkBy<T extends Row>(
  { along, equals, from, to, descending, pending, starts }: Walk<T>,
  read: (filter: Readonly<Record<string, unknown>>, limit: number) => Promise<readonly T[]>,
): AsyncGenerator<readonly T[]> {
  const isByNumber = along === 'n'
  const key = (row: T): number => (isByNumber ? row.n : row.created_at.getTime())
  const find = async (low: number, high: number, limit: number): Promise<readonly T[]> => {
    const found: T[] = []
    for (const equal of equals) found.push(...(await read({ ...equal, [along]: within(along, low, high) }, limit)))
    return found
  }
  const range = { from, to, descending, width: widthOf(along, equals), ...(starts && { starts }) }
  for await (const { found, low, high } of slices(range, find)) {
    const stored = found.filter(({ n }) => !pending.numbers.has(n))
    const others = pending.rows.filter((row) => key(row) >= low && key(row) <= high)
    yield [...stored, ...others].sort((a, b) => (descending ? -1 : 1) * (key(a) - key(b) || a.n - b.n))
  }
}

function widthOf(along: Path['along'], equals: Path['equals']): number {
  if (along === 'created_at') return FIRST_MS
  return equals.some((equal) => 'contato.telefone' in equal) ? FIRST_NUMBERS_OF_A_PHONE : FIRST_NUMBERS
}

export const within = (along: Path['along'], low: number, high: number) =>
  along === 'n' ? { $gte: low, $lte: high } : { $gte: new Date(low), $lte: new Date(high) }
