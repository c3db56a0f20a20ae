const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Farther from UTC than any zone. */
const MAX_OFFSET_MS = 26 * HOUR_MS
/** No zone changes its clock at a finer grain today; a day begins at a whole minute. */
const MINUTE_MS = 60_000

/** Is this a time zone that this machine knows, as `America/Sao_Paulo`? */
export function isZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

const WRITTEN = /^\d{4}-\d\d-\d\d$/

/** Is this a day that the calendar has, as `2026-11-27`? */
export function isDay(written: string): boolean {
  const at = WRITTEN.test(written) ? new Date(`${written}T00:00:00Z`) : undefined
  return at !== undefined && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(written)
}

/** The day after, or as many days after. */
export const addDays = (day: string, count = 1): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10)

/** Days and times of the clock of one place. */
export interface LocalTime {
  readonly zone: string
  /** The day that it is there, as `2026-11-27`. */
  dayOf(at: Date): string
  /** The first instant of a day there; of one that the place never had, that of the next. */
  startOf(day: string): Date
  /** As people there write an instant: `2026-11-27 18:05:00`. */
  write(at: Date): string
}

/** The clock of this zone. Where it is changed a day may have 23 or 25 hours, and begin at one o'clock. */
export function localTime(zone: string): LocalTime {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const write = (at: Date): string => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
    const { year = '', month, day, hour, minute, second } = parts
    return `${year.padStart(4, '0')}-${month}-${day} ${hour}:${minute}:${second}`
  }
  const dayOf = (at: Date): string => write(at).slice(0, 10)
  const startOf = (day: string): Date => {
    const utc = Date.parse(`${day}T00:00:00Z`)
    let before = utc - MAX_OFFSET_MS
    let from = utc + MAX_OFFSET_MS
    while (from - before > MINUTE_MS) {
      const middle = before + Math.floor((from - before) / 2 / MINUTE_MS) * MINUTE_MS
      if (dayOf(new Date(middle)) < day) before = middle
      else from = middle
    }
    return new Date(from)
  }
  return { zone, dayOf, startOf, write }
}
