import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ADAPTERS } from '../../integrations/index.js'
import { saidaOf } from '../integrations/folders.js'
import { fill } from '../integrations/template.js'
import { metaMessage, testCanal, testConsultor } from '../support/chat.js'
import { holdTimers } from '../support/held-timers.js'
import { type Call, call, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

const DEADLINE = 'vez.request-deadline'

const timers = holdTimers((name) => name === DEADLINE)
let service: TestService
beforeAll(async () => {
  service = await testService({ clock: timers.clock })
  await testConsultor(service, 'Ana')
})
afterAll(() => service.end())

const json = { 'content-type': 'application/json' }
const upsert = (id: string) => ({
  event: 'messages.upsert',
  instance: 'loja',
  data: {
    key: { remoteJid: `551198765${id}@s.whatsapp.net`, fromMe: false, id },
    message: { conversation: 'oi' },
    messageTimestamp: Math.floor(Date.now() / 1_000),
  },
})
const evolution = () => testCanal(service, 'evolution', { ajustes: { instancia: 'loja' } })
const metrics = async (): Promise<string> => (await service.call('GET', '/metrics')).body
const total = async () => Number((await service.call('GET', '/protocolos?limit=1')).headers.get('x-total-count'))

describe('a secret in the path', () => {
  it('may be followed by one event that Evolution appends, and no event is ever taken for it', async () => {
    const canal = await evolution()
    const bare = `/webhooks/evolution/${canal.slug}`
    const before = await total()
    const post = (path: string, id: string) => call(service.url, 'POST', path, { body: upsert(id) })
    expect((await post(`${canal.path}/messages-upsert`, '0001')).status).toBe(200)
    expect(await total()).toBe(before + 1)
    const wrong = [
      `${bare}/messages-upsert`,
      `${bare}/call`,
      `${bare}/messages-upsert/messages-upsert`,
      `${bare}/outro-segredo`,
      `${bare}/outro-segredo/messages-upsert`,
      `${canal.path}/outro`,
      `${canal.path}x`,
      canal.path.slice(0, -1),
      bare,
    ]
    for (const path of wrong) expect([path, (await post(path, '0002')).status]).toEqual([path, 401])
    expect(await total()).toBe(before + 1)
  })

  it('of one account opens no other', async () => {
    const [one, other] = [await evolution(), await evolution()]
    const crossed = one.path.replace(one.slug, other.slug)
    expect((await call(service.url, 'POST', crossed, { body: upsert('0003') })).status).toBe(401)
  })
})

describe('an account that is not there', () => {
  it('cannot be told from one whose secret is wrong, whatever is sent to it', async () => {
    const [canal, other] = [await testCanal(service, 'generico'), await evolution()]
    const off = await testCanal(service, 'generico')
    await service.call('PUT', `/canais/${off.slug}`, { body: { ativo: false } })
    const raw = (length: number): string => JSON.stringify({ id: '1', contato: { id: 'x'.repeat(length) } })
    const told = async (path: string, more: Call) => {
      const { status, body, headers } = await call(service.url, 'POST', path, more)
      const names = [...headers.keys()].filter((name) => name !== 'date' && name !== 'x-request-id')
      return { status, body, names }
    }
    const wrong = { headers: { ...json, 'x-webhook-segredo': 'errado' } }
    const calls: readonly Call[] = [
      { ...wrong, raw: raw(10) },
      { ...wrong, raw: raw(3_000_000) },
      { ...wrong, raw: '{' },
      { headers: json, raw: raw(10) },
    ]
    for (const more of calls) {
      const expected = await told(canal.path, more)
      expect([401, 413]).toContain(expected.status)
      expect(await told('/webhooks/generico/nao-existe', more)).toEqual(expected)
      expect(await told('/webhooks/fax/nao-existe', more)).toEqual(expected)
      expect(await told(`/webhooks/evolution/${canal.slug}`, more)).toEqual(expected)
      expect(await told(`/webhooks/generico/${other.slug}`, more)).toEqual(expected)
      expect(await told(`/webhooks/generico/${canal.slug}/a/b/`, more)).toEqual(expected)
    }
    // Switched off, it is not there either, not even for its own secret.
    const own = { headers: { ...json, 'x-webhook-segredo': off.segredo }, raw: raw(10) }
    expect(await told(off.path, own)).toEqual(await told('/webhooks/generico/nao-existe', own))
  })

  it.each(ADAPTERS.map((one) => one.plataforma))(
    'of %s cannot be told by a Host that is no address either',
    async (plataforma) => {
      const { path } = await testCanal(
        service,
        plataforma,
        fill(saidaOf(plataforma).conta, { servidor: service.url, segredo: 's' }),
      )
      const bare = path.split('/').slice(0, 4).join('/')
      for (const host of ['[', 'a b', '::', '[::1', 'x:99999']) {
        const told = await Promise.all(
          [bare, `/webhooks/${plataforma}/nao-existe`].map((each) =>
            statusOf(each, { Host: host, 'x-twilio-signature': 'x' }),
          ),
        )
        expect(told).toEqual([401, 401])
      }
    },
  )
})

/** A request with headers that fetch would not send. */
const statusOf = (path: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const options = { method: 'POST', path, headers: { ...headers, 'Content-Length': 2 } }
    request(service.url + path, options, (answer) => answer.resume().once('end', () => resolve(answer.statusCode)))
      .once('error', reject)
      .end('{}')
  })

describe('a handshake', () => {
  it('is answered with its challenge as plain text when the token is right; else it is the same 401 as an unknown account', async () => {
    const canal = await testCanal(service, 'whatsapp-cloud', { ajustes: { phone_number_id: '1', app_secret: 's' } })
    const get = (path: string, token: string) =>
      call(
        service.url,
        'GET',
        `${path}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${encodeURIComponent(token)}`,
      )
    const right = await get(canal.path, canal.segredo)
    expect([right.status, right.body]).toEqual([200, '1158201444'])
    expect(right.headers.get('content-type')).toContain('text/plain')
    const wrong = await get(canal.path, 'x')
    const unknown = await get('/webhooks/whatsapp-cloud/nao-existe', 'x')
    expect([wrong.status, wrong.body]).toEqual([401, unknown.body])
    expect(unknown.status).toBe(401)
    const flow = await testCanal(service, 'generico')
    const headers = { 'x-webhook-segredo': flow.segredo }
    const other = await call(service.url, 'GET', flow.path, { headers })
    expect([other.status, other.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

describe('an app of Meta with several numbers', () => {
  it('may call any of their addresses: a message is its own number’s, but only where that account finds it authentic', async () => {
    const open = (phone_number_id: string, app_secret: string) =>
      testCanal(service, 'whatsapp-cloud', { ajustes: { phone_number_id, app_secret } })
    const [called, same, foreign] = [
      await open('101', 'app'),
      await open('102', 'app'),
      await open('103', 'another app'),
    ]
    const post = (phone_number_id: string, customer = 0) =>
      called.post(undefined, metaMessage(phone_number_id, 'app', customer))
    const before = await total()
    for (const number of ['101', '102', '103', '104']) expect((await post(number)).status).toBe(200)
    expect(await total()).toBe(before + 2)
    const made: { canal: string }[] = (await service.call('GET', '/protocolos')).body
    const whose = made.map(({ canal }) => canal)
    expect(whose).toEqual(expect.arrayContaining([called.slug, same.slug]))
    expect(whose).not.toContain(foreign.slug)
    await service.call('PUT', `/canais/${same.slug}`, { body: { ativo: false } })
    expect((await post('102', 1)).status).toBe(200)
    expect(await total()).toBe(before + 2)
  })
})

describe('a body', () => {
  it('of 3 MB is read, and one byte more is a 413, with the keys that a flow maps', async () => {
    const canal = await testCanal(service, 'generico')
    const headers = { ...json, 'x-webhook-segredo': canal.segredo }
    const start = '{"id":"grande","contato":{"id":"c","nome":"Bia"},"outro":"'
    const raw = `${start}${'x'.repeat(3_000_000 - start.length - 2)}"}`
    expect(raw.length).toBe(3_000_000)
    expect((await canal.post(undefined, { raw, headers })).body.situacao).toBe('atribuido')
    const { status, body } = await canal.post(undefined, { raw: `${raw} `, headers })
    expect([status, Object.keys(body)]).toEqual([
      413,
      ['detail', 'situacao', 'motivo', 'protocolo', 'consultor', 'posicao', 'texto'],
    ])
  })
})

describe('the name pipedrive', () => {
  it('is reserved: no account is called so, and its webhooks are not ours to answer', async () => {
    const made = await service.call('POST', '/canais', {
      body: { slug: 'pipedrive', plataforma: 'generico', nome: 'Conta' },
    })
    expect(made.status).toBe(422)
    expect(made.body.detail[0].msg).toContain('reservado')
    expect((await call(service.url, 'POST', '/webhooks/pipedrive/qualquer/coisa', { body: {} })).status).toBe(404)
  })
})

describe('an event that cannot be made durable', () => {
  it('is a 503 that asks for a retry, with the keys that a flow maps; the retry is the turn', async () => {
    const canal = await testCanal(service, 'generico')
    const headers = { 'x-webhook-segredo': canal.segredo }
    const event = { id: 'depois', contato: { id: 'cliente-503' } }
    const { connection } = service.database
    const client = connection.getClient()
    const before = await total()
    const db = client.db(service.database.name)
    await db.collection('counters').rename('fora_do_ar')
    const asked = canal.post(event, { headers })
    await until(
      async () => /^vez_gravacoes_perdidas_total\{causa="desconhecida"\} [1-9]/m.test(await metrics()),
      undefined,
      'a write that failed',
    )
    await timers.fire(DEADLINE)
    const failed = await asked
    await db
      .collection('counters')
      .drop()
      .catch(() => undefined)
    await db.collection('fora_do_ar').rename('counters')
    expect(failed.status).toBe(503)
    expect(failed.headers.get('retry-after')).toBe('1')
    expect(failed.body).toMatchObject({ situacao: 'ignorado', motivo: 'erro', protocolo: null })
    expect((await canal.post(event, { headers })).body.situacao).toBe('atribuido')
    expect(await total()).toBe(before + 1)
  })
})
