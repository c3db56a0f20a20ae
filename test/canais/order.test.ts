import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type TestCanal, testCanal, testConsultor } from '../support/chat.js'
import { type TestService, testService } from '../support/service.js'

let service: TestService
beforeEach(async () => {
  service = await testService()
})
afterEach(() => service.end())

const protocols = async () => (await service.call('GET', '/protocolos')).body
const eventOf = async ({ slug }: TestCanal) => (await service.call('GET', `/canais/${slug}`)).body.eventos[0]
const HOUR_S = 3_600
/** Later than the protocol begins, each by so many seconds. */
const at = (seconds: number): Date => new Date(Date.now() + seconds * 1_000)

describe('the status of a conversation of Chatwoot', () => {
  const sender = { id: 9, name: 'Bia', phone_number: '+5511987654321' }
  const conversation = { id: 42, inbox_id: 3, meta: { sender, assignee: null } }
  const message = {
    event: 'message_created',
    id: 1,
    content: 'oi',
    message_type: 'incoming',
    created_at: new Date(),
    account: { id: 1 },
    conversation: { ...conversation, status: 'open' },
    sender: { ...sender, type: 'contact' },
  }
  const changed = (before: string, status: string, when: Date) => ({
    event: 'conversation_status_changed',
    account: { id: 1 },
    ...conversation,
    status,
    updated_at: when.getTime() / 1_000,
    messages: [{ id: 1, content: 'oi', message_type: 0, created_at: Math.floor(Date.now() / 1_000) }],
    changed_attributes: [{ status: { previous_value: before, current_value: status } }],
  })

  it.each([
    ['after his message', {}],
    ['after another one of his', { messages: [{ id: 2, content: 'olá', message_type: 0 }] }],
    ['to a person', { meta: { sender, assignee: { id: 7, name: 'Dora' } } }],
  ])('is open when a robot handed it over %s, whatever is told late of before', async (_, more) => {
    await testConsultor(service, 'Ana')
    const canal = await testCanal(service, 'chatwoot', { ajustes: { servidor: 'http://127.0.0.1:9', conta_id: 1 } })
    await canal.post(message)
    const [resolved, open, later] = [at(HOUR_S), at(HOUR_S + 2), at(HOUR_S + 4)]
    await canal.post({ ...changed('pending', 'open', open), ...more })
    expect(await eventOf(canal)).toMatchObject({ especie: 'inicio' })
    await canal.post(changed('open', 'resolved', resolved))
    expect(await protocols()).toMatchObject([{ status: 'aberto' }])
    await canal.post(changed('open', 'resolved', later))
    expect(await protocols()).toMatchObject([{ status: 'concluido' }])
  })
})

describe('what people do with a room of Rocket.Chat', () => {
  const room = (type: string, more: object = {}) => ({
    _id: 'sala1',
    type,
    visitor: { _id: 'v1', token: 't1', name: 'Bia' },
    messages: [],
    ...more,
  })
  const taken = (id: string, when: Date, type = 'LivechatSessionTaken') =>
    room(type, {
      servedBy: { _id: id, username: id, ts: when },
      agent: { _id: id, name: id, email: `${id}@exemplo.com` },
    })

  it('is taken in the order of its clock', async () => {
    const ana = await testConsultor(service, 'Ana', { email: 'ana@exemplo.com' })
    const caio = await testConsultor(service, 'Caio', { email: 'caio@exemplo.com' })
    const canal = await testCanal(service, 'rocketchat')
    const headers = { 'x-rocketchat-livechat-token': canal.segredo }
    const post = (body: object) => canal.post(body, { headers })
    await post(room('LivechatSessionStart'))
    expect(await protocols()).toMatchObject([{ responsavel_id: ana }])
    await post(taken('caio', at(HOUR_S + 2), 'LivechatSessionForwarded'))
    await post(taken('ana', at(HOUR_S)))
    expect(await protocols()).toMatchObject([{ responsavel_id: caio, status: 'aberto' }])
    await post(room('LivechatSession', { closedAt: at(-HOUR_S) }))
    expect(await protocols()).toMatchObject([{ status: 'aberto' }])
    await post(room('LivechatSession', { closedAt: at(HOUR_S + 4) }))
    expect(await protocols()).toMatchObject([{ status: 'concluido' }])
  })
})

describe('a message to the company’s own number', () => {
  it('begins no conversation of ours, and is answered', async () => {
    const canal = await testCanal(service, 'waha', { ajustes: { sessao: 'loja' }, conversa_nossa_h: 24 })
    const me = '5511900000000@c.us'
    const payload = { id: `true_${me}_A1`, timestamp: Math.floor(Date.now() / 1_000), from: me, to: me, fromMe: true }
    const event = { event: 'message.any', session: 'loja', me: { id: me }, payload: { ...payload, body: 'lembrete' } }
    const { status } = await canal.post(event, { headers: { 'x-webhook-segredo': canal.segredo } })
    expect(status).toBe(200)
    expect(await eventOf(canal)).toMatchObject({ situacao: 'ignorado', motivo: 'propria' })
  })
})
