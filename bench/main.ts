import { setTimeout as wait } from 'node:timers/promises'
import Koa from 'koa'
import type { LocalDatabase } from '../src/database/local.js'
import { loadOfTurns, type Measured } from './load.js'
import { memory, protocols } from './long.js'
import { pipedrive } from './pipedrive.js'
import { databaseOf, type Process, startEngine, startService, team, withConnection } from './processes.js'
import { rawOperations } from './raw.js'
import { cells, machine, ms, table, times, verdict } from './table.js'
import { webhooks } from './webhooks.js'

const SECONDS = Number(process.env.SEGUNDOS ?? 5)
/** One process and two take turns so often: a shared machine is not equally fast all the time. */
const PAIRS = 3
const WARM_UP_SECONDS = 2
const MOST_LOOKS = 100
const SECTIONS = ['turnos', 'webhooks', 'pipedrive', 'equipe', 'protocolos', 'memoria'] as const
const DEFAULT = ['turnos', 'webhooks', 'pipedrive', 'equipe', 'protocolos']

const say = (line: string): void => void process.stdout.write(`${line}\n`)
let databases = 0

/** Services on a new database with a team; ended when the work is done. */
export async function withServices<T>(
  engine: LocalDatabase,
  count: number,
  people: number,
  work: (processes: Process[], uri: string) => Promise<T>,
): Promise<T> {
  databases += 1
  const uri = databaseOf(engine, `bench_${process.pid}_${databases}`)
  const processes = [await startService(uri)]
  while (processes.length < count) processes.push(await startService(uri))
  try {
    await team(processes[0]?.url ?? '', people)
    for (const { url } of processes) await loadOfTurns(url, 16, 1)
    return await work(processes, uri)
  } finally {
    await Promise.all(processes.map((one) => one.stop()))
    await withConnection(uri, (connection) => connection.dropDatabase())
  }
}

async function turns(engine: LocalDatabase): Promise<void> {
  const row = table(say, 'One turn a request, each with an Idempotency-Key, 20 consultores', [
    'what',
    'connections',
    'req/s',
    'p50',
    'p99',
    'bar',
  ])
  const [raw1, raw64] = await withConnection(databaseOf(engine, `bench_raw_${process.pid}`), async (connection) => {
    const figures = await rawOperations(connection, 20, SECONDS)
    await connection.dropDatabase()
    return figures
  })
  row('raw findOneAndUpdate of the same shape', '1', ...cells(raw1), '')
  row('raw findOneAndUpdate of the same shape', '64', ...cells(raw64), '')
  const koa64 = await bareKoa()
  row('Koa without a database', '64', ...cells(koa64), '')
  await withServices(engine, 1, 20, async ([one]) => {
    const alone = (connections: number) => loadOfTurns(one?.url ?? '', connections, SECONDS)
    const figures1 = await alone(1)
    row('one process', '1', ...cells(figures1), barOf(1, figures1, raw1, raw64))
    await withServices(engine, 2, 20, async (two) => {
      for (const connections of [16, 64, 128]) {
        const both = (seconds: number) => loadOfBoth(two, connections, seconds)
        // Whose turn it is to write for both is settled before.
        await both(WARM_UP_SECONDS)
        const pairs: [Measured, Measured][] = []
        while (pairs.length < PAIRS) {
          await copied(two)
          const first = await alone(connections)
          await copied(one ? [one] : [])
          pairs.push([first, await both(SECONDS)])
        }
        const [figures, together] = [mean(pairs.map(([first]) => first)), mean(pairs.map(([, second]) => second))]
        row('one process', String(connections), ...cells(figures), barOf(connections, figures, raw1, raw64))
        const ratio = together.perSecond / figures.perSecond
        const slower = together.p99 / figures.p99
        row(
          'two processes',
          String(connections),
          ...cells(together),
          `${times(ratio)} of one (≥ 0.9), p99 ${times(slower)} (≤ 3): ${verdict(ratio >= 0.9 && slower <= 3)}`,
        )
      }
      const misses = Math.max(...(await Promise.all(two.map((each) => each.metric('vez_perdas_seguidas_max')))))
      say(`\nMost misses in a row with two processes: ${misses} (≤ 20): ${verdict(misses <= 20)}`)
    })
  })
}

/** Half of the connections to each of two processes; the figures of both together. */
async function loadOfBoth(processes: readonly Process[], connections: number, seconds: number): Promise<Measured> {
  const loads = processes.map(({ url }) => loadOfTurns(url, connections / processes.length, seconds))
  const all = await Promise.all(loads)
  return {
    perSecond: all.reduce((sum, one) => sum + one.perSecond, 0),
    p50: Math.max(...all.map(({ p50 }) => p50)),
    p99: Math.max(...all.map(({ p99 }) => p99)),
    failed: all.reduce((sum, one) => sum + one.failed, 0),
  }
}

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

function barOf(connections: number, { perSecond, p50, p99 }: Measured, raw1: Measured, raw64: Measured): string {
  if (connections === 1) return `p50 ${times(p50 / raw1.p50)} the raw operation (≤ 2): ${verdict(p50 <= 2 * raw1.p50)}`
  if (connections !== 64) return ''
  const ratio = perSecond / raw64.perSecond
  const bound = (2 * 64_000) / perSecond
  return `${times(ratio)} the raw operation (≥ 3): ${verdict(ratio >= 3)}; p99 ≤ ${ms(bound)}: ${verdict(p99 <= bound)}`
}

/** What HTTP and JSON cost here, without the turn. */
async function bareKoa(): Promise<Measured> {
  const app = new Koa()
  app.use((ctx) => {
    ctx.body = {
      consultor_id: 1,
      consultor_nome: 'Consultor de Atendimento',
      protocolo: '#00001',
      numero_protocolo: '#00001',
    }
  })
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const figures = await loadOfTurns(`http://127.0.0.1:${port}`, 64, SECONDS)
  server.closeAllConnections()
  server.close()
  return figures
}

async function teams(engine: LocalDatabase): Promise<void> {
  const row = table(say, 'By size of the team, one process', ['consultores', 'connections', 'req/s', 'p50', 'p99'])
  for (const people of [20, 50, 200]) {
    await withServices(engine, 1, people, async ([service]) => {
      for (const connections of [1, 64]) {
        row(String(people), String(connections), ...cells(await loadOfTurns(service?.url ?? '', connections, SECONDS)))
      }
    })
  }
}

const asked = process.argv.slice(2)
const sections = asked.length > 0 ? asked : DEFAULT
if (sections.some((name) => !SECTIONS.some((known) => known === name))) {
  say(`Sections: ${SECTIONS.join(', ')}`)
  process.exit(1)
}
const engine = await startEngine(say)
try {
  say(machine(engine.engine))
  if (sections.includes('turnos')) await turns(engine)
  if (sections.includes('webhooks')) await webhooks(engine, say, SECONDS)
  if (sections.includes('pipedrive')) await pipedrive(engine, say, SECONDS)
  if (sections.includes('equipe')) await teams(engine)
  if (sections.includes('protocolos')) await protocols(engine, SECONDS, say)
  if (sections.includes('memoria')) await memory(engine, say)
} finally {
  await engine.stop()
}
