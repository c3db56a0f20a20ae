const WRITTEN = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i

/**
 * The instant that PostgreSQL wrote as `2024-01-23 14:30:00.123456+00`; without a zone it is wall time of the given one.
 * `undefined` when it is no instant. A wall time that a zone skips (summer time begins) is taken with the offset before it.
 */
export function toInstant(written: string, zone: string): Date | undefined {
  const found = WRITTEN.exec(written.trim())
  if (!found) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', offset] = found
  const ms = Math.floor(Number(`0.${fraction || '0'}`) * 1_000)
  const parts = [
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    ms,
  ] as const
  const wall = Date.UTC(...parts)
  if (new Date(wall).getUTCDate() !== parts[2] || new Date(wall).getUTCHours() !== parts[3]) return undefined
  if (offset !== undefined) return new Date(wall - offsetMs(offset))
  const guess = wall - zoneOffset(wall, zone)
  return new Date(wall - zoneOffset(guess, zone))
}

function offsetMs(offset: string): number {
  if (offset.toUpperCase() === 'Z') return 0
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(offset) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

/** How far the zone's clocks are ahead of UTC at this instant, in ms. Throws a RangeError for an unknown zone. */
function zoneOffset(instant: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const told = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
  const part = (name: Intl.DateTimeFormatPartTypes): number => told.get(name) ?? 0
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return wall - Math.floor(instant / 1_000) * 1_000
}
