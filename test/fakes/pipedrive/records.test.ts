import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { FakePipedrive } from '../../../fakes/pipedrive/fake.js'
import { call, made, newField, START, startStill } from './account.js'

let fake: FakePipedrive
beforeEach(async () => {
  fake = await startStill()
  fake.limits.burst = 10_000
  fake.limits.search = 10_000
})
afterEach(() => fake.end())

const get = async (path: string): Promise<unknown> => (await call(fake, 'GET', path)).data
const listed = async (path: string): Promise<number[]> => {
  const records = (await get(path)) as { id: number }[]
  return records.map(({ id }) => id)
}
const searched = async (path: string): Promise<number[]> => {
  const { items } = (await get(path)) as { items: { item: { id: number } }[] }
  return items.map(({ item }) => item.id)
}

test('a list of phones replaces the one before; the first is primary and for work', async () => {
  const id = await made(fake, '/api/v2/persons', { name: 'Maria', phones: [{ value: '1' }, { value: '2' }] })
  expect(await get(`/api/v2/persons/${id}`)).toMatchObject({
    phones: [
      { value: '1', label: 'work', primary: true },
      { value: '2', label: 'work', primary: false },
    ],
  })
  await call(fake, 'PATCH', `/api/v2/persons/${id}`, { phones: [{ value: '3' }] })
  expect(await get(`/api/v2/persons/${id}`)).toMatchObject({ phones: [{ value: '3' }] })
})

test('what is deleted is deleted softly: out of lists and searches, a deal still to be read for 30 days', async () => {
  const person = await made(fake, '/api/v2/persons', { name: 'Maria' })
  const deal = await made(fake, '/api/v2/deals', { title: 'Negócio' })
  const activity = await made(fake, '/api/v2/activities', { deal_id: deal })
  for (const path of [`persons/${person}`, `deals/${deal}`, `activities/${activity}`]) {
    expect((await call(fake, 'DELETE', `/api/v2/${path}`)).status).toBe(200)
    expect((await call(fake, 'DELETE', `/api/v2/${path}`)).status).toBe(404)
    expect((await call(fake, 'PATCH', `/api/v2/${path}`, {})).status).toBe(404)
  }
  expect(await listed('/api/v2/persons')).toEqual([])
  expect(await listed('/api/v2/deals')).toEqual([])
  expect(await listed('/api/v2/deals?status=deleted')).toEqual([deal])
  expect(await searched('/api/v2/persons/search?term=maria')).toEqual([])
  expect((await call(fake, 'GET', `/api/v2/persons/${person}`)).status).toBe(404)
  expect((await call(fake, 'GET', `/api/v2/activities/${activity}`)).status).toBe(404)
  expect(await get(`/api/v2/deals/${deal}`)).toMatchObject({ status: 'deleted', is_deleted: true })
  fake.clock.advance(30 * 86_400_000)
  expect((await call(fake, 'GET', `/api/v2/deals/${deal}`)).status).toBe(404)
})

test('an archived deal has a list of its own and cannot be changed', async () => {
  const deal = await made(fake, '/api/v2/deals', { title: 'Negócio' })
  fake.asPerson.archive(deal)
  expect(await listed('/api/v2/deals')).toEqual([])
  expect(await searched('/api/v2/deals/search?term=neg')).toEqual([])
  expect(await listed('/api/v2/deals/archived')).toEqual([deal])
  expect((await call(fake, 'PATCH', `/api/v2/deals/${deal}`, { owner_id: 11 })).status).toBe(400)
})

test('a deal starts in the first stage of the first pipeline, from the API; the stage decides the pipeline', async () => {
  const id = await made(fake, '/api/v2/deals', { title: 'Negócio' })
  expect(await get(`/api/v2/deals/${id}`)).toMatchObject({ stage_id: 1, pipeline_id: 1, origin: 'API', owner_id: 1 })
  const { data } = await call(fake, 'PATCH', `/api/v2/deals/${id}`, { stage_id: 3 })
  expect(data).toMatchObject({ stage_id: 3, pipeline_id: 2, stage_change_time: '2026-11-25T12:00:00Z' })
})

test('won and lost have their times; reopened has none', async () => {
  const id = await made(fake, '/api/v2/deals', { title: 'Negócio' })
  const patch = async (body: object) => (await call(fake, 'PATCH', `/api/v2/deals/${id}`, body)).data
  const at = '2026-11-25T12:00:00Z'
  expect(await patch({ status: 'lost', lost_reason: 'preço' })).toMatchObject({
    ...{ status: 'lost', lost_reason: 'preço', lost_time: at, close_time: at, won_time: null },
  })
  expect(await patch({ status: 'won' })).toMatchObject({
    status: 'won',
    won_time: at,
    lost_time: null,
    lost_reason: null,
  })
  expect(await patch({ status: 'open' })).toMatchObject({ status: 'open', won_time: null, close_time: null })
})

test('lists are filtered by what they take', async () => {
  const person = await made(fake, '/api/v2/persons', { name: 'Maria' })
  const ofPerson = await made(fake, '/api/v2/deals', { title: 'a', person_id: person, owner_id: 11 })
  fake.clock.advance(60_000)
  const other = await made(fake, '/api/v2/deals', { title: 'b', owner_id: 12, stage_id: 3 })
  const at = new Date(START + 60_000).toISOString().replace('.000Z', 'Z')
  expect(await listed(`/api/v2/deals?person_id=${person}`)).toEqual([ofPerson])
  expect(await listed('/api/v2/deals?owner_id=12')).toEqual([other])
  expect(await listed('/api/v2/deals?pipeline_id=2&stage_id=3&status=open,won')).toEqual([other])
  expect(await listed(`/api/v2/deals?ids=${ofPerson},4711`)).toEqual([ofPerson])
  expect(await listed(`/api/v2/deals?updated_since=${at}`)).toEqual([other])
  expect(await listed(`/api/v2/deals?updated_until=${at}`)).toEqual([ofPerson])
  expect(await listed('/api/v2/deals?sort_by=update_time&sort_direction=desc')).toEqual([other, ofPerson])
  const done = await made(fake, '/api/v2/activities', { deal_id: other, owner_id: 12, done: true })
  const open = await made(fake, '/api/v2/activities', { deal_id: ofPerson, owner_id: 11 })
  expect(await listed('/api/v2/activities?done=true')).toEqual([done])
  expect(await listed('/api/v2/activities?owner_id=11&done=false')).toEqual([open])
})

test('pages follow each other without gaps, also when a record changes in between, and end in null', async () => {
  for (const title of ['a', 'b', 'c', 'd', 'e']) {
    await made(fake, '/api/v2/deals', { title })
    fake.clock.advance(1_000)
  }
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const { data, additional_data } = await call(fake, 'GET', `/api/v2/deals?limit=2&sort_by=update_time${after}`)
    seen.push(...(data as { title: string }[]).map(({ title }) => title))
    cursor = (additional_data as { next_cursor: string | null }).next_cursor
    if (seen.length === 2) fake.asPerson.changeOwner((await listed('/api/v2/deals'))[1] ?? 0, 12)
  }
  expect(seen).toEqual(['a', 'b', 'c', 'd', 'e', 'b'])
})

test('pages by id follow each other too', async () => {
  const all: number[] = []
  for (const title of ['a', 'b', 'c']) all.push(await made(fake, '/api/v2/deals', { title }))
  const { data, additional_data } = await call(fake, 'GET', '/api/v2/deals?limit=2')
  expect(data).toMatchObject([{ id: all[0] }, { id: all[1] }])
  const { next_cursor } = additional_data as { next_cursor: string }
  const rest = await call(fake, 'GET', `/api/v2/deals?limit=2&cursor=${encodeURIComponent(next_cursor)}`)
  expect(rest.data).toMatchObject([{ id: all[2] }])
  expect(rest.additional_data).toEqual({ next_cursor: null })
})

test('only the custom fields that were asked for are in a list', async () => {
  const [one, two] = [
    await newField(fake, { field_name: 'Protocolo', field_type: 'varchar' }),
    await newField(fake, { field_name: 'Canal', field_type: 'varchar' }),
  ]
  await made(fake, '/api/v2/deals', { title: 'x', custom_fields: { [one]: '#00001' } })
  expect(await get('/api/v2/deals')).toMatchObject([{ custom_fields: { [one]: '#00001', [two]: null } }])
  expect((await get(`/api/v2/deals?custom_fields=${two}`)) as unknown[]).toEqual([
    expect.objectContaining({ custom_fields: { [two]: null } }),
  ])
})

test('search items are a projection; the field search minds case and the way of matching', async () => {
  const code = await newField(fake, { field_name: 'Protocolo', field_type: 'varchar' })
  const person = await made(fake, '/api/v2/persons', { name: 'Maria Souza', phones: [{ value: '(11) 98765-4321' }] })
  const deal = await made(fake, '/api/v2/deals', {
    title: 'x',
    person_id: person,
    custom_fields: { [code]: 'Vez-00001' },
  })
  expect(await get('/api/v2/persons/search?term=87654321&fields=phone')).toEqual({
    items: [{ result_score: 1, item: expect.objectContaining({ id: person, phones: ['(11) 98765-4321'] }) }],
  })
  expect(await searched('/api/v2/persons/search?term=87654321&fields=phone&exact_match=true')).toEqual([])
  expect(await searched('/api/v2/persons/search?term=87654321&fields=email,name')).toEqual([])
  const by = (term: string, match: string) =>
    searched(`/api/v2/itemSearch/field?entity_type=deal&field=${code}&term=${term}&match=${match}`)
  expect(await by('Vez-00001', 'exact')).toEqual([deal])
  expect(await by('vez-00001', 'exact')).toEqual([])
  expect(await by('Vez', 'exact')).toEqual([])
  expect(await by('Vez', 'beginning')).toEqual([deal])
  expect(await by('0001', 'middle')).toEqual([deal])
  expect(await searched(`/api/v2/deals/search?term=VEZ&fields=custom_fields&person_id=${person}&status=open`)).toEqual([
    deal,
  ])
})

test('an activity that is done has its time, and the primary participant is its person', async () => {
  const person = await made(fake, '/api/v2/persons', { name: 'Maria' })
  const participants = [{ person_id: person, primary: true }]
  const id = await made(fake, '/api/v2/activities', { subject: 'Atender', participants, due_time: '13:30' })
  expect(await get(`/api/v2/activities/${id}`)).toMatchObject({
    person_id: person,
    done: false,
    marked_as_done_time: null,
  })
  const { data } = await call(fake, 'PATCH', `/api/v2/activities/${id}`, { done: true, owner_id: 12 })
  expect(data).toMatchObject({
    done: true,
    marked_as_done_time: '2026-11-25T12:00:00Z',
    owner_id: 12,
    due_time: '13:30',
  })
})

test('notes: content and a link, cleaned, v1 times and flags, in pages', async () => {
  const deal = await made(fake, '/api/v2/deals', { title: 'x' })
  const post = (body: object) => call(fake, 'POST', '/api/v1/notes', body)
  expect((await post({ content: 'a' })).status).toBe(400)
  expect((await post({ deal_id: deal })).status).toBe(400)
  const content = '<b onclick="x()">a</b><script>alert(1)</script>'
  const { data } = await post({ content, deal_id: deal, pinned_to_deal_flag: 1 })
  expect(data).toMatchObject({ content: '<b>a</b>', pinned_to_deal_flag: true, add_time: '2026-11-25 12:00:00' })
  const second = await made(fake, '/api/v1/notes', { content: 'b', deal_id: deal })
  const { additional_data } = await call(fake, 'GET', `/api/v1/notes?deal_id=${deal}&limit=1`)
  expect(additional_data).toEqual({ pagination: { start: 0, limit: 1, more_items_in_collection: true, next_start: 1 } })
  expect(await listed(`/api/v1/notes?deal_id=${deal}&limit=1&start=1`)).toEqual([second])
  expect((await call(fake, 'PUT', `/api/v1/notes/${second}`, { content: 'c' })).data).toMatchObject({ content: 'c' })
  expect((await call(fake, 'DELETE', `/api/v1/notes/${second}`)).status).toBe(200)
  expect((await call(fake, 'GET', `/api/v1/notes/${second}`)).status).toBe(404)
})

test('users: everybody in one list, oneself with the company, and by name or e-mail', async () => {
  expect(await listed('/v1/users')).toEqual([1, 11, 12, 13, 14])
  expect(await get('/api/v1/users/me')).toMatchObject({
    id: 1,
    company_domain: 'exemplo',
    timezone_name: 'America/Sao_Paulo',
  })
  expect(await get('/api/v1/users/13')).toMatchObject({ active_flag: false, is_deleted: false })
  expect(await get('/api/v1/users/14')).toMatchObject({ active_flag: false, is_deleted: true })
  expect(await listed('/api/v1/users/find?term=bi')).toEqual([12])
  expect(await listed('/api/v1/users/find?term=bia@exemplo.com.br&search_by_email=1')).toEqual([12])
  expect(await get('/api/v1/activityTypes')).toMatchObject([
    { key_string: 'call' },
    {},
    {},
    {},
    {},
    { key_string: 'lunch' },
  ])
})

test('webhooks: 201 and version 2.0 by default, 400 for what is no URL, 422 at 40', async () => {
  const body = { name: 'x', subscription_url: 'http://127.0.0.1:9/x', event_action: '*', event_object: 'deal' }
  const post = (more: object) => call(fake, 'POST', '/api/v1/webhooks', { ...body, ...more })
  const first = await post({})
  expect([first.status, first.data]).toEqual([
    201,
    expect.objectContaining({ version: '2.0', is_active: 1, last_http_status: null }),
  ])
  const bad = await post({ subscription_url: 'sem esquema' })
  expect(bad.status).toBe(400)
  expect(JSON.parse(bad.text)).toMatchObject({
    status: 'error',
    success: false,
    errors: { subscription_url: [expect.any(String)] },
  })
  expect((await post({ event_object: 'foguete' })).status).toBe(400)
  for (let count = 1; count < 40; count += 1) await post({})
  expect((await post({})).status).toBe(422)
  const { id } = first.data as { id: number }
  expect((await call(fake, 'DELETE', `/api/v1/webhooks/${id}`)).status).toBe(200)
  expect((await call(fake, 'DELETE', `/api/v1/webhooks/${id}`)).status).toBe(404)
  expect((await post({})).status).toBe(201)
})

test('a merge keeps the one named in merge_with_id, with the links and phones of the other', async () => {
  const [gone, kept] = [
    await made(fake, '/api/v2/persons', { name: 'Maria', phones: [{ value: '2' }] }),
    await made(fake, '/api/v2/persons', { name: 'Maria S.', phones: [{ value: '1' }] }),
  ]
  const deal = await made(fake, '/api/v2/deals', { title: 'x', person_id: gone })
  const { status, data } = await call(fake, 'PUT', `/api/v1/persons/${gone}/merge`, { merge_with_id: kept })
  expect([status, data]).toEqual([200, expect.objectContaining({ id: kept, name: 'Maria S.' })])
  expect(await get(`/api/v2/deals/${deal}`)).toMatchObject({ person_id: kept })
  expect((await call(fake, 'GET', `/api/v2/persons/${gone}`)).status).toBe(404)
  expect(await get(`/api/v2/persons/${kept}`)).toMatchObject({ phones: [{ value: '1' }, { value: '2' }] })
  const other = await made(fake, '/api/v2/deals', { title: 'y' })
  const activity = await made(fake, '/api/v2/activities', { deal_id: deal })
  expect((await call(fake, 'PUT', `/api/v1/deals/${deal}/merge`, { merge_with_id: other })).status).toBe(200)
  expect(await get(`/api/v2/activities/${activity}`)).toMatchObject({ deal_id: other })
  expect((await call(fake, 'GET', `/api/v2/deals/${deal}`)).status).toBe(404)
  expect(await get(`/api/v2/deals/${other}`)).toMatchObject({ person_id: kept })
})

test('organizations and set-up are there as far as a sync looks at them', async () => {
  const id = await made(fake, '/api/v2/organizations', { name: 'Exemplo Ltda' })
  expect(await searched('/api/v2/organizations/search?term=exemplo')).toEqual([id])
  expect((await call(fake, 'PATCH', `/api/v2/organizations/${id}`, { name: 'Outra' })).data).toMatchObject({
    name: 'Outra',
  })
  expect((await call(fake, 'DELETE', `/api/v2/organizations/${id}`)).status).toBe(200)
  expect(await listed('/api/v2/organizations')).toEqual([])
  expect(await listed('/api/v2/pipelines')).toEqual([1, 2])
  expect(await listed('/api/v2/stages?pipeline_id=1')).toEqual([1, 2])
})
