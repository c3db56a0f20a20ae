import { setTimeout as wait } from 'node:timers/promises'
import type { LocalDatabase } from '../src/database/local.js'
import { openDelayedWay } from './delay.js'
import { loadOfTurns, type Measured } from './load.js'
import { type Process, withServices } from './processes.js'
import { cells, table, times, verdict } from './table.js'

/** One process and two are measured in turns so often: a shared machine is not equally fast all the time. */
const PAIRS = 3
const WARM_UP_SECONDS = 2
const MOST_LOOKS = 100
const FARTHER_MS = 10
const MAX_MISSES = 20

interface Case {
  readonly what: string
  readonly connections: readonly number[]
  /** Least share of what one process gives, by place in `connections`; none is asked of unequal processes. */
  readonly ratios: readonly number[]
  readonly fartherMs: number
}

const CASES: readonly Case[] = [
  { what: 'two equal processes', connections: [16, 64, 128], ratios: [0.6, 0.75, 0.75], fartherMs: 0 },
  { what: `two, one ${FARTHER_MS} ms farther`, connections: [16, 64, 128], ratios: [], fartherMs: FARTHER_MS },
]
const LEAST_SHARE = 0.25
const MOST_P99 = 4

/** Two processes on one database against one: requests per second, p99, who writes how much, misses in a row. */
export async function replicas(engine: LocalDatabase, say: (line: string) => void, seconds: number): Promise<void> {
  const columns = [
    'what',
    'connections',
    'req/s',
    'p50',
    'p99',
    'of one process',
    'slower one writes',
    'misses in a row',
    'bar',
  ]
  const row = table(say, 'Several processes on one database, one turn a request, 20 consultores', columns)
  for (const each of CASES) await measure(engine, each, seconds, row)
}

async function measure(
  engine: LocalDatabase,
  { what, connections: all, ratios, fartherMs }: Case,
  seconds: number,
  row: (...cells: readonly string[]) => void,
): Promise<void> {
  const way = await openDelayedWay(Number(new URL(engine.uri).port), fartherMs)
  try {
    await withServices(engine, [undefined], 20, async (one) => {
      await withServices(engine, [undefined, fartherMs > 0 ? way.port : undefined], 20, async (two) => {
        for (const [place, connections] of all.entries()) {
          await load(two, connections, WARM_UP_SECONDS)
          const pairs: { one: Measured; two: Measured }[] = []
          const before = await Promise.all(two.map(writes))
          while (pairs.length < PAIRS) {
            await copied(two)
            const alone = await load(one, connections, seconds)
            await copied(one)
            pairs.push({ one: alone, two: await load(two, connections, seconds) })
          }
          const after = await Promise.all(two.map(writes))
          const own = after.map((count, index) => count - (before[index] ?? 0))
          const share = Math.min(...own) / own.reduce((sum, count) => sum + count, 0)
          const misses = Math.max(...(await Promise.all(two.map((each) => each.metric('vez_perdas_seguidas_max')))))
          const [alone, together] = [mean(pairs.map((pair) => pair.one)), mean(pairs.map((pair) => pair.two))]
          const ratio = together.perSecond / alone.perSecond
          const slower = together.p99 / alone.p99
          const wanted = ratios[place]
          const holds =
            (wanted === undefined ? share >= LEAST_SHARE : ratio >= wanted) &&
            slower <= MOST_P99 &&
            misses <= MAX_MISSES
          const bar = wanted === undefined ? `writes ≥ ${LEAST_SHARE}` : `≥ ${wanted} × one`
          row(
            what,
            String(connections),
            ...cells(together),
            `${times(ratio)}, p99 ${times(slower)}`,
            `${Math.round(share * 100)} %`,
            String(misses),
            `${bar}, p99 ≤ ${MOST_P99} ×, misses ≤ ${MAX_MISSES}: ${verdict(holds)}`,
          )
        }
      })
    })
  } finally {
    await way.end()
  }
}

/** The connections shared out among these processes; the figures of all together. */
async function load(processes: readonly Process[], connections: number, seconds: number): Promise<Measured> {
  const loads = processes.map(({ url }) => loadOfTurns(url, connections / processes.length, seconds))
  const all = await Promise.all(loads)
  return {
    perSecond: all.reduce((sum, one) => sum + one.perSecond, 0),
    p50: Math.max(...all.map(({ p50 }) => p50)),
    p99: Math.max(...all.map(({ p99 }) => p99)),
    failed: all.reduce((sum, one) => sum + one.failed, 0),
  }
}

const writes = (process: Process): Promise<number> => process.metric('vez_lote_tamanho_count')

/** What the load before has left to copy is no part of the next. */
async function copied(processes: readonly Process[]): Promise<void> {
  const owed = () => Promise.all(processes.map((one) => one.metric('vez_pendentes')))
  for (let looks = 0; looks < MOST_LOOKS && (await owed()).some((count) => count > 0); looks += 1) await wait(100)
}

function mean(all: readonly Measured[]): Measured {
  const of = (figure: (one: Measured) => number): number => all.reduce((sum, one) => sum + figure(one), 0) / all.length
  return {
    perSecond: of(({ perSecond }) => perSecond),
    p50: of(({ p50 }) => p50),
    p99: of(({ p99 }) => p99),
    failed: all.reduce((sum, one) => sum + one.failed, 0),
  }
}
