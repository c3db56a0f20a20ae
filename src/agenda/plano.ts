import { type Feriados, holidaysOf } from './feriados.js'
import { wallClock } from './wall-clock.js'

const DAY_MIN = 1_440
const MINUTE_MS = 60_000
const DAY_MS = DAY_MIN * MINUTE_MS
/** How far back it is looked since when somebody is in or out, and how far ahead when that ends, days. */
const BACK_DAYS = 15
const AHEAD_DAYS = 800
/** A time of the wall clock may come by so many minutes later than another one that it follows. */
const SLACK_MIN = 2 * DAY_MIN

/** The days of the week as they are written, in the order of `getUTCDay`. */
export const DIAS = ['dom', 'seg', 'ter', 'qua', 'qui', 'sex', 'sab'] as const
type Dia = (typeof DIAS)[number]

/** Minutes of a local day, from and to; `to` may be of the day after. It belongs to the day on which it begins. */
export interface Intervalo {
  readonly de: number
  readonly ate: number
}

/** The intervals of each day of the week that has any, each as `08:00-12:00`. */
export type Semana = Readonly<Partial<Record<Dia, readonly string[]>>>

const toMinutes = (written: string): number => Number(written.slice(0, 2)) * 60 + Number(written.slice(3, 5))

/** `22:00-02:00` ends on the day after. */
export function toIntervalo(written: string): Intervalo {
  const [de = 0, ate = 0] = written.split('-').map(toMinutes)
  return { de, ate: ate > de ? ate : ate + DAY_MIN }
}

/** A week as it is stored, on one line: `seg 08:00-12:00 13:00-18:00; sab 09:00-13:00`. */
export const writeSemana = (semana: Semana): string =>
  DIAS.flatMap((dia) => (semana[dia]?.length ? [[dia, ...[...semana[dia]].sort()].join(' ')] : [])).join('; ')

export function readSemana(written: string): Semana {
  return Object.fromEntries(
    written.split('; ').map((line) => {
      const [dia, ...intervals] = line.split(' ')
      return [dia, intervals]
    }),
  )
}

/** When somebody works. */
export interface Plano {
  /** As it is stored; absent: always. */
  readonly semana?: string
  /** Days off: `2026-12-24`, or a range, `2026-12-24/2027-01-02`. */
  readonly folgas?: readonly string[]
  readonly feriados?: Feriados
  readonly fuso: string
}

/** Whether somebody is in, since when (absent: for longer than it is looked back), and until when (absent: for good). */
export interface Trecho {
  readonly dentro: boolean
  readonly desde?: Date
  readonly ate?: Date
}

const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / DAY_MS
const yearOf = (day: number): number => new Date(day * DAY_MS).getUTCFullYear()

const ALWAYS: readonly Intervalo[] = [{ de: 0, ate: DAY_MIN }]

/** How a plan says whether somebody is in at this instant, and until when. */
export function trechoEm(plano: Plano, at: Date): Trecho {
  const { read, when } = wallClock(plano.fuso)
  const wall = read(at) / MINUTE_MS
  let before: number | undefined
  const all = runs(plano, Math.floor(wall / DAY_MIN))
  const toDate = (minutes: number): Date => when(minutes * MINUTE_MS)
  for (const [index, [de, ate]] of all.entries()) {
    const isPast = ate < wall - SLACK_MIN || (ate !== Number.POSITIVE_INFINITY && toDate(ate) <= at)
    if (isPast) {
      before = ate
      continue
    }
    const begin = Number.isFinite(de) ? toDate(de) : undefined
    // The clock may be put forward over all of it.
    if (begin && Number.isFinite(ate) && begin >= toDate(ate)) continue
    if (begin && begin > at)
      return { dentro: false, ...(before !== undefined && { desde: toDate(before) }), ate: begin }
    const end = endOf(all, index, toDate)
    return { dentro: true, ...(begin && { desde: begin }), ...(end && { ate: end }) }
  }
  return { dentro: false, ...(before !== undefined && { desde: toDate(before) }) }
}

type Run = readonly [de: number, ate: number]

/** Where a run ends: with the clock put forward, the next one may begin at the instant at which this one ends. */
function endOf(all: readonly Run[], index: number, toDate: (minutes: number) => Date): Date | undefined {
  const [, ate = 0] = all[index] ?? []
  if (!Number.isFinite(ate)) return undefined
  const next = all[index + 1]
  return next && toDate(next[0]) <= toDate(ate) ? endOf(all, index + 1, toDate) : toDate(ate)
}

/**
 * When somebody is in by the wall clock, in minutes since 1970: those around this day, with none that touch. A run that begins
 * before it is looked back, or ends after it is looked ahead, has no beginning or end.
 */
function runs({ semana, folgas = [], feriados }: Plano, today: number): Run[] {
  const week = semana === undefined ? undefined : readSemana(semana)
  const intervals = DIAS.map((dia) => (week ? (week[dia] ?? []).map(toIntervalo) : ALWAYS))
  const off = folgas.map((one) => one.split('/').map(dayNumber))
  const isOff = holidayTest(feriados)
  const first = today - BACK_DAYS
  const last = Math.max(today, ...off.map(([from = 0, to = from]) => to)) + AHEAD_DAYS
  const found: [number, number][] = []
  for (let day = first; day <= last; day += 1) {
    // Two runs that are still to come are all that is asked for.
    if (found.length > 2 && (found.at(-3)?.[0] ?? 0) > (today + 2) * DAY_MIN) break
    const away = off.find(([from = 0, to = from]) => from <= day && day <= to)
    if (away) day = away[1] ?? day
    if (away || isOff(day)) continue
    for (const { de, ate } of intervals[(((day + 4) % 7) + 7) % 7] ?? []) {
      const run = found.at(-1)
      const begin = day * DAY_MIN + de
      const end = day * DAY_MIN + ate
      if (run && begin <= run[1]) run[1] = Math.max(run[1], end)
      else found.push([begin, end])
    }
  }
  return found.map(([de, ate]) => [
    de <= first * DAY_MIN ? Number.NEGATIVE_INFINITY : de,
    ate >= last * DAY_MIN ? Number.POSITIVE_INFINITY : ate,
  ])
}

/** Is a day a holiday? Each year is looked up once. */
function holidayTest(feriados: Feriados | undefined): (day: number) => boolean {
  if (!feriados) return () => false
  const years = new Map<number, ReadonlySet<number>>()
  return (day) => {
    const year = yearOf(day)
    const known = years.get(year) ?? new Set(holidaysOf(year, feriados).map(dayNumber))
    years.set(year, known)
    return known.has(day)
  }
}
