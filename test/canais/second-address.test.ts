import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { testCanal, testConsultor } from '../support/chat.js'
import { evolutionAccount, message } from '../support/evolution.js'
import { type Platforms, type Reply, startPlatforms } from '../support/platforms.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let platforms: Platforms
let service: TestService
beforeAll(async () => {
  platforms = await startPlatforms()
  service = await testService()
  await testConsultor(service, 'Ana')
})
afterAll(async () => {
  await service.end()
  await platforms.end()
})
afterEach(() => platforms.reset())

const LID = '77001234567890@lid'
let events = 0
const ids = (): { id: string; lid: string; alt: string } => {
  events += 1
  return { id: `E${events}`, lid: `7700123456${events}@lid`, alt: `55119876500${10 + events}@s.whatsapp.net` }
}
/** What a gateway says of an address that is none; the form differs between releases. */
const nobody = (number: string): Reply => ({
  status: 400,
  json: { status: 400, error: 'Bad Request', response: { message: [{ jid: number, exists: false, number }] } },
})
const dead = async (): Promise<readonly string[]> =>
  (await service.call('GET', '/tarefas?estado=morta')).body.map(({ motivo }: { motivo: string }) => motivo)

describe('a customer of Evolution who came by a LID', () => {
  const told = (): string[] => platforms.calls.map(({ body }) => body.number)

  /** Sends a message of a new customer to an account whose gateway answers so, and waits until nothing is left to do. */
  async function write(reply: (number: string) => Reply | undefined, more: { alt?: boolean } = {}) {
    platforms.answer(({ body }) => reply(String(body?.number)))
    const canal = await evolutionAccount(service, platforms, {})
    const { id, lid, alt } = ids()
    await canal.post(message({ id, from: lid, ...(more.alt !== false && { alt }) }))
    // In one look: between two, work may go from one state to the other and back.
    const states = service.database.connection.collection('tarefas').find({ canal: canal.slug }).project({ estado: 1 })
    await until(async () => {
      const found = await states.clone().toArray()
      return found.length > 0 && found.every(({ estado }) => estado === 'feita' || estado === 'morta')
    })
    return { lid, alt }
  }

  it('and is not known by it there is written to at his phone, once', async () => {
    const before = (await dead()).length
    const { lid, alt } = await write((number) => (number.endsWith('@lid') ? nobody(number) : undefined))
    expect(told()).toEqual([lid, alt])
    expect(platforms.calls[1]?.body.text).toBe(platforms.calls[0]?.body.text)
    expect(await dead()).toHaveLength(before)
  })

  it('is as well where the refusal is written in another way', async () => {
    const { lid, alt } = await write((number) =>
      number.endsWith('@lid') ? { status: 400, json: { exists: false, jid: number } } : undefined,
    )
    expect(told()).toEqual([lid, alt])
  })

  it('is written to at the LID only, where that works', async () => {
    const { lid } = await write(() => undefined)
    expect(told()).toEqual([lid])
  })

  it.each([
    ['a wrong key', { status: 401, json: { response: { message: [{ exists: false }] } } }],
    ['another refusal', { status: 400, json: { response: { message: ['instance requires property "text"'] } } }],
    ['an answer that says nothing', { status: 404, json: {} }],
    ['an outcome that nobody knows', { cut: true }],
    ['a gateway between that gave up', { status: 504, json: { exists: false } }],
  ])('is not written to at his phone after %s', async (_, reply) => {
    const before = (await dead()).length
    const { lid } = await write(() => reply)
    expect(told()).toEqual([lid])
    expect(await dead()).toHaveLength(before + 1)
  })

  it('and without a phone, or whose phone is none either, is not written to', async () => {
    const before = (await dead()).length
    const { lid } = await write(nobody, { alt: false })
    expect(told()).toEqual([lid])
    platforms.reset()
    const both = await write(nobody)
    expect(told()).toEqual([both.lid, both.alt])
    expect(await dead()).toHaveLength(before + 2)
  })
})

describe('a customer who came by his phone', () => {
  it('has no second address', async () => {
    platforms.answer(({ body }) => nobody(body?.number))
    const canal = await evolutionAccount(service, platforms, {})
    const before = (await dead()).length
    await canal.post(message({ id: 'pelo-telefone', from: '5511987650099@s.whatsapp.net', alt: LID }))
    await until(async () => (await dead()).length > before)
    expect(platforms.calls.map(({ body }) => body.number)).toEqual(['5511987650099@s.whatsapp.net'])
  })
})

describe('a second address is tried', () => {
  it('on Z-API', async () => {
    platforms.answer(({ body }) =>
      body?.phone?.endsWith('@lid') ? { json: { error: 'Phone number does not exist' } } : undefined,
    )
    const canal = await testCanal(service, 'zapi', {
      ajustes: { instancia: 'A', token: 't', servidor: platforms.url },
    })
    const about = { type: 'ReceivedCallback', instanceId: 'A', momment: Date.now(), text: { message: 'oi' } }
    // A LID whose phone is told beside it.
    await canal.post({ ...about, messageId: 'z1', phone: LID, senderLid: LID, chatLid: '5511987651001@s.whatsapp.net' })
    await until(() => platforms.calls.length >= 2)
    expect(platforms.calls.map(({ body }) => body.phone)).toEqual([LID, '5511987651001'])
  })

  it('on WhatsApp Cloud, for who came by a business-scoped id', async () => {
    platforms.answer(({ body }) =>
      body?.recipient ? { status: 400, json: { error: { code: 131_062, message: 'x' } } } : undefined,
    )
    const canal = await testCanal(service, 'whatsapp-cloud', {
      ajustes: { phone_number_id: '101', app_secret: 'app', token: 't', servidor: platforms.url },
    })
    const from_user_id = 'BR.1502999'
    const one = {
      from_user_id,
      id: 'wamid.b',
      timestamp: String(Math.floor(Date.now() / 1_000)),
      type: 'text',
      text: { body: 'oi' },
    }
    const value = {
      metadata: { phone_number_id: '101' },
      contacts: [{ user_id: from_user_id, wa_id: '5511987652001' }],
      messages: [one],
    }
    const raw = JSON.stringify({ entry: [{ changes: [{ field: 'messages', value }] }] })
    const signature = `sha256=${createHmac('sha256', 'app').update(raw).digest('hex')}`
    await canal.post(undefined, {
      raw,
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature },
    })
    await until(() => platforms.calls.length >= 2)
    expect(platforms.calls.map(({ body }) => body.recipient ?? body.to)).toEqual([from_user_id, '5511987652001'])
  })
})
