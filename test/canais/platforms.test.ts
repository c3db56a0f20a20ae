import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { ADAPTERS } from '../../integrations/index.js'
import { type Clock, systemClock } from '../../src/lib/clock.js'
import { testCanal, testConsultor } from '../support/chat.js'
import { type Platforms, type Recorded, startPlatforms } from '../support/platforms.js'
import { type Answer, call, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

const PUBLIC = 'https://vez.exemplo.com'
const TOKEN = 'token-0001'
const json = { 'content-type': 'application/json' }

let service: TestService
let platforms: Platforms
beforeAll(async () => {
  platforms = await startPlatforms()
  // Whatever comes by the clock alone comes after these tests: they count every call.
  const after: Clock['after'] = (ms, callback) => (ms < 20_000 ? systemClock.after(ms, callback) : () => undefined)
  service = await testService({ env: { API_URL: PUBLIC }, clock: { ...systemClock, after } })
  await testConsultor(service, 'Ana Lima', { email: 'ana@exemplo.com', telefone: '+5511955554444' })
})
afterAll(async () => {
  await service.end()
  await platforms.end()
})
afterEach(() => platforms.reset())

interface Request {
  readonly headers: Readonly<Record<string, string>>
  readonly raw: string
}

interface Platform {
  readonly ajustes: (url: string) => object
  readonly more?: object
  /** A customer's message as this platform sends it. */
  readonly request: (segredo: string, path: string, id: string) => Request
  /** What is read from our answer as that platform's client reads it; absent: the answer is not read. */
  readonly reads?: (answer: Answer) => string
  /** The calls that reach the platform, in order. */
  readonly calls: readonly ((call: Recorded) => void)[]
}

const told = expect.stringMatching(/Ana Lima.*#\d{5}/)
const hmac = (algorithm: string, key: string, text: string) => createHmac(algorithm, key).update(text)

const PLATFORMS: Readonly<Record<string, Platform>> = {
  generico: {
    ajustes: () => ({}),
    request: (segredo, _path, id) => ({
      headers: { ...json, 'x-webhook-segredo': segredo },
      raw: JSON.stringify({ id, contato: { id: 'c' } }),
    }),
    reads: ({ body }) => body.texto,
    calls: [],
  },
  evolution: {
    ajustes: (servidor) => ({ servidor, instancia: 'loja 1', chave_api: TOKEN }),
    more: { avisar_consultor: true },
    request: (_segredo, _path, id) => ({
      headers: json,
      raw: JSON.stringify({
        event: 'messages.upsert',
        instance: 'loja 1',
        data: {
          key: { remoteJid: '77001234567890@lid', remoteJidAlt: '5511987650001@s.whatsapp.net', fromMe: false, id },
          pushName: 'Bia',
          message: { conversation: 'oi' },
          messageTimestamp: Math.floor(Date.now() / 1_000),
        },
      }),
    }),
    calls: [
      ({ path, headers, body }) => {
        expect(path).toBe('/message/sendText/loja%201')
        expect(headers.apikey).toBe(TOKEN)
        expect(body).toEqual({ number: '77001234567890@lid', text: told })
      },
      ({ body }) => {
        expect(body).toEqual({
          number: '5511955554444',
          text: expect.stringMatching(/Ana.*Bia.*#\d{5}\.\nhttps:\/\/wa\.me\/5511987650001/),
        })
      },
    ],
  },
  chatwoot: {
    ajustes: (servidor) => ({ servidor, conta_id: 1, token: TOKEN, segredo_do_webhook: 'cw-secret', etiqueta: 'vez' }),
    request: (_segredo, _path, id) => {
      const raw = JSON.stringify({
        event: 'message_created',
        id: Number(id.replace(/\D/g, '')),
        content: 'ação/😀',
        message_type: 'incoming',
        created_at: new Date().toISOString(),
        sender: { id: 9, name: 'Bia' },
        account: { id: 1 },
        inbox: { id: 3 },
        conversation: { id: 42, inbox_id: 3, status: 'open', meta: { sender: { id: 9, name: 'Bia' }, assignee: null } },
      })
      const now = String(Math.floor(Date.now() / 1_000))
      const signature = hmac('sha256', 'cw-secret', `${now}.${raw}`).digest('hex')
      return { headers: { ...json, 'x-chatwoot-timestamp': now, 'x-chatwoot-signature': `sha256=${signature}` }, raw }
    },
    calls: [
      ({ path, headers, body }) => {
        expect(path).toBe('/api/v1/accounts/1/conversations/42/messages')
        expect(headers.api_access_token).toBe(TOKEN)
        expect(body).toEqual({ content: told, message_type: 'outgoing', private: false })
      },
      ({ method, path }) => expect([method, path]).toEqual(['GET', '/api/v1/accounts/1/agents']),
      ({ method, path }) => expect([method, path]).toEqual(['GET', '/api/v1/accounts/1/conversations/42']),
      ({ path, body }) => {
        expect(path).toBe('/api/v1/accounts/1/conversations/42/assignments')
        expect(body).toEqual({ assignee_id: 7 })
      },
      ({ path, body }) => {
        expect(path).toBe('/api/v1/accounts/1/conversations/42/toggle_status')
        expect(body).toEqual({ status: 'open' })
      },
      ({ path, body }) => {
        expect(path).toBe('/api/v1/accounts/1/conversations/42/custom_attributes')
        expect(body.custom_attributes).toEqual({ protocolo: expect.stringMatching(/^#\d{5}$/), consultor: 'Ana Lima' })
      },
      ({ path, body }) => {
        expect(path).toBe('/api/v1/accounts/1/conversations/42/labels')
        expect(body).toEqual({ labels: ['vez'] })
      },
      ({ path, body }) => {
        expect(path).toBe('/api/v1/accounts/1/conversations/42/messages')
        expect(body).toEqual({
          content: expect.stringMatching(/#\d{5}.*Ana Lima/),
          message_type: 'outgoing',
          private: true,
        })
      },
    ],
  },
  'whatsapp-cloud': {
    ajustes: (servidor) => ({
      servidor,
      phone_number_id: '1065',
      app_secret: 'app-secret',
      token: TOKEN,
      versao: 'v22.0',
    }),
    request: (_segredo, _path, id) => {
      const value = {
        metadata: { phone_number_id: '1065' },
        contacts: [{ profile: { name: 'Bia 😀' }, user_id: 'BR.15' }],
        messages: [
          {
            from_user_id: 'BR.15',
            id,
            timestamp: String(Math.floor(Date.now() / 1_000)),
            type: 'text',
            text: { body: 'a/b' },
          },
        ],
      }
      const raw = JSON.stringify({ entry: [{ changes: [{ field: 'messages', value }] }] }).replaceAll('/', '\\/')
      const signature = hmac('sha256', 'app-secret', raw).digest('hex')
      return { headers: { ...json, 'x-hub-signature-256': `sha256=${signature}` }, raw }
    },
    calls: [
      ({ path, headers, body }) => {
        expect(path).toBe('/v22.0/1065/messages')
        expect(headers.authorization).toBe(`Bearer ${TOKEN}`)
        expect(body).toEqual({ messaging_product: 'whatsapp', recipient: 'BR.15', type: 'text', text: { body: told } })
      },
    ],
  },
  zapi: {
    ajustes: (servidor) => ({ servidor, instancia: 'A20D', token: TOKEN, client_token: 'client-1' }),
    request: (_segredo, _path, id) => ({
      headers: json,
      raw: JSON.stringify({
        type: 'ReceivedCallback',
        instanceId: 'A20D',
        messageId: id,
        phone: '8189000000000@lid',
        senderName: 'Bia',
        momment: Date.now(),
        text: { message: 'oi' },
      }),
    }),
    calls: [
      ({ path, headers, body }) => {
        expect(path).toBe(`/instances/A20D/token/${TOKEN}/send-text`)
        expect(headers['client-token']).toBe('client-1')
        expect(body).toEqual({ phone: '8189000000000@lid', message: told })
      },
    ],
  },
  typebot: {
    ajustes: () => ({}),
    request: (segredo, _path, id) => ({
      headers: { ...json, authorization: `Bearer ${segredo}` },
      raw: JSON.stringify({ resultId: id, name: 'Bia', phone: '11 98765-0002' }),
    }),
    reads: ({ body }) => `${body.consultor.nome} ${body.protocolo}`,
    calls: [],
  },
  twilio: {
    ajustes: (servidor) => ({
      servidor,
      account_sid: 'AC00000000000000000000000000000009',
      auth_token: TOKEN,
      numero: 'whatsapp:+551133334444',
    }),
    request: (_segredo, path, id) => {
      const fields = {
        AccountSid: 'AC00000000000000000000000000000009',
        Body: 'ação/😀',
        From: 'whatsapp:+5511987650003',
        MessageSid: id,
      }
      const signed = Object.entries(fields).flat().join('')
      return {
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-twilio-signature': hmac('sha1', TOKEN, `${PUBLIC}${path}${signed}`).digest('base64'),
        },
        raw: new URLSearchParams(fields).toString(),
      }
    },
    reads: ({ headers, body }) => {
      expect(headers.get('content-type')).toContain('text/xml')
      return /<Response><Message>(.*)<\/Message><\/Response>/.exec(body)?.[1] ?? ''
    },
    calls: [],
  },
  telegram: {
    ajustes: (servidor) => ({ servidor, token: '123:ABC' }),
    request: (segredo, _path, id) => ({
      headers: { ...json, 'x-telegram-bot-api-secret-token': segredo },
      raw: JSON.stringify({
        update_id: Number(id.replace(/\D/g, '')),
        message: {
          message_id: 1,
          date: Math.floor(Date.now() / 1_000),
          chat: { id: 55, type: 'private' },
          from: { id: 55, first_name: 'Bia' },
          text: 'oi',
        },
      }),
    }),
    calls: [
      ({ path, body }) => {
        expect(path).toBe('/bot123:ABC/sendMessage')
        expect(body).toEqual({ chat_id: 55, text: told })
      },
    ],
  },
  manychat: {
    ajustes: () => ({ bloco: 'dinamico' }),
    request: (segredo, _path, id) => ({
      headers: { ...json, authorization: `Bearer ${segredo}` },
      raw: `{"id": 99999999999999997, "key": "user:99999999999999997", "name": "Bia", "last_interaction": "${new Date().toISOString()}", "last_input_text": "${id}"}`,
    }),
    reads: ({ body }) => {
      expect(body).toMatchObject({ version: 'v2', content: { type: 'whatsapp' } })
      expect(body.content.actions).toContainEqual({
        action: 'set_field_value',
        field_name: 'protocolo',
        value: expect.stringMatching(/^#\d{5}$/),
      })
      return body.content.messages[0].text
    },
    calls: [],
  },
  blip: {
    ajustes: (servidor) => ({ modo: 'bot', servidor, chave: TOKEN }),
    more: { gatilho: 'sempre' },
    request: (_segredo, _path, id) => ({
      headers: json,
      raw: JSON.stringify({
        id,
        from: '5511987650004@wa.gw.msging.net/x',
        to: 'bot@msging.net',
        type: 'text/plain',
        content: 'oi',
      }),
    }),
    calls: [
      ({ path, headers, body }) => {
        expect(path).toBe('/messages')
        expect(headers.authorization).toBe(`Key ${TOKEN}`)
        expect(body).toMatchObject({ to: '5511987650004@wa.gw.msging.net', type: 'text/plain', content: told })
      },
      ({ path, body }) => {
        expect(path).toBe('/commands')
        expect(body).toMatchObject({
          to: 'postmaster@desk.msging.net',
          method: 'set',
          uri: '/tickets',
          resource: { customerIdentity: '5511987650004@wa.gw.msging.net', agentIdentity: 'ana%40exemplo.com@blip.ai' },
        })
      },
    ],
  },
  dialogflow: {
    ajustes: () => ({ versao: 'es' }),
    request: (segredo, _path, id) => ({
      headers: { ...json, authorization: `Basic ${Buffer.from(`vez:${segredo}`).toString('base64')}` },
      raw: JSON.stringify({
        responseId: id,
        session: 'projects/p/agent/sessions/s',
        queryResult: { queryText: 'oi', languageCode: 'pt-br' },
      }),
    }),
    reads: ({ body }) => {
      expect(body.outputContexts[0].name).toBe('projects/p/agent/sessions/s/contexts/consultor-da-vez')
      return body.fulfillmentMessages[0].text.text[0]
    },
    calls: [],
  },
  botpress: {
    ajustes: () => ({}),
    request: (segredo, _path, id) => ({
      headers: { ...json, 'x-secret-key': segredo },
      raw: JSON.stringify({ conversationId: 'conv', userId: 'user', messageId: id, text: 'oi' }),
    }),
    reads: ({ body }) => `${body.consultor.nome} ${body.protocolo}`,
    calls: [],
  },
  rocketchat: {
    ajustes: (servidor) => ({ servidor, usuario_id: 'u', token: TOKEN }),
    request: (segredo, _path, id) => ({
      headers: { ...json, 'x-rocketchat-livechat-token': segredo },
      raw: JSON.stringify({
        _id: `sala-${id}`,
        type: 'LivechatSessionQueued',
        visitor: { _id: 'v', name: 'Bia' },
        messages: [],
      }),
    }),
    calls: [
      ({ path, headers, body }) => {
        expect(path).toBe('/api/v1/chat.postMessage')
        expect(headers['x-auth-token']).toBe(TOKEN)
        expect(body).toEqual({ roomId: expect.stringMatching(/^sala-/), text: told })
      },
      ({ path }) => expect(path).toBe('/api/v1/livechat/users/agent'),
      ({ path, body }) => {
        expect(path).toBe('/api/v1/livechat/room.forward')
        expect(body).toEqual({ roomId: expect.stringMatching(/^sala-/), userId: 'ag1' })
      },
    ],
  },
}

/** Answers that depend on what was asked. */
const asDocumented = ({ method, path, body }: Recorded) => {
  if (path.endsWith('/messages') && body?.content) return { json: { id: 1, content: body.content } }
  if (path.endsWith('/agents'))
    return { json: [{ id: 7, email: 'Ana@exemplo.com', name: 'Ana', availability_status: 'online' }] }
  if (path.endsWith('/conversations/42') && method === 'GET')
    return { json: { id: 42, status: 'pending', labels: [], meta: { sender: { id: 9 }, assignee: null } } }
  if (path.endsWith('/assignments')) return { json: { id: body.assignee_id, name: 'Ana' } }
  if (path.endsWith('/users/agent'))
    return { json: { users: [{ _id: 'ag1', emails: [{ address: 'ana@exemplo.com' }] }] } }
  return undefined
}

describe.each(Object.entries(PLATFORMS))('%s', (plataforma, { ajustes, more, request, reads, calls }) => {
  const open = () => testCanal(service, plataforma, { ajustes: ajustes(platforms.url), ...more })

  it('a customer asks, and has a person and a number; delivered again, nothing more happens', async () => {
    platforms.answer(asDocumented)
    const canal = await open()
    const { headers, raw } = request(canal.segredo, canal.path, 'evento-7001')
    const post = () => call(service.url, 'POST', canal.path, { headers, raw })
    const before = Number((await service.call('GET', '/protocolos?limit=1')).headers.get('x-total-count'))
    const answer = await post()
    expect(answer.status).toBe(200)
    if (reads) expect(reads(answer)).toEqual(told)
    else expect(answer.body).toEqual({ success: true })
    await until(() => platforms.calls.length >= calls.length)
    const again = await Promise.all([post(), post(), post()])
    expect(again.map(({ status }) => status)).toEqual([200, 200, 200])
    if (plataforma === 'twilio') for (const { body } of again) expect(body).not.toContain('<Message>')
    const total = Number((await service.call('GET', '/protocolos?limit=1')).headers.get('x-total-count'))
    expect(total).toBe(before + 1)
    expect((await service.call('GET', '/tarefas?estado=morta')).body).toEqual([])
    for (const [index, check] of calls.entries()) {
      const one = platforms.calls[index]
      if (one) check(one)
    }
    expect(platforms.calls.map(({ path }) => path).slice(calls.length)).toEqual([])
  })

  it('is refused with a byte changed, with another account’s secret, and without any', async () => {
    const canal = await open()
    const other = await open()
    const { headers, raw } = request(canal.segredo, canal.path, 'evento-7002')
    const [type] = [headers['content-type'] ?? '']
    const bare = canal.path.split('/').slice(0, 4).join('/')
    const foreign = request(other.segredo, other.path, 'evento-7002')
    const isInPath = canal.path !== bare
    const signs = Object.keys(headers).some((name) => name.includes('signature'))
    const tries = [
      call(service.url, 'POST', bare, { headers: { 'content-type': type }, raw }),
      ...(signs ? [call(service.url, 'POST', canal.path, { headers, raw: raw.replace('7002', '7003') })] : []),
      ...(isInPath
        ? [call(service.url, 'POST', `${bare}/${other.segredo}`, { headers: { 'content-type': type }, raw })]
        : []),
      ...(!isInPath && canal.segredo !== '' && !signs
        ? [call(service.url, 'POST', canal.path, { headers: foreign.headers, raw })]
        : []),
    ]
    for (const { status, body } of await Promise.all(tries)) {
      expect({ status, detail: body.detail, situacao: body.situacao }).toEqual({
        status: 401,
        detail: 'Webhook não autorizado',
        situacao: 'ignorado',
      })
    }
  })
})

describe('this list', () => {
  it('has every platform', () => {
    expect(Object.keys(PLATFORMS).sort()).toEqual(ADAPTERS.map(({ plataforma }) => plataforma).sort())
  })
})
