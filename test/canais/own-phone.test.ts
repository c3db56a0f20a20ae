import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { type TestCanal, tarefas, testCanal, testConsultor } from '../support/chat.js'
import { migratedDatabase, type TestDatabase } from '../support/database.js'
import { evolutionAccount, message } from '../support/evolution.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { call, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

const PHONE = '5511987654321'
const JID = `${PHONE}@s.whatsapp.net`
const HOUR_MS = 3_600_000

let passed = 0
let platforms: Platforms
let database: TestDatabase
let service: TestService
let consultor: number
const clock = { ...systemClock, now: () => new Date(Date.now() + passed) }
const now = () => clock.now()

beforeEach(async () => {
  passed = 0
  platforms = await startPlatforms()
  database = await migratedDatabase()
  service = await testService({ database, clock })
  consultor = await testConsultor(service, 'Ana', { status_online: false })
})
afterEach(async () => {
  await service.end()
  await database.end()
  await platforms.end()
})

const evolution = (more: object = {}) => evolutionAccount(service, platforms, more)
const zapi = () =>
  testCanal(service, 'zapi', { ajustes: { instancia: 'I', servidor: platforms.url, token: 't', client_token: 'c' } })

let ids = 0
const newId = () => {
  ids += 1
  return `3EB0${ids}`
}
const writes = (more: object = {}) => message({ id: newId(), from: JID, at: now(), ...more })
const types = (more: object = {}) => writes({ me: true, text: 'Oi, aqui é a Ana', ...more })
const zapiMessage = (more: object = {}) => ({
  type: 'ReceivedCallback',
  instanceId: 'I',
  messageId: newId(),
  phone: PHONE,
  fromMe: false,
  fromApi: false,
  momment: now().getTime(),
  text: { message: 'oi' },
  ...more,
})

const waiting = async (): Promise<number> => (await service.call('GET', '/espera')).body.length
const protocols = async () => (await service.call('GET', '/protocolos')).body
const lastEvent = async ({ slug }: TestCanal) => (await service.call('GET', `/canais/${slug}`)).body.eventos[0]
const comesOnline = () => service.call('PUT', `/consultor/${consultor}/connection?status=true`)
const turnOf = async (canal: TestCanal, body: object) => {
  await canal.post(body)
  const { situacao, motivo } = await lastEvent(canal)
  return motivo ?? situacao
}

describe('a person who answers on the company’s own phone', () => {
  it('takes the waiting customer out of the line, on Evolution', async () => {
    const canal = await evolution()
    expect(await turnOf(canal, writes())).toBe('em_espera')
    expect(await turnOf(canal, types())).toBe('atendido_fora')
    expect(await waiting()).toBe(0)
    await comesOnline()
    expect(await protocols()).toEqual([])
  })

  it('takes him out on Z-API', async () => {
    const one = await zapi()
    await one.post(zapiMessage())
    expect(await waiting()).toBe(1)
    expect(await turnOf(one, zapiMessage({ fromMe: true, text: { message: 'Oi, aqui é a Ana' } }))).toBe(
      'atendido_fora',
    )
    // Some releases do not say where it was sent.
    await one.post(zapiMessage())
    expect(await turnOf(one, zapiMessage({ fromMe: true, fromApi: undefined, text: undefined, image: {} }))).toBe(
      'atendido_fora',
    )
    expect(await waiting()).toBe(0)
  })

  it('takes him out on the Cloud API, whose application he has on the phone', async () => {
    const app_secret = 'a'.repeat(32)
    const ajustes = { phone_number_id: '1065', app_secret, token: 't', servidor: platforms.url }
    const canal = await testCanal(service, 'whatsapp-cloud', { ajustes })
    // Of each message its own: one of a second before he came would be older than his waiting.
    const sent = () => ({ timestamp: String(Math.floor(now().getTime() / 1_000)) })
    const send = (field: string, value: object) => {
      const whole = { metadata: { phone_number_id: '1065' }, ...value }
      const raw = JSON.stringify({
        object: 'whatsapp_business_account',
        entry: [{ changes: [{ field, value: whole }] }],
      })
      const signed = createHmac('sha256', app_secret).update(raw).digest('hex')
      return canal.post({}, { raw, headers: { 'x-hub-signature-256': `sha256=${signed}` } })
    }
    const text = () => ({ ...sent(), type: 'text', text: { body: 'oi' } })
    await send('messages', { messages: [{ from: PHONE, id: 'wamid.1', ...text() }] })
    expect(await waiting()).toBe(1)
    await send('smb_message_echoes', { message_echoes: [{ to: PHONE, id: 'wamid.2', ...sent(), type: 'edit' }] })
    expect(await waiting()).toBe(1)
    await send('smb_message_echoes', { message_echoes: [{ to: PHONE, id: 'wamid.3', ...text() }] })
    expect(await waiting()).toBe(0)
    expect(await lastEvent(canal)).toMatchObject({ motivo: 'atendido_fora' })
  })

  it('is known by any address of the customer', async () => {
    const canal = await evolution()
    await canal.post(writes())
    expect(await turnOf(canal, types({ from: '77001234567890@lid', alt: JID }))).toBe('atendido_fora')
  })

  it('is heard by a process that has not seen the customer join the line', async () => {
    const canal = await evolution()
    const other = await testService({ database, clock })
    await canal.post(writes())
    await call(other.url, 'POST', canal.path, { body: types() })
    await other.end()
    expect(await waiting()).toBe(0)
  })

  it('of another customer, or before he asked, changes nothing', async () => {
    const canal = await evolution()
    await canal.post(writes())
    expect(await turnOf(canal, types({ from: '5511900001111@s.whatsapp.net' }))).toBe('propria')
    expect(await turnOf(canal, types({ at: new Date(now().getTime() - 60_000) }))).toBe('propria')
    expect(await waiting()).toBe(1)
  })

  it('only reacts: that is no answer', async () => {
    const canal = await evolution()
    await canal.post(writes())
    const { data, ...rest } = types()
    const reaction = { ...data, message: { reactionMessage: { text: '👍' } } }
    expect(await turnOf(canal, { ...rest, data: reaction })).toBe('propria')
    expect(await waiting()).toBe(1)
  })

  it('writes nothing to the turn where nobody waits', async () => {
    const canal = await evolution()
    const versao = async () =>
      (await database.connection.collection<{ _id: string; versao: number }>('counters').findOne({ _id: 'vez' }))
        ?.versao
    const before = await versao()
    expect(await turnOf(canal, types())).toBe('propria')
    expect(await versao()).toBe(before)
    expect(await database.connection.collection('conversas_nossas').estimatedDocumentCount()).toBe(0)
  })
})

describe('what no person typed leaves the customer in the line', () => {
  it('our own text, also when it comes back before our call has returned', async () => {
    let letGo = (): void => undefined
    const held = new Promise<void>((resolve) => {
      letGo = resolve
    })
    platforms.answer(({ path }) =>
      path.includes('sendText') ? { status: 201, json: { key: { id: 'OURS-1' } }, after: held } : undefined,
    )
    const canal = await evolution()
    await canal.post(writes())
    await until(() => platforms.calls.length > 0)
    const { text } = platforms.calls[0]?.body ?? {}
    // Line ends may be written in another way on the way back.
    expect(await turnOf(canal, types({ id: 'OURS-1', text: ` ${text}\n` }))).toBe('propria')
    letGo()
    await tarefas(service, 'feita', 1)
    expect(await turnOf(canal, types({ text }))).toBe('propria')
    expect(await waiting()).toBe(1)
    // Ten minutes later a person may well say the same.
    passed += 11 * 60_000
    expect(await turnOf(canal, types({ id: 'OURS-1', text: 'changed on the way' }))).toBe('propria')
    expect(await turnOf(canal, types({ text }))).toBe('atendido_fora')
  })

  it('our own text by its id, in another process too, and no route tells that id', async () => {
    platforms.answer(({ path }) => (path.endsWith('/send-text') ? { json: { messageId: 'OURS-2' } } : undefined))
    const canal = await zapi()
    await canal.post(zapiMessage())
    await tarefas(service, 'feita', 1)
    const other = await testService({ database, clock })
    const echo = zapiMessage({ fromMe: true, messageId: 'OURS-2', text: { message: 'other words' } })
    expect((await call(other.url, 'POST', canal.path, { body: echo })).status).toBe(200)
    await other.end()
    expect(await waiting()).toBe(1)
    expect(JSON.stringify((await service.call('GET', '/tarefas?estado=feita')).body)).not.toContain('OURS-2')
  })

  it('what a flow sends through the same gateway', async () => {
    const canal = await evolution()
    await canal.post(writes())
    expect(await turnOf(canal, { ...types({ text: 'Menu: 1, 2, 3' }), event: 'send.message' })).toBe('propria')
    const other = await zapi()
    await other.post(zapiMessage())
    expect(await turnOf(other, zapiMessage({ fromMe: true, fromApi: true }))).toBe('propria')
    expect(await waiting()).toBe(2)
  })
})

describe('conversa_nossa_h', () => {
  beforeEach(async () => {
    await comesOnline()
  })

  it('is off at first: whom we wrote to takes a turn', async () => {
    const canal = await evolution()
    await canal.post(types())
    expect(await turnOf(canal, writes())).toBe('atribuido')
  })

  it('is off for an account that an older release has stored', async () => {
    const canal = await evolution()
    const canais = database.connection.collection<{ _id: string }>('canais')
    await canais.updateOne({ _id: canal.slug }, { $unset: { conversa_nossa_h: '' } })
    const other = await testService({ database, clock })
    const stored = (await other.call('GET', `/canais/${canal.slug}`)).body
    const answers = [types(), writes()].map((body) => call(other.url, 'POST', canal.path, { body }))
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200])
    await other.end()
    expect(stored).toMatchObject({ conversa_nossa_h: 0 })
    expect(await protocols()).toHaveLength(1)
  })

  it('keeps whom a person wrote to first without a turn for so long, in every process', async () => {
    const canal = await evolution({ conversa_nossa_h: 2 })
    expect(await turnOf(canal, types())).toBe('propria')
    expect(await turnOf(canal, writes())).toBe('conversa_nossa')
    const other = await testService({ database, clock })
    await call(other.url, 'POST', canal.path, { body: writes() })
    await other.end()
    expect(await protocols()).toEqual([])
    // Another message of ours begins the time anew.
    passed += 1.5 * HOUR_MS
    await canal.post(types())
    passed += 1.5 * HOUR_MS
    expect(await turnOf(canal, writes())).toBe('conversa_nossa')
    passed += HOUR_MS
    expect(await turnOf(canal, writes())).toBe('atribuido')
  })

  it('lets him ask for a person', async () => {
    const canal = await evolution({ conversa_nossa_h: 2 })
    await canal.post(types())
    expect(await turnOf(canal, writes({ text: 'quero um atendente' }))).toBe('atribuido')
    // From then on he is a customer like others.
    expect(await turnOf(canal, writes())).toBe('em_atendimento')
    await service.call('PUT', '/protocolo/1', { body: { status: 'concluido' } })
    passed += 60_000
    expect(await turnOf(canal, writes())).toBe('atribuido')
  })

  it('leaves who asked and waits in the line, whatever he writes then', async () => {
    await service.call('PUT', `/consultor/${consultor}/connection?status=false`)
    const canal = await evolution({ conversa_nossa_h: 2 })
    await canal.post(types())
    expect(await turnOf(canal, writes({ text: 'atendente' }))).toBe('em_espera')
    expect(await turnOf(canal, writes())).toBe('em_espera')
  })

  it('does not count what the API sent, nor what is written to somebody who is being attended', async () => {
    const canal = await evolution({ conversa_nossa_h: 2 })
    await canal.post({ ...types(), event: 'send.message' })
    expect(await turnOf(canal, writes())).toBe('atribuido')
    passed += 60_000
    await canal.post(types())
    await service.call('PUT', '/protocolo/1', { body: { status: 'concluido' } })
    passed += 60_000
    expect(await turnOf(canal, writes())).toBe('atribuido')
  })

  it('stores no address, forgets by itself, and is forgotten with the customer and with the account', async () => {
    const marks = database.connection.collection<{ ate: Date }>('conversas_nossas')
    const canal = await evolution({ conversa_nossa_h: 2 })
    await canal.post(types())
    const [mark, ...more] = await marks.find({}).toArray()
    expect(JSON.stringify([mark, ...more])).not.toContain('8765')
    expect(mark?.ate.getTime()).toBeGreaterThan(now().getTime() + 1.9 * HOUR_MS)
    expect(mark?.ate.getTime()).toBeLessThanOrEqual(now().getTime() + 2 * HOUR_MS)
    expect(await marks.indexes()).toEqual(expect.arrayContaining([expect.objectContaining({ expireAfterSeconds: 0 })]))
    await canal.post(writes({ text: 'atendente' }))
    expect((await service.call('POST', '/protocolo/1/anonimizar')).status).toBe(200)
    expect(await marks.estimatedDocumentCount()).toBe(0)
    await canal.post(types({ from: '5511900001111@s.whatsapp.net' }))
    expect(await marks.estimatedDocumentCount()).toBeGreaterThan(0)
    await service.call('DELETE', `/canais/${canal.slug}`)
    expect(await marks.estimatedDocumentCount()).toBe(0)
  })
})
