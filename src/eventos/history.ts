import { setImmediate } from 'node:timers/promises'
import type { Connection } from 'mongoose'
import { LIMIT } from '../lib/mongo.js'
import { slices } from '../lib/slices.js'
import { toProtocolo } from '../protocolos/copy.js'
import { isProtocolo, type Vez } from '../vez/document.js'
import { eventoCollection, type Registro, toEventoGuardado } from './model.js'
import { byPlace, LEDGER_FIELDS, type LedgerRow, type Place, type Step } from './replay.js'

/** How wide the first slice of numbers and of versions is, and how much one query brings at most. */
const FIRST_NUMBERS = 500
const FIRST_VERSIONS = 1_000
const ROWS_A_READ = 500
/** Steps that are worked on without a look at anything else. */
const STEPS_AT_ONCE = 100

export interface HistorySource {
  readonly connection: Connection
  /** Awaited before each read: readers never take the turn from the others. */
  readonly letPass: () => Promise<void>
}

const PROJECTION = { _id: 0, ...Object.fromEntries(LEDGER_FIELDS.map((field) => [field, 1])) }

/** A part of the history: what comes after one place, up to another one, that included. */
export interface Span {
  readonly after: Place
  readonly until: Place
  /** The newest first. */
  readonly descending?: boolean
}

/** Where the history ends as far as a snapshot tells it. */
export const endOf = ({ versao, seq }: Vez): Place => ({ versao, lugar: Number.MAX_SAFE_INTEGER, n: seq })

/**
 * The history after a place, up to the version of a snapshot, in the order of (`versao`, `lugar`), piece by piece: protocols and
 * events together, those that are not copied yet among them.
 *
 * @param vez a snapshot whose read ended before this call (docs/guarantees.md#readers)
 */
export const history = (source: HistorySource, vez: Vez, after: Place): AsyncGenerator<readonly Step[]> =>
  span(source, vez, { after, until: endOf(vez) })

/** The same for a part of it, in either direction. */
export async function* span(source: HistorySource, vez: Vez, part: Span): AsyncGenerator<readonly Step[]> {
  const inOrder = part.descending ? (one: Step, other: Step) => byPlace(other, one) : byPlace
  const protocols = new Cursor(protocolSteps(source, vez, part), inOrder)
  const events = new Cursor(eventSteps(source, vez, part), inOrder)
  for (;;) {
    const [one, other] = [await protocols.batch(), await events.batch()]
    if (one === undefined && other === undefined) return
    // Up to the end of whichever batch ends first, nothing else can come between.
    const [first, second] = [one?.at(-1), other?.at(-1)]
    const end = first === undefined || (second !== undefined && inOrder(second, first) < 0) ? second : first
    const steps = [...protocols.upTo(end), ...events.upTo(end)].sort(inOrder)
    for (let at = 0; at < steps.length; at += STEPS_AT_ONCE) {
      yield steps.slice(at, at + STEPS_AT_ONCE)
      // Requests that came meanwhile.
      await setImmediate()
    }
  }
}

/** Steps that have been read and not been taken. */
class Cursor {
  readonly #source: AsyncGenerator<readonly Step[]>
  readonly #inOrder: (one: Step, other: Step) => number
  #batch: readonly Step[] = []

  constructor(source: AsyncGenerator<readonly Step[]>, inOrder: (one: Step, other: Step) => number) {
    this.#source = source
    this.#inOrder = inOrder
  }

  /** What is there, or what is read now; `undefined`: there is no more. */
  async batch(): Promise<readonly Step[] | undefined> {
    while (this.#batch.length === 0) {
      const next = await this.#source.next()
      if (next.done) return undefined
      this.#batch = next.value
    }
    return this.#batch
  }

  upTo(end: Step | undefined): readonly Step[] {
    if (end === undefined) return []
    const taken = this.#batch.filter((step) => this.#inOrder(step, end) <= 0)
    this.#batch = this.#batch.filter((step) => this.#inOrder(step, end) > 0)
    return taken
  }
}

async function* protocolSteps(
  { connection, letPass }: HistorySource,
  vez: Vez,
  { after, until, descending = false }: Span,
): AsyncGenerator<readonly Step[]> {
  const pending = new Map(vez.pendentes.filter(isProtocolo).map((entry) => [entry.n, toProtocolo(entry)]))
  const collection = connection.collection<LedgerRow>('protocolos')
  const find = (low: number, high: number, limit: number): Promise<LedgerRow[]> =>
    collection.find({ n: { $gte: low, $lte: high } }, { projection: PROJECTION, limit, ...LIMIT }).toArray()
  const range = { from: after.n + 1, to: until.n, descending, width: FIRST_NUMBERS, most: ROWS_A_READ }
  for await (const { found, low, high } of slices(range, find)) {
    const rows = new Map<number, LedgerRow>(found.map((row) => [row.n, row]))
    for (const [number, row] of pending) if (number >= low && number <= high && !rows.has(number)) rows.set(number, row)
    yield [...rows.values()]
      .map((protocolo) => ({ versao: protocolo.versao, lugar: protocolo.lugar, protocolo }))
      .sort((one, other) => (descending ? -1 : 1) * (one.protocolo.n - other.protocolo.n))
    await letPass()
  }
}

async function* eventSteps(
  { connection, letPass }: HistorySource,
  vez: Vez,
  { after, until, descending = false }: Span,
): AsyncGenerator<readonly Step[]> {
  const pending = vez.eventos.map(toEventoGuardado)
  const collection = eventoCollection(connection)
  const find = (low: number, high: number, limit: number): Promise<Registro[]> =>
    collection.find({ versao: { $gte: low, $lte: high } }, { limit, ...LIMIT }).toArray()
  const range = { from: after.versao, to: until.versao, descending, width: FIRST_VERSIONS, most: ROWS_A_READ }
  for await (const { found, low, high } of slices(range, find)) {
    const there = new Set(found.map(({ _id }) => _id))
    const others = pending.filter((one) => one.versao >= low && one.versao <= high && !there.has(one._id))
    yield [...found, ...others]
      .filter((one) => byPlace(one, after) > 0 && byPlace(one, until) <= 0)
      .map((registro) => ({ versao: registro.versao, lugar: registro.lugar, registro }))
      .sort((one, other) => (descending ? byPlace(other, one) : byPlace(one, other)))
    await letPass()
  }
}
