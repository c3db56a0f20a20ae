/** Time, numbers and lists as they are read in Brazil. */
import { readSettings } from './ajustes.js'

/** An instant as the service tells it: ISO 8601, or whole seconds since 1970 in what is sent often. */
export type Instant = string | number

const LOCALE = 'pt-BR'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How far the clock of the service is ahead of the browser's, in milliseconds: phones are often wrong. */
let ahead = 0

export const toMs = (at: Instant): number => (typeof at === 'number' ? at * 1_000 : Date.parse(at))

/** Takes the clock of the service from what it just said. */
export function setServerTime(agora: Instant): void {
  const told = toMs(agora)
  if (Number.isFinite(told)) ahead = told - Date.now()
}

/** Now, by the clock of the service, in milliseconds. */
export const serverNow = (): number => Date.now() + ahead

const formats = new Map<string, Intl.DateTimeFormat>()

/** In the zone of the service, wherever the browser is. */
function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options)
  const known = formats.get(key)
  if (known) return known
  const { fuso } = readSettings()
  const made = new Intl.DateTimeFormat(LOCALE, { ...options, ...(fuso !== undefined && { timeZone: fuso }) })
  formats.set(key, made)
  return made
}

const dayOf = (ms: number): string => format({ day: '2-digit', month: '2-digit', year: 'numeric' }).format(ms)

/** As `14:02`. */
export const clockTime = (at: Instant): string => format({ hour: '2-digit', minute: '2-digit' }).format(toMs(at))

/** As `14:02`, of milliseconds. */
export const clockOf = (ms: number): string => format({ hour: '2-digit', minute: '2-digit' }).format(ms)

/** As `26/11/2026, 14:02:33`, for a title. */
export const exactTime = (at: Instant): string => format({ dateStyle: 'short', timeStyle: 'medium' }).format(toMs(at))

/** As `14:02` today, else `26/11 14:02`. */
export function shortTime(at: Instant, now: number = serverNow()): string {
  const ms = toMs(at)
  const time = clockOf(ms)
  return dayOf(ms) === dayOf(now) ? time : `${format({ day: '2-digit', month: '2-digit' }).format(ms)} ${time}`
}

/** The day of an instant in the zone of the service, as `2026-11-26`. */
export const isoDay = (ms: number): string => dayOf(ms).split('/').reverse().join('-')

/** As `26/11`, of a day like `2026-11-26`. */
export const dayAndMonth = (day: string): string => day.slice(5, 10).split('-').reverse().join('/')

const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'always', style: 'short' })

/** As `há 12 min` or `em 2 h`; `agora` within half a minute. */
export function relativeTime(at: Instant, now: number): string {
  const away = toMs(at) - now
  const size = Math.abs(away)
  if (size < MINUTE / 2) return 'agora'
  const [unit, length] =
    size < HOUR ? (['minute', MINUTE] as const) : size < 2 * DAY ? (['hour', HOUR] as const) : (['day', DAY] as const)
  return relative.format(Math.sign(away) * Math.max(1, Math.round(size / length)), unit).replace('.', '')
}

/** As `12 min`, `1 h 05` or `3 dias`. */
export function duration(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE))
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${String(minutes % 60).padStart(2, '0')}` : `${Math.floor(hours / 24)} dias`
}

const lists = new Intl.ListFormat(LOCALE, { type: 'conjunction' })
/** As `Ana, Bruno e Caio`. */
export const list = (names: readonly string[]): string => lists.format(names)

const numbers = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 })
export const number = (value: number): string => numbers.format(value)

/** As `1 cliente`, `0 clientes` or `3 clientes`. */
export const count = (value: number, one: string, many: string): string =>
  `${number(value)} ${value === 1 ? one : many}`

const languages = new Intl.DisplayNames(LOCALE, { type: 'language', fallback: 'code' })
/** As `português (Brasil)`, of `pt-BR`. A code that is none is told as it is. */
export function languageName(code: string): string {
  try {
    return languages.of(code.replace('_', '-')) ?? code
  } catch {
    return code
  }
}
