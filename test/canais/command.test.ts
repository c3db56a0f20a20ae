import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { isNearly } from '../../src/canais/command.js'
import { systemClock } from '../../src/lib/clock.js'
import { type TestCanal, testConsultor } from '../support/chat.js'
import { evolutionAccount, message } from '../support/evolution.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

const HOUR_MS = 3_600_000
const OWN = '5511987654444@s.whatsapp.net'

let passed = 0
let platforms: Platforms
let service: TestService
beforeAll(async () => {
  platforms = await startPlatforms()
})
afterAll(() => platforms.end())
beforeEach(async () => {
  passed = 0
  service = await testService({ clock: { ...systemClock, now: () => new Date(Date.now() + passed) } })
})
afterEach(async () => {
  await service.end()
  platforms.reset()
})

const account = (more: object = {}): Promise<TestCanal> =>
  evolutionAccount(service, platforms, { comandos: true, ...more })
const texts = (): string[] => platforms.calls.map(({ body }) => body.text)
let messages = 0
const says = (canal: TestCanal, text: string) => {
  messages += 1
  return canal.post(message({ id: `m${messages}`, from: OWN, text, at: new Date(Date.now() + passed) }))
}
const isTold = async (...expected: readonly string[]) => {
  await until(() => texts().length >= expected.length)
  expect(texts()).toEqual(expected)
}

describe('a consultor who writes `fila`', () => {
  it('is told his place among those who may take a turn, and that he is out of it', async () => {
    await testConsultor(service, 'Caio')
    await testConsultor(service, 'Zoe', { idiomas: ['en'] })
    const ana = await testConsultor(service, 'Ana Lima', { telefone: '+5511987654444' })
    await testConsultor(service, 'Dora')
    const canal = await account()
    await says(canal, 'Fila?')
    await isTold('Ana, você é o número 2 da vez.')
    await service.call('GET', '/consultor/da-vez?idioma=pt')
    await says(canal, 'fila')
    await isTold('Ana, você é o número 2 da vez.', 'Ana, você é o número 1 da vez.')
    await service.call('PUT', `/consultor/${ana}/connection?status=false`)
    await says(canal, 'fila')
    await isTold('Ana, você é o número 2 da vez.', 'Ana, você é o número 1 da vez.', 'Ana, você está fora da vez.')
    expect((await service.call('GET', '/protocolos')).body).toHaveLength(1)
  })

  it('is told it in the first of his own languages where he does not speak the account’s', async () => {
    await testConsultor(service, 'Caio')
    await testConsultor(service, 'Ana', { telefone: '+5511987654444', idiomas: ['en'] })
    await says(await account(), 'fila')
    await isTold('Ana, você é o número 1 da vez.')
  })
})

describe('a consultor who does not know the words', () => {
  it.each(['ajuda', 'status', 'onlin', 'offlime agora', 'fla', 'online agora'])('is told them for %s', async (text) => {
    await testConsultor(service, 'Ana', { telefone: '+5511987654444', status_online: false })
    await says(await account(), text)
    await isTold('Escreva online, offline ou fila.')
  })

  it('is told them at most once an hour', async () => {
    await testConsultor(service, 'Ana', { telefone: '+5511987654444' })
    const canal = await account()
    await says(canal, 'ajuda')
    await isTold('Escreva online, offline ou fila.')
    passed = HOUR_MS - 60_000
    expect((await says(canal, 'status')).status).toBe(200)
    await says(canal, 'fila')
    await isTold('Escreva online, offline ou fila.', 'Ana, você é o número 1 da vez.')
    passed = HOUR_MS + 60_000
    await says(canal, 'ajuda')
    await until(() => texts().length === 3)
    expect(texts()[2]).toBe('Escreva online, offline ou fila.')
  })

  it.each([
    ['he is chatting', 'bom dia, pode falar?', {}],
    ['a word of three begins like one', 'onlin por favor hoje', {}],
    ['the account takes no commands', 'fila', { comandos: false }],
  ])('is left alone when %s', async (_, text, more) => {
    await testConsultor(service, 'Ana', { telefone: '+5511987654444' })
    const canal = await account({ gatilho: 'palavra', ...more })
    await says(canal, text)
    // What comes after it is sent after it: nothing was.
    await canal.post(message({ id: `${text} b`, text: 'atendente' }))
    await until(() => texts().length > 0)
    expect(texts()).toEqual(['Pronto! Ana vai atender você. Seu protocolo é #00001.'])
  })
})

describe('a word that misses another by a letter', () => {
  it.each(['onlie', 'onlinne', 'online', 'inline', 'olnine', 'nline', 'onlineo'])('is %s', (word) => {
    expect(isNearly(word, 'online')).toBe(true)
    expect(isNearly('online', word)).toBe(true)
  })

  it.each(['', 'on', 'onlee', 'onlinexx', 'enilno', 'linha'])('is not %s', (word) => {
    expect(isNearly(word, 'online')).toBe(false)
  })
})
