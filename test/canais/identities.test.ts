import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type TestCanal, testCanal, testConsultor } from '../support/chat.js'
import { migratedDatabase, type TestDatabase } from '../support/database.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { allCopied, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let platforms: Platforms
let database: TestDatabase
let service: TestService
beforeAll(async () => {
  platforms = await startPlatforms()
})
afterAll(() => platforms.end())
beforeEach(async () => {
  database = await migratedDatabase()
  service = await testService({ database })
})
afterEach(async () => {
  await service.end()
  await database.end()
  platforms.reset()
})

const protocols = async () => (await service.call('GET', '/protocolos')).body
const settled = () => allCopied(service)

const ANA = '5511987654321@wa.gw.msging.net'

describe('one customer by all the ids of a body', () => {
  it('is one at Blip over every tunnel of a router, and is answered through the one he wrote by', async () => {
    await testConsultor(service, 'Ana Lima')
    await testConsultor(service, 'Caio Reis')
    const ajustes = { modo: 'bot', servidor: platforms.url, chave: 'chave' }
    const canal = await testCanal(service, 'blip', { ajustes, gatilho: 'sempre' })
    const wrote = (from: string) =>
      canal.post({
        id: from,
        from,
        to: 'bot@msging.net/x',
        type: 'text/plain',
        content: 'atendente',
        metadata: { '#tunnel.originator': ANA, '#contactName': 'Bia' },
      })
    await wrote('aaaa-1@tunnel.msging.net')
    await settled()
    await wrote('bbbb-2@tunnel.msging.net')
    await until(() => platforms.calls.length >= 2)
    expect(await protocols()).toMatchObject([{ contato: { nome: 'Bia', telefone: '+5511987654321' } }])
    expect(platforms.calls.map(({ body }) => body.to)).toEqual(['aaaa-1@tunnel.msging.net', 'bbbb-2@tunnel.msging.net'])
  })

  it('takes no turn at Blip for what the bot itself wrote', async () => {
    await testConsultor(service, 'Ana Lima')
    const canal = await testCanal(service, 'blip', { ajustes: { modo: 'bot' }, gatilho: 'sempre' })
    const own = ['bot@msging.net/x', 'bot%40msging.net@tunnel.msging.net/5511987654321%40wa.gw.msging.net']
    for (const from of own) await canal.post({ id: from, from, to: ANA, type: 'text/plain', content: 'olá' })
    expect(await protocols()).toEqual([])
  })

  it('is one at Twilio by his phone and by the id that WhatsApp keeps when it tells none', async () => {
    await testConsultor(service, 'Ana Lima')
    await testConsultor(service, 'Caio Reis')
    const canal = await twilioAccount()
    await canal.wrote({ From: 'whatsapp:+5511987654321', ExternalUserId: 'whatsapp:BR.26001', MessageSid: 'SM1' })
    await settled()
    await canal.wrote({ From: 'whatsapp:BR.26001', MessageSid: 'SM2' })
    expect(await protocols()).toHaveLength(1)
  })
})

const APP_SECRET = 'segredo-do-app'

/** An account of the Cloud API, and what Meta sends to it, signed. */
async function cloudAccount(more: object = {}) {
  const ajustes = { phone_number_id: '1065', app_secret: APP_SECRET }
  const canal = await testCanal(service, 'whatsapp-cloud', { ajustes, ...more })
  let id = 0
  const tell = (field: string, value: object) => {
    const metadata = { phone_number_id: '1065' }
    const raw = JSON.stringify({ entry: [{ changes: [{ field, value: { metadata, ...value } }] }] })
    const signature = `sha256=${createHmac('sha256', APP_SECRET).update(raw).digest('hex')}`
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature }
    return canal.post(undefined, { raw, headers })
  }
  const wrote = (message: object) => {
    id += 1
    const timestamp = String(Math.floor(Date.now() / 1_000))
    return tell('messages', {
      messages: [{ id: `wamid.${id}`, timestamp, type: 'text', text: { body: 'oi' }, ...message }],
    })
  }
  return { ...canal, tell, wrote }
}

const NUMBER = { type: 'system', system: { type: 'user_changed_number', wa_id: '5511955550000', user_id: 'BR.2' } }
const USER_ID = { type: 'system', system: { type: 'user_changed_user_id', previous_user_id: 'BR.1', user_id: 'BR.2' } }

describe('a customer of the Cloud API whose phone or id changed', () => {
  it.each([
    ['his phone', { from: '5511987654321', ...NUMBER }, { from: '5511955550000' }],
    ['his phone, and his id with it', { from: '5511987654321', ...NUMBER }, { from_user_id: 'BR.2' }],
    ['his id', USER_ID, { from_user_id: 'BR.2' }],
  ])('is the same person after %s changed', async (_what, change, after) => {
    await testConsultor(service, 'Ana Lima')
    await testConsultor(service, 'Caio Reis')
    const canal = await cloudAccount()
    await canal.wrote({ from: '5511987654321', from_user_id: 'BR.1' })
    await canal.wrote(change)
    await canal.wrote(after)
    expect(await protocols()).toHaveLength(1)
  })

  it('is the same person after the field user_id_update, also while he waits', async () => {
    const token = { phone_number_id: '1065', app_secret: APP_SECRET, token: 't', servidor: platforms.url }
    const canal = await cloudAccount({ ajustes: token })
    await canal.wrote({ from_user_id: 'BR.1' })
    await canal.tell('user_id_update', { user_id_update: [{ user_id: { previous: 'BR.1', current: 'BR.2' } }] })
    await canal.wrote({ from_user_id: 'BR.2' })
    expect((await service.call('GET', '/espera')).body).toHaveLength(1)
    await testConsultor(service, 'Ana Lima')
    await until(async () => (await protocols()).length > 0)
    expect((await protocols())[0].contato.ids).toEqual([`${canal.slug}:BR.1`, `${canal.slug}:BR.2`])
  })

  it('is known by his new phone where his protocol is closed already', async () => {
    await testConsultor(service, 'Ana Lima')
    const canal = await cloudAccount()
    await canal.wrote({ from: '5511987654321' })
    await settled()
    await service.call('PUT', '/protocolo/1', { body: { status: 'concluido' } })
    await canal.wrote({ from: '5511987654321', ...NUMBER })
    expect((await protocols())[0].contato.ids).toContain(`${canal.slug}:5511955550000`)
  })
})

describe('a call that nobody answered', () => {
  const missed = { id: 'wacid.1', from: '5511987654321', event: 'terminate', direction: 'USER_INITIATED' }

  it('takes a turn only where the account counts calls, and one that was answered nowhere', async () => {
    await testConsultor(service, 'Ana Lima')
    const canal = await cloudAccount()
    await canal.tell('calls', { calls: [missed] })
    expect(await protocols()).toEqual([])
    await service.call('PUT', `/canais/${canal.slug}`, { body: { ligacoes: true } })
    await canal.tell('calls', { calls: [{ ...missed, id: 'wacid.2', duration: 33 }] })
    expect(await protocols()).toEqual([])
    await canal.tell('calls', { calls: [{ ...missed, id: 'wacid.3' }] })
    expect(await protocols()).toHaveLength(1)
  })
})

describe('a room of Rocket.Chat that a robot serves', () => {
  const visitor = { _id: 'v1', token: 'tk1', name: 'Bia' }
  const robot = { _id: 'b1', username: 'vendas.bot' }

  it('is not assigned: its visitor gets a turn, and no robot becomes responsável', async () => {
    const ana = await testConsultor(service, 'Ana Lima')
    const canal = await testCanal(service, 'rocketchat', { gatilho: 'sempre' })
    const headers = { 'x-rocketchat-livechat-token': canal.segredo }
    const tell = (type: string, more: object) => canal.post({ _id: 'sala1', type, visitor, ...more }, { headers })
    await tell('Message', { agent: robot, messages: [{ _id: 'm1', msg: 'oi' }] })
    await settled()
    await tell('LivechatSessionTaken', { agent: robot, servedBy: robot })
    expect(await protocols()).toMatchObject([{ consultor_id: ana, responsavel_id: ana }])
  })

  it('asks for somebody when the robot forwards it', async () => {
    await testConsultor(service, 'Ana Lima')
    const canal = await testCanal(service, 'rocketchat')
    const headers = { 'x-rocketchat-livechat-token': canal.segredo }
    await canal.post(
      { _id: 'sala1', type: 'LivechatSessionForwarded', visitor, oldServedBy: robot, messages: [] },
      { headers },
    )
    expect(await protocols()).toHaveLength(1)
  })
})

const TOKEN = 'token-da-twilio'
const SID = 'AC00000000000000000000000000000009'

/** An account of Twilio, and what a customer writes to it, signed. */
async function twilioAccount(): Promise<TestCanal & { wrote(more: object): Promise<unknown> }> {
  const ajustes = { account_sid: SID, auth_token: TOKEN, numero: 'whatsapp:+551133334444', servidor: platforms.url }
  const canal = await testCanal(service, 'twilio', { ajustes })
  return {
    ...canal,
    wrote: (more) => {
      const fields = Object.entries({ AccountSid: SID, SmsStatus: 'received', Body: 'oi', ...more }).sort()
      const signed = service.url + canal.path + fields.flat().join('')
      const signature = createHmac('sha1', TOKEN).update(signed).digest('base64')
      const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature }
      return canal.post(undefined, { raw: new URLSearchParams(fields).toString(), headers })
    },
  }
}

describe('an id that a flow did not fill in', () => {
  it.each([
    ['typebot', (n: number) => ({ resultId: '{{Result ID}}', phone: `+551198765432${n}` })],
    ['manychat', (n: number) => ({ id: 'Contact Id', name: 'Full Name', phone: `+551198765432${n}` })],
    ['generico', (n: number) => ({ contato: { id: '{{ $json.id }}', telefone: `+551198765432${n}` } })],
    ['botpress', (n: number) => ({ conversationId: 'undefined', userId: '{{user.id}}', phone: `+551198765432${n}` })],
    ['dialogflow', () => ({ session: 'projects/p/agent/sessions/$session.id', queryResult: { queryText: 'oi' } })],
    ['blip', (n: number) => ({ id: `m${n}`, from: '{{contact.identity}}', phone: `+551198765432${n}` })],
  ] as const)('makes nobody at %s another customer’s double', async (plataforma, body) => {
    await testConsultor(service, 'Ana Lima')
    const canal = await testCanal(service, plataforma)
    const headers = {
      'x-webhook-segredo': canal.segredo,
      authorization: `Bearer ${canal.segredo}`,
      'x-secret-key': canal.segredo,
    }
    for (const n of [1, 2]) {
      const { status, body: told } = await canal.post(body(n), { headers })
      expect(status).toBe(200)
      if (plataforma !== 'dialogflow') expect(told).toMatchObject({ situacao: 'ignorado', motivo: 'formato' })
    }
    expect(await protocols()).toEqual([])
  })

  it('leaves a customer of ManyChat alone whom a flow asks for days after he wrote', async () => {
    await testConsultor(service, 'Ana Lima')
    const canal = await testCanal(service, 'manychat')
    const contact = { id: '13245647', last_input_text: 'oi', last_interaction: '2020-01-05T12:00:00+00:00' }
    const headers = { authorization: `Bearer ${canal.segredo}` }
    const { body } = await canal.post({ event_type: 'handoff', contact }, { headers })
    expect(body).toMatchObject({ situacao: 'atribuido', protocolo: '#00001' })
  })
})
