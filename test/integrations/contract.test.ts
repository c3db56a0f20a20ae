import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { ChatEvent, ChatReply, WebhookRequest } from '../../integrations/contract.js'
import { ADAPTERS } from '../../integrations/index.js'
import { isHexSignature, isStandardWebhook } from '../../src/lib/signature.js'
import { accountOf, PLATFORMS } from './accounts.js'
import { arePublished, published, type Vector, vectors } from './published.js'

const SECRET = 'token-de-teste+1'
const NOW = new Date('2026-01-05T12:00:00Z')
const whenPublished = arePublished ? it : it.skip

/** A test for each; none where they are not there. */
const eachOf = <T extends { readonly name: string }>(all: readonly T[]) =>
  (arePublished ? it : it.skip).each(
    (arePublished ? all : [{ name: 'not there' } as T]).map((one) => [one.name, one] as const),
  )

const lower = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const arrival = (raw: string, more: Partial<WebhookRequest> = {}): WebhookRequest => ({
  method: 'POST',
  url: 'https://exemplo.com/webhooks/x/conta',
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(raw),
  ...more,
})

const KINDS: Readonly<Record<string, string>> = {
  mensagem: 'message',
  inicio: 'conversation_start',
  verificacao: 'verification',
  encerramento: 'ignore',
  atribuicao: 'ignore',
  ignorado: 'ignore',
}

/** An event of ours in the words of the published expectations. */
function told(evento: ChatEvent): Record<string, unknown> {
  const contato = 'contato' in evento ? evento.contato : undefined
  return {
    event: KINDS[evento.tipo],
    platform_message_id: evento.mensagem_id ?? null,
    contact_external_id: contato?.ids[0] ?? null,
    phone_e164: contato?.telefone ?? null,
    name: contato?.nome ?? null,
    text: evento.texto ?? null,
    conversation: evento.conversa ?? null,
    from_me: evento.tipo === 'ignorado' && evento.motivo === 'propria',
  }
}

const isRight = (given: unknown, right: unknown, others: readonly unknown[] = []): boolean =>
  [right, ...others].some((one) => one === given)

describe('every platform of the list', () => {
  it('is known to these tests', () => {
    expect(ADAPTERS.map(({ plataforma }) => plataforma).sort()).toEqual([...PLATFORMS].sort())
  })
})

interface Fixture {
  readonly porque: string
  readonly conta?: string
  readonly ajustes?: object
  readonly corpo?: unknown
  readonly cru?: string
  /** No phone may be made out of whatever digits there are. */
  readonly semTelefone?: true
  readonly espera: readonly object[]
}

const FOLDER = join(__dirname, '../../integrations')
const fixtures = PLATFORMS.flatMap((plataforma) =>
  readdirSync(join(FOLDER, plataforma, 'fixtures')).map((file) => {
    const one: Fixture = JSON.parse(readFileSync(join(FOLDER, plataforma, 'fixtures', file), 'utf8'))
    const { adapter, conta } = accountOf(plataforma, SECRET, one.conta, one.ajustes)
    const request = arrival(one.cru ?? JSON.stringify(one.corpo))
    return { ...one, name: `${plataforma}/${file}: ${one.porque}`, plataforma, adapter, conta, request }
  }),
)

describe('our own fixtures', () => {
  it.each(fixtures.map((one) => [one.name, one] as const))(
    '%s',
    (_name, { adapter, conta, request, espera, semTelefone }) => {
      const events = adapter.parse(request, conta)
      expect(JSON.parse(JSON.stringify(events))).toMatchObject(espera)
      expect(events.length).toBe(espera.length)
      if (semTelefone) for (const one of events) expect(one).not.toHaveProperty('contato.telefone')
    },
  )

  it.each(PLATFORMS)('%s: has one with emoji and slashes, and one that takes no turn', (plataforma) => {
    const mine = fixtures.filter((one) => one.plataforma === plataforma)
    const events = mine.flatMap(({ adapter, request, conta }) => adapter.parse(request, conta))
    expect(events.some(({ tipo, texto }) => tipo === 'mensagem' && /\/.*😀/u.test(texto ?? ''))).toBe(true)
    expect(events.some(({ tipo }) => tipo === 'ignorado')).toBe(true)
  })
})

const NASTY = [
  '',
  '{',
  'null',
  '[]',
  '0',
  '"texto"',
  '{"event":null,"data":7,"entry":5,"message":[],"conversation":"x","from":{},"type":9,"messages":{}}',
  '{"entry":[null,{"changes":[null,{"value":null},{"value":{"messages":[null,7,{"id":{}}]}}]}]}',
  '{"update_id":1,"message":{"chat":null,"from":null}}',
  '{"event":"message_created","conversation":{"id":null},"sender":7}',
  '{"event":"messages.upsert","instance":"loja-exemplo","data":{"key":{"remoteJid":"@"}}}',
  '{"event":"messages.upsert","instance":"loja-exemplo","data":[null,1,{"key":null}]}',
  '{"_id":"r","type":"Message","visitor":{"_id":"v"},"messages":[null]}',
  `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
  'a=1&a=2&%%%=%E0%A4%A',
  '\u0000\uFFFD',
]

describe('whatever else comes', () => {
  it.each(PLATFORMS)('%s: garbage is never an exception, and takes no turn', (plataforma) => {
    const { adapter, conta } = accountOf(plataforma, SECRET)
    for (const raw of NASTY) {
      const events = adapter.parse(arrival(raw), conta)
      expect(events.filter(({ tipo }) => tipo !== 'ignorado')).toEqual([])
      expect(adapter.verify(arrival(raw), conta, NOW)).toMatchObject({ authentic: false })
    }
  })

  it.each(PLATFORMS)('%s: any JSON and any bytes neither', (plataforma) => {
    const { adapter, conta } = accountOf(plataforma, SECRET)
    const body = fc.oneof(
      fc.json(),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    )
    fc.assert(
      fc.property(body, fc.string(), (raw, header) => {
        const headers = Object.fromEntries(SECRET_HEADERS.map((name) => [name, header]))
        const given = arrival(raw, { headers, pathSecret: header })
        adapter.parse(given, conta)
        expect(adapter.verify(given, conta, NOW).authentic).toBe(header === SECRET)
      }),
      { numRuns: 200 },
    )
  })

  it.each(PLATFORMS)('%s: without a secret it is refused', (plataforma) => {
    const { adapter, conta } = accountOf(plataforma, SECRET)
    expect(adapter.verify(arrival('{}'), conta, NOW)).toMatchObject({ authentic: false })
  })
})

const SECRET_HEADERS = [
  'authorization',
  'x-webhook-segredo',
  'x-api-key',
  'x-secret-key',
  'x-hub-signature-256',
  'x-twilio-signature',
  'x-chatwoot-signature',
  'x-chatwoot-timestamp',
  'x-telegram-bot-api-secret-token',
  'x-rocketchat-livechat-token',
  'webhook-signature',
]

const RESULTS: readonly ChatReply[] = (
  ['atribuido', 'em_atendimento', 'em_espera', 'indisponivel', 'ignorado'] as const
).map((situacao) => ({
  situacao,
  motivo: situacao === 'indisponivel' ? 'ninguem_online' : null,
  protocolo: situacao === 'atribuido' ? '#00007' : null,
  consultor: situacao === 'atribuido' ? { id: 1, nome: 'Ana & <Bia>', email: null, telefone: null } : null,
  posicao: situacao === 'em_espera' ? 2 : null,
  texto: situacao === 'ignorado' ? '' : 'Olá & <você> 😀',
}))

describe('what is answered', () => {
  it.each(PLATFORMS)('%s: is never empty, and has the same keys whatever came of it', (plataforma) => {
    const fixture = fixtures.find((one) => one.plataforma === plataforma)
    if (!fixture) throw new Error('no fixture')
    const { adapter, conta, request } = fixture
    const events = adapter.parse(request, conta)
    const shapes = RESULTS.map((resultado) => {
      const { status, contentType: tipo, body } = adapter.reply([resultado], events, conta)
      expect(status).toBe(200)
      expect(body).not.toBe('')
      if (tipo === 'text/xml') {
        expect(body).toMatch(/^<\?xml [^>]*\?><Response>(<Message>[^<>]*<\/Message>)?<\/Response>$/)
        return ''
      }
      return Object.keys(JSON.parse(body)).sort().join()
    })
    if (adapter.replyReader(conta.ajustes) === 'flow') expect(new Set(shapes).size).toBe(1)
  })
})

describe('the payloads that the vendors publish', () => {
  const all = published()
  whenPublished('are there for nine platforms', () => {
    expect(new Set(all.map(({ platform }) => platform)).size).toBe(9)
  })

  eachOf(all)('%s reads as it says', (_name, one) => {
    const { adapter, conta } = accountOf(one.platform, SECRET, one.account)
    const url = `https://exemplo.com/webhooks/x/conta${one.query}`
    const given = arrival(one.raw, { method: one.method, url, headers: lower(one.headers) })
    const events = adapter.parse(given, conta)
    const wanted = one.expect.filter(({ event }) => event === 'message')
    const messages = events.filter(({ tipo }) => tipo === 'mensagem').map(told)
    const kinds = [one.expect[0].event, ...(one.expectAny.event ?? [])]
    for (const evento of events) {
      if (evento.tipo === 'ignorado' && wanted.length > 0) continue
      const kind = KINDS[evento.tipo]
      expect([...kinds, ...(kinds.includes('ignore') ? ['conversation_start'] : [])]).toContain(kind)
    }
    if (wanted.length === 0 || (messages.length === 0 && one.expectAny.event)) return
    expect(messages.length).toBe(wanted.length)
    for (const [index, expected] of wanted.entries()) {
      const found =
        messages.find(({ platform_message_id: id }) => id === expected.platform_message_id) ?? messages[index]
      for (const [field, value] of Object.entries(expected)) {
        if (!(field in (found ?? {}))) continue
        const got = found?.[field]
        expect({
          field,
          got,
          right: isRight(got, value, one.expectAny[field]) || [value, one.expectAny[field]],
        }).toEqual({
          field,
          got,
          right: true,
        })
      }
    }
  })

  whenPublished('the handshake is answered with its challenge, and a wrong token is refused', () => {
    const one = all.find(({ method }) => method === 'GET')
    if (!one) throw new Error('no handshake is published')
    const url = `https://exemplo.com/x${one.query}`
    const given = arrival('', { method: 'GET', url })
    const right = accountOf(one.platform, SECRET)
    expect(right.adapter.verify(given, right.conta, NOW)).toEqual({ authentic: true })
    expect(right.adapter.parse(given, right.conta)).toEqual([{ tipo: 'verificacao', resposta: '1234567890' }])
    const wrong = accountOf(one.platform, 'another')
    expect(wrong.adapter.verify(given, wrong.conta, NOW)).toMatchObject({ authentic: false })
  })
})

describe('the signature vectors', () => {
  const isValid = ({ platform, secret, raw, url, ...vector }: Vector): boolean => {
    const headers = lower(vector.headers)
    const now = vector.now === undefined ? NOW : new Date(vector.now * 1_000)
    const body = Buffer.from(raw)
    if (platform === 'github') return isHexSignature(headers['x-hub-signature-256'], [secret], body)
    if (platform === 'standard-webhooks') {
      const given = {
        id: headers['webhook-id'],
        timestamp: headers['webhook-timestamp'],
        signature: headers['webhook-signature'],
      }
      return isStandardWebhook(given, [secret], body, now)
    }
    const { adapter, conta } = accountOf(platform, secret)
    return adapter.verify(arrival(raw, { headers, ...(url !== undefined && { url }) }), conta, now).authentic
  }

  eachOf(vectors().map((one) => ({ ...one, name: `${one.platform}: ${one.name}` })))('%s', (_name, one) => {
    expect(isValid(one)).toBe(one.valid)
  })
})
