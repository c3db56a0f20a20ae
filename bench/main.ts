import Koa from 'koa'
import type { LocalDatabase } from '../src/database/local.js'
import { ledger } from './ledger.js'
import { loadOfTurns, type Measured } from './load.js'
import { memory, protocols, readers } from './long.js'
import { pipedrive } from './pipedrive.js'
import { policies } from './policies.js'
import { databaseOf, startEngine, withConnection, withServices } from './processes.js'
import { rawOperations } from './raw.js'
import { replicas } from './replicas.js'
import { routes } from './routes.js'
import { cells, machine, ms, table, times, verdict } from './table.js'
import { webhooks } from './webhooks.js'

const SECONDS = Number(process.env.SEGUNDOS ?? 5)
const SECTIONS = [
  'turnos',
  'replicas',
  'webhooks',
  'pipedrive',
  'equipe',
  'politicas',
  'protocolos',
  'leitores',
  'livro',
  'rotas',
  'memoria',
] as const
/** Memory is measured over very many turns: only where it is asked for. */
const DEFAULT: readonly string[] = SECTIONS.filter((one) => one !== 'memoria')

const say = (line: string): void => void process.stdout.write(`${line}\n`)
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
  await withServices(engine, [undefined], 20, async ([one]) => {
    for (const connections of [1, 16, 64, 128]) {
      const figures = await loadOfTurns(one?.url ?? '', connections, SECONDS)
      row('one process', String(connections), ...cells(figures), barOf(connections, figures, raw1, raw64))
    }
  })
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
    await withServices(engine, [undefined], people, async ([service]) => {
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
  if (sections.includes('replicas')) await replicas(engine, say, SECONDS)
  if (sections.includes('webhooks')) await webhooks(engine, say, SECONDS)
  if (sections.includes('pipedrive')) await pipedrive(engine, say, SECONDS)
  if (sections.includes('equipe')) await teams(engine)
  if (sections.includes('politicas')) await policies(engine, say, SECONDS)
  if (sections.includes('protocolos')) await protocols(engine, SECONDS, say)
  if (sections.includes('leitores')) await readers(engine, SECONDS, say)
  if (sections.includes('livro')) await ledger(engine, SECONDS, say)
  if (sections.includes('rotas')) await routes(engine, say)
  if (sections.includes('memoria')) await memory(engine, say)
} finally {
  await engine.stop()
}
