import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import type { WebhookRequest } from '../../integrations/contract.js'
import { signStandardWebhook } from '../../src/lib/signature.js'
import { accountOf, PLATFORMS } from './accounts.js'

const NOW = new Date('2026-01-05T12:00:00Z')
const SECRET = 'c2VncmVkby1kZS10ZXN0ZS1jb20tMzItYnl0ZXM='
const OTHER = 'b3V0cm8tc2VncmVkby1jb20tbWFpcy1kZS0zMi1ieXRlcw=='
const RAW = '{"texto":"ação/😀 ok"}'
const seconds = (date: Date): string => String(Math.floor(date.getTime() / 1_000))
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const hmac = (algorithm: string, key: string, text: string) => createHmac(algorithm, key).update(text)
const header =
  (name: string, prefix = '') =>
  (secret: string): Partial<WebhookRequest> => ({ headers: { [name]: prefix + secret } })
const path = (secret: string): Partial<WebhookRequest> => ({ pathSecret: secret })

function jwt(secret: string, claims: object = {}, alg = 'HS256'): Partial<WebhookRequest> {
  const exp = NOW.getTime() / 1_000 + 600
  const signed = `${base64url({ alg, typ: 'JWT' })}.${base64url({ app: 'evolution', action: 'webhook', exp, ...claims })}`
  return { headers: { authorization: `Bearer ${signed}.${hmac('sha256', secret, signed).digest('base64url')}` } }
}

function ofChatwoot(secret: string, at = NOW, raw = RAW): Partial<WebhookRequest> {
  const signature = hmac('sha256', secret, `${seconds(at)}.${raw}`).digest('hex')
  return { headers: { 'x-chatwoot-timestamp': seconds(at), 'x-chatwoot-signature': `sha256=${signature}` } }
}

const ofStandard = (secret: string, at = NOW, raw = RAW): Partial<WebhookRequest> => ({
  headers: signStandardWebhook(secret, 'msg_1', at, raw),
})

function ofTwilio(secret: string, raw = RAW): Partial<WebhookRequest> {
  const url = `https://exemplo.com/webhooks/twilio/conta?bodySHA256=${createHash('sha256').update(raw).digest('hex')}`
  return { url, headers: { 'x-twilio-signature': hmac('sha1', secret, url).digest('base64') } }
}

/** Every way in which a platform may show that it is itself. */
const WAYS: Readonly<Record<string, Readonly<Record<string, (secret: string) => Partial<WebhookRequest>>>>> = {
  generico: { header: header('x-webhook-segredo'), bearer: header('authorization', 'Bearer '), standard: ofStandard },
  evolution: { path, jwt, header: header('x-webhook-segredo'), jwt_key: header('jwt_key') },
  chatwoot: { signature: ofChatwoot },
  'whatsapp-cloud': {
    signature: (secret) => ({
      headers: { 'x-hub-signature-256': `sha256=${hmac('sha256', secret, RAW).digest('hex')}` },
    }),
    handshake: (secret) => ({
      method: 'GET',
      url: `https://exemplo.com/x?hub.mode=subscribe&hub.challenge=1&hub.verify_token=${encodeURIComponent(secret)}`,
    }),
  },
  zapi: { path },
  typebot: {
    bearer: header('authorization', 'Bearer '),
    key: header('x-api-key'),
    header: header('x-webhook-segredo'),
  },
  twilio: { signature: ofTwilio },
  telegram: { header: header('x-telegram-bot-api-secret-token') },
  manychat: { bearer: header('authorization', 'Bearer '), key: header('x-api-key') },
  blip: { path, header: header('x-webhook-segredo'), bearer: header('authorization', 'Bearer ') },
  dialogflow: {
    header: header('x-webhook-segredo'),
    bearer: header('authorization', 'Bearer '),
    basic: (secret) => ({
      headers: { authorization: `Basic ${Buffer.from(`quem:${secret}`).toString('base64')}` },
    }),
  },
  botpress: { key: header('x-secret-key'), header: header('x-webhook-segredo') },
  rocketchat: {
    header: header('x-rocketchat-livechat-token'),
    body: (token) => ({ body: Buffer.from(JSON.stringify({ token, channel_id: 'c' })) }),
  },
}

function isAuthentic(
  plataforma: string,
  given: Partial<WebhookRequest>,
  more: { secrets?: string[]; ajustes?: object } = {},
) {
  const { adapter, conta } = accountOf(plataforma, SECRET, undefined, more.ajustes)
  const request = { method: 'POST', url: 'https://exemplo.com/x', headers: {}, body: Buffer.from(RAW) } as const
  const account = { ...conta, secrets: more.secrets ?? conta.secrets }
  return adapter.verify({ ...request, ...given }, account, NOW).authentic
}

/** Their secrets are their own: a new one is a new setting. */
const OWN: readonly string[] = ['chatwoot', 'whatsapp-cloud', 'twilio']

const all = Object.entries(WAYS).flatMap(([plataforma, ways]) =>
  Object.entries(ways).map(([name, way]) => [plataforma, name, way] as const),
)

describe('a secret', () => {
  it('is known of every platform', () => {
    expect(Object.keys(WAYS).sort()).toEqual([...PLATFORMS].sort())
  })

  it.each(all)('of %s by %s opens, and another does not, nor none', (plataforma, _name, way) => {
    expect(isAuthentic(plataforma, way(SECRET))).toBe(true)
    expect(isAuthentic(plataforma, way(OTHER))).toBe(false)
    expect(isAuthentic(plataforma, way(''))).toBe(false)
    expect(isAuthentic(plataforma, way(`x${SECRET}`))).toBe(false)
  })

  it('that is empty opens nothing', () => {
    expect(isAuthentic('zapi', path(''), { secrets: [''] })).toBe(false)
  })

  const ours = all.filter(([plataforma, name]) => name === 'handshake' || !OWN.includes(plataforma))
  it.each(ours)('of %s by %s: the new one and the former one open', (plataforma, _name, way) => {
    const secrets = [OTHER, SECRET]
    expect([SECRET, OTHER].map((one) => isAuthentic(plataforma, way(one), { secrets }))).toEqual([true, true])
    expect(isAuthentic(plataforma, way('a third one'), { secrets })).toBe(false)
  })
})

describe('a token that Evolution signed', () => {
  it.each([
    ['whose time is over', jwt(SECRET, { exp: NOW.getTime() / 1_000 - 1 })],
    ['without an end', jwt(SECRET, { exp: undefined })],
    ['of another application', jwt(SECRET, { app: 'outra' })],
    ['of another algorithm', jwt(SECRET, {}, 'none')],
  ])('%s is refused', (_name, given) => {
    expect(isAuthentic('evolution', given)).toBe(false)
  })
})

describe('a signature', () => {
  const late = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000)

  it.each([
    ['chatwoot', ofChatwoot],
    ['generico', ofStandard],
  ] as const)('of %s holds for five minutes either way, and for these very bytes', (plataforma, sign) => {
    expect([4.9, -4.9].map((minutes) => isAuthentic(plataforma, sign(SECRET, late(minutes))))).toEqual([true, true])
    expect([5.1, -5.1].map((minutes) => isAuthentic(plataforma, sign(SECRET, late(minutes))))).toEqual([false, false])
    expect(isAuthentic(plataforma, sign(SECRET, NOW, `${RAW} `))).toBe(false)
  })

  it('of Twilio over a JSON body covers it by its hash', () => {
    expect(isAuthentic('twilio', { ...ofTwilio(SECRET), body: Buffer.from(`${RAW} `) })).toBe(false)
  })

  it('of Chatwoot is demanded once its secret is known; before, the path’s is', () => {
    expect(isAuthentic('chatwoot', path(SECRET))).toBe(false)
    const ajustes = { segredo_do_webhook: undefined }
    expect(isAuthentic('chatwoot', path(SECRET), { ajustes })).toBe(true)
    expect(isAuthentic('chatwoot', path(OTHER), { ajustes })).toBe(false)
    expect(isAuthentic('chatwoot', ofChatwoot(SECRET), { ajustes })).toBe(false)
  })
})
