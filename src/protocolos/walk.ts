import { LIMIT } from '../lib/mongo.js'
import { slices } from '../lib/slices.js'
import { type Filter, matches, type Path, ROW_FIELDS, type Row } from './filter.js'
import type { Protocolo, ProtocoloModel } from './model.js'

/** How wide the first slice is: of all numbers, of the few of one telephone, of time. */
const FIRST_NUMBERS = 200
const FIRST_NUMBERS_OF_A_PHONE = 20_000
const FIRST_MS = 60_000
/** Documents that are counted by one query: the database decodes each, but sends none. */
const COUNTED = 1_000

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
  { along, equals, from, to, descending, pending }: Walk<T>,
  read: (filter: Readonly<Record<string, unknown>>, limit: number) => Promise<readonly T[]>,
): AsyncGenerator<readonly T[]> {
  const isByNumber = along === 'n'
  const key = (row: T): number => (isByNumber ? row.n : row.created_at.getTime())
  const find = async (low: number, high: number, limit: number): Promise<readonly T[]> => {
    const found: T[] = []
    for (const equal of equals) found.push(...(await read({ ...equal, [along]: within(along, low, high) }, limit)))
    return found
  }
  for await (const { found, low, high } of slices({ from, to, descending, width: widthOf(along, equals) }, find)) {
    const stored = found.filter(({ n }) => !pending.numbers.has(n))
    const others = pending.rows.filter((row) => key(row) >= low && key(row) <= high)
    yield [...stored, ...others].sort((a, b) => (descending ? -1 : 1) * (key(a) - key(b) || a.n - b.n))
  }
}

function widthOf(along: Path['along'], equals: Path['equals']): number {
  if (along === 'created_at') return FIRST_MS
  return equals.some((equal) => 'contato.telefone' in equal) ? FIRST_NUMBERS_OF_A_PHONE : FIRST_NUMBERS
}

const within = (along: Path['along'], low: number, high: number) =>
  along === 'n' ? { $gte: low, $lte: high } : { $gte: new Date(low), $lte: new Date(high) }

/** What the database counts of a slice: documents that it read, and how many of them pass. */
interface Counted {
  readonly length: number
  readonly passed: number
}

/**
 * How many protocols of a range pass a filter, slice by slice; only what the database itself can tell is looked at.
 */
export async function* count(
  protocolos: ProtocoloModel,
  { along, equals, from, to, pending }: Omit<Walk, 'descending'>,
  filter: Filter,
): AsyncGenerator<number> {
  const find = async (low: number, high: number): Promise<Counted> => {
    const excluded = along === 'n' ? [...pending.numbers].filter((n) => n >= low && n <= high) : [...pending.numbers]
    const counted = equals.map(async (equal) => {
      const [found] = await protocolos
        .aggregate<Counted>(
          [
            { $match: { ...equal, [along]: within(along, low, high) } },
            { $group: { _id: null, length: { $sum: 1 }, passed: { $sum: toSum(filter, equal, excluded) } } },
          ],
          LIMIT,
        )
        .exec()
      return found
    })
    return (await Promise.all(counted)).reduce<Counted>(
      (sum, one) => ({ length: sum.length + (one?.length ?? 0), passed: sum.passed + (one?.passed ?? 0) }),
      { length: 0, passed: 0 },
    )
  }
  yield pending.rows.filter((row) => matches(row, filter)).length
  const range = { from, to, descending: true, width: along === 'n' ? COUNTED : FIRST_MS, most: COUNTED }
  for await (const { found } of slices(range, find)) yield found.passed
}

/** 1 for a document that passes, else 0: what the range itself says of it is not asked again. */
function toSum({ consultor_id, responsavel_id, status }: Filter, equal: object, excluded: readonly number[]) {
  const asked = Object.entries({ consultor_id, responsavel_id, status })
  const conditions = [
    ...asked.flatMap(([name, value]) => (value === undefined || name in equal ? [] : [{ $eq: [`$${name}`, value] }])),
    ...(excluded.length > 0 ? [{ $not: [{ $in: ['$n', excluded] }] }] : []),
  ]
  return conditions.length === 0 ? 1 : { $cond: [{ $and: conditions }, 1, 0] }
}
