import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { type TestCanal, testCanal, testConsultor } from '../support/chat.js'
import { message } from '../support/evolution.js'
import { pressed } from '../support/hurried-clock.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let service: TestService
let other: TestService
/** What it knows of others is never too old: each look is later than the last. */
let elapsed = 0
const { clock, press } = pressed(
  {
    ...systemClock,
    elapsed: () => {
      elapsed += 2_000
      return performance.now() + elapsed
    },
  },
  'canais.refresh',
)
beforeAll(async () => {
  service = await testService()
  other = await testService({ database: service.database, clock })
})
afterAll(async () => {
  await other.end()
  await service.end()
})

const total = async () => Number((await service.call('GET', '/protocolos?limit=1')).headers.get('x-total-count'))
let people = 0
/** A consultor with a phone, and the LID that his phone writes by. */
async function newConsultor() {
  people += 1
  const telefone = `+55119400000${10 + people}`
  const id = await testConsultor(service, `Consultor ${people}`, { telefone })
  return { id, telefone, jid: `${telefone.slice(1)}@s.whatsapp.net`, lid: `8800000000${10 + people}@lid` }
}
const isOnline = async (id: number): Promise<boolean> =>
  (await service.call('GET', `/consultor/${id}`)).body.status_online
const account = () => testCanal(service, 'evolution', { ajustes: { instancia: 'loja' }, comandos: true })
let sent = 0
const write = async (canal: TestCanal, from: string, text: string, alt?: string): Promise<void> => {
  sent += 1
  const { status } = await canal.post(message({ id: `A${sent}`, from, text, ...(alt && { alt }) }))
  expect(status).toBe(200)
}

describe('a consultor who writes by a LID only', () => {
  it('is obeyed, and takes no turn, once it came together with his phone', async () => {
    const canal = await account()
    const { id, jid, lid } = await newConsultor()
    const before = await total()
    await write(canal, lid, 'bom dia', jid)
    await write(canal, lid, 'offline')
    expect(await isOnline(id)).toBe(false)
    await write(canal, lid, 'online')
    expect(await isOnline(id)).toBe(true)
    await write(canal, lid, 'quero falar com alguém')
    expect(await total()).toBe(before)
  })

  it('is known to every process, and after a start', async () => {
    const canal = await account()
    const { id, jid, lid } = await newConsultor()
    await write(canal, jid, 'bom dia', lid)
    const there = { ...canal, post: (body: unknown) => other.call('POST', canal.path, { body }) }
    // The other process sees a new account, and a new consultor, with its next look.
    press()
    await until(
      async () => (await other.call('GET', `/canais/${canal.slug}`)).status === 200,
      undefined,
      'the account there',
    )
    await other.call('GET', '/consultor/da-vez?idioma=pt')
    const before = await total()
    await write(there, lid, 'offline')
    expect(await isOnline(id)).toBe(false)
    const later = await testService({ database: service.database })
    await write({ ...canal, post: (body: unknown) => later.call('POST', canal.path, { body }) }, lid, 'online')
    expect(await isOnline(id)).toBe(true)
    await later.end()
    expect(await total()).toBe(before)
  })

  it('is a customer before it did, and in another account', async () => {
    const [canal, elsewhere] = [await account(), await account()]
    const { id, jid, lid } = await newConsultor()
    const before = await total()
    await write(canal, lid, 'offline')
    expect(await total()).toBe(before + 1)
    await write(canal, lid, 'bom dia', jid)
    await write(elsewhere, lid, 'offline')
    expect(await total()).toBe(before + 2)
    expect(await isOnline(id)).toBe(true)
  })

  it('is no consultor any more when his phone is another’s, or nobody’s', async () => {
    const canal = await account()
    const { id, jid, lid } = await newConsultor()
    await write(canal, lid, 'bom dia', jid)
    await service.call('PUT', `/consultor/${id}`, { body: { telefone: '+5511940009999' } })
    const before = await total()
    await write(canal, lid, 'offline')
    expect(await total()).toBe(before + 1)
    expect(await isOnline(id)).toBe(true)
  })
})

describe('a customer', () => {
  it('never becomes a consultor by an id that others may have too', async () => {
    const canal = await testCanal(service, 'generico')
    const { telefone } = await newConsultor()
    const headers = { 'x-webhook-segredo': canal.segredo }
    const post = (body: object) => canal.post(body, { headers })
    expect((await post({ id: 'g1', contato: { id: 'balcao', telefone } })).body.motivo).toBe('consultor')
    expect((await post({ id: 'g2', contato: { id: 'balcao' } })).body.situacao).toBe('atribuido')
  })

  it('takes a LID back that came with his phone', async () => {
    const canal = await account()
    const { jid, lid } = await newConsultor()
    await write(canal, lid, 'bom dia', jid)
    const before = await total()
    await write(canal, lid, 'oi', '5511960001234@s.whatsapp.net')
    expect(await total()).toBe(before + 1)
    await service.call('PUT', `/protocolo/${before + 1}`, { body: { status: 'concluido' } })
    await write(canal, lid, 'offline')
    expect(await total()).toBe(before + 2)
  })

  it('does not become one by a message of the company itself', async () => {
    const canal = await account()
    const { jid, lid } = await newConsultor()
    sent += 1
    await canal.post(message({ id: `A${sent}`, from: lid, alt: jid, me: true }))
    const before = await total()
    await write(canal, lid, 'oi')
    expect(await total()).toBe(before + 1)
  })
})

describe('what is remembered', () => {
  it('are few ids of a phone, the latest', async () => {
    const canal = await account()
    const { id, jid } = await newConsultor()
    for (let place = 0; place < 8; place += 1) await write(canal, `99000000${place}@lid`, 'bom dia', jid)
    const { connection, name } = service.database
    const found = connection.getClient().db(name).collection('apelidos')
    const his = await found.find({ telefone: `+${jid.split('@')[0]}` }).toArray()
    expect(his.length).toBeLessThanOrEqual(4)
    await write(canal, '990000007@lid', 'offline')
    expect(await isOnline(id)).toBe(false)
  })
})
