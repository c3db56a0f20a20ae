import { beforeEach, describe, expect, it } from '@jest/globals'
import { failureOf, isCap, PipedriveFailure } from '../../../integrations/pipedrive/failure.js'
import { Limits, type Pause } from '../../../integrations/pipedrive/limits.js'
import type { Clock } from '../../../src/lib/clock.js'

const HOUR = 3_600_000
const WINDOW = 2_000

let ms: number
let pauses: Pause[]
let resumed: string[]
let limits: Limits
/** Waiting is moving on. */
const clock: Clock = {
  now: () => new Date(ms),
  elapsed: () => ms,
  wait: async (by) => {
    ms += by
  },
  after: () => () => undefined,
}

beforeEach(() => {
  ms = Date.parse('2026-11-25T12:34:56Z')
  pauses = []
  resumed = []
  const listener = {
    paused: (pausa: Pause) => void pauses.push(pausa),
    resumed: (falha: string) => void resumed.push(falha),
    budget: () => undefined,
    failed: () => undefined,
  }
  limits = new Limits(clock, () => 0, listener)
})

const failure = (status: number, headers: Readonly<Record<string, string>> = {}, isJson = true) => {
  const found = failureOf({ status, isJson, code: undefined, header: (name) => headers[name] })
  if (!found) throw new Error(`${status} is no failure`)
  return found
}
const failed = (status: number, headers?: Readonly<Record<string, string>>, isJson?: boolean): void =>
  limits.failed(failure(status, headers, isJson))
const entered = async (isSearch = false): Promise<unknown> =>
  limits.enter(isSearch).then(
    () => 'in',
    (error) => error,
  )

describe('the pace of one process', () => {
  const most = (times: readonly number[]): number =>
    Math.max(...times.map((start) => times.filter((at) => at >= start && at < start + WINDOW).length))

  it('stays under 20 calls and 10 searches in any two seconds, however many want to call', async () => {
    const [all, searches]: [number[], number[]] = [[], []]
    for (let count = 0; count < 400; count += 1) {
      const isSearch = count % 3 === 0
      expect(await entered(isSearch)).toBe('in')
      all.push(ms)
      if (isSearch) searches.push(ms)
    }
    expect(most(all)).toBeLessThan(20)
    expect(most(searches)).toBeLessThan(10)
    // And is not far below it.
    expect(all.length / ((ms - (all[0] ?? 0)) / 1_000)).toBeGreaterThan(7)
  })

  it('of searches alone is their own window’s', async () => {
    const searches: number[] = []
    for (let count = 0; count < 100; count += 1) {
      await limits.enter(true)
      searches.push(ms)
    }
    expect(most(searches)).toBeLessThan(10)
  })
})

describe('a pause', () => {
  it.each([
    ['a 429', 429, {}, true, 2_000],
    ['a 429 with a reset', 429, { 'x-ratelimit-reset': '7' }, true, 7_000],
    ['a 429 with Retry-After only', 429, { 'retry-after': '9' }, true, 9_000],
    ['a 429 whose reset says nothing', 429, { 'x-ratelimit-reset': 'soon', 'retry-after': '5' }, true, 5_000],
    ['a 429 whose reset is an instant', 429, { 'x-ratelimit-reset': '1790000000' }, true, HOUR],
    ['a page with 403', 403, {}, false, 300_000],
    ['a 401', 401, {}, true, 900_000],
    ['a 402', 402, {}, true, 900_000],
    [
      'a 429 with nothing left of the day, until the next full hour',
      429,
      { 'x-daily-ratelimit-token-remaining': '0', 'retry-after': '1' },
      true,
      HOUR - (34 * 60 + 56) * 1_000,
    ],
  ] as const)('after %s holds every call', async (_name, status, headers, isJson, wait) => {
    failed(status, headers, isJson)
    expect(limits.pausedMs()).toBe(wait)
    expect(await entered()).toMatchObject({ isEveryones: true, waitMs: expect.any(Number) })
    expect(pauses).toMatchObject([{ ate: new Date(Date.parse('2026-11-25T12:34:56Z') + wait) }])
    ms += wait
    expect(await entered()).toBe('in')
    expect(limits.pausa).toBeUndefined()
  })

  it('doubles while nothing but 429 comes, up to an hour, and a good answer ends that', () => {
    const waits: number[] = []
    for (let count = 0; count < 15; count += 1) {
      failed(429)
      waits.push(limits.pausedMs())
      ms += limits.pausedMs()
    }
    expect(waits.slice(0, 4)).toEqual([2_000, 4_000, 8_000, 16_000])
    expect(waits.at(-1)).toBe(HOUR)
    limits.passed()
    failed(429)
    expect(limits.pausedMs()).toBe(2_000)
  })

  it('follows a 403 right after 429s, and not one that is only a refusal', () => {
    failed(403)
    expect(limits.pausedMs()).toBe(0)
    failed(429)
    failed(403)
    expect(limits.pausa?.falha).toBe('banido')
  })

  it('is not shortened by a smaller trouble', () => {
    failed(401)
    failed(429)
    expect(limits.pausa?.falha).toBe('token')
    expect(pauses).toHaveLength(1)
  })

  it('is none after a refusal, and what is left of the day is told', () => {
    for (const status of [400, 404, 422, 500, 503]) failed(status)
    expect(limits.pausedMs()).toBe(0)
    limits.heard((name) => (name === 'x-daily-ratelimit-token-remaining' ? '123' : undefined))
    expect(limits.restante).toBe(123)
    limits.heard(() => undefined)
    expect(limits.restante).toBe(123)
  })
})

describe('what a failure means', () => {
  it.each([
    [302, 'indisponivel', false],
    [400, 'recusada', true],
    [404, 'nao_encontrado', true],
    [408, 'sem_resposta', false],
    [410, 'nao_encontrado', true],
    [422, 'recusada', true],
    [500, 'indisponivel', false],
    [502, 'sem_resposta', false],
    [503, 'indisponivel', false],
    [504, 'sem_resposta', false],
  ] as const)('%i is %s', (status, falha, isUndone) => {
    expect(failure(status)).toMatchObject({ falha, status, isUndone })
  })

  it.each([
    ['its code', 'feature_capping_deals_limit', 'whatever', true],
    ['its words', undefined, 'Deals limit reached', true],
    ['its words, with a code that says nothing', 'ERR_FORBIDDEN', 'Upgrade your plan to add more', true],
    ['no words of another refusal', undefined, 'You do not have permissions; visibility is limited', false],
    ['no body', undefined, undefined, false],
  ])('a plan’s ceiling is told by %s', (_what, code, words, isIt) => {
    expect(isCap(code, words)).toBe(isIt)
  })
})

describe('a plan that is full', () => {
  const full = new PipedriveFailure('limite_do_plano', 403)
  const made = async (): Promise<unknown> =>
    limits.enter(false, 'negocio').then(
      () => 'in',
      ({ falha, waitMs }) => ({ falha, waitMs }),
    )
  const MINUTE = 60_000

  it('holds only what would make one more, each time longer, up to an hour', async () => {
    const waits: number[] = []
    for (let count = 0; count < 6; count += 1) {
      expect(await made()).toBe('in')
      limits.failed(full, 'negocio')
      const { waitMs } = Object(await made())
      waits.push(waitMs / MINUTE)
      expect(await entered()).toBe('in')
      ms += waitMs
    }
    expect(waits).toEqual([5, 10, 20, 40, 60, 60])
    expect(pauses.map(({ falha }) => falha)).toEqual(Array(6).fill('limite_do_plano'))
    expect(limits.pausedMs()).toBe(0)
  })

  it('is tried again by one call, whose success lets all others in', async () => {
    limits.failed(full, 'negocio')
    ms += 5 * MINUTE
    expect(await made()).toBe('in')
    expect(await made()).toEqual({ falha: 'limite_do_plano', waitMs: MINUTE })
    limits.passed('negocio')
    expect(resumed).toEqual(['limite_do_plano'])
    expect(await made()).toBe('in')
    expect(await made()).toBe('in')
  })

  it('is tried at once when a person says so, and so is a refused token, but nothing that only time ends', async () => {
    limits.failed(full, 'negocio')
    failed(401)
    limits.retry()
    expect(await made()).toBe('in')
    failed(403, {}, false)
    limits.retry()
    expect(await entered()).toMatchObject({ falha: 'banido' })
  })

  it('is no ban after 429s', () => {
    failed(429)
    limits.failed(full, 'negocio')
    expect(limits.pausa?.falha).toBe('limite')
  })
})
