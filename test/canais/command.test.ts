import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { isNearly } from '../../src/canais/command.js'
import { pauseOf } from '../../src/canais/pause-word.js'
import { systemClock } from '../../src/lib/clock.js'
import { type TestCanal, testConsultor } from '../support/chat.js'
import { evolutionAccount, message } from '../support/evolution.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

const HOUR_MS = 3_600_000
const OWN = '5511987654444@s.whatsapp.net'
const WORDS = 'Escreva online, offline, pausa (ou pausa 30, em minutos) ou fila.'

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

describe('a consultor who writes `pausa`', () => {
  it('gets no turn until its end or until he writes `online`, and is told until when', async () => {
    const ana = await testConsultor(service, 'Ana Lima', { telefone: '+5511987654444' })
    const canal = await account()
    await says(canal, 'Pausa 30 Almoço!')
    await until(() => texts().length === 1)
    const { pausa } = (await service.call('GET', `/consultor/${ana}`)).body
    expect(pausa).toMatchObject({ motivo: 'Almoço', por: expect.stringMatching(/^canal:/) })
    const clock = new Date(pausa.ate).toLocaleTimeString('pt-BR', { timeZone: 'America/Sao_Paulo', timeStyle: 'short' })
    expect(texts()).toEqual([`Ana, você está em pausa até ${clock}. Para voltar antes, escreva online.`])
    expect((await service.call('GET', '/consultor/da-vez?idioma=pt')).body.motivo).toBe('todos_em_pausa')
    await says(canal, 'online')
    await until(() => texts().length === 2)
    expect((await service.call('GET', '/consultor/da-vez?idioma=pt')).body.consultor_id).toBe(ana)
    await says(canal, 'pausa')
    await until(() => texts().length === 3)
    expect(texts()[2]).toBe('Ana, você está em pausa. Para voltar, escreva online.')
  })

  it.each([
    ['pausa', {}],
    [' PAUSA. ', {}],
    ['pausa 30', { minutos: 30 }],
    ['pausa 30 almoço', { minutos: 30, motivo: 'almoço' }],
    ['Pausa, 15min: café com a Bia', { minutos: 15, motivo: 'café com a Bia' }],
    ['pausa de 45 minutos', { minutos: 45 }],
    ['pausa por 1h', { minutos: 60 }],
    ['pausa 1h30 médico', { minutos: 90, motivo: 'médico' }],
    ['pausa\n10\nbanco', { minutos: 10, motivo: 'banco' }],
    ['pausa para almoço', { motivo: 'para almoço' }],
    ['pausa 0', 'ajuda'],
    ['pausa 1441', 'ajuda'],
    ['pausa até 14:30', 'ajuda'],
    ['pausas', undefined],
    ['pausado', undefined],
    ['uma pausa 30', undefined],
    ['pausa o pedido da Maria por favor', undefined],
    [`pausa 30 ${'x'.repeat(81)}`, undefined],
    ['', undefined],
  ])('asks for what he means: %j', (said, expected) => {
    expect(pauseOf(said)).toEqual(expected)
  })
})

describe('a consultor who does not know the words', () => {
  it.each(['ajuda', 'status', 'onlin', 'offlime agora', 'fla', 'online agora', 'pausa 2000'])(
    'is told them for %s',
    async (text) => {
      await testConsultor(service, 'Ana', { telefone: '+5511987654444', status_online: false })
      await says(await account(), text)
      await isTold(WORDS)
    },
  )

  it('is told them at most once an hour', async () => {
    await testConsultor(service, 'Ana', { telefone: '+5511987654444' })
    const canal = await account()
    await says(canal, 'ajuda')
    await isTold(WORDS)
    passed = HOUR_MS - 60_000
    expect((await says(canal, 'status')).status).toBe(200)
    await says(canal, 'fila')
    await isTold(WORDS, 'Ana, você é o número 1 da vez.')
    passed = HOUR_MS + 60_000
    await says(canal, 'ajuda')
    await until(() => texts().length === 3)
    expect(texts()[2]).toBe(WORDS)
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
