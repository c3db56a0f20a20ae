import { LIMIT } from '../lib/mongo.js'
import { isProtocolo, type Vez } from '../vez/document.js'
import { endOf, type HistorySource, type Span, span } from './history.js'
import { CLOCKS_APART_MS, instantOf } from './instants.js'
import { byPlace, isQuadro, type Place, type Step } from './replay.js'

export interface Asked {
  /** Included. */
  readonly desde?: Date | undefined
  /** Not included. */
  readonly ate?: Date | undefined
  readonly consultor_id?: number | undefined
  /** The oldest first, or the newest. */
  readonly ordem: 'asc' | 'desc'
  /** Where an earlier answer stopped. */
  readonly continua?: Place | undefined
}

/**
 * Turns and events of a period together, in the order in which they were decided, piece by piece: what passes, and how far the
 * history was looked at.
 *
 * @param vez a snapshot whose read ended before this call (docs/guarantees.md#readers)
 */
export async function* timeline(
  source: HistorySource,
  vez: Vez,
  { desde, ate, consultor_id, ordem, continua }: Asked,
): AsyncGenerator<{ readonly steps: readonly Step[]; readonly looked: Place }> {
  const descending = ordem === 'desc'
  const part = await spanOf(source, vez, desde, ate)
  const start = descending ? part.until : part.after
  let looked = continua ? further(start, continua, descending) : start
  const isAhead = (step: Step): boolean => (descending ? byPlace(step, looked) <= 0 : byPlace(step, looked) > 0)
  const rest = { ...part, ...(descending ? { until: looked } : { after: looked }), descending }
  for await (const steps of span(source, vez, rest)) {
    const ahead = steps.filter(isAhead)
    const passing = ahead.filter((step) => {
      const at = instantOf(step)
      return at !== undefined && (!desde || at >= desde) && (!ate || at < ate) && isAbout(step, consultor_id)
    })
    looked = ahead.reduce((from, step) => pass(from, step, descending), looked)
    yield { steps: passing, looked }
  }
}

/** Where an earlier answer stopped, as far as it is within the period. */
const further = (start: Place, { n, ...place }: Place, descending: boolean): Place => ({
  ...place,
  n: descending ? Math.min(n, start.n) : Math.max(n, start.n),
})

/** How far one has looked once this step is passed: the next part begins behind it. */
export function pass({ n }: Place, { versao, lugar, ...step }: Step, descending: boolean): Place {
  const own = 'protocolo' in step ? step.protocolo.n - (descending ? 1 : 0) : n
  return { versao, lugar: descending ? lugar - 1 : lugar, n: own }
}

const isAbout = (step: Step, id: number | undefined): boolean => {
  if (id === undefined) return true
  if ('protocolo' in step) return step.protocolo.consultor_id === id
  return !isQuadro(step.registro) && step.registro.consultores?.includes(id) === true
}

/** What of the history may be of a period: from the protocol before its first one to the one after its last. */
async function spanOf(source: HistorySource, vez: Vez, desde: Date | undefined, ate: Date | undefined): Promise<Span> {
  const rows = rowsOf(source, vez)
  const first = desde ? await firstSince(rows, vez, new Date(desde.getTime() - CLOCKS_APART_MS)) : vez.base + 1
  const next = ate ? await firstSince(rows, vez, new Date(ate.getTime() + CLOCKS_APART_MS)) : vez.seq + 1
  const [before, behind] = [await rows(first - 1), await rows(next)]
  return {
    after: { versao: before?.versao ?? 0, lugar: 0, n: first - 1 },
    until: { ...endOf(vez), ...(behind?.versao !== undefined && { versao: behind.versao }), n: next - 1 },
  }
}

interface Row {
  readonly created_at: Date
  /** Absent: it was imported. */
  readonly versao?: number
}

/** A protocol by its number, copied or not. */
function rowsOf({ connection }: HistorySource, vez: Vez): (n: number) => Promise<Row | undefined> {
  const pending = new Map(vez.pendentes.filter(isProtocolo).map((one) => [one.n, one]))
  const collection = connection.collection<Row & { _id: number }>('protocolos')
  const options = { projection: { versao: 1, created_at: 1 }, ...LIMIT }
  return async (n) => (await collection.findOne({ _id: n }, options)) ?? pending.get(n)
}

/** The number of the first protocol that is no older than this, or the next one: protocols are made one after the other. */
async function firstSince(rows: (n: number) => Promise<Row | undefined>, vez: Vez, at: Date): Promise<number> {
  let [low, high] = [vez.base + 1, vez.seq + 1]
  while (low < high) {
    const n = Math.floor((low + high) / 2)
    const one = await rows(n)
    if (one && one.created_at < at) low = n + 1
    else high = n
  }
  return low
}
