import { isDay } from '../lib/local-time.js'

const DAY_MS = 86_400_000

/** National holidays of a fixed date, by law (docs/vendors/feriados.md#national-holidays). */
const FIXED = ['01-01', '04-21', '05-01', '09-07', '10-12', '11-02', '11-15', '12-25'] as const
/** Consciência Negra is one of them since this year. */
const [BLACK_AWARENESS, BLACK_AWARENESS_SINCE] = ['11-20', 2024] as const
/** Days from Easter (docs/vendors/feriados.md#movable-days). */
const [GOOD_FRIDAY, CARNIVAL, CORPUS_CHRISTI] = [[-2], [-48, -47], [60]] as const

/** Which days nobody works on who does not say otherwise. */
export interface Feriados {
  readonly nacionais?: boolean
  readonly carnaval?: boolean
  readonly corpus_christi?: boolean
  /** More of them: `2026-01-25`, or `01-25` of every year; `02-29` of every leap year. */
  readonly dias?: readonly string[]
}

/** The day of Easter in the Gregorian calendar (docs/vendors/feriados.md#movable-days), as a number of days since 1970. */
export function easter(year: number): number {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const d = Math.floor(b / 4)
  const g = Math.floor((8 * b + 13) / 25)
  const h = (19 * a + b - d - g + 15) % 30
  const i = Math.floor(c / 4)
  const l = (32 + 2 * (b % 4) + 2 * i - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const month = Math.floor((h + l - 7 * m + 114) / 31)
  const day = ((h + l - 7 * m + 114) % 31) + 1
  return Date.UTC(year, month - 1, day) / DAY_MS
}

/** The holidays of a year, as `2026-11-20`, in order. */
export function holidaysOf(year: number, { nacionais, carnaval, corpus_christi, dias = [] }: Feriados): string[] {
  const movable = [
    ...(nacionais ? GOOD_FRIDAY : []),
    ...(carnaval ? CARNIVAL : []),
    ...(corpus_christi ? CORPUS_CHRISTI : []),
  ].map((days) => new Date((easter(year) + days) * DAY_MS).toISOString().slice(0, 10))
  const fixed = nacionais ? [...FIXED, ...(year >= BLACK_AWARENESS_SINCE ? [BLACK_AWARENESS] : [])] : []
  const own = dias
    .map((day) => (day.length === 5 ? `${year}-${day}` : day))
    .filter((day) => day.startsWith(`${year}-`) && isDay(day))
  return [...new Set([...fixed.map((day) => `${year}-${day}`), ...movable, ...own])].sort()
}
