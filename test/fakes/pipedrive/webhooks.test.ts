import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { FakePipedrive } from '../../../fakes/pipedrive/fake.js'
import { until } from '../../support/until.js'
import { call, made, newField, type Receiver, startReceiver, startStill, subscribe } from './account.js'

let fake: FakePipedrive
let receiver: Receiver
beforeEach(async () => {
  ;[fake, receiver] = await Promise.all([startStill(), startReceiver()])
  fake.limits.burst = 10_000
})
afterEach(() => Promise.all([fake.end(), receiver.end()]))

const MINUTE = 60_000
const DAY = 86_400_000

/** What was heard once nothing is under way. */
async function heard() {
  await fake.delivered()
  return receiver.heard.splice(0).map(({ body }) => body)
}
const hooks = async () => (await call(fake, 'GET', '/api/v1/webhooks')).data

test('a deal that is made, changed and deleted is told with Basic credentials and wrapped fields', async () => {
  const protocol = await newField(fake, { field_name: 'Protocolo', field_type: 'varchar' })
  const whose = await newField(fake, { field_name: 'Consultor da vez', field_type: 'user' })
  const webhook = await subscribe(fake, receiver.url)
  const custom_fields = { [protocol]: '#00001' }
  const deal = await made(fake, '/api/v2/deals', { title: 'Negócio', owner_id: 11, custom_fields })
  await fake.delivered()
  expect(receiver.heard[0]?.authorization).toBe(`Basic ${Buffer.from('vez:segredo-de-teste').toString('base64')}`)
  const [created] = await heard()
  expect(created?.meta).toEqual({
    action: 'create',
    attempt: 1,
    change_source: 'api',
    company_id: '77',
    correlation_id: expect.any(String),
    entity: 'deal',
    entity_id: String(deal),
    host: 'exemplo.pipedrive.com',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    is_bulk_edit: false,
    permitted_user_ids: ['1', '11', '12'],
    timestamp: '2026-11-25T12:00:00.000Z',
    type: 'general',
    user_id: '1',
    version: '2.0',
    webhook_id: String(webhook),
    webhook_owner_id: '1',
  })
  expect(created?.previous).toBeNull()
  expect(created?.data).toMatchObject({
    ...{ id: deal, title: 'Negócio', owner_id: 11, visible_to: '3' },
    custom_fields: { [protocol]: { type: 'varchar', value: '#00001' } },
  })

  const change = { owner_id: 12, custom_fields: { [protocol]: '#00002', [whose]: 12 } }
  await call(fake, 'PATCH', `/api/v2/deals/${deal}`, change)
  const [changed] = await heard()
  expect(changed?.meta).toMatchObject({ action: 'change', entity_id: String(deal) })
  expect(changed?.previous).toEqual({
    owner_id: 11,
    custom_fields: { [protocol]: { type: 'varchar', value: '#00001' }, [whose]: null },
  })
  expect(changed?.data).toMatchObject({ owner_id: 12, custom_fields: { [whose]: { type: 'user', id: 12 } } })

  await call(fake, 'DELETE', `/api/v2/deals/${deal}`)
  const [deleted] = await heard()
  expect(deleted).toMatchObject({ meta: { action: 'delete' }, data: null, previous: { id: deal, title: 'Negócio' } })
})

test('what people do is told as theirs, and an edit that changes nothing is not told', async () => {
  const deal = await made(fake, '/api/v2/deals', { title: 'Negócio', owner_id: 11 })
  await subscribe(fake, receiver.url)
  fake.asPerson.changeOwner(deal, 12)
  fake.asPerson.changeOwner(deal, 12)
  fake.asPerson.moveStage(deal, 3, 12)
  fake.asPerson.close(deal, 'lost', 'preço')
  const told = (await heard()).map(({ meta, previous }) => [meta.change_source, meta.user_id, previous])
  expect(told).toEqual([
    ['app', '11', { owner_id: 11 }],
    ['app', '12', { stage_id: 1, pipeline_id: 1 }],
    ['app', '11', expect.objectContaining({ status: 'open', lost_reason: null })],
  ])
})

test('an activity is told under other names than REST has, without its note', async () => {
  const person = await made(fake, '/api/v2/persons', { name: 'Maria' })
  const deal = await made(fake, '/api/v2/deals', { title: 'Negócio' })
  await subscribe(fake, receiver.url, { event_object: 'activity', event_action: 'change' })
  const participants = [{ person_id: person, primary: true }]
  const more = { owner_id: 12, due_time: '13:30', note: 'segredo', participants }
  const activity = await made(fake, '/api/v2/activities', { deal_id: deal, subject: 'Atender', ...more })
  fake.asPerson.finishActivity(activity)
  const [done, ...others] = await heard()
  expect(others).toEqual([])
  expect(done?.data).toMatchObject({
    ...{ id: activity, deal_id: deal, person_id: person, owner_id: 12, subject: 'Atender', type: 'call', done: true },
    ...{ active_flag: true, busy_flag: false, update_user_id: 12, duration: null },
    due_time: { timezone_id: expect.any(Number), value: '13:30' },
  })
  for (const key of ['note', 'busy', 'is_deleted']) expect(done?.data).not.toHaveProperty(key)
  expect(done?.previous).toEqual({ done: false, marked_as_done_time: null })
})

test('a merge is a delete that says into what, and a change that says from what', async () => {
  const [gone, kept] = [
    await made(fake, '/api/v2/persons', { name: 'a' }),
    await made(fake, '/api/v2/persons', { name: 'b' }),
  ]
  await subscribe(fake, receiver.url)
  fake.asPerson.mergePersons(gone, kept)
  const told = (await heard()).map(({ meta }) => meta)
  expect(told).toMatchObject([
    { action: 'delete', entity: 'person', entity_id: String(gone), merged_to_id: String(kept) },
    { action: 'change', entity: 'person', entity_id: String(kept), merged_from_id: String(gone) },
  ])
})

test('only who asked for it is told, of a user who is deactivated too', async () => {
  await subscribe(fake, receiver.url, { event_object: 'user', event_action: 'change' })
  await made(fake, '/api/v2/persons', { name: 'a' })
  fake.asPerson.deactivate(12)
  expect(await heard()).toMatchObject([
    { meta: { entity: 'user', entity_id: '12' }, data: { active_flag: false }, previous: { active_flag: true } },
  ])
  expect((await call(fake, 'POST', '/api/v2/deals', { title: 'x', owner_id: 12 })).status).toBe(400)
})

test('the answer of the API waits for no receiver, and one that says nothing for 10 s has failed', async () => {
  await subscribe(fake, receiver.url)
  receiver.answer = null
  expect((await call(fake, 'POST', '/api/v2/persons', { name: 'x' })).status).toBe(200)
  await until(() => receiver.heard.length === 1)
  fake.clock.advance(9_999)
  expect(fake.events).toEqual([])
  fake.clock.advance(1)
  await fake.delivered()
  expect(fake.events).toMatchObject([{ attempt: 1, status: 0, result: 'falhou' }])
})

test('what failed is tried again after 3, 30 and 150 s with the same id, and then no more', async () => {
  await subscribe(fake, receiver.url)
  receiver.answer = 500
  await made(fake, '/api/v2/persons', { name: 'x' })
  const [first] = await heard()
  for (const [wait, attempt] of [
    [3_000, 2],
    [30_000, 3],
    [150_000, 4],
  ] as const) {
    fake.clock.advance(wait - 1)
    expect(await heard()).toEqual([])
    fake.clock.advance(1)
    expect(await heard()).toMatchObject([{ meta: { id: first?.meta.id, attempt } }])
  }
  fake.clock.advance(DAY)
  expect(await heard()).toEqual([])
  expect(fake.eventsWaiting()).toBe(0)
  expect(await hooks()).toMatchObject([
    { last_http_status: 500, is_active: 1, last_delivery_time: '2026-11-25 12:03:03' },
  ])
})

test('a redirect is a failure; one that gets through ends the tries', async () => {
  await subscribe(fake, receiver.url)
  receiver.answer = 302
  await made(fake, '/api/v2/persons', { name: 'x' })
  await fake.delivered()
  receiver.answer = 204
  fake.clock.advance(3_000)
  expect(await heard()).toHaveLength(2)
  expect(fake.events.map(({ result }) => result)).toEqual(['falhou', 'entregue'])
  expect(fake.eventsWaiting()).toBe(0)
})

test('ten events whose first try failed ban the webhook for 30 minutes, and its events are lost', async () => {
  await subscribe(fake, receiver.url)
  receiver.answer = 500
  for (let count = 0; count < 10; count += 1) {
    await made(fake, '/api/v2/persons', { name: `x${count}` })
    await fake.delivered()
  }
  receiver.heard.length = 0
  receiver.answer = 200
  await made(fake, '/api/v2/persons', { name: 'perdida' })
  expect(await heard()).toEqual([])
  expect(fake.events.at(-1)).toMatchObject({ result: 'banido' })
  fake.clock.advance(30 * MINUTE)
  await heard()
  await made(fake, '/api/v2/persons', { name: 'de volta' })
  expect(await heard()).toMatchObject([{ data: { name: 'de volta' } }])
})

test('nine such events do not, and the counter begins anew after a ban', async () => {
  await subscribe(fake, receiver.url)
  receiver.answer = 500
  const fail = async (count: number) => {
    for (let one = 0; one < count; one += 1) {
      await made(fake, '/api/v2/persons', { name: 'x' })
      await fake.delivered()
    }
  }
  await fail(9)
  expect(fake.state.webhooks[0]?.banned_until).toBeNull()
  await fail(1)
  expect(fake.state.webhooks[0]?.banned_until).not.toBeNull()
  fake.clock.advance(30 * MINUTE)
  await fake.delivered()
  await fail(9)
  expect(fake.state.webhooks[0]?.banned_until).toBeNull()
})

test('three days without a success delete the webhook; a success in between does not', async () => {
  await subscribe(fake, receiver.url)
  const tell = async (answer: number) => {
    receiver.answer = answer
    await made(fake, '/api/v2/persons', { name: 'x' })
    await fake.delivered()
  }
  await tell(500)
  fake.clock.advance(2 * DAY)
  await fake.delivered()
  await tell(200)
  fake.clock.advance(2 * DAY)
  await tell(500)
  expect(await hooks()).toHaveLength(1)
  fake.clock.advance(3 * DAY)
  await fake.delivered()
  await tell(500)
  expect(await hooks()).toEqual([])
})

test('events come twice, late, in another order or not at all, when they shall', async () => {
  await subscribe(fake, receiver.url)
  const tell = async (name: string) => {
    await made(fake, '/api/v2/persons', { name })
    return (await heard()).map(({ data }) => data?.name)
  }
  fake.webhookSwitches.duplicate = true
  expect(await tell('a')).toEqual(['a', 'a'])
  fake.webhookSwitches.duplicate = false
  fake.webhookSwitches.drop = true
  expect(await tell('b')).toEqual([])
  fake.webhookSwitches.drop = false
  fake.webhookSwitches.delayMs = 5_000
  expect(await tell('c')).toEqual([])
  fake.clock.advance(5_000)
  expect((await heard()).map(({ data }) => data?.name)).toEqual(['c'])
  fake.webhookSwitches.delayMs = 0
  fake.webhookSwitches.outOfOrder = true
  await made(fake, '/api/v2/persons', { name: 'd' })
  await made(fake, '/api/v2/persons', { name: 'e' })
  await made(fake, '/api/v2/persons', { name: 'f' })
  expect((await heard()).map(({ data }) => data?.name)).toEqual(['e', 'd', 'f'])
})

test('an event that comes late tells how things were when it happened', async () => {
  const persons = [
    await made(fake, '/api/v2/persons', { name: 'a' }),
    await made(fake, '/api/v2/persons', { name: 'b' }),
  ] as const
  await subscribe(fake, receiver.url, { event_object: 'activity' })
  fake.webhookSwitches.delayMs = 5_000
  const participants = [{ person_id: persons[0], primary: true }]
  await made(fake, '/api/v2/activities', { participants })
  fake.asPerson.mergePersons(...persons)
  fake.clock.advance(5_000)
  expect(await heard()).toMatchObject([{ data: { person_id: persons[0], participants } }])
})

test('bodies that a receiver has to get along with', async () => {
  await subscribe(fake, receiver.url)
  const tell = async () => {
    await made(fake, '/api/v2/persons', { name: 'x' })
    const [body] = await heard()
    Object.assign(fake.webhookSwitches, {
      permitted: null,
      unknownEntity: false,
      otherCompany: false,
      idsAsStrings: false,
    })
    return body
  }
  fake.webhookSwitches.permitted = 300
  expect((await tell())?.meta.permitted_user_ids).toHaveLength(300)
  fake.webhookSwitches.unknownEntity = true
  expect((await tell())?.meta.entity).toBe('novidade')
  fake.webhookSwitches.otherCompany = true
  expect((await tell())?.meta).toMatchObject({ company_id: '99', host: 'outra.pipedrive.com' })
  fake.webhookSwitches.idsAsStrings = true
  expect((await tell())?.data).toMatchObject({ owner_id: '1', id: expect.stringMatching(/^\d+$/) })
})

test('version 1 has another body, by its subscription or by a switch', async () => {
  await subscribe(fake, receiver.url, { version: '1.0' })
  const id = await made(fake, '/api/v2/persons', { name: 'x' })
  expect(await heard()).toMatchObject([
    { v: 1, event: 'added.person', retry: 0, meta: { action: 'added', object: 'person', id }, current: { name: 'x' } },
  ])
  fake.reset()
  await subscribe(fake, receiver.url)
  fake.webhookSwitches.v1Body = true
  await made(fake, '/api/v2/persons', { name: 'y' })
  expect(await heard()).toMatchObject([{ v: 1, current: { name: 'y' } }])
})
