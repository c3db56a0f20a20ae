import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Clock, systemClock } from '../../src/lib/clock.js'
import { secretBox } from '../../src/lib/secret-box.js'
import { testCanal } from '../support/chat.js'
import { testDatabase } from '../support/database.js'
import { pressed } from '../support/hurried-clock.js'
import { call, MASTER, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

const DAY_MS = 86_400_000

/** The system's clock; the names of the timers that wait are in the set. */
const listTimers = (waiting: Set<string>): Clock => ({
  ...systemClock,
  after: (ms, callback, name = 'without a name') => {
    const cancel = systemClock.after(ms, callback, name)
    waiting.add(name)
    return () => {
      waiting.delete(name)
      cancel()
    }
  },
})

let passed = 0
let service: TestService
const { clock, press } = pressed({ ...systemClock, now: () => new Date(Date.now() + passed) }, 'canais.refresh')
beforeAll(async () => {
  service = await testService({ clock })
})
afterAll(() => service.end())

describe('a secret', () => {
  it('is replaced at once, and the former one opens the door for 24 h more', async () => {
    const canal = await testCanal(service, 'generico')
    const post = (segredo: string) =>
      canal.post({ id: '1', contato: { id: 'c' } }, { headers: { 'x-webhook-segredo': segredo } })
    const { segredo, segredo_anterior_ate } = (await service.call('POST', `/canais/${canal.slug}/segredo`)).body
    expect(Date.parse(segredo_anterior_ate) - Date.now()).toBeGreaterThan(DAY_MS - 60_000)
    expect(segredo).not.toBe(canal.segredo)
    expect((await post(segredo)).status).toBe(200)
    expect((await post(canal.segredo)).status).toBe(200)
    passed = DAY_MS - 60_000
    // Another one gives those before it no more time than they had.
    const newest = (await service.call('POST', `/canais/${canal.slug}/segredo`)).body.segredo
    for (const one of [newest, segredo, canal.segredo]) expect((await post(one)).status).toBe(200)
    passed = DAY_MS + 1_000
    press()
    await until(async () => (await post(canal.segredo)).status === 401)
    expect((await post(segredo)).status).toBe(200)
    const own = await service.call('POST', '/canais', {
      body: {
        nome: 'Conta',
        slug: 'da-twilio',
        plataforma: 'twilio',
        ajustes: { account_sid: `AC${'0'.repeat(32)}`, auth_token: 't', numero: '+5511' + '33334444' },
      },
    })
    expect(own.body.segredo).toBeNull()
    expect((await service.call('POST', '/canais/da-twilio/segredo')).status).toBe(409)
  })

  it('opens only with its key, for its account and its field; a new key before the old one takes over', async () => {
    const old = secretBox([MASTER])
    const locked = old.lock('segredo', 'canal:a:token')
    expect(old.open(locked, 'canal:a:token')).toBe('segredo')
    expect(() => old.open(locked, 'canal:b:token')).toThrow()
    // A character all of whose bits count, unlike the last one's; another one than it is.
    const changed = locked.replace(/.(?=..$)/, (one) => (one === 'x' ? 'y' : 'x'))
    expect(() => old.open(changed, 'canal:a:token')).toThrow()
    expect(() => secretBox(['another key, also long enough to be one']).open(locked, 'canal:a:token')).toThrow()
    const both = secretBox(['another key, also long enough to be one', MASTER])
    expect(both.open(locked, 'canal:a:token')).toBe('segredo')
    expect(both.isStale(locked)).toBe(true)
  })

  it('is locked anew when the service starts with a new first key, and then the old key may go', async () => {
    const fresh = await testDatabase()
    const first = await testService({ database: fresh })
    const canal = await testCanal(first, 'generico')
    await first.end()
    const NEW = 'the new master key 0123456789 0123456789'
    await (await testService({ database: fresh, env: { CHAVE_MESTRA: `${NEW},${MASTER}` } })).end()
    const last = await testService({ database: fresh, env: { CHAVE_MESTRA: NEW } })
    const answer = await call(last.url, 'POST', canal.path, {
      body: { id: '1', contato: { id: 'c' } },
      headers: { 'x-webhook-segredo': canal.segredo },
    })
    expect(answer.status).toBe(200)
    await last.end()
    const timers = new Set<string>()
    const clock = listTimers(timers)
    await expect(testService({ database: fresh, clock })).rejects.toThrow(/CHAVE_MESTRA/)
    expect([...timers]).toEqual([])
    await fresh.end()
  })
})

describe('without a master key', () => {
  it('nothing secret is stored, and the service says what is missing', async () => {
    const bare = await testService({ env: { CHAVE_MESTRA: '' } })
    const refused = await bare.call('POST', '/canais', { body: { slug: 'a', plataforma: 'generico', nome: 'A' } })
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining('CHAVE_MESTRA') } })
    await bare.end()
    const fresh = await testDatabase()
    const keyed = await testService({ database: fresh })
    await testCanal(keyed, 'generico')
    await keyed.end()
    await expect(testService({ database: fresh, env: { CHAVE_MESTRA: '' } })).rejects.toThrow(/CHAVE_MESTRA/)
    await fresh.end()
  })
})
