import { unavailable } from '../lib/errors.js'
import { addDays, type LocalTime } from '../lib/local-time.js'
import { LIMIT } from '../lib/mongo.js'
import type { Vez } from '../vez/document.js'
import { DIGEST_SIZE, type DigestRow, digestOf, numbersOf } from './digest.js'
import type { Digests } from './digests.js'
import type { Protocolo } from './model.js'
import { type Reader, settle } from './reader.js'
import { type Pending, walk } from './walk.js'

/** Numbers without a digest that one report reads by the document: the newest, and those around a copy that was refused. */
const MOST_UNDIGESTED = 5_000
/** Protocols that it reads so of a period where more are missing. */
const MOST_BY_TIME = 5_000

export interface Period {
  /** Included. */
  readonly desde: Date
  /** Not included. */
  readonly ate: Date
}

type Counts<K> = Map<K, number>

/** How many protocols there were in a period, by what a team asks for. */
export interface Report {
  readonly total: number
  readonly por_dia: readonly { readonly dia: string; readonly total: number }[]
  readonly por_consultor: readonly {
    readonly consultor_id: number | null
    readonly nome: string | null
    readonly total: number
  }[]
  readonly por_canal: readonly {
    readonly canal: string | null
    readonly plataforma: string | null
    readonly total: number
  }[]
  readonly por_idioma: readonly { readonly idioma: string | null; readonly total: number }[]
}

interface ReportSource extends Reader {
  readonly digests: Digests
}

/**
 * Counts the protocols of a period: most by their digests, the newest one by one.
 *
 * @param vez a snapshot whose read ended before this call (docs/guarantees.md#readers)
 * @throws 503 while the digests of a large database are still being made
 */
export async function report(source: ReportSource, vez: Vez, period: Period, time: LocalTime): Promise<Report> {
  const pending = await settle(source.protocolos, vez)
  const days = daysOf(period, time)
  const [perDay, perPerson, perAccount, perLanguage] = [
    days.map(() => 0),
    new Map<number | undefined, { total: number; last: number }>(),
    new Map<string, { canal: string | null; plataforma: string | null; total: number }>(),
    new Map<string | undefined, number>() as Counts<string | undefined>,
  ]
  let total = 0
  for await (const rows of rowsOf(source, vez, period, days, pending)) {
    for (const { n, created_at, consultor_id, canal, plataforma, idioma } of rows) {
      if (created_at < period.desde || created_at >= period.ate) continue
      total += 1
      const day = placeOf(days, created_at.getTime())
      perDay[day] = (perDay[day] ?? 0) + 1
      const person = perPerson.get(consultor_id)
      perPerson.set(consultor_id, { total: (person?.total ?? 0) + 1, last: Math.max(n, person?.last ?? 0) })
      const name = `${plataforma ?? ''}\n${canal ?? ''}`
      const account = perAccount.get(name)
      perAccount.set(name, { canal: canal ?? null, plataforma: plataforma ?? null, total: (account?.total ?? 0) + 1 })
      perLanguage.set(idioma, (perLanguage.get(idioma) ?? 0) + 1)
    }
  }
  const names = await namesOf(source, vez, perPerson)
  return {
    total,
    por_dia: days.map(({ dia }, index) => ({ dia, total: perDay[index] ?? 0 })),
    por_consultor: ordered(
      [...perPerson].map(([id, one]) => ({ consultor_id: id ?? null, nome: names.get(id) ?? null, total: one.total })),
    ),
    por_canal: ordered([...perAccount.values()]),
    por_idioma: ordered([...perLanguage].map(([idioma, count]) => ({ idioma: idioma ?? null, total: count }))),
  }
}

const ordered = <T extends { readonly total: number }>(counts: readonly T[]): T[] =>
  [...counts].sort((one, other) => other.total - one.total)

interface Day {
  readonly dia: string
  /** Its first instant, ms. */
  readonly from: number
}

/** The days of a period, each from its first instant there. */
function daysOf({ desde, ate }: Period, time: LocalTime): Day[] {
  const days: Day[] = []
  for (let dia = time.dayOf(desde); time.startOf(dia) < ate; dia = addDays(dia)) {
    const from = time.startOf(dia).getTime()
    // One that the place never had begins as the next one does.
    if (days.at(-1)?.from === from) days.pop()
    days.push({ dia, from })
  }
  return days
}

/** The place of the last day that has begun by then. */
function placeOf(days: readonly Day[], at: number): number {
  let [low, high] = [0, days.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((days[middle]?.from ?? 0) <= at) low = middle
    else high = middle - 1
  }
  return low
}

/** All rows that may be of this period, each number once. */
async function* rowsOf(
  source: ReportSource,
  vez: Vez,
  period: Period,
  days: readonly Day[],
  pending: Pending,
): AsyncGenerator<readonly DigestRow[]> {
  const { digests, protocolos, letPass } = source
  const last = digestOf(vez.seq)
  const missing = Array.from({ length: last + 1 }, (_, index) => index).filter((one) => !digests.has(one))
  if (missing.length * DIGEST_SIZE > MOST_UNDIGESTED) {
    yield* rowsByTime(source, period, days, pending)
    return
  }
  for await (const [digest, rows] of digests.read(digests.within(period.desde.getTime(), period.ate.getTime() - 1))) {
    if (rows) yield rows.filter(({ n }) => !pending.numbers.has(n))
    else missing.push(digest)
  }
  yield pending.rows
  const rest = { along: 'n', equals: [{}], descending: false, pending: { ...pending, rows: [] } } as const
  for (const one of missing) {
    const { from, to } = numbersOf(one)
    for await (const rows of walk(protocolos, { ...rest, from, to: Math.min(to, vez.seq) })) {
      yield rows
      await letPass()
    }
  }
}

/** Of a period with few protocols, while the digests are being made. */
async function* rowsByTime(
  { protocolos, letPass }: Reader,
  { desde, ate }: Period,
  days: readonly Day[],
  pending: Pending,
): AsyncGenerator<readonly DigestRow[]> {
  const starts = days.map(({ from }) => from)
  const range = { from: desde.getTime(), to: ate.getTime() - 1, equals: [{}], descending: false, starts } as const
  let count = 0
  for await (const rows of walk(protocolos, { along: 'created_at', ...range, pending })) {
    count += rows.length
    if (count > MOST_BY_TIME) {
      throw unavailable('Os resumos dos protocolos antigos ainda estão sendo feitos; tente de novo em um minuto')
    }
    yield rows
    await letPass()
  }
}

/** Names as they are today; of who is gone, as his last protocol has it. */
async function namesOf(
  { protocolos }: Reader,
  vez: Vez,
  people: ReadonlyMap<number | undefined, { readonly last: number }>,
): Promise<ReadonlyMap<number | undefined, string>> {
  const names = new Map<number | undefined, string>([...vez.consultores].map(([id, { nome }]) => [id, nome]))
  const unknown = [...people].flatMap(([id, { last }]) => (id === undefined || names.has(id) ? [] : [last]))
  if (unknown.length === 0) return names
  const fields = { consultor_id: 1, consultor_nome: 1 }
  const found = await protocolos
    .find({ _id: { $in: unknown } }, fields, LIMIT)
    .lean<Pick<Protocolo, 'consultor_id' | 'consultor_nome'>[]>()
  for (const { consultor_id, consultor_nome } of found) {
    if (consultor_id !== undefined && consultor_nome !== undefined) names.set(consultor_id, consultor_nome)
  }
  return names
}
