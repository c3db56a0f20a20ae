import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { FakePipedrive } from '../../../fakes/pipedrive/fake.js'
import { TOKEN } from '../../../fakes/pipedrive/server.js'
import { call, made, startStill } from './account.js'

let fake: FakePipedrive
beforeAll(async () => {
  fake = await startStill()
})
beforeEach(() => fake.reset())
afterAll(() => fake.end())

const times = async (count: number, path: string): Promise<number[]> => {
  const statuses: number[] = []
  for (let call_ = 0; call_ < count; call_ += 1) statuses.push((await call(fake, 'GET', path)).status)
  return statuses
}

test.each([
  ['GET', '/api/v2/deals/ID', 1],
  ['GET', '/api/v2/deals', 10],
  ['GET', '/api/v2/persons', 10],
  ['GET', '/api/v2/activities', 10],
  ['GET', '/api/v2/dealFields', 10],
  ['GET', '/api/v2/pipelines', 5],
  ['GET', '/api/v2/stages', 5],
  ['GET', '/api/v2/persons/search?term=ab', 20],
  ['GET', '/api/v2/deals/search?term=ab', 20],
  ['GET', '/api/v2/itemSearch/field?term=ab&entity_type=deal&field=title', 20],
  ['PATCH', '/api/v2/deals/ID', 5],
  ['POST', '/api/v2/deals', 5],
  ['DELETE', '/api/v2/deals/ID', 3],
  ['GET', '/api/v1/users', 20],
  ['GET', '/api/v1/users/me', 2],
  ['GET', '/api/v1/users/find?term=ana', 40],
  ['GET', '/api/v1/activityTypes', 20],
  ['GET', '/api/v1/notes', 20],
  ['POST', '/api/v1/notes', 10],
  ['GET', '/api/v1/webhooks', 10],
  ['POST', '/api/v1/webhooks', 10],
  ['DELETE', '/api/v1/webhooks/ID', 6],
  ['PUT', '/api/v1/deals/ID/merge', 40],
])('%s %s costs %i tokens', async (method, path, tokens) => {
  const id = await made(fake, '/api/v2/deals', { title: 'x' })
  const before = fake.limits.daily
  const { headers } = await call(fake, method, path.replace('ID', String(id)), method === 'GET' ? undefined : {})
  expect(before - fake.limits.daily).toBe(tokens)
  expect(headers.get('x-daily-ratelimit-token-remaining')).toBe(String(fake.limits.daily))
  expect(fake.calls.at(-1)).toMatchObject({ method, tokens })
})

test('a window of two seconds lets so many in, rolling, and what is refused costs nothing', async () => {
  expect((await times(21, '/api/v2/pipelines')).slice(19)).toEqual([200, 429])
  const { headers, status } = await call(fake, 'GET', '/api/v2/pipelines')
  expect([status, headers.get('x-ratelimit-remaining'), headers.get('x-ratelimit-reset')]).toEqual([429, '0', '2'])
  expect(fake.limits.dailyLimit - fake.limits.daily).toBe(100)
  fake.clock.advance(1_999)
  expect(await times(1, '/api/v2/pipelines')).toEqual([429])
  fake.clock.advance(1)
  expect(await times(1, '/api/v2/pipelines')).toEqual([200])
})

test('searches have a window of their own', async () => {
  fake.limits.burst = 100
  expect((await times(11, '/api/v2/persons/search?term=ab')).slice(9)).toEqual([200, 429])
  expect(await times(1, '/api/v2/deals')).toEqual([200])
})

test('without budget everything is a 429, until midnight', async () => {
  fake.limits.daily = 9
  const { status, headers } = await call(fake, 'GET', '/api/v2/deals')
  expect([status, headers.get('x-daily-ratelimit-token-remaining')]).toEqual([429, '0'])
  fake.clock.advance(12 * 3_600_000)
  expect(await times(1, '/api/v2/deals')).toEqual([200])
  expect(fake.limits.daily).toBe(fake.limits.dailyLimit - 10)
})

test('who does not heed 429s meets a page of the guard, for minutes', async () => {
  Object.assign(fake.limits, { burst: 1, patience: 3 })
  expect(await times(5, '/api/v2/pipelines')).toEqual([200, 429, 429, 429, 403])
  fake.clock.advance(10_000)
  const { status, text, headers } = await call(fake, 'GET', '/api/v2/pipelines')
  expect([status, headers.get('content-type')]).toEqual([403, 'text/html'])
  expect(text).toMatch(/Cloudflare/)
  fake.clock.advance(300_000)
  expect(await times(1, '/api/v2/pipelines')).toEqual([200])
})

test('the guard loses patience over an empty budget too', async () => {
  Object.assign(fake.limits, { daily: 0, patience: 1 })
  expect(await times(3, '/api/v2/pipelines')).toEqual([429, 403, 403])
})

test('a token has its windows alone, and a new one kills the old', async () => {
  fake.limits.burst = 1
  expect(await times(2, '/api/v2/pipelines')).toEqual([200, 429])
  fake.token('um-outro')
  expect((await call(fake, 'GET', '/api/v2/pipelines', undefined, { 'x-api-token': 'um-outro' })).status).toBe(200)
  expect((await call(fake, 'GET', '/api/v2/pipelines', undefined, { 'x-api-token': TOKEN })).status).toBe(401)
})

test('headers go missing when they shall', async () => {
  fake.switches.omitDailyHeaders = true
  const daily = (await call(fake, 'GET', '/api/v2/deals')).headers
  expect([daily.get('x-daily-ratelimit-token-remaining'), daily.get('x-ratelimit-remaining')]).toEqual([null, '19'])
  fake.switches.omitRateHeaders = true
  const none = (await call(fake, 'GET', '/api/v2/deals')).headers
  expect([none.get('x-ratelimit-remaining'), none.get('x-ratelimit-reset')]).toEqual([null, null])
})
