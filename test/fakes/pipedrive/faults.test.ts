import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { FakePipedrive } from '../../../fakes/pipedrive/fake.js'
import { ANSWERS, type How } from '../../../fakes/pipedrive/faults.js'
import { until } from '../../support/until.js'
import { call, made, newField, type Receiver, startReceiver, startStill, subscribe } from './account.js'

let fake: FakePipedrive
let receiver: Receiver
beforeEach(async () => {
  ;[fake, receiver] = await Promise.all([startStill(), startReceiver()])
  Object.assign(fake.limits, { burst: 10_000, search: 10_000 })
})
afterEach(() => Promise.all([fake.end(), receiver.end()]))

const post = () => call(fake, 'POST', '/api/v2/persons', { name: 'Maria' })
const get = (path: string) => call(fake, 'GET', path)
const onPost = (how: How, times = 1) => fake.fault({ method: 'POST', path: /^\/v2\/persons$/, times, how })

test.each(Object.entries(ANSWERS))('%s: says so and does nothing', async (_, answer) => {
  onPost(answer)
  const { status, text, headers } = await post()
  expect({ status, text }).toEqual({ status: answer.status, text: answer.body })
  const said: Readonly<Record<string, string>> = 'headers' in answer ? answer.headers : {}
  for (const [name, value] of Object.entries(said)) expect(headers.get(name)).toBe(value)
  expect(fake.state.persons).toEqual([])
  expect((await post()).status).toBe(200)
})

test('the connection breaks before anything was done, or after', async () => {
  onPost('cortar_antes')
  await expect(post()).rejects.toThrow()
  expect(fake.state.persons).toHaveLength(0)
  onPost('cortar_depois')
  await expect(post()).rejects.toThrow()
  expect(fake.state.persons).toHaveLength(1)
})

test('it is done at once and answered after whoever asked has given up', async () => {
  onPost({ lentoMs: 15_000 })
  let answered = false
  const slow = post().then(({ status }) => {
    answered = true
    return status
  })
  await until(() => fake.calls.length === 1)
  expect(fake.state.persons).toHaveLength(1)
  fake.clock.advance(14_999)
  await get('/api/v2/pipelines')
  expect(answered).toBe(false)
  fake.clock.advance(1)
  expect(await slow).toBe(200)
})

test('it is done and no answer ever comes', async () => {
  onPost('demorar')
  const given = new AbortController()
  const slow = fetch(`${fake.url}/api/v2/persons`, {
    method: 'POST',
    headers: { 'x-api-token': 'fake-token-0123456789abcdef0123456789abcdef' },
    body: '{"name":"Maria"}',
    signal: given.signal,
  })
  await until(() => fake.state.persons.length === 1)
  given.abort()
  await expect(slow).rejects.toThrow()
})

test.each([
  ['metade', 200, /^\{"success":true,"data":\{[^}]*$/],
  ['html', 200, /Cloudflare/],
  ['vazio', 200, /^$/],
] as const)('%s: done, and an answer that is none', async (how, status, text) => {
  onPost(how)
  expect(await post()).toMatchObject({ status, text: expect.stringMatching(text) })
  expect(fake.state.persons).toHaveLength(1)
})

test('a redirect leads elsewhere', async () => {
  onPost('redirecionar')
  const { status, headers } = await post()
  expect([status, headers.get('location')]).toEqual([302, 'http://127.0.0.1:1/elsewhere'])
  expect(fake.state.persons).toHaveLength(0)
})

test('faults keep their count, let calls go first, and know method and path', async () => {
  fake.fault({ method: 'GET', path: /^\/v2\/deals$/, times: 2, skip: 1, how: ANSWERS.error })
  const statuses: number[] = []
  for (const path of ['deals', 'persons', 'deals', 'deals', 'deals'])
    statuses.push((await get(`/api/v2/${path}`)).status)
  expect(statuses).toEqual([200, 200, 500, 500, 200])
  expect(fake.faultsLeft()).toBe(0)
})

test('chance comes from a seed: the same one gives the same run', async () => {
  const run = async (seed: number) => {
    fake.reset()
    Object.assign(fake.limits, { burst: 10_000 })
    const how = ANSWERS.maintenance
    fake.fault({ method: '*', path: /./, times: Number.POSITIVE_INFINITY, probability: 0.5, seed, how })
    const statuses: number[] = []
    for (let count = 0; count < 40; count += 1) statuses.push((await get('/api/v2/pipelines')).status)
    return statuses
  }
  const first = await run(7)
  expect(new Set(first)).toEqual(new Set([200, 503]))
  expect(await run(7)).toEqual(first)
  expect(await run(8)).not.toEqual(first)
  expect(fake.faultsLeft()).toBe(0)
})

test('a deal is closed, deleted or merged, a user gone, between two calls', async () => {
  const [deal, other] = [
    await made(fake, '/api/v2/deals', { title: 'a' }),
    await made(fake, '/api/v2/deals', { title: 'b' }),
  ]
  const before = (work: () => void) =>
    fake.fault({ method: 'PATCH', path: /^\/v2\/deals\//, times: 1, how: { antes: work } })
  const patch = (body: object) => call(fake, 'PATCH', `/api/v2/deals/${deal}`, body)
  before(() => fake.asPerson.close(deal, 'won'))
  expect((await patch({ title: 'c' })).data).toMatchObject({ status: 'won', title: 'c' })
  before(() => fake.asPerson.deactivate(12))
  expect((await patch({ owner_id: 12 })).status).toBe(400)
  before(() => fake.asPerson.mergeDeals(deal, other))
  expect((await patch({ title: 'd' })).status).toBe(404)
})

test('something happens first and the next fault still comes', async () => {
  onPost({ antes: () => void fake.asPerson.addPerson({ name: 'Outra' }) })
  onPost(ANSWERS.error)
  expect((await post()).status).toBe(500)
  expect(fake.state.persons.map(({ name }) => name)).toEqual(['Outra'])
})

test('the search index is behind: new records and new values, for as long as it is', async () => {
  const code = await newField(fake, { field_name: 'Protocolo', field_type: 'varchar' })
  const deal = await made(fake, '/api/v2/deals', { title: 'Negócio', custom_fields: { [code]: '#00001' } })
  fake.clock.advance(10_000)
  fake.lag(5_000)
  await post()
  await call(fake, 'PATCH', `/api/v2/deals/${deal}`, { custom_fields: { [code]: '#00002' } })
  const hits = async (path: string) => {
    const { items }: { items?: { item: { id: number } }[] } = Object((await get(path)).data)
    return items?.map(({ item }) => item.id)
  }
  const field = (term: string) => `/api/v2/itemSearch/field?entity_type=deal&field=${code}&term=%23${term}`
  expect(await hits('/api/v2/persons/search?term=maria')).toEqual([])
  expect([await hits(field('00001')), await hits(field('00002'))]).toEqual([[deal], []])
  expect((await get('/api/v2/persons')).data).toHaveLength(1)
  fake.clock.advance(5_000)
  expect(await hits('/api/v2/persons/search?term=maria')).toHaveLength(1)
  expect([await hits(field('00001')), await hits(field('00002'))]).toEqual([[], [deal]])
})

test('a list is stale: it shows the account as it was', async () => {
  const deal = await made(fake, '/api/v2/deals', { title: 'a', owner_id: 11 })
  fake.clock.advance(10_000)
  fake.switches.staleMs = 5_000
  fake.asPerson.changeOwner(deal, 12)
  await made(fake, '/api/v2/deals', { title: 'b' })
  expect((await get('/api/v2/deals')).data).toMatchObject([{ id: deal, owner_id: 11 }])
  expect((await get(`/api/v2/deals/${deal}`)).data).toMatchObject({ owner_id: 12 })
  fake.clock.advance(5_000)
  expect((await get('/api/v2/deals')).data).toMatchObject([{ id: deal, owner_id: 12 }, { title: 'b' }])
})

test('a rule of automatic assignment takes the deal away right after its making', async () => {
  await subscribe(fake, receiver.url, { event_object: 'deal' })
  fake.switches.assignTo = 12
  const { data } = await call(fake, 'POST', '/api/v2/deals', { title: 'a', owner_id: 11 })
  expect(data).toMatchObject({ owner_id: 11 })
  expect(fake.state.deals).toMatchObject([{ owner_id: 12 }])
  await fake.delivered()
  const [created, changed] = receiver.heard.map(({ body }) => body)
  expect(created).toMatchObject({ meta: { action: 'create', change_source: 'api' }, data: { owner_id: 11 } })
  expect(changed).toMatchObject({ meta: { action: 'change', change_source: 'app' }, previous: { owner_id: 11 } })
})

test('three persons have one phone, each written in another way', async () => {
  const persons = fake.seed.samePhone(3)
  expect(persons.map(({ phones }) => phones[0]?.value)).toEqual([
    ...['+55 11 98765-4321', '551187654321', '(11) 98765-4321'],
  ])
  const { data } = await get('/api/v2/persons/search?term=87654321&fields=phone')
  expect(data).toMatchObject({ items: persons.map(({ id }) => ({ item: { id } })) })
})

test('the last page can come without a cursor, and the field search as a bare list', async () => {
  fake.switches.omitNextCursor = true
  expect((await get('/api/v2/deals')).additional_data).toEqual({})
  fake.switches.fieldSearchAsList = true
  const code = await newField(fake, { field_name: 'Protocolo', field_type: 'varchar' })
  const deal = await made(fake, '/api/v2/deals', { title: 'a', custom_fields: { [code]: '#00001' } })
  const { data } = await get(`/api/v2/itemSearch/field?entity_type=deal&field=${code}&term=%2300001`)
  expect(data).toMatchObject([{ result_score: 1, item: { id: deal } }])
})

test('a plan has a ceiling of deals, which counts closed ones too, and may refuse without a code', async () => {
  fake.limits.deals = 1
  const id = await made(fake, '/api/v2/deals', { title: 'a' })
  fake.asPerson.close(id, 'won')
  expect(await call(fake, 'POST', '/api/v2/deals', { title: 'b' })).toMatchObject({
    ...{ status: 403, code: 'feature_capping_deals_limit' },
  })
  fake.switches.omitCapCode = true
  const { status, code, error } = await call(fake, 'POST', '/api/v2/deals', { title: 'b' })
  expect({ status, code, error }).toEqual({ status: 403, code: undefined, error: 'Deals limit reached' })
  fake.asPerson.delete(id)
  expect(await made(fake, '/api/v2/deals', { title: 'b' })).toBeGreaterThan(id)
})
