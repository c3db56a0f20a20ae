import { startFakePipedrive, TOKEN } from '../fakes/pipedrive/server.js'
import type { LocalDatabase } from '../src/database/local.js'
import { KEY, loadOfRequests, type MakeRequest, type Measured } from './load.js'
import { databaseOf, startService, team, withConnection } from './processes.js'
import { cells, table, times, verdict } from './table.js'

type Say = (line: string) => void

/** A customer of his own for each turn, as a chat flow would ask. */
const turn: MakeRequest = (id, count) => ({
  method: 'POST',
  path: '/vez',
  headers: { 'api-key': KEY, 'content-type': 'application/json', 'idempotency-key': id },
  body: JSON.stringify({
    idioma: 'pt',
    contato: { nome: 'Cliente de Atendimento', telefone: `+55119${String(80_000_000 + count)}`, id },
  }),
})

/** Turns beside the sync are at least this part of those without it. */
const LEAST = 0.6

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
  await account.end()
  const down = await measure(engine, 'down', env, seconds)
  row('the same, while Pipedrive is down', ...cells(down), bar(down))
}

async function measure(
  engine: LocalDatabase,
  name: string,
  env: Readonly<Record<string, string>>,
  seconds: number,
): Promise<Measured> {
  const uri = databaseOf(engine, `bench_pipedrive_${name}_${process.pid}`)
  const service = await startService(uri, env)
  try {
    await team(service.url, 20)
    await loadOfRequests(service.url, 16, 1, turn)
    return await loadOfRequests(service.url, 64, seconds, turn)
  } finally {
    await service.stop()
    await withConnection(uri, (connection) => connection.dropDatabase())
  }
}
