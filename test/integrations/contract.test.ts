import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { z } from 'zod'
import type { ChatEvent, ChatReply } from '../../integrations/contract.js'
import { toChave } from '../../src/canais/ask.js'
import { especieOf } from '../../src/canais/event-entry.js'
import { absentOf, accountOf, arrival, CASES, type Fixture, fixturesOf, PLATFORMS, SECRET, waysOf } from './folders.js'

const NOW = new Date('2026-01-05T12:00:00Z')

const fixtures = PLATFORMS.flatMap(fixturesOf)
const named = (all: readonly Fixture[]) => all.map((one) => [one.name, one] as const)
const parse = ({ adapter, request, account }: Fixture): readonly ChatEvent[] => adapter.parse(request, account)
const takesTurn = ({ tipo }: ChatEvent): boolean => tipo === 'mensagem' || tipo === 'inicio'

describe('the fixtures of a platform', () => {
  it.each(named(fixtures))('%s', (_name, fixture) => {
    // As JSON, where a field that is `undefined` is absent.
    const events = z.array(z.unknown()).parse(JSON.parse(JSON.stringify(parse(fixture))))
    expect(events).toMatchObject(fixture.espera)
    expect(events).toHaveLength(fixture.espera.length)
    for (const one of events) {
      if (fixture.semTelefone) expect(one).not.toHaveProperty('contato.telefone')
      if (fixture.semTexto) expect(one).not.toHaveProperty('texto')
    }
  })

  it.each(PLATFORMS)('%s: what takes no turn says of which kind it is', (plataforma) => {
    const ignored = fixturesOf(plataforma)
      .flatMap(parse)
      .flatMap((one) => (one.tipo === 'ignorado' ? [{ ...one, kind: especieOf(one) }] : []))
    expect(ignored.filter(({ kind }) => kind === 'outro' || kind === 'ignorado')).toEqual([])
  })

  it.each(PLATFORMS)('%s: what cannot be read says what is wrong', (plataforma) => {
    const { adapter, account } = accountOf(plataforma, SECRET)
    const events = [
      ...fixturesOf(plataforma).flatMap(parse),
      ...NASTY.flatMap((raw) => adapter.parse(arrival(raw), account)),
    ]
    const unread = events.flatMap((one) => (one.tipo === 'ignorado' && one.motivo === 'formato' ? [one.detalhe] : []))
    expect(unread.filter((words) => !words)).toEqual([])
  })

  it.each(PLATFORMS)('%s: show each mandatory case, or say why it does not exist there', (plataforma) => {
    const shown = new Set(fixturesOf(plataforma).map(({ caso }) => caso))
    const absent = Object.keys(absentOf(plataforma))
    expect(CASES.filter((one) => !shown.has(one) && !absent.includes(one))).toEqual([])
    expect(CASES.filter((one) => shown.has(one) && absent.includes(one))).toEqual([])
  })
})

const of = (...cases: readonly Fixture['caso'][]) => named(fixtures.filter(({ caso }) => cases.includes(caso)))

describe('the mandatory cases', () => {
  it.each(of('mensagem', 'midia'))('%s: takes a turn', (_name, fixture) => {
    const events = parse(fixture)
    expect(events.filter(takesTurn)).toHaveLength(events.length)
    for (const one of events) expect(one).toMatchObject({ conversa: expect.any(String), contato: expect.anything() })
  })

  it.each(PLATFORMS)('%s: a message has emoji and slashes', (plataforma) => {
    const texts = fixturesOf(plataforma)
      .filter(({ caso }) => caso === 'mensagem')
      .flatMap(parse)
      .map(({ texto }) => texto ?? '')
    expect(texts.some((texto) => /\/.*😀/u.test(texto))).toBe(true)
  })

  it.each([
    ['propria', ['propria', 'atendente', 'robo']],
    ['grupo', ['grupo', 'canal']],
    ['nao_e_mensagem', undefined],
  ] as const)('%s: takes no turn, and says so', (caso, motivos) => {
    for (const fixture of fixtures.filter((one) => one.caso === caso)) {
      for (const event of parse(fixture)) {
        const motivo = event.tipo === 'ignorado' ? event.motivo : event.tipo
        const isRight = event.tipo === 'ignorado' && (motivos?.some((one) => one === motivo) ?? true)
        expect({ fixture: fixture.name, motivo, isRight }).toEqual({ fixture: fixture.name, motivo, isRight: true })
      }
    }
  })

  it.each(of('outra_conta'))('%s: is not this account’s', (_name, fixture) => {
    const { adapter, account } = fixture
    for (const event of parse(fixture)) {
      if (adapter.accountIdOf) expect([undefined, adapter.accountIdOf(account.ajustes)]).not.toContain(event.conta)
      else expect(event).toMatchObject({ tipo: 'ignorado', motivo: 'outra_conta' })
    }
  })

  it.each(PLATFORMS)('%s: a repetition has the key of its message, and no other message has it', (plataforma) => {
    const keysOf = (all: readonly Fixture[], delivered: Date) =>
      all.flatMap(parse).flatMap((one) => ('pediu' in one ? [toChave({ plataforma, slug: 'x' }, one, delivered)] : []))
    const mine = fixturesOf(plataforma)
    const keys = keysOf(
      mine.filter(({ caso }) => caso === 'mensagem'),
      NOW,
    )
    const again = keysOf(
      mine.filter(({ caso }) => caso === 'repetida'),
      new Date(NOW.getTime() + 86_400_000),
    )
    expect(again.length).toBeGreaterThan(0)
    expect(keys).toEqual(expect.arrayContaining(again))
    for (const other of keysOf(
      mine.filter(({ caso }) => caso === 'midia'),
      NOW,
    ))
      expect(keys).not.toContain(other)
  })
})

const LID = '98765432109876'

describe('a LID in the place of a phone', () => {
  // Wherever the customer's number stands in a message, alone or in an address, a LID may stand one day.
  const withPhone = fixtures.flatMap((fixture) => {
    const [event] = fixture.caso === 'mensagem' ? parse(fixture) : []
    const telefone = event && 'pediu' in event ? event.contato.telefone : undefined
    const digits = telefone?.slice(1) ?? ''
    const isPlain = digits !== '' && fixture.request.body.includes(digits)
    return isPlain ? [[fixture.name, { ...fixture, digits }] as const] : []
  })

  it.each(withPhone)('%s: is never a telephone', (_name, { digits, ...fixture }) => {
    const raw = fixture.request.body.toString('utf8')
    const address = new RegExp(`(\\+|%2B)?${digits}(@s\\.whatsapp\\.net|@c\\.us)?`, 'g')
    const request = { ...fixture.request, body: Buffer.from(raw.replace(address, `${LID}@lid`)) }
    for (const event of parse({ ...fixture, request })) {
      const telefone = 'contato' in event ? event.contato?.telefone : undefined
      expect(telefone ?? '').not.toContain(LID)
    }
  })

  it('is tried where a platform brings phones', () => {
    expect(withPhone.length).toBeGreaterThan(5)
  })
})

describe('settings', () => {
  const SECRET_PARTS = ['token', 'chave', 'key', 'segredo', 'senha', 'secret']

  it.each(PLATFORMS)('%s: what is named like a secret is kept as one', (plataforma) => {
    const { adapter } = accountOf(plataforma, SECRET)
    const names = Object.keys(adapter.ajustes.shape)
    const secret = names.filter((name) => name.split('_').some((part) => SECRET_PARTS.includes(part.toLowerCase())))
    expect(secret.filter((name) => !adapter.secretos.includes(name))).toEqual([])
    expect(adapter.secretos.filter((name) => !names.includes(name))).toEqual([])
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

/** Every header in which some platform sends a secret or a signature. */
const SECRET_HEADERS = [
  ...new Set(
    PLATFORMS.flatMap((one) => Object.values(waysOf(one)).flatMap(({ cabecalhos = {} }) => Object.keys(cabecalhos))),
  ),
]

/** Kinds that every object has a field for: a table must not take them for known ones. */
const INHERITED: Readonly<Record<string, string>> = {
  evolution:
    '{"event":"messages.upsert","instance":"loja1","data":{"key":{"remoteJid":"5511987654321@s.whatsapp.net","id":"1"},"message":{"constructor":{}}}}',
  'whatsapp-cloud':
    '{"entry":[{"changes":[{"value":{"metadata":{"phone_number_id":"1065"},"messages":[{"from":"5511987654321","id":"w","type":"constructor"}]}}]}]}',
  zapi: '{"type":"constructor","instanceId":"A20D","phone":"5511987654321"}',
  blip: '{"id":"1","from":"5511987654321@wa.gw.msging.net","to":"b@msging.net","type":"constructor","content":"x"}',
  telegram: '{"update_id":1,"constructor":{}}',
  twilio: 'MessageSid=SM1&From=%2B5511987654321&MessageType=constructor',
  botpress: '{"type":"constructor","data":{"id":"1","conversationId":"c"}}',
}

describe('whatever else comes', () => {
  it.each(Object.entries(INHERITED))('%s: a kind by the name of a method is an unknown one', (plataforma, raw) => {
    const ids: Readonly<Record<string, string>> = { evolution: 'loja1', zapi: 'A20D', 'whatsapp-cloud': '1065' }
    const { adapter, account } = accountOf(plataforma, SECRET, ids[plataforma])
    expect(adapter.parse(arrival(raw), account)).toMatchObject([{ tipo: 'ignorado', motivo: 'sistema' }])
  })

  it.each(PLATFORMS)('%s: garbage is never an exception, and takes no turn', (plataforma) => {
    const { adapter, account } = accountOf(plataforma, SECRET)
    for (const raw of NASTY) {
      const events = adapter.parse(arrival(raw), account)
      expect(events.filter(({ tipo }) => tipo !== 'ignorado')).toEqual([])
      expect(adapter.verify(arrival(raw), account, NOW)).toMatchObject({ authentic: false })
    }
  })

  it.each(PLATFORMS)('%s: any JSON and any bytes neither, and no other secret opens', (plataforma) => {
    const { adapter, account } = accountOf(plataforma, SECRET)
    const body = fc.oneof(
      fc.json(),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    )
    const wrong = fc
      .oneof(fc.string(), fc.constantFrom(`${SECRET} `, SECRET.slice(1), SECRET.toUpperCase(), `x${SECRET}`))
      .filter((one) => one !== SECRET)
    fc.assert(
      fc.property(body, wrong, (raw, secret) => {
        const headers = Object.fromEntries(SECRET_HEADERS.map((name) => [name, secret]))
        const request = arrival(raw, { headers, pathSecret: secret })
        adapter.parse(request, account)
        expect(adapter.verify(request, account, NOW)).toMatchObject({ authentic: false })
      }),
      { numRuns: 200 },
    )
  })
})

const REPLIES: readonly ChatReply[] = (
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
    const fixture = fixturesOf(plataforma).find(({ caso }) => caso === 'mensagem')
    if (!fixture) throw new Error('no message')
    const { adapter, account } = fixture
    const events = parse(fixture)
    const shapes = REPLIES.map((one) => {
      const { status, contentType, body } = adapter.reply([one], events, account)
      expect(status).toBe(200)
      expect(body).not.toBe('')
      if (contentType === 'text/xml') {
        expect(body).toMatch(/^<\?xml [^>]*\?><Response>(<Message>[^<>]*<\/Message>)?<\/Response>$/)
        return ''
      }
      return Object.keys(JSON.parse(body)).sort().join()
    })
    if (adapter.replyReader(account.ajustes) === 'flow') expect(new Set(shapes).size).toBe(1)
  })
})
