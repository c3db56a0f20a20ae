import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { tarefas, testCanal, testConsultor } from '../support/chat.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { allCopied, call, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let passed = 0
let platforms: Platforms
let services: readonly TestService[] = []
beforeAll(async () => {
  platforms = await startPlatforms()
  const clock = { ...systemClock, now: () => new Date(Date.now() + passed) }
  const first = await testService({ clock })
  services = [first, await testService({ clock, database: first.database })]
})
afterAll(async () => {
  for (const one of services.toReversed()) await one.end()
  await platforms.end()
})

it('who waited too long is told so once, by whichever process; written again, he waits again, and who cancels is told nothing', async () => {
  const [service] = services
  if (!service) throw new Error('no service')
  await testConsultor(service, 'Ana', { status_online: false })
  const canal = await testCanal(service, 'evolution', {
    ajustes: { instancia: 'loja', servidor: platforms.url, chave_api: 'k' },
    espera_max_min: 5,
    textos: { pt: { expirada: 'Ninguém pôde vir, {cliente}.' } },
  })
  const write = (id: string, phone = '5511987650001') =>
    call(service.url, 'POST', canal.path, {
      body: {
        event: 'messages.upsert',
        instance: 'loja',
        data: {
          key: { remoteJid: `${phone}@s.whatsapp.net`, fromMe: false, id },
          pushName: 'Bia',
          message: { conversation: 'oi' },
          messageTimestamp: Math.floor((Date.now() + passed) / 1_000),
        },
      },
    })
  const texts = () => platforms.calls.map(({ body }) => body.text)
  const line = async () => (await service.call('GET', '/espera')).body
  await write('a')
  await write('b', '5511987650002')
  await until(() => texts().length === 2)
  const [, second] = await line()
  expect((await service.call('DELETE', `/espera/${second.id}`)).status).toBe(200)
  passed += 4 * 60_000
  expect(await line()).toHaveLength(1)
  passed += 61_000
  await until(async () => (await line()).length === 0)
  await tarefas(service, 'feita', 3)
  expect(texts().slice(2)).toEqual(['Ninguém pôde vir, Bia.'])
  const metrics: string[] = await Promise.all(services.map(async (one) => (await one.call('GET', '/metrics')).body))
  const dropped = metrics.map((text) => Number(/^\w*expirad\w* (\d+)$/m.exec(text)?.[1] ?? 0))
  expect(dropped.reduce((sum, one) => sum + one, 0)).toBe(1)
  // The same message delivered again waits again, and is not told its place twice.
  await write('a')
  expect(await line()).toHaveLength(1)
  await write('c')
  expect(await line()).toHaveLength(1)
  expect((await service.call('GET', '/protocolos')).body).toEqual([])
  await allCopied(service)
  expect(await service.database.connection.collection('tarefas').countDocuments()).toBe(3)
})
