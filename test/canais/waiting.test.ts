import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { testCanal, testConsultor } from '../support/chat.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

const INTERVAL_MS = 20_000

let passed = 0
let platforms: Platforms
let service: TestService
beforeAll(async () => {
  platforms = await startPlatforms()
  const clock = { ...systemClock, now: () => new Date(Date.now() + passed) }
  service = await testService({ clock, env: { ESPERA_INTERVALO_S: '20' } })
})
afterAll(async () => {
  await service.end()
  await platforms.end()
})

const waiting = async (): Promise<number> => (await service.call('GET', '/espera')).body.length
const served = async (): Promise<{ consultor_id: number; contato: { telefone: string } }[]> =>
  (await service.call('GET', '/protocolos')).body
const phone = (place: number): string => `55119876${50_000 + place}`

it('who waits is served in order of arrival, one an interval and consultor, and at most one apart once a third comes', async () => {
  const ajustes = { instancia: 'loja', servidor: platforms.url, chave_api: 'k' }
  const canal = await testCanal(service, 'evolution', { ajustes })
  const off = { status_online: false }
  const [ana, bia, caio] = [
    await testConsultor(service, 'Ana', off),
    await testConsultor(service, 'Bia', off),
    await testConsultor(service, 'Caio', off),
  ]
  const comesOnline = (id: number) => service.call('PUT', `/consultor/${id}/connection?status=true`)
  const write = (place: number) =>
    canal.post({
      event: 'messages.upsert',
      instance: 'loja',
      data: {
        key: { remoteJid: `${phone(place)}@s.whatsapp.net`, fromMe: false, id: `m${place}` },
        message: { conversation: 'oi' },
        messageTimestamp: Math.floor((Date.now() + passed) / 1_000),
      },
    })
  for (let place = 0; place < 12; place += 1) expect((await write(place)).status).toBe(200)
  expect(await waiting()).toBe(12)
  const last = (await service.call('GET', '/espera')).body.at(-1).id
  const why = async () => (await service.call('GET', `/espera/${last}/porque`)).body
  expect(await why()).toMatchObject({
    id: last,
    posicao: 12,
    motivo: 'ninguem_online',
    fora: { offline: 3 },
    consultor: null,
    frase: expect.stringMatching(
      /^Espera desde \d\d:\d\d, até [\d/ às]*\d\d:\d\d, no lugar 12 da fila\. Ninguém pode atender agora: 3 offline\.$/,
    ),
  })
  for (const id of [ana, bia]) await comesOnline(id)
  await until(async () => (await waiting()) === 10)
  expect(await why()).toMatchObject({
    posicao: 10,
    motivo: 'intervalo',
    fora: null,
    consultor: { consultor_id: ana, nome: 'Ana' },
    a_partir_de: expect.any(String),
    frase: expect.stringMatching(/ O próximo é Ana, .* a partir de \d\d:\d\d:\d\d\.$/),
  })
  expect((await service.call('GET', '/espera/nobody/porque')).status).toBe(404)
  // A new customer goes behind them all, though both are online.
  await write(12)
  expect(await waiting()).toBe(11)
  passed += INTERVAL_MS
  await until(async () => (await waiting()) === 9)
  await comesOnline(caio)
  await until(async () => (await waiting()) === 8)
  for (let left = 5; left >= 0; left -= 3) {
    passed += INTERVAL_MS
    await until(async () => (await waiting()) <= left)
  }
  passed += INTERVAL_MS
  await until(async () => (await waiting()) === 0)
  const all = await served()
  expect(all.map(({ contato }) => contato.telefone)).toEqual(
    Array.from({ length: 13 }, (_, place) => `+${phone(place)}`),
  )
  const since = all.slice(4)
  const counts = [ana, bia, caio].map((id) => since.filter(({ consultor_id }) => consultor_id === id).length)
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
  await until(() => platforms.calls.filter(({ body }) => /vai atender/.test(body.text)).length === 13)
})
