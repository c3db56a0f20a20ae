import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { FakePipedrive } from '../../../fakes/pipedrive/fake.js'
import { call, made, newField, startStill } from './account.js'

let fake: FakePipedrive
beforeAll(async () => {
  fake = await startStill()
})
beforeEach(() => {
  fake.reset()
  fake.limits.burst = 10_000
  fake.limits.search = 10_000
})
afterAll(() => fake.end())

const post = (path: string, body: unknown) => call(fake, 'POST', path, body)
const KEY = 'a'.repeat(40)

test.each([
  ['an owner under its v1 name', '/deals', { title: 'x', user_id: 1 }, 'user_id'],
  ['an unknown key', '/persons', { name: 'x', phone: '1' }, 'phone'],
  ['an unknown key inside', '/persons', { name: 'x', phones: [{ value: '1', kind: 'work' }] }, 'kind'],
  ['the person of an activity', '/activities', { subject: 'x', person_id: 1 }, 'person_id'],
  ['a custom field at the top', '/deals', { title: 'x', [KEY]: 'y' }, KEY],
])('%s is refused in the words of the service', async (_, path, body, name) => {
  const { status, error, code } = await post(`/api/v2${path}`, body)
  expect({ status, code }).toEqual({ status: 400, code: 'ERR_SCHEMA_VALIDATION_FAILED' })
  expect(error).toMatch(
    new RegExp(`^Validation failed: (.+\\.)?${name}: Parameter '${name}' is not allowed for this request$`),
  )
})

test.each([
  ['a text for a number', '/deals', { title: 'x', owner_id: '11' }, 'owner_id'],
  ['a number for a boolean', '/activities', { done: 1 }, 'done'],
  ['no title', '/deals', { owner_id: 11 }, 'title'],
  ['no name', '/persons', { emails: [] }, 'name'],
  ['an unknown person', '/deals', { title: 'x', person_id: 4711 }, 'person_id'],
  ['an unknown stage', '/deals', { title: 'x', stage_id: 99 }, 'stage_id'],
  ['a stage of another pipeline', '/deals', { title: 'x', stage_id: 1, pipeline_id: 2 }, 'stage_id'],
  ['a deactivated owner', '/deals', { title: 'x', owner_id: 13 }, 'owner_id'],
  ['a deleted owner', '/persons', { name: 'x', owner_id: 14 }, 'owner_id'],
  ['a deactivated owner of an activity', '/activities', { owner_id: 13 }, 'owner_id'],
  ['an hour without its zero', '/activities', { due_time: '9:30' }, 'due_time'],
  ['an hour that is none', '/activities', { due_time: '24:00' }, 'due_time'],
  ['an unknown type', '/activities', { type: 'foguete' }, 'type'],
  ['an unknown label', '/deals', { title: 'x', label_ids: [4711] }, 'label_ids'],
  ['a key that no field has', '/deals', { title: 'x', custom_fields: { [KEY]: 'y' } }, 'custom_fields'],
  ['a reason to have lost what is open', '/deals', { title: 'x', lost_reason: 'y' }, 'lost_reason'],
  ['deletion by status', '/deals', { title: 'x', status: 'deleted' }, 'status'],
])('%s is a 400 and makes nothing', async (_, path, body, name) => {
  const { status, error } = await post(`/api/v2${path}`, body)
  expect(status).toBe(400)
  expect(error).toMatch(new RegExp(`^Validation failed: ${name}[:.]`))
  expect([...fake.state.deals, ...fake.state.persons, ...fake.state.activities]).toEqual([])
})

test.each([
  ['/api/v2/activities?type=call'],
  ['/api/v2/activities?done=1'],
  ['/api/v2/deals?limit=501'],
  ['/api/v2/deals?limit=0'],
  ['/api/v2/deals?user_id=1'],
  ['/api/v2/deals?cursor=quebrado'],
  ['/api/v2/deals?updated_since=ontem'],
  ['/api/v2/deals?sort_by=title'],
  [`/api/v2/deals?custom_fields=${Array.from({ length: 16 }, () => KEY).join(',')}`],
  ['/api/v2/persons/search?term=maria&limit=101'],
  ['/api/v2/persons/search?term=maria&exact_matching=true'],
  ['/api/v2/persons/search?term=m'],
  ['/api/v2/dealFields/title?limit=1'],
  ['/api/v2/stages/1?x=1'],
  ['/api/v1/users?limit=1'],
  ['/api/v2/deals/search?term=ab&limit=101'],
  ['/api/v2/itemSearch/field?term=ab&entity_type=deal&field=owner_id'],
  ['/api/v1/notes?limit=501'],
])('%s is a 400', async (path) => {
  expect((await call(fake, 'GET', path)).status).toBe(400)
})

test('each type of custom field takes its own shape, null clears, and an empty set is refused', async () => {
  const options = [{ label: 'pt' }, { label: 'en' }]
  const text = await newField(fake, { field_name: 'Protocolo', field_type: 'varchar' })
  const set = await newField(fake, { field_name: 'Idiomas', field_type: 'set', options })
  const user = await newField(fake, { field_name: 'Consultor da vez', field_type: 'user' })
  const [pt] = fake.state.fields.find((one) => one.field_code === set)?.options ?? []
  const id = await made(fake, '/api/v2/deals', { title: 'x', custom_fields: { [text]: '#00001', [user]: 12 } })
  const patch = (custom_fields: object) => call(fake, 'PATCH', `/api/v2/deals/${id}`, { custom_fields })
  expect((await patch({ [set]: [pt?.id] })).data).toMatchObject({
    custom_fields: { [text]: '#00001', [set]: [pt?.id], [user]: 12 },
  })
  expect((await patch({ [user]: null })).data).toMatchObject({ custom_fields: { [user]: null, [text]: '#00001' } })
  for (const wrong of [{ [set]: [] }, { [set]: [1] }, { [text]: 1 }, { [text]: 'x'.repeat(256) }, { [user]: 4711 }]) {
    expect((await patch(wrong)).status).toBe(400)
  }
})

test('the key of a deleted field is refused and no longer shown', async () => {
  const code = await newField(fake, { field_name: 'Protocolo', field_type: 'varchar' })
  const id = await made(fake, '/api/v2/deals', { title: 'x', custom_fields: { [code]: '#00001' } })
  expect((await call(fake, 'DELETE', `/api/v2/dealFields/${code}`)).status).toBe(200)
  const again = await call(fake, 'PATCH', `/api/v2/deals/${id}`, { custom_fields: { [code]: '#00002' } })
  expect(again.error).toMatch(new RegExp(`Validation failed: custom_fields.${code}: `))
  expect((await call(fake, 'GET', `/api/v2/deals/${id}`)).data).toMatchObject({ custom_fields: {} })
})

test('two fields may have one name, and past the ceiling there are none', async () => {
  const body = { field_name: 'Protocolo', field_type: 'varchar' }
  expect(await newField(fake, body)).not.toBe(await newField(fake, body))
  fake.limits.customFields = 2
  const { status, code } = await post('/api/v2/personFields', body)
  expect({ status, code }).toEqual({ status: 403, code: expect.stringMatching(/^feature_capping_/) })
})

test('options of a field are added, renamed and taken away, but not of a field that the account came with', async () => {
  expect(await post('/api/v2/dealFields/label_ids/options', [{ label: 'Novo' }])).toMatchObject({ status: 400 })
  const set = await newField(fake, { field_name: 'Idiomas', field_type: 'set', options: [{ label: 'pt' }] })
  const path = `/api/v2/dealFields/${set}/options`
  const { data } = await post(path, [{ label: 'consultor da vez' }])
  expect(data).toEqual([{ id: expect.any(Number), label: 'consultor da vez' }])
  const [{ id }] = data as [{ id: number }]
  const deal = await made(fake, '/api/v2/deals', { title: 'x', custom_fields: { [set]: [id] } })
  expect((await call(fake, 'PATCH', path, [{ id, label: 'vez' }])).data).toEqual([{ id, label: 'vez' }])
  expect((await call(fake, 'DELETE', path, [{ id }])).status).toBe(200)
  const again = await call(fake, 'PATCH', `/api/v2/deals/${deal}`, { custom_fields: { [set]: [id] } })
  expect(again.status).toBe(400)
})

test('a deal needs a person or an organization, but for people in the pages', async () => {
  const { status, error } = await post('/api/v2/deals', { title: 'x', person_id: null })
  expect({ status, error }).toEqual({ status: 400, error: expect.stringContaining('person_id') })
  expect(fake.asPerson.addDeal({ title: 'x' })).toMatchObject({ person_id: null })
})

test('a telephone is found by its beginning or its end, never by its middle, or by its beginning only', async () => {
  fake.asPerson.addPerson({ name: 'Maria', phone: '(11) 98765-4321' })
  const hits = async (term: string) => {
    const { data } = await call(fake, 'GET', `/api/v2/persons/search?fields=phone&term=${term}`)
    return Object(data).items.length
  }
  expect([await hits('87654321'), await hits('11987654321'), await hits('98765432')]).toEqual([1, 1, 0])
  fake.switches.phoneSearch = 'inicio'
  expect([await hits('87654321'), await hits('11987654321')]).toEqual([0, 1])
})

test('who the token’s user is, and of what an administrator; no other flag says so', async () => {
  const { data } = await call(fake, 'GET', '/api/v1/users/me')
  expect(data).toMatchObject({
    access: expect.arrayContaining([{ app: 'sales', admin: true, permission_set_id: expect.any(String) }]),
  })
  expect(data).not.toHaveProperty('is_admin')
})

test('a write takes nothing from the address', async () => {
  expect((await post('/api/v2/deals?title=x', { title: 'x' })).status).toBe(400)
})

test('old paths are gone and unknown ones refused, and both are recorded', async () => {
  expect((await call(fake, 'GET', '/api/v1/deals')).status).toBe(410)
  expect((await call(fake, 'PUT', '/v1/persons/1')).status).toBe(410)
  expect((await call(fake, 'GET', '/api/v2/produtos')).status).toBe(404)
  expect((await call(fake, 'GET', '/v2/deals')).status).toBe(404)
  expect(fake.unplanned).toEqual(['GET /v1/deals', 'PUT /v1/persons/1', 'GET /v2/produtos', 'GET /v2/deals'])
})

test('nobody comes in with a wrong token, or with one in the address', async () => {
  const inHeader = await call(fake, 'GET', '/api/v2/deals', undefined, { 'x-api-token': 'errado' })
  expect([inHeader.status, inHeader.headers.get('x-401-by-gw')]).toEqual([401, '1'])
  expect(JSON.parse(inHeader.text)).toMatchObject({ success: false, error: 'unauthorized access', errorCode: 401 })
  const { status } = await call(fake, 'GET', '/api/v2/deals?api_token=fake-token-0123456789abcdef0123456789abcdef')
  expect(status).toBe(401)
})

test('fields of contact sync are forbidden', async () => {
  expect((await post('/api/v2/persons', { name: 'x', job_title: 'y' })).status).toBe(403)
})
