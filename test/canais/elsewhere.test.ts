import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { metaMessage, type TestCanal, testCanal, testConsultor } from '../support/chat.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { type HeldTimers, holdTimers } from '../support/held-timers.js'
import { call, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'
import { post as postWaha } from '../support/waha.js'

let database: TestDatabase
/** Where the accounts are made and changed, */
let service: TestService
/** and another process, which looks at them by itself only when its timer is fired, and whose time stands until a test moves it. */
let other: TestService
let timers: HeldTimers
let elapsed = 0
beforeAll(async () => {
  database = await testDatabase()
  service = await testService({ database })
  await testConsultor(service, 'Ana')
})
afterAll(async () => {
  await service.end()
  await database.end()
})
beforeEach(async () => {
  timers = holdTimers((name) => name === 'canais.refresh')
  other = await testService({
    database,
    clock: { ...timers.clock, elapsed: () => elapsed },
    random: () => 0.999,
  })
})
afterEach(() => other.end())

const change = ({ slug }: TestCanal, body: object) => service.call('PUT', `/canais/${slug}`, { body })
const newSecret = async ({ slug }: TestCanal): Promise<string> =>
  (await service.call('POST', `/canais/${slug}/segredo`)).body.segredo
const remove = ({ slug }: TestCanal) => service.call('DELETE', `/canais/${slug}`)

async function post({ path, segredo }: Pick<TestCanal, 'path' | 'segredo'>): Promise<number> {
  const body = { id: '1', contato: { id: 'c' } }
  return (await call(other.url, 'POST', path, { body, headers: { 'x-webhook-segredo': segredo } })).status
}

describe('an account that another process changed a moment ago', () => {
  it('has its events taken once it is made, switched on again, or given another secret', async () => {
    const canal = await testCanal(service, 'generico')
    expect(await post(canal)).toBe(200)
    await change(canal, { ativo: false })
    expect(await post({ ...canal, segredo: 'outro' })).toBe(401)
    expect(await post(canal)).toBe(401)
    await change(canal, { ativo: true })
    expect(await post(canal)).toBe(200)
    expect(await post({ ...canal, segredo: await newSecret(canal) })).toBe(200)
    await remove(canal)
    const again = await testCanal(service, 'generico', { slug: canal.slug })
    expect([again.path, await post(again)]).toEqual([canal.path, 200])
    expect(await post({ ...again, segredo: canal.segredo })).toBe(401)
    await remove(canal)
    expect(await post(await testCanal(service, 'generico', { slug: canal.slug }))).toBe(200)
  })

  it('is seen to be off, or gone, within 5 s', async () => {
    const canal = await testCanal(service, 'generico')
    const sees = async (status: number): Promise<void> => {
      await timers.fire('canais.refresh')
      await until(async () => (await post(canal)) === status, undefined, `a ${status}`)
      // It is set from the end of one read to the next.
      expect(timers.msOf('canais.refresh')).toBeLessThan(5_000)
    }
    expect(await post(canal)).toBe(200)
    await change(canal, { ativo: false })
    await sees(401)
    await change(canal, { ativo: true })
    expect(await post(canal)).toBe(200)
    await remove(canal)
    await sees(401)
  })

  it('has the messages of its number taken that come to another address of the same app', async () => {
    const open = (phone_number_id: string) =>
      testCanal(service, 'whatsapp-cloud', { ajustes: { phone_number_id, app_secret: 'app' } })
    const send = ({ path }: TestCanal, phone_number_id: string) =>
      call(other.url, 'POST', path, metaMessage(phone_number_id, 'app'))
    const called = await open('301')
    expect((await send(called, '301')).status).toBe(200)
    const { slug } = await open('302')
    expect((await send(called, '302')).status).toBe(200)
    expect((await service.call('GET', `/protocolos?canal=${slug}`)).body).toHaveLength(1)
  })

  it('asks for a message again whose body was too large to keep until its new secret was read', async () => {
    const canal = await testCanal(service, 'waha', { ajustes: { sessao: 'loja' } })
    const send = (key: string) => postWaha(`${other.url}${canal.path}`, '{"event":"message.any"}', key)
    expect((await send(canal.segredo)).status).toBe(200)
    expect((await send('outro')).status).toBe(401)
    const segredo = await newSecret(canal)
    expect((await send(segredo)).status).toBe(503)
    expect((await send(segredo)).status).toBe(200)
  })
})

describe('a flood of events to accounts that do not exist', () => {
  it('is no flood of reads: of many only the first have the accounts read', async () => {
    for (let n = 0; n < 20; n += 1) {
      expect(await post({ path: `/webhooks/generico/nenhuma-${n}`, segredo: 'x' })).toBe(401)
    }
    const canal = await testCanal(service, 'generico')
    expect(await post(canal)).toBe(401)
    elapsed += 200
    expect(await post(canal)).toBe(200)
  })
})
