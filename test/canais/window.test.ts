import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { type TestCanal, testConsultor } from '../support/chat.js'
import { migratedDatabase, type TestDatabase } from '../support/database.js'
import { evolutionAccount, message } from '../support/evolution.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { allCopied, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

const MINUTE_MS = 60_000

let passed = 0
let platforms: Platforms
let database: TestDatabase
let service: TestService
beforeAll(async () => {
  platforms = await startPlatforms()
})
afterAll(() => platforms.end())
beforeEach(async () => {
  passed = 0
  database = await migratedDatabase()
  service = await testService({ database, clock: { ...systemClock, now } })
})
afterEach(async () => {
  await service.end()
  await database.end()
  platforms.reset()
})

const now = (): Date => new Date(Date.now() + passed)
const evolution = (more: object = {}): Promise<TestCanal> => evolutionAccount(service, platforms, more)
const protocols = async () => (await service.call('GET', '/protocolos')).body
const texts = (): string[] => platforms.calls.map(({ body }) => body.text)
const settled = () => allCopied(service)
const change = (n: number, $set: object) =>
  database.connection.collection<{ _id: number }>('protocolos').updateOne({ _id: n }, { $set })

describe('the window', () => {
  it('keeps a customer with his consultor, tells him so when he asks again, and that at most once in ten minutes', async () => {
    const first = await testConsultor(service, 'Ana Lima')
    await testConsultor(service, 'Caio Reis')
    const canal = await evolution()
    await canal.post(message({ id: 'a' }))
    await settled()
    await canal.post(message({ id: 'b' }))
    const made = await database.connection.collection('tarefas').distinct('tipo')
    expect(made).toEqual(['texto_atribuido'])
    await canal.post(message({ id: 'c', text: 'Quero um ATENDENTE, por favor!' }))
    await canal.post(message({ id: 'd', text: 'atendente' }))
    await until(() => texts().length >= 2)
    expect(texts()).toEqual([
      'Pronto! Ana Lima vai atender você. Seu protocolo é #00001.',
      'Você já está com Ana Lima. Seu protocolo é #00001.',
    ])
    expect(await protocols()).toMatchObject([{ consultor_id: first }])
  })

  it('slides with messages either way, keeps new ids of the contact, and ends by its time, its status, or its consultor', async () => {
    const [ana] = [await testConsultor(service, 'Ana'), await testConsultor(service, 'Caio')]
    const canal = await evolution({ janela_h: 1 })
    await canal.post(message({ id: 'a' }))
    await settled()
    const old = new Date(Date.now() - 50 * 60_000)
    await change(1, { ultimo_contato_em: old })
    await canal.post(message({ id: 'me', me: true, alt: '9900112233@lid' }))
    const [one] = await protocols()
    expect(Date.parse(one.ultimo_contato_em)).toBeGreaterThan(old.getTime() + 40 * 60_000)
    expect(one.contato.ids).toContain(`${canal.slug}:9900112233@lid`)
    await canal.post(message({ id: 'b', from: '9900112233@lid' }))
    expect(await protocols()).toHaveLength(1)
    await change(1, { ultimo_contato_em: new Date(Date.now() - 61 * 60_000) })
    await canal.post(message({ id: 'c' }))
    expect(await protocols()).toHaveLength(2)
    await service.call('PUT', '/protocolo/2', { body: { status: 'concluido' } })
    await canal.post(message({ id: 'late', at: new Date(Date.now() - 60_000) }))
    expect(await protocols()).toHaveLength(2)
    await canal.post(message({ id: 'd', at: new Date(Date.now() + 2_000) }))
    expect(await protocols()).toMatchObject([{}, {}, { consultor_id: ana }])
    await service.call('PUT', `/consultor/${ana}`, { body: { status_ativo: false } })
    await canal.post(message({ id: 'e', at: new Date(Date.now() + 3_000) }))
    expect(await protocols()).toHaveLength(4)
  })

  it('knows a customer without his ninth digit, and not across accounts', async () => {
    await testConsultor(service, 'Ana')
    const [one, other] = [await evolution(), await evolution()]
    await one.post(message({ id: 'a', from: '5541987654321@s.whatsapp.net' }))
    await one.post(message({ id: 'b', from: '554187654321@s.whatsapp.net' }))
    expect(await protocols()).toHaveLength(1)
    await other.post(message({ id: 'a', from: '554187654321@s.whatsapp.net' }))
    expect(await protocols()).toHaveLength(2)
  })

  it('is renewed by any message of his, asked for or not, but not within ten minutes of the last time', async () => {
    await testConsultor(service, 'Ana')
    const canal = await evolution({ gatilho: 'palavra', palavras: ['vendedor'] })
    const write = (id: string, text: string) => canal.post(message({ id, text, at: now() }))
    const last = async (): Promise<number> => Date.parse((await protocols())[0].ultimo_contato_em)
    await write('a', 'um vendedor')
    await settled()
    const first = await last()
    passed = 9 * MINUTE_MS
    await write('b', 'bom dia')
    expect(await last()).toBe(first)
    passed = 11 * MINUTE_MS
    await write('c', 'alguém?')
    expect(await last()).toBeGreaterThan(first + 10 * MINUTE_MS)
    passed = 22 * MINUTE_MS
    await write('d', 'o vendedor')
    expect(await last()).toBeGreaterThan(first + 21 * MINUTE_MS)
    expect(await protocols()).toHaveLength(1)
  })

  it('learns ids of a customer whose protocol is not copied yet', async () => {
    await testConsultor(service, 'Ana')
    const canal = await evolution()
    await canal.post(message({ id: 'a' }))
    await canal.post(message({ id: 'b', alt: '9900112233@lid' }))
    await settled()
    await canal.post(message({ id: 'c', from: '9900112233@lid' }))
    expect(await protocols()).toHaveLength(1)
  })
})

describe('who asks again', () => {
  it('is told with whom he is once in ten minutes, and again after them', async () => {
    await testConsultor(service, 'Ana')
    const canal = await evolution()
    const ask = (id: string) => canal.post(message({ id, text: 'atendente', at: now() }))
    const owed = () => database.connection.collection('tarefas').countDocuments({ tipo: 'texto_em_atendimento' })
    await ask('a')
    await settled()
    await ask('b')
    expect(await owed()).toBe(1)
    passed = 9.5 * MINUTE_MS
    await ask('c')
    expect(await owed()).toBe(1)
    passed = 10.5 * MINUTE_MS
    await ask('d')
    expect(await owed()).toBe(2)
  })
})
