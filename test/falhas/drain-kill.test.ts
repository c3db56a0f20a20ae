import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { testCanal, testConsultor } from '../support/chat.js'
import { serverPort, type TestDatabase, testDatabase, uriOf } from '../support/database.js'
import { type ServiceProcess, startProcess } from '../support/processes.js'
import { commandOn, type FaultProxy, insertInto, startProxy, WRITE } from '../support/proxy.js'
import { sample } from '../support/sample.js'
import { call, MASTER, testService } from '../support/service.js'
import { until } from '../support/until.js'

const env = { CHAVE_MESTRA: MASTER, DESTINOS_INTERNOS: '127.0.0.1' }

let proxy: FaultProxy
let database: TestDatabase
let started: ServiceProcess[]
beforeEach(async () => {
  proxy = await startProxy(serverPort())
  database = await testDatabase()
  started = []
})
afterEach(async () => {
  await Promise.all(started.map((one) => one.kill('SIGKILL')))
  await proxy.end()
  await database.end()
})

async function start(uri: string): Promise<ServiceProcess> {
  const one = await startProcess({ ...env, MONGODB_URI: uri })
  started.push(one)
  return one
}

const STEPS: readonly [string, Buffer, number, { readonly protocolos: number; readonly tarefas: number }][] = [
  ['before protocolos', insertInto('protocolos'), 1, { protocolos: 0, tarefas: 0 }],
  ['between protocolos and tarefas', insertInto('tarefas'), 1, { protocolos: 1, tarefas: 0 }],
  ['between tarefas and drop', WRITE, 2, { protocolos: 1, tarefas: 1 }],
]
/** `drain.test.ts` ends a drain at each of them, without a process. */
const taken = sample('kills in a drain', STEPS, () => ['a kill'])

const collection = (name: string) =>
  database.connection.collection<{ _id: string | number; pendentes: unknown[]; status?: string }>(name)
const owed = async () => (await collection('counters').findOne({ _id: 'vez' }))?.pendentes.length

describe('a service that is killed in its drain', () => {
  it.each(taken)('%s loses nothing: the next one finishes its work, once', async (_, step, nth, left) => {
    const first = await start(uriOf(database.name, proxy.port))
    await testConsultor(first, 'Ana')
    const canal = await testCanal(first, 'generico', { ajustes: { retorno_url: 'http://127.0.0.1:9/' } })
    const frozen = proxy.freezeAt(step, nth)
    const headers = { 'x-webhook-segredo': canal.segredo }
    const body = { id: 'e1', contato: { id: 'c1' } }
    const answer = await call(first.url, 'POST', canal.path, { body, headers })
    expect(answer.status).toBe(200)
    await frozen
    await first.kill('SIGKILL')
    expect(await owed()).toBe(1)
    const counts = async () => ({
      protocolos: await collection('protocolos').countDocuments(),
      tarefas: await collection('tarefas').countDocuments(),
    })
    expect(await counts()).toEqual(left)

    const second = await testService({ database })
    await until(async () => (await owed()) === 0)
    expect(await counts()).toEqual({ protocolos: 1, tarefas: 1 })
    const again = await call(second.url, 'POST', canal.path, { body, headers })
    expect(again.body.protocolo).toBe(answer.body.protocolo)
    expect(await counts()).toEqual({ protocolos: 1, tarefas: 1 })
    await second.end()
  })

  it('before it ends the protocol that another one continues lets the next one end it, once', async () => {
    const first = await start(uriOf(database.name, proxy.port))
    const ana = await testConsultor(first, 'Ana')
    const canal = await testCanal(first, 'generico', { ausente_min: 0 })
    const headers = { 'x-webhook-segredo': canal.segredo }
    const ask = (url: string, id: string) =>
      call(url, 'POST', canal.path, { body: { id, contato: { id: 'c1' } }, headers })
    expect((await ask(first.url, 'e1')).body.protocolo).toBe('#00001')
    await until(async () => (await owed()) === 0)
    await testConsultor(first, 'Caio')
    await first.call('PUT', `/consultor/${ana}/connection?status=false`)
    const frozen = proxy.freezeAt(commandOn('update', 'protocolos'), 1)
    expect((await ask(first.url, 'e2')).body.protocolo).toBe('#00002')
    await frozen
    await first.kill('SIGKILL')
    const status = async () =>
      (await collection('protocolos').find().sort({ _id: 1 }).toArray()).map((one) => one.status)
    expect(await status()).toEqual(['aberto', 'aberto'])

    const second = await testService({ database })
    await until(async () => (await owed()) === 0)
    expect(await status()).toEqual(['concluido', 'aberto'])
    expect((await second.call('GET', '/protocolo/1')).body.historico).toHaveLength(1)
    expect((await ask(second.url, 'e2')).body.protocolo).toBe('#00002')
    await second.end()
  })
})
