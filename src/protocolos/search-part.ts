import { unprocessable } from '../lib/errors.js'
import { LIMIT } from '../lib/mongo.js'
import type { Vez } from '../vez/document.js'
import type { Digests } from './digests.js'
import { type Filter, isInDigests, matches, type Path, type Row } from './filter.js'
import type { Protocolo } from './model.js'
import { CHUNK, type Reader, readAll } from './reader.js'
import { rowsByNumber } from './rows-by-number.js'
import { type Pending, walk } from './walk.js'

/** Numbers that one request looks at; fewer when the time is over, ms, but always as many as a small team has. */
const MOST_NUMBERS = 20_000
const LEAST_NUMBERS = 2_000
const MOST_MS = 500

/** What of those that pass a filter is asked for. */
export interface Part {
  readonly skip: number
  readonly limit: number
  /** When absent the oldest first, but the newest where one request does not look at all. */
  readonly ordem?: 'asc' | 'desc' | undefined
  /** Go on from there, which the answer before told; `skip` counts no more. */
  readonly continua?: Continua | undefined
}

/** Where the next request goes on. */
export interface Continua {
  readonly n: number
  /** How many of those that pass are still to be skipped. */
  readonly pular: number
}

export interface Page {
  readonly protocolos: readonly Protocolo[]
  readonly total: number
  /** There are more than `total`. */
  readonly capped: boolean
  /** Where a request for the rest goes on. */
  readonly continua?: Continua | undefined
}

/** Where is looked, and how much one request looks at where that is not as above. */
export interface SearchSource extends Reader {
  readonly digests: Digests
  readonly mostNumbers?: number
  readonly leastNumbers?: number
}

interface Search {
  readonly path: Path
  readonly pending: Pending
  readonly filter: Filter
  readonly part: Part
}

/** The first protocols that pass, the newest first unless asked otherwise; where it stopped another request goes on. */
export async function searchPart(source: SearchSource, vez: Vez, search: Search): Promise<Page> {
  const { filter, part, pending } = search
  const { protocolos, clock, letPass, mostNumbers = MOST_NUMBERS, leastNumbers = LEAST_NUMBERS } = source
  const skip = part.continua?.pular ?? part.skip
  const until = skip + part.limit
  const descending = part.ordem !== 'asc'
  const began = clock.elapsed()
  const found: Protocolo[] = []
  let waiting: number[] = []
  let looked = 0
  const read = async (): Promise<void> => {
    const whole = await readAll(source, vez, waiting)
    found.push(...whole.filter((one) => matches(one, filter)))
    waiting = []
  }
  const page = (n?: number): Page => ({
    protocolos: found.slice(skip, until),
    total: found.length,
    capped: n !== undefined,
    continua: n === undefined ? undefined : { n, pular: Math.max(0, skip - found.length) },
  })
  const start = await startOf(source, search, descending)
  const range = { ...start.path, descending, pending }
  const sets = isInDigests(filter) ? rowsByNumber(source, source.digests, range) : walk(protocolos, range)
  for await (const rows of sets) {
    const isLate = clock.elapsed() - began >= MOST_MS
    for (const row of rows) {
      if (start.isBefore(row)) continue
      const isEnough = looked >= (isLate ? Math.min(leastNumbers, mostNumbers) : mostNumbers)
      if (waiting.length >= CHUNK || isEnough || found.length + waiting.length >= until) await read()
      if (isEnough || found.length >= until) return page(row.n)
      looked += 1
      if (matches(row, filter)) waiting.push(row.n)
    }
    await letPass()
  }
  await read()
  return page()
}

interface Start {
  readonly path: Path
  /** Was this row looked at by the request before? */
  readonly isBefore: (row: Pick<Row, 'n' | 'created_at'>) => boolean
}

/** Where a request begins that goes on from a number. Throws a 422 where that is no protocol's. */
async function startOf({ protocolos }: Reader, { path, pending, part }: Search, descending: boolean): Promise<Start> {
  const n = part.continua?.n
  const from = (place: number): Path =>
    descending ? { ...path, to: Math.min(path.to, place) } : { ...path, from: Math.max(path.from, place) }
  if (n === undefined) return { path, isBefore: () => false }
  if (path.along === 'n') return { path: from(n), isBefore: () => false }
  const row =
    pending.rows.find((one) => one.n === n) ??
    (await protocolos.findById(n, { n: 1, created_at: 1 }, LIMIT).lean<Pick<Row, 'n' | 'created_at'>>())
  if (!row) {
    throw unprocessable([{ loc: ['query', 'continua'], msg: 'Não é o número de um protocolo', type: 'value_error' }])
  }
  const at = row.created_at.getTime()
  const isBefore: Start['isBefore'] = (one) =>
    one.created_at.getTime() === at && (descending ? one.n > row.n : one.n < row.n)
  return { path: from(at), isBefore }
}
