import { setImmediate } from 'node:timers/promises'
import type { Connection } from 'mongoose'
import { LIMIT } from '../lib/mongo.js'
import { slices } from '../lib/slices.js'
import { toProtocolo } from '../protocolos/copy.js'
import { isProtocolo, type Vez } from '../vez/document.js'
import { eventoCollection, type Registro, toEventoGuardado } from './model.js'
import { LEDGER_FIELDS, type LedgerRow, type Place, type Step } from './replay.js'

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

/**
 * The history after a place, up to the version of a snapshot, in the order of (`versao`, `lugar`), piece by piece: protocols and
 * events together, those that are not copied yet among them.
 *
 * @param vez a snapshot whose read ended before this call (docs/guarantees.md#readers)
 */
export async function* history(source: HistorySource, vez: Vez, after: Place): AsyncGenerator<readonly Step[]> {
  const protocols = new Cursor(protocolSteps(source, vez, after))
  const events = new Cursor(eventSteps(source, vez, after))
  for (;;) {
    const [one, other] = [await protocols.batch(), await events.batch()]
    if (one === undefined && other === undefined) return
    // Up to the end of whichever batch ends first, nothing else can come between.
    const end = earlier(one?.at(-1), other?.at(-1))
    const steps = [...protocols.upTo(end), ...events.upTo(end)].sort(inOrder)
    for (let at = 0; at < steps.length; at += STEPS_AT_ONCE) {
      yield steps.slice(at, at + STEPS_AT_ONCE)
      // Requests that came meanwhile.
      await setImmediate()
    }
  }
}

const inOrder = (one: Step, other: Step): number => one.versao - other.versao || one.lugar - other.lugar

const earlier = (one: Step | undefined, other: Step | undefined): Step | undefined =>
  one === undefined || (other !== undefined && inOrder(other, one) < 0) ? other : one

/** Steps that have been read and not been taken. */
class Cursor {
  readonly #source: AsyncGenerator<readonly Step[]>
  #batch: readonly Step[] = []

  constructor(source: AsyncGenerator<readonly Step[]>) {
    this.#source = source
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
    const taken = this.#batch.filter((step) => inOrder(step, end) <= 0)
    this.#batch = this.#batch.filter((step) => inOrder(step, end) > 0)
    return taken
  }
}

async function* protocolSteps(
  { connection, letPass }: HistorySource,
  vez: Vez,
  { n }: Place,
): AsyncGenerator<readonly Step[]> {
  const pending = new Map(vez.pendentes.filter(isProtocolo).map((entry) => [entry.n, toProtocolo(entry)]))
  const collection = connection.collection<LedgerRow>('protocolos')
  const find = (low: number, high: number, limit: number): Promise<LedgerRow[]> =>
    collection.find({ n: { $gte: low, $lte: high } }, { projection: PROJECTION, limit, ...LIMIT }).toArray()
  const range = { from: n + 1, to: vez.seq, descending: false, width: FIRST_NUMBERS, most: ROWS_A_READ }
  for await (const { found, low, high } of slices(range, find)) {
    const rows = new Map<number, LedgerRow>(found.map((row) => [row.n, row]))
    for (const [number, row] of pending) if (number >= low && number <= high && !rows.has(number)) rows.set(number, row)
    yield [...rows.values()]
      .map((protocolo) => ({ versao: protocolo.versao, lugar: protocolo.lugar, protocolo }))
      .sort((one, other) => one.protocolo.n - other.protocolo.n)
    await letPass()
  }
}

async function* eventSteps(
  { connection, letPass }: HistorySource,
  vez: Vez,
  { versao, lugar }: Place,
): AsyncGenerator<readonly Step[]> {
  const pending = vez.eventos.map(toEventoGuardado)
  const collection = eventoCollection(connection)
  const find = (low: number, high: number, limit: number): Promise<Registro[]> =>
    collection.find({ versao: { $gte: low, $lte: high } }, { limit, ...LIMIT }).toArray()
  const range = { from: versao, to: vez.versao, descending: false, width: FIRST_VERSIONS, most: ROWS_A_READ }
  for await (const { found, low, high } of slices(range, find)) {
    const there = new Set(found.map(({ _id }) => _id))
    const others = pending.filter((one) => one.versao >= low && one.versao <= high && !there.has(one._id))
    yield [...found, ...others]
      .filter((one) => one.versao > versao || one.lugar > lugar)
      .map((registro) => ({ versao: registro.versao, lugar: registro.lugar, registro }))
      .sort(inOrder)
    await letPass()
  }
}
