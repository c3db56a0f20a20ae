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

/** One of so many customers, who comes again and again. */
const known: MakeRequest = (id, count) => turn(id, count % CUSTOMERS)

/** Turns of customers, without Pipedrive, beside its sync, and while it does not answer. */
export async function pipedrive(engine: LocalDatabase, say: Say, seconds: number): Promise<void> {
  const row = table(say, 'Turns beside the sync to Pipedrive, 64 connections, one process, 20 consultores', [
    'what',
    'req/s',
    'p50',
    'p99',
    'bar',
  ])
  const off = await measure(engine, 'off', {}, seconds)
  row('`POST /vez` with a contact, without Pipedrive', ...cells(off), '')
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
  const bar = (on: Measured): string => {
    const ratio = on.perSecond / off.perSecond
    return `${times(ratio)} of without (≥ ${LEAST}): ${verdict(ratio >= LEAST)}`
  }
  const env = { PIPEDRIVE_API_TOKEN: TOKEN, PIPEDRIVE_BASE_URL: account.url }
  const on = await measure(engine, 'on', env, seconds)
  row('the same, each owed to Pipedrive', ...cells(on), bar(on))
  const unasked = await measure(engine, 'unasked', env, seconds, known)
  row(`the same, of ${CUSTOMERS} customers who come again`, ...cells(unasked), '')
  const asked = await measure(engine, 'asked', { ...env, PIPEDRIVE_DONO_CONHECIDO: 'sim' }, seconds, known, haveOwners)
  const part = asked.perSecond / unasked.perSecond
  const verdictOfKnown = `${times(part)} of not asking (≥ ${LEAST_KNOWN}): ${verdict(part >= LEAST_KNOWN)}`
  row('the same, each given to the owner he has', ...cells(asked), verdictOfKnown)
  await account.end()
  const down = await measure(engine, 'down', env, seconds)
  row('the same, while Pipedrive is down', ...cells(down), bar(down))
}

async function measure(
  engine: LocalDatabase,
  name: string,
  env: Readonly<Record<string, string>>,
  seconds: number,
  request: MakeRequest = turn,
  prepare: (connection: Connection) => Promise<void> = async () => undefined,
): Promise<Measured> {
  const uri = databaseOf(engine, `bench_pipedrive_${name}_${process.pid}`)
  const service = await startService(uri, env)
  try {
    await team(service.url, 20)
    await withConnection(uri, prepare)
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
