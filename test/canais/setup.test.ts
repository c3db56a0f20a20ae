import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { ADAPTERS } from '../../integrations/index.js'
import { testCanal } from '../support/chat.js'
import { type Platforms, type Recorded, type Reply, startPlatforms } from '../support/platforms.js'
import { type TestService, testService } from '../support/service.js'

const PUBLIC = 'https://vez.exemplo.com'
const SID = `AC${'0'.repeat(32)}`

let service: TestService
let platforms: Platforms
beforeAll(async () => {
  platforms = await startPlatforms()
  service = await testService({ env: { API_URL: PUBLIC } })
})
afterAll(async () => {
  await service.end()
  await platforms.end()
})
afterEach(() => platforms.reset())

const AJUSTES: Readonly<Record<string, (servidor: string) => object>> = {
  evolution: (servidor) => ({ servidor, instancia: 'loja', chave_api: 'k' }),
  chatwoot: (servidor) => ({ servidor, conta_id: 1, token: 't' }),
  'whatsapp-cloud': (servidor) => ({ servidor, phone_number_id: '1065', app_secret: 's', token: 't' }),
  zapi: (servidor) => ({ servidor, instancia: 'A', token: 't', client_token: 'c' }),
  twilio: (servidor) => ({ servidor, account_sid: SID, auth_token: 't', numero: 'whatsapp:+551133334444' }),
  telegram: (servidor) => ({ servidor, token: '1:a' }),
  rocketchat: (servidor) => ({ servidor, usuario_id: 'u', token: 't' }),
}
const open = (plataforma: string) =>
  testCanal(service, plataforma, { ajustes: AJUSTES[plataforma]?.(platforms.url) ?? {} })

interface Check {
  /** What good credentials are answered with, and bad ones. */
  readonly good: Reply
  readonly bad: Reply
  readonly called: (call: Recorded | undefined) => void
}

const TESTAR: Readonly<Record<string, Check>> = {
  evolution: {
    good: { json: { instance: { instanceName: 'loja', state: 'open' } } },
    bad: { json: { instance: { instanceName: 'loja', state: 'close' } } },
    called: (one) => expect(one).toMatchObject({ method: 'GET', path: '/instance/connectionState/loja' }),
  },
  chatwoot: {
    good: { json: [] },
    bad: { status: 401, json: { error: 'Invalid Access Token' } },
    called: (one) =>
      expect(one).toMatchObject({ path: '/api/v1/accounts/1/agents', headers: { api_access_token: 't' } }),
  },
  'whatsapp-cloud': {
    good: { json: { id: '1065' } },
    bad: { status: 401, json: { error: { code: 190 } } },
    called: (one) =>
      expect(one).toMatchObject({ path: '/v21.0/1065?fields=id', headers: { authorization: 'Bearer t' } }),
  },
  zapi: {
    good: { json: { connected: true } },
    bad: { json: { connected: false } },
    called: (one) =>
      expect(one).toMatchObject({ path: '/instances/A/token/t/status', headers: { 'client-token': 'c' } }),
  },
  twilio: {
    good: { json: { sid: SID } },
    bad: { status: 401, json: { code: 20003 } },
    called: (one) => expect(one?.path).toBe(`/2010-04-01/Accounts/${SID}.json`),
  },
  telegram: {
    good: { json: { ok: true, result: {} } },
    bad: { status: 401, json: { ok: false } },
    called: (one) => expect(one?.path).toBe('/bot1:a/getMe'),
  },
  rocketchat: {
    good: { json: { success: true } },
    bad: { status: 401, json: { success: false } },
    called: (one) =>
      expect(one).toMatchObject({ path: '/api/v1/me', headers: { 'x-user-id': 'u', 'x-auth-token': 't' } }),
  },
}

describe('credentials', () => {
  it('are tested on every platform that can tell', () => {
    const can = ADAPTERS.filter((one) => one.checkCredentials !== undefined).map(({ plataforma }) => plataforma)
    expect(Object.keys(TESTAR).sort()).toEqual(can.sort())
  })

  it.each(Object.entries(TESTAR))('of %s are told good from bad', async (plataforma, { good, bad, called }) => {
    const canal = await open(plataforma)
    const test = async () => (await service.call('POST', `/canais/${canal.slug}/teste`)).body.credenciais
    platforms.answer(() => good)
    expect(await test()).toBe('boas')
    called(platforms.calls[0])
    platforms.answer(() => bad)
    expect(await test()).toBe('recusadas')
  })

  it('for a server that may not be called say how to allow it', async () => {
    const canal = await testCanal(service, 'evolution', {
      ajustes: { instancia: 'a', servidor: 'http://10.0.0.7:8080', chave_api: 'k' },
    })
    const { body } = await service.call('POST', `/canais/${canal.slug}/teste`)
    expect(body).toMatchObject({ credenciais: 'recusadas', detalhe: expect.stringContaining('DESTINOS_INTERNOS') })
  })
})

describe('a sample message', () => {
  it('would ask for a person by what the account calls asking', async () => {
    const canal = await testCanal(service, 'evolution', {
      ajustes: { instancia: 'a' },
      gatilho: 'palavra',
      palavras: ['vendedor'],
    })
    const says = async (texto: string) =>
      (await service.call('POST', `/canais/${canal.slug}/teste`, { body: { texto } })).body.chamaria
    expect([await says('bom dia'), await says('quero um vendedor')]).toEqual([false, true])
    const flow = await testCanal(service, 'generico')
    expect((await service.call('POST', `/canais/${flow.slug}/teste`, { body: { texto: 'oi' } })).body.chamaria).toBe(
      true,
    )
  })
})

describe('our webhook', () => {
  const set = async (plataforma: string) => {
    const canal = await open(plataforma)
    const url = `${PUBLIC}${canal.path}`
    return { canal, url, answer: await service.call('POST', `/canais/${canal.slug}/configurar`) }
  }

  it('is registered at Evolution for messages only, with the secret in its path', async () => {
    const { url, answer } = await set('evolution')
    expect(answer.status).toBe(200)
    expect(platforms.calls).toMatchObject([
      {
        method: 'POST',
        path: '/webhook/set/loja',
        headers: { apikey: 'k' },
        body: { webhook: { enabled: true, url, byEvents: false, base64: false, events: ['MESSAGES_UPSERT'] } },
      },
    ])
  })

  it('is registered at Z-API', async () => {
    const { url, answer } = await set('zapi')
    expect(answer.status).toBe(200)
    expect(platforms.calls).toMatchObject([
      { method: 'PUT', path: '/instances/A/token/t/update-webhook-received', body: { value: url } },
    ])
  })

  it('is made at Chatwoot once; with a new secret the same one changes', async () => {
    const webhooks: { id: number; url: string }[] = [{ id: 1, url: 'https://outro.exemplo.com/x' }]
    platforms.answer(({ method, body }) => {
      if (method === 'POST') webhooks.push({ id: 2, url: body.webhook.url })
      return { json: { payload: { webhooks } } }
    })
    const { canal, url } = await set('chatwoot')
    expect(platforms.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/v1/accounts/1/webhooks',
      'POST /api/v1/accounts/1/webhooks',
    ])
    expect(platforms.calls[1]?.body.webhook).toEqual({
      url,
      subscriptions: ['message_created', 'conversation_created', 'conversation_status_changed', 'conversation_updated'],
    })
    const { webhook_url } = (await service.call('POST', `/canais/${canal.slug}/segredo`)).body
    expect((await service.call('POST', `/canais/${canal.slug}/configurar`)).body.detail).toContain('alterado')
    const last = platforms.calls.at(-1)
    expect(last).toMatchObject({ method: 'PATCH', path: '/api/v1/accounts/1/webhooks/2' })
    expect(last?.body.webhook.url).toBe(webhook_url)
  })
})
