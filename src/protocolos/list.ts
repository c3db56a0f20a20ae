import type { Clock } from '../lib/clock.js'
import { LIMIT } from '../lib/mongo.js'
import { isProtocolo, type Vez } from '../vez/document.js'
import { toProtocolo } from './copy.js'
import type { Protocolo, ProtocoloModel, Status } from './model.js'
import { type Row, type Walk, walk } from './walk.js'

/** Filtered totals are counted so far; beyond, the answer says that there are more. */
const MOST_COUNTED = 10_000
/** Documents that are read at once: few, since the database does nothing else meanwhile. */
const CHUNK = 25
const MAX_PAUSE_MS = 50
/** Before and after any protocol, however wrong the clock was that dated it. */
const FIRST_INSTANT = Date.UTC(2000, 0, 1)
const LAST_INSTANT = Date.UTC(2200, 0, 1)

export interface Filter {
  readonly consultor_id?: number | undefined
  readonly status?: Status | undefined
  /** Included. */
  readonly desde?: Date | undefined
  /** Not included. */
  readonly ate?: Date | undefined
  readonly skip: number
  readonly limit: number
  readonly ordem: 'asc' | 'desc'
}

export interface Page {
  readonly protocolos: readonly Protocolo[]
  readonly total: number
  /** There are more than `total`. */
  readonly capped: boolean
}

/** The protocols of a snapshot that are not copied yet, as documents; of the refused ones too. */
export const pendingOf = (vez: Vez): Protocolo[] => vez.pendentes.filter(isProtocolo).map(toProtocolo)

/** Where protocols are read, and how a list is kept from holding turns up: `letPass` is awaited before each read. */
export interface ListSource {
  readonly protocolos: ProtocoloModel
  readonly clock: Clock
  readonly letPass: () => Promise<void>
}

/**
 * One page of the protocols that pass a filter, and how many there are.
 *
 * @param vez a snapshot whose read ended before this call (docs/guarantees.md#readers)
 * @param importados how many protocols have numbers up to `vez.base`
 */
export async function listProtocolos(source: ListSource, vez: Vez, importados: number, filter: Filter): Promise<Page> {
  const { consultor_id, status, desde, ate } = filter
  const isPlain = consultor_id === undefined && status === undefined && desde === undefined && ate === undefined
  const total = importados + vez.seq - vez.base
  if (isPlain && importados === 0) {
    return { protocolos: await readAll(source, vez, numbersAt(vez, filter, total)), total, capped: false }
  }
  const most = isPlain ? filter.skip + filter.limit : MOST_COUNTED
  const { numbers, ...counted } = await collect(source, vez, filter, most)
  const page = await readAll(source, vez, numbers)
  return { protocolos: page, ...(isPlain ? { total, capped: false } : counted) }
}

/** Without gaps a place in the list is a number: nothing need be walked over. */
function numbersAt(vez: Vez, { skip, limit, ordem }: Filter, total: number): number[] {
  const places = Array.from({ length: Math.max(0, Math.min(limit, total - skip)) }, (_, index) => skip + index)
  return places.map((place) => (ordem === 'asc' ? vez.base + 1 + place : vez.seq - place))
}

async function collect({ protocolos, clock, letPass }: ListSource, vez: Vez, filter: Filter, most: number) {
  const passes = (row: Row): boolean => matches(row, filter)
  const pending = (await notCopied(protocolos, pendingOf(vez), filter)).filter(passes)
  const last = filter.skip + filter.limit
  const numbers: number[] = []
  let total = 0
  let looked = clock.elapsed()
  for await (const rows of walk(protocolos, toWalk(vez, filter), (inside) => pending.filter(inside))) {
    for (const row of rows) {
      if (!passes(row)) continue
      if (total >= most && total >= last) return { numbers, total: most, capped: true }
      if (total >= filter.skip && total < last) numbers.push(row.n)
      total += 1
    }
    // The page is complete and the rest is only counted: the turns have as much of the database as the count.
    if (total >= last) await clock.wait(Math.min(MAX_PAUSE_MS, clock.elapsed() - looked))
    await letPass()
    looked = clock.elapsed()
  }
  return { numbers, total: Math.min(total, Math.max(most, 0)), capped: total > most }
}

/** A status may have changed where a protocol was copied to; all else that is filtered by never changes. */
async function notCopied(protocolos: ProtocoloModel, pending: Protocolo[], { status }: Filter): Promise<Protocolo[]> {
  if (status === undefined || pending.length === 0) return pending
  const _id = { $in: pending.map(({ n }) => n) }
  const found = await protocolos.find({ _id }, { _id: 1 }, LIMIT).lean()
  const copied = new Set(found.map(({ _id }) => _id))
  return pending.filter(({ n }) => !copied.has(n))
}

/** Along which index: of a time, the instants; else the numbers, of one consultor or one status if asked for. */
function toWalk(vez: Vez, { consultor_id, status, desde, ate, ordem }: Filter): Walk {
  const descending = ordem === 'desc'
  if (desde !== undefined || ate !== undefined) {
    return {
      along: 'created_at',
      from: Math.max(FIRST_INSTANT, desde?.getTime() ?? 0),
      to: Math.min(LAST_INSTANT, (ate?.getTime() ?? LAST_INSTANT) - 1),
      descending,
      equal: {},
    }
  }
  const equal = consultor_id !== undefined ? { consultor_id } : status !== undefined ? { status } : {}
  return { along: 'n', from: 1, to: vez.seq, descending, equal }
}

const matches = (row: Row, { consultor_id, status, desde, ate }: Filter): boolean =>
  (consultor_id === undefined || row.consultor_id === consultor_id) &&
  (status === undefined || row.status === status) &&
  (desde === undefined || row.created_at >= desde) &&
  (ate === undefined || row.created_at < ate)

/** These numbers as documents, in this order: from `protocolos`, else from the snapshot. */
async function readAll(
  { protocolos, letPass }: ListSource,
  vez: Vez,
  numbers: readonly number[],
): Promise<Protocolo[]> {
  const byNumber = new Map(pendingOf(vez).map((one) => [one.n, one]))
  for (let start = 0; start < numbers.length; start += CHUNK) {
    await letPass()
    const chunk = numbers.slice(start, start + CHUNK)
    const found = await protocolos.find({ _id: { $in: chunk } }, null, LIMIT).lean<Protocolo[]>()
    for (const one of found) byNumber.set(one.n, one)
  }
  return numbers.flatMap((n) => byNumber.get(n) ?? [])
}
