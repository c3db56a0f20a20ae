import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { AT_ONCE } from '../../src/canais/in-order.js'
import { type Clock, systemClock } from '../../src/lib/clock.js'
import { testCanal } from '../support/chat.js'
import { message } from '../support/evolution.js'
import { amount } from '../support/sample.js'
import { call, type TestService, team, testService } from '../support/service.js'
import { until } from '../support/until.js'

const MB = 1_000_000

/** A clock by which a request has all the time it needs or, while the test says so, none at all: what it began goes on. */
let hurries = false
const clock: Clock = {
  ...systemClock,
  after: (ms, callback, name) => {
    if (name !== 'canais.answer') return systemClock.after(ms, callback, name)
    if (!hurries) return () => undefined
    const immediate = setImmediate(callback)
    return () => clearImmediate(immediate)
  },
}

let service: TestService
beforeAll(async () => {
  service = await testService({ clock })
  await team(service, 3)
})
afterAll(() => service.end())

const total = async () => Number((await service.call('GET', '/protocolos?limit=1')).headers.get('x-total-count'))
const evolution = (more: object = {}) => testCanal(service, 'evolution', { ajustes: { instancia: 'loja' }, ...more })
let customers = 0
const phone = (): string => {
  customers += 1
  return `${5511970000000 + customers}@s.whatsapp.net`
}
const batch = (count: number, more: object = {}) => {
  const [one, ...rest] = Array.from({ length: count }, (_, place) =>
    message({ id: `L${customers}-${place}`, from: phone() }),
  )
  return { ...one, data: [one, ...rest].map((each) => ({ ...each?.data, ...more })) }
}

describe('an event with its media in it', () => {
  const media = (megabytes: number): string => 'QUJD'.repeat((megabytes * MB) / 4)
  /** Far more than a webhook without media may have. */
  const base64 = media(amount(20, 5))

  it('of Evolution takes one turn, and delivered again it is known', async () => {
    const canal = await evolution()
    const event = message({ id: 'foto', from: phone() })
    const body = { ...event, data: { ...event.data, message: { base64, imageMessage: { caption: 'olha' } } } }
    const before = await total()
    expect((await canal.post(body)).status).toBe(200)
    const bare = canal.path.replace(`/${canal.segredo}`, '')
    const headers = { authorization: `Bearer ${canal.segredo}` }
    expect((await call(service.url, 'POST', bare, { body, headers })).status).toBe(200)
    expect(await total()).toBe(before + 1)
  })

  it('of Z-API takes one turn, with what stands behind the media', async () => {
    const canal = await testCanal(service, 'zapi', { ajustes: { instancia: 'loja' } })
    const before = await total()
    const body = {
      type: 'ReceivedCallback',
      instanceId: 'loja',
      image: { imageUrl: `data:image/png;base64,${base64}`, caption: 'olha' },
      messageId: 'foto',
      phone: '5511970009999',
      momment: Date.now(),
    }
    expect((await canal.post(body)).status).toBe(200)
    expect(await total()).toBe(before + 1)
  })

  it('is no better believed: without the secret, or past 25 MB, it is refused, and shows no account', async () => {
    const canal = await evolution()
    const body = { ...message({ id: 'foto', from: phone() }), base64 }
    const before = await total()
    const wrong = canal.path.replace(canal.segredo, 'errado')
    const told = async (path: string, given: unknown) => {
      const { status, body: answer } = await call(service.url, 'POST', path, { body: given })
      return { status, answer }
    }
    const unknown = await told('/webhooks/evolution/nao-existe/errado', body)
    expect(await told(wrong, body)).toEqual(unknown)
    expect(unknown.status).toBe(413)
    expect((await told(wrong, { ...body, base64: '' })).status).toBe(401)
    expect((await told(canal.path, { ...body, mais: media(25) })).status).toBe(413)
    expect(await total()).toBe(before)
  })

  it('is still a 413 at 3 MB on a platform that sends no media', async () => {
    const canal = await testCanal(service, 'generico')
    const headers = { 'x-webhook-segredo': canal.segredo }
    expect((await canal.post({ id: '1', contato: { id: 'c' }, base64 }, { headers })).status).toBe(413)
  })
})

describe('many messages in one request', () => {
  const sizes = async () => {
    const { body } = await service.call('GET', '/metrics')
    const read = (name: string): number => Number(new RegExp(`^vez_lote_tamanho_${name} (\\d+)$`, 'm').exec(body)?.[1])
    return { upTo8: read('bucket{le="8"}'), all: read('count') }
  }

  it('are decided few at a time, as many others wait in the same line', async () => {
    const canal = await evolution()
    const before = await total()
    const earlier = await sizes()
    expect((await canal.post(batch(150))).status).toBe(200)
    expect(await total()).toBe(before + 150)
    const later = await sizes()
    expect(later.all - earlier.all).toBe(later.upTo8 - earlier.upTo8)
    expect(later.all - earlier.all).toBeGreaterThanOrEqual(50)
  })

  it('that take too long are a 503; no more are begun, and repeated they go on behind', async () => {
    const canal = await evolution()
    const body = batch(60)
    const before = await total()
    hurries = true
    const late = await canal.post(body)
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '5'])
    expect(late.body).toMatchObject({ situacao: 'ignorado', motivo: 'erro', protocolo: null })
    await until(async () => (await total()) >= before + AT_ONCE, undefined, 'those that were begun')
    const { numero_protocolo } = (await service.call('GET', '/consultor/da-vez?idioma=pt')).body
    expect(numero_protocolo).toBe(`#${String(before + AT_ONCE + 1).padStart(5, '0')}`)
    hurries = false
    const made = async () => {
      const { connection, name } = service.database
      const found = connection.getClient().db(name).collection('protocolos').find({ canal: canal.slug })
      return new Map((await found.toArray()).map(({ _id, contato }) => [contato.telefone, Number(_id)]))
    }
    expect((await canal.post(body)).status).toBe(200)
    expect(await total()).toBe(before + 61)
    await until(async () => (await made()).size === 60, undefined, 'the copies of 60 protocols')
    const first = await made()
    expect((await canal.post(body)).status).toBe(200)
    expect(await total()).toBe(before + 61)
    expect(await made()).toEqual(first)
  })

  it('are taken whole, and the next request waits for them', async () => {
    const still = await testService({ database: service.database, clock: { ...systemClock, elapsed: () => 0 } })
    const canal = await testCanal(still, 'evolution', { ajustes: { instancia: 'loja' } })
    const reactions = batch(1_500, { message: { reactionMessage: { text: '👍' } } })
    expect((await canal.post(reactions)).status).toBe(200)
    const next = await canal.post(message({ id: 'depois', from: phone() }))
    expect(next.status).toBe(429)
    // 501 are missing, at 500 a second.
    expect(next.headers.get('retry-after')).toBe('2')
    await still.end()
  })
})
