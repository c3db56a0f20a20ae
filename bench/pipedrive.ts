import type { Connection } from 'mongoose'
import { startFakePipedrive, TOKEN } from '../fakes/pipedrive/server.js'
import type { LocalDatabase } from '../src/database/local.js'
import { clienteCollection, NO_LEASE } from '../src/pipedrive/model.js'
import { clienteHash } from '../src/tarefas/cliente.js'
import { KEY, loadOfRequests, type MakeRequest, type Measured } from './load.js'
import { databaseOf, discard, startService, team, withConnection } from './processes.js'
import { cells, table, times, verdict } from './table.js'

type Say = (line: string) => void

const phoneOf = (count: number): string => `+55119${String(80_000_000 + count)}`

/** A customer of his own for each turn, as a chat flow would ask. */
const turn: MakeRequest = (id, count) => ({
  method: 'POST',
  path: '/vez',
  headers: { 'api-key': KEY, 'content-type': 'application/json', 'idempotency-key': id },
  body: JSON.stringify({
    idioma: 'pt',
    contato: { nome: 'Cliente de Atendimento', telefone: phoneOf(count), id },
  }),
})

/** Turns beside the sync are at least this part of those without it. */
const LEAST = 0.6
/** Turns that ask our records whose customer somebody is, of those that do not ask. */
const LEAST_KNOWN = 0.8
const CUSTOMERS = 2_000
/** How often each two are compared. */
const PAIRS = 5

/** One of so many customers, who comes again and again. */
const known: MakeRequest = (id, count) => turn(id, count % CUSTOMERS)

/** What one service is measured with. */
interface Case {
  readonly name: string
  readonly env: Readonly<Record<string, string>>
  readonly request: MakeRequest
  readonly prepare?: (connection: Connection) => Promise<void>
}

/** Turns of customers, without Pipedrive, beside its sync, and while it does not answer. */
export async function pipedrive(engine: LocalDatabase, say: Say, seconds: number): Promise<void> {
  const title = `Turns beside the sync to Pipedrive, 64 connections, one process, 20 consultores: medians of ${PAIRS} pairs`
  const row = table(say, title, ['what', 'req/s', 'p50', 'p99', 'bar'])
  const account = await startFakePipedrive()
  for (let id = 1_001; id <= 1_020; id += 1) {
    account.state.users.push({
      id,
      name: `Consultor ${id}`,
      email: `consultor.${id}@exemplo.com.br`,
      active_flag: true,
      is_deleted: false,
    })
  }
  const compare = async (
    what: readonly [string, string],
    than: string,
    least: number,
    cases: readonly [Case, Case],
  ) => {
    const { first, second, part } = await inPairs(engine, cases, seconds / 2)
    row(what[0], ...cells(first), '')
    row(what[1], ...cells(second), `${times(part)} of ${than} (≥ ${least}): ${verdict(part >= least)}`)
  }
  const env = { PIPEDRIVE_API_TOKEN: TOKEN, PIPEDRIVE_BASE_URL: account.url }
  const off: Case = { name: 'off', env: {}, request: turn }
  const without = '`POST /vez` with a contact, without Pipedrive'
  await compare([without, 'the same, each owed to Pipedrive'], 'without', LEAST, [
    off,
    { name: 'on', env, request: turn },
  ])
  const asked = { ...env, PIPEDRIVE_DONO_CONHECIDO: 'sim' }
  await compare(
    [`the same, of ${CUSTOMERS} customers who come again`, 'the same, each given to the owner he has'],
    'not asking',
    LEAST_KNOWN,
    [
      { name: 'unasked', env, request: known },
      { name: 'asked', env: asked, request: known, prepare: haveOwners },
    ],
  )
  await account.end()
  await compare([without, 'the same, while Pipedrive is down'], 'without', LEAST, [
    { ...off, name: 'up' },
    { name: 'down', env, request: turn },
  ])
}

/** One after the other, again and again: a machine that is slower for a minute is so for both. Answers the pair in the middle. */
async function inPairs(engine: LocalDatabase, [one, other]: readonly [Case, Case], seconds: number) {
  const pairs: { readonly first: Measured; readonly second: Measured; readonly part: number }[] = []
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const first = await measure(engine, pair, one, seconds)
    const second = await measure(engine, pair, other, seconds)
    pairs.push({ first, second, part: second.perSecond / first.perSecond })
  }
  const middle = pairs.sort((a, b) => a.part - b.part)[Math.floor(PAIRS / 2)]
  if (!middle) throw new Error('nothing was measured')
  return middle
}

/** A new service on a new database each time: what the one before owes does not go on beside it. */
async function measure(
  engine: LocalDatabase,
  pair: number,
  { name, env, request, prepare }: Case,
  seconds: number,
): Promise<Measured> {
  const uri = databaseOf(engine, `bench_pipedrive_${name}_${pair}_${process.pid}`)
  const service = await startService(uri, env)
  try {
    await team(service.url, 20)
    if (prepare) await withConnection(uri, prepare)
    await loadOfRequests(service.url, 16, 1, request)
    return await loadOfRequests(service.url, 64, seconds, request)
  } finally {
    await service.stop()
    await discard(engine, uri)
  }
}

/** Our records know an open deal of each of these customers. */
async function haveOwners(connection: Connection): Promise<void> {
  const all = Array.from({ length: CUSTOMERS }, (_, count) => ({
    _id: clienteHash({ ids: [], telefone: phoneOf(count) }) ?? '',
    donos: { negocio: { id: count + 1, usuario: 1_001 + (count % 20) } },
    ...NO_LEASE,
  }))
  await clienteCollection(connection).insertMany(all)
}
