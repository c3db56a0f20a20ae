import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { hasTarefas, tarefas, testConsultor } from '../support/chat.js'
import { call, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'
import { type Engine, post, startWaha, toPayload, type Waha, wahaAccount } from '../support/waha.js'

const PHONE = '5511987654321@c.us'
const LID = '77001234567890@lid'

let service: TestService
let waha: Waha
beforeEach(async () => {
  waha = await startWaha()
  service = await testService({ env: (url) => ({ API_URL: url }) })
  await testConsultor(service, 'Ana Lima')
  await testConsultor(service, 'Caio Reis')
})
afterEach(async () => {
  await service.end()
  await waha.end()
})

/** An account whose webhook is registered. */
async function connected(more: object = {}) {
  const canal = await wahaAccount(service, waha, more)
  const done = await service.call('POST', `/canais/${canal.slug}/configurar`)
  if (done.status !== 200) throw new Error(`it was not configured: ${JSON.stringify(done.body)}`)
  return canal
}

const protocols = async () => (await service.call('GET', '/protocolos')).body
const statuses = (answers: readonly { status: number }[]) => answers.map(({ status }) => status)
const sentTo = (): string[] =>
  waha.calls.filter(({ path }) => path === '/api/sendText').map(({ body }) => String(body.chatId))
/** One more customer, who does get a turn: whatever came before him has been dealt with. */
async function anotherWrites(): Promise<void> {
  await waha.write({ id: 'outro', chat: '5511900001111@c.us' })
}

describe('the webhook of a session', () => {
  it('is registered with a key, beside the others, and all else stays', async () => {
    waha.session.config = {
      debug: true,
      noweb: { store: { enabled: true } },
      webhooks: [{ url: 'https://outro.exemplo.com/hook', events: ['*'], hmac: null }],
    }
    const { segredo, slug } = await connected()
    expect(waha.session.config).toMatchObject({
      debug: true,
      noweb: { store: { enabled: true } },
      webhooks: [
        { url: 'https://outro.exemplo.com/hook', events: ['*'], hmac: null },
        {
          url: `${service.url}/webhooks/waha/${slug}`,
          events: ['message.any', 'call.rejected'],
          hmac: { key: segredo },
        },
      ],
    })
  })

  it('is not written again where it is there, since a session restarts then', async () => {
    const { slug } = await connected()
    await service.call('POST', `/canais/${slug}/configurar`)
    expect(waha.calls.filter(({ method }) => method === 'PUT')).toHaveLength(1)
    expect(waha.session.config.webhooks).toHaveLength(1)
  })

  it('is believed by its signature alone, over the bytes as they came', async () => {
    const { segredo, slug } = await connected()
    const url = `${service.url}/webhooks/waha/${slug}`
    const raw = JSON.stringify({ event: 'message', session: 'loja', payload: toPayload({ id: 'A1' }, 'NOWEB') })
    expect((await post(url, raw)).status).toBe(401)
    expect((await post(url, raw, 'outra-chave')).status).toBe(401)
    expect((await post(url, raw.replace('oi', 'ui'), segredo, raw)).status).toBe(401)
    expect(await protocols()).toEqual([])
    expect((await post(url, raw, segredo)).status).toBe(200)
    expect(await protocols()).toHaveLength(1)
  })

  it('without a key is believed by a header or by its address; a wrong signature is never made good by these', async () => {
    const { segredo, slug, path } = await wahaAccount(service, waha)
    const bare = `/webhooks/waha/${slug}`
    const send = (to: string, id: string, headers: Record<string, string> = {}) =>
      call(service.url, 'POST', to, {
        body: { event: 'message', session: 'loja', payload: toPayload({ id }, 'WEBJS') },
        headers,
      })
    expect((await send(bare, 'A1', { 'x-api-key': 'errada' })).status).toBe(401)
    expect((await send(path, 'A1', { 'x-webhook-hmac': 'ab'.repeat(64) })).status).toBe(401)
    expect(await protocols()).toEqual([])
    expect((await send(path, 'A1')).status).toBe(200)
    expect((await send(bare, 'A2', { 'x-webhook-segredo': segredo })).status).toBe(200)
    expect((await send(bare, 'A3', { 'x-api-key': segredo })).status).toBe(200)
    expect((await send(bare, 'A4', { authorization: `Bearer ${segredo}` })).status).toBe(200)
    expect(await protocols()).toHaveLength(1)
  })
})

describe.each<[Engine]>([['WEBJS'], ['NOWEB'], ['GOWS']])('a customer who writes, by %s', (engine) => {
  it('has a person, and is told so at the address that he wrote from', async () => {
    await connected()
    const answers = await waha.write({ id: 'A1' }, engine)
    expect(statuses(answers)).toEqual([200])
    await until(() => sentTo().length === 1)
    expect(sentTo()).toEqual([PHONE])
    expect(await protocols()).toMatchObject([{ contato: { nome: 'Bia', telefone: '+5511987654321' } }])
  })

  it('takes one turn where the session tells both message and message.any', async () => {
    await connected()
    const [webhook] = waha.session.config.webhooks
    waha.session.config.webhooks = webhook ? [{ ...webhook, events: ['message', 'message.any'] }] : []
    expect(statuses(await waha.write({ id: 'A1' }, engine))).toEqual([200, 200])
    await waha.write({ id: 'A1' }, engine)
    expect(await protocols()).toHaveLength(1)
    await until(() => sentTo().length === 1)
    await anotherWrites()
    await until(() => sentTo().length === 2)
    expect(sentTo()).toEqual([PHONE, '5511900001111@c.us'])
  })
})

describe.each<[Engine]>([['NOWEB'], ['GOWS']])('a customer with a LID and a phone, by %s', (engine) => {
  it('is one person, by whichever he writes, and is answered there', async () => {
    await connected()
    await waha.write({ id: 'A1', chat: LID, alt: PHONE }, engine)
    await waha.write({ id: 'A2', chat: PHONE }, engine)
    await waha.write({ id: 'A3', chat: LID }, engine)
    expect(await protocols()).toMatchObject([{ contato: { telefone: '+5511987654321' } }])
    await until(() => sentTo().length === 1)
    expect(sentTo()).toEqual([LID])
  })

  it('is not made one with the shop, whose own address stands in what it writes', async () => {
    await connected()
    await waha.write({ id: 'A1', chat: LID }, engine)
    const alt = engine === 'NOWEB' ? '5511900000000@c.us' : PHONE
    await waha.write({ id: 'P1', chat: LID, alt, me: true, text: 'já te atendo' }, engine)
    await waha.write({ id: 'B1', chat: '5511933334444@c.us' }, engine)
    expect(await protocols()).toHaveLength(2)
    for (const { contato } of await protocols()) expect(contato.telefone).not.toBe('+5511900000000')
  })
})

const OTHERS = [
  'message.reaction',
  'message.ack',
  'message.edited',
  'message.revoked',
  'message.waiting',
  'presence.update',
  'session.status',
  'group.v2.join',
  'poll.vote',
  'label.upsert',
  'chat.archive',
  'engine.event',
  'event.response',
  'call.accepted',
  'state.change',
  'anything.new',
]

describe('two messages with one bare id', () => {
  it('are two customers’, whose turns are two', async () => {
    await connected()
    await waha.write({ id: 'A1' })
    await waha.write({ id: 'A1', chat: '5511933334444@c.us' })
    expect(await protocols()).toHaveLength(2)
  })
})

describe.each<[Engine]>([['WEBJS'], ['NOWEB'], ['GOWS']])('a customer who waits, by %s', (engine) => {
  const waiting = async (): Promise<number> => (await service.call('GET', '/espera')).body.length

  it('leaves the line when a person answers on the shop’s own phone, not for what was sent through the API', async () => {
    for (const id of [1, 2]) await service.call('PUT', `/consultor/${id}/connection?status=false`)
    await connected()
    await waha.write({ id: 'A1' }, engine)
    await until(() => sentTo().length === 1)
    await waha.write({ id: 'P1', me: true, source: 'api', text: 'sou um robô' }, engine)
    // Its own text, which comes back as if it had been typed.
    await waha.echo(engine)
    expect(await waiting()).toBe(1)
    await waha.write({ id: 'P2', me: true, text: 'já te atendo' }, engine)
    expect(await waiting()).toBe(0)
    expect(await protocols()).toEqual([])
  })
})

describe('a call that was not taken', () => {
  const rejected = (id: string) => ({ id, from: PHONE, timestamp: Date.now() / 1_000, isVideo: false, isGroup: false })

  it('takes a turn only where the account wants that', async () => {
    const { slug } = await connected()
    await waha.emit('call.rejected', rejected('C1'))
    expect(await protocols()).toEqual([])
    await service.call('PUT', `/canais/${slug}`, { body: { ligacoes: true } })
    await waha.emit('call.rejected', rejected('C2'))
    expect(await protocols()).toHaveLength(1)
  })
})

describe('no turn is taken', () => {
  it('by another session, which is told as such', async () => {
    await connected()
    await waha.emit('message.any', toPayload({ id: 'A1' }, 'NOWEB'), { session: 'outra' })
    expect(await protocols()).toEqual([])
  })

  it('by groups, channels, status, and the shop itself', async () => {
    await connected()
    for (const chat of ['120363000000000000@g.us', '120363000000000000@newsletter', 'status@broadcast'])
      await waha.write({ id: 'A1', chat })
    for (const engine of ['WEBJS', 'NOWEB', 'GOWS'] as const) {
      await waha.write({ id: 'A2', me: true }, engine)
      await waha.write({ id: 'A3', me: true, source: 'api' }, engine)
    }
    expect(await protocols()).toEqual([])
  })

  it('by any other event, even if it looks like a message', async () => {
    await connected()
    const [webhook] = waha.session.config.webhooks
    waha.session.config.webhooks = webhook ? [{ ...webhook, events: ['*'] }] : []
    for (const event of OTHERS)
      expect(statuses(await waha.emit(event, toPayload({ id: 'A1' }, 'NOWEB')))).toEqual([200])
    expect(await protocols()).toEqual([])
  })

  it('by a message that says nothing, or is of a kind that nobody knows', async () => {
    await connected()
    const said = toPayload({ id: 'A1' }, 'NOWEB')
    const kinds = [
      { ...said, body: '', _data: undefined },
      { ...said, body: '', _data: { type: 'chat' } },
      { ...said, _data: { type: 'e2e_notification' } },
      { ...said, _data: { type: 'toString' } },
      { ...said, body: null, _data: { message: { call: { callKey: 'x' } } } },
      { ...said, body: null, _data: { Message: { senderKeyDistributionMessage: {} } } },
      { ...said, _data: { message: { secretEncryptedMessage: {} } } },
      { ...said, _data: { Info: { Edit: '1' }, Message: { conversation: 'oi' } } },
    ]
    for (const one of kinds) expect(statuses(await waha.emit('message.any', one))).toEqual([200])
    expect(await protocols()).toEqual([])
  })
})

describe('an event with its media in it', () => {
  it('is believed by its signature, computed while it comes, and takes one turn', async () => {
    const { segredo, slug } = await connected()
    const url = `${service.url}/webhooks/waha/${slug}`
    const base64 = 'QUJD'.repeat(5_000_000)
    const payload = { ...toPayload({ id: 'A1' }, 'NOWEB'), media: { data: base64, mimetype: 'image/png' } }
    const raw = JSON.stringify({ event: 'message.any', session: 'loja', payload })
    expect((await post(url, raw, segredo, raw.replace('QUJD', 'QUJE'))).status).not.toBe(200)
    expect(await protocols()).toEqual([])
    expect((await post(url, raw, segredo)).status).toBe(200)
    expect(await protocols()).toHaveLength(1)
  })
})

describe('a text', () => {
  it.each(['2 UNKNOWN: no LID found for 77001234567890@lid from server', 'Lid is missing in chat table'])(
    'goes to the phone where there is nobody at the LID (%s)',
    async (message) => {
      await connected()
      waha.answer(({ path, body }) =>
        path === '/api/sendText' && body.chatId === LID
          ? { status: 500, json: { statusCode: 500, exception: { message, name: 'Error' } } }
          : undefined,
      )
      await waha.write({ id: 'A1', chat: LID, alt: PHONE })
      await until(() => sentTo().length === 2)
      expect(sentTo()).toEqual([LID, PHONE])
      expect(await tarefas(service, 'feita', 1)).toHaveLength(1)
    },
  )

  it('waits while the session is disconnected, and is not given up', async () => {
    const { slug } = await connected()
    waha.session.status = 'SCAN_QR_CODE'
    expect((await service.call('POST', `/canais/${slug}/teste`)).body).toMatchObject({
      credenciais: 'recusadas',
      credenciais_motivo: 'instancia_desconectada',
    })
    await waha.write({ id: 'A1' })
    await until(() => sentTo().length === 1)
    await until(() => hasTarefas(service, 'pendente', 1))
    expect((await service.call('GET', '/tarefas?estado=morta')).body).toEqual([])
  })
})
