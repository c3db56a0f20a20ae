import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type TestCanal, testCanal, testConsultor } from '../support/chat.js'
import { type TestService, testService } from '../support/service.js'

let service: TestService
let canal: TestCanal
beforeAll(async () => {
  service = await testService()
  await testConsultor(service, 'Ana Lima')
  await testConsultor(service, 'Caio Reis')
  canal = await testCanal(service, 'chatwoot', { ajustes: { servidor: 'https://chat.exemplo.com', conta_id: 1 } })
})
afterAll(() => service.end())

const protocols = async () => (await service.call('GET', '/protocolos?limit=100')).body
let customers = 100

/** A message of a customer who never wrote before, changed by these fields; how many turns it took. */
async function turnsOf(message: object, contact: object = {}, conversation: object = {}): Promise<number> {
  customers += 1
  const sender = { id: customers, name: 'Bia', phone_number: null, identifier: null, ...contact }
  const before = (await protocols()).length
  const { status } = await canal.post({
    event: 'message_created',
    id: 5_000 + customers,
    content: 'oi',
    message_type: 'incoming',
    private: false,
    content_type: 'text',
    content_attributes: {},
    created_at: new Date().toISOString(),
    sender,
    account: { id: 1 },
    inbox: { id: 3 },
    ...message,
    conversation: {
      id: 1_000 + customers,
      inbox_id: 3,
      status: 'open',
      meta: { sender: { ...sender, type: 'contact' }, assignee: null, assignee_type: null },
      ...conversation,
    },
  })
  expect(status).toBe(200)
  return (await protocols()).length - before
}

describe('a message that a customer can say takes a turn', () => {
  it.each([
    ['a text', { content: 'oi' }],
    ['a photo', { content: null, attachments: [{ file_type: 'image' }] }],
    ['an audio', { content: '', attachments: [{ file_type: 'audio' }] }],
    ['a location', { content: null, attachments: [{ file_type: 'location' }] }],
    ['a contact', { content: null, attachments: [{ file_type: 'contact' }] }],
    ['a mention in a story', { content: null, attachments: [{ file_type: 'story_mention' }] }],
    ['a sticker', { content: null, content_type: 'sticker' }],
    ['an e-mail', { content_type: 'incoming_email' }],
    [
      'an option',
      { content: null, content_type: 'input_select', content_attributes: { submitted_values: [{ value: 'x' }] } },
    ],
    ['something that the channel cannot show', { content: null, content_attributes: { is_unsupported: true } }],
    ['a text with an attachment of an unknown kind', { attachments: [{ file_type: 'hologram' }] }],
  ])('%s', async (_name, message) => {
    expect(await turnsOf(message)).toBe(1)
  })
})

describe('a message that no customer says takes none', () => {
  it.each([
    ['nothing in it', { content: null }],
    ['blanks', { content: ' \n' }],
    ['an attachment of an unknown kind', { content: null, attachments: [{ file_type: 'hologram' }] }],
    ['a type that is not known', { content_type: 'hologram' }],
    ['a rating', { content: '5', content_type: 'input_csat' }],
    ['a rating by a button', { content: 'Ótimo', content_attributes: { csat_flow_reply: { id: 1 } } }],
    ['a call', { content: 'Voice Call', content_type: 'voice_call' }],
    ['a reaction', { content: '👍', content_attributes: { is_reaction: true } }],
    ['a deleted message', { content: 'This message was deleted', content_attributes: { deleted: true } }],
    ['an automatic answer', { content_type: 'incoming_email', content_attributes: { email: { auto_reply: true } } }],
    ['an activity', { message_type: 'activity' }],
    ['a template', { message_type: 'template' }],
    ['a direction that is not known', { message_type: 'sideways' }],
    ['an update', { event: 'message_updated' }],
    ['an event that is not known', { event: 'message_translated' }],
  ])('%s', async (_name, message) => {
    expect(await turnsOf(message)).toBe(0)
  })
})

describe('who wrote', () => {
  it.each([
    ['a group, by its identifier', { name: 'Clientes (GROUP)', identifier: '120363000000000001@g.us' }, {}],
    ['a channel', { identifier: '120363000000000002@newsletter' }, {}],
    ['a broadcast', { identifier: 'status@broadcast' }, {}],
    ['a group, by its id in the inbox', {}, { contact_inbox: { source_id: '120363000000000003@g.us' } }],
    ['a group, as WAHA notes it', { custom_attributes: { waha_whatsapp_chat_id: '120363000000000004@g.us' } }, {}],
    ['a group, as a fork says it', {}, { group_type: 'group' }],
    ['Evolution itself', { name: 'EvolutionAPI', phone_number: '+123456' }, {}],
    ['WAHA itself', { identifier: 'whatsapp.integration' }, {}],
    ['somebody whom the company blocked', { blocked: true }, {}],
  ])('is no customer: %s', async (_name, contact, conversation) => {
    expect(await turnsOf({}, contact, conversation)).toBe(0)
  })

  const latest = async () => (await protocols()).toSorted((a: { id: number }, b: { id: number }) => b.id - a.id)[0]

  it.each([
    ['a phone', { phone_number: '+5511911110001' }, {}, '+5511911110001'],
    ['an address', { identifier: '5511911110002@s.whatsapp.net' }, {}, '+5511911110002'],
    ['an address with a device', { identifier: '5511911110003:7@s.whatsapp.net' }, {}, '+5511911110003'],
    ['what WAHA notes', { custom_attributes: { waha_whatsapp_jid: '5511911110004@c.us' } }, {}, '+5511911110004'],
    [
      'WhatsApp’s inbox',
      {},
      { channel: 'Channel::Whatsapp', contact_inbox: { source_id: '5511911110005' } },
      '+5511911110005',
    ],
    [
      'Twilio’s',
      {},
      { channel: 'Channel::TwilioSms', contact_inbox: { source_id: 'whatsapp:+5511911110006' } },
      '+5511911110006',
    ],
    ['the digits of a LID', { phone_number: '+123456789012345', identifier: '123456789012345@lid' }, {}, null],
    ['more digits than a number of that country has', { phone_number: '+105828497510423' }, {}, null],
    [
      'an inbox that does not go by phones',
      {},
      { channel: 'Channel::Api', contact_inbox: { source_id: '5511911110007' } },
      null,
    ],
  ])('has a phone where %s tells it, and only there', async (_name, contact, conversation, telefone) => {
    expect(await turnsOf({}, contact, conversation)).toBe(1)
    expect((await latest()).contato.telefone).toBe(telefone)
  })

  it('is one person after his contact was merged into another, by his id in the inbox', async () => {
    const conversation = { contact_inbox: { source_id: 'e3b0c442' } }
    expect(await turnsOf({}, {}, conversation)).toBe(1)
    expect(await turnsOf({}, {}, conversation)).toBe(0)
  })

  it('is one person by phone and by the same phone in an address', async () => {
    expect(await turnsOf({}, { phone_number: '+5511911110009' })).toBe(1)
    expect(await turnsOf({}, { identifier: '5511911110009@s.whatsapp.net' })).toBe(0)
  })
})
