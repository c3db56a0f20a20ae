/** Farther from an instant than any zone's clock is from UTC. */
const PROBE_MS = 26 * 3_600_000
const SECOND_MS = 1_000
/** Instants that are remembered of a zone: those of a few days of boundaries. */
const MOST_KNOWN = 4_096

/** The clock on the wall of one zone. What it shows is told in ms, as if it were UTC. */
export interface WallClock {
  read(at: Date): number
  /**
   * The first instant at which it shows this time or a later one: of a time that it skips, the end of the gap; of one that it
   * shows twice, the first. So no order of times is ever turned round.
   */
  when(wall: number): Date
}

const clocks = new Map<string, WallClock>()

export function wallClock(zone: string): WallClock {
  const known = clocks.get(zone)
  if (known) return known
  const made = make(zone)
  clocks.set(zone, made)
  return made
}

function make(zone: string): WallClock {
  const format = new Intl.DateTimeFormat('en', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  const readMs = (ms: number): number => {
    const parts = format.formatToParts(ms)
    const of = (wanted: string): number => Number(parts.find(({ type }) => type === wanted)?.value)
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
  }
  const known = new Map<number, Date>()
  return {
    read: (at) => readMs(Math.floor(at.getTime() / SECOND_MS) * SECOND_MS),
    when(wall) {
      const before = known.get(wall)
      if (before) return before
      if (known.size >= MOST_KNOWN) known.clear()
      const found = new Date(firstAt(readMs, wall))
      known.set(wall, found)
      return found
    },
  }
}

function firstAt(read: (ms: number) => number, wall: number): number {
  const offsets = [wall - PROBE_MS, wall + PROBE_MS].map((ms) => read(ms) - ms)
  const [least, most] = [Math.min(...offsets), Math.max(...offsets)]
  for (const offset of [most, least]) if (read(wall - offset) === wall) return wall - offset
  // It is skipped: the clock is put forward between these two.
  let [before, from] = [wall - most, wall - least]
  while (from - before > SECOND_MS) {
    const middle = before + Math.floor((from - before) / 2 / SECOND_MS) * SECOND_MS
    if (read(middle) < wall) before = middle
    else from = middle
  }
  return from
}
