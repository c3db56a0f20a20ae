const WRITTEN = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i

/**
 * The instant that PostgreSQL wrote as `2024-01-23 14:30:00.123456+00`; without a zone it is wall time of the given one.
 * `undefined` when it is no instant. A wall time that a zone skips (summer time begins) is taken with the offset before it.
 */
export function toInstant(written: string, zone: string): Date | undefined {
  const [, date, time, fraction = '', offset] = WRITTEN.exec(written.trim()) ?? []
  const wall = Date.parse(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`)
  // A date that the month does not have is read as one of the next month.
  if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(`${date}T${time}`)) return undefined
  if (offset !== undefined) return new Date(wall - offsetMs(offset))
  const guess = wall - zoneOffset(wall, zone)
  return new Date(wall - zoneOffset(guess, zone))
}

/** The ms of `+03`, `-03:30`, `+0530` or `-03:06:28`; of any other text, as `Z`, 0. */
function offsetMs(offset: string): number {
  const [, sign, hours = 0, minutes = 0, seconds = 0] = /^([+-])(\d\d):?(\d\d)?(?::(\d\d))?$/.exec(offset) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000
}

/** How far the zone's clocks are ahead of UTC at this instant, in ms. Throws a RangeError for an unknown zone. */
function zoneOffset(instant: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  const name = format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value
  return offsetMs(name?.replace('GMT', '') ?? '')
}
