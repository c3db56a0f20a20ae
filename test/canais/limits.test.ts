import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { type TestCanal, testCanal, testConsultor } from '../support/chat.js'
import { evolutionAccount, message } from '../support/evolution.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

/** So much slower goes the time by which it counts calls. */
const SLOWER = 8
const BURST = 20
const PER_SECOND = 5

let platforms: Platforms
let service: TestService
beforeAll(async () => {
  platforms = await startPlatforms()
  service = await testService({ clock: { ...systemClock, elapsed: () => performance.now() / SLOWER } })
})
afterAll(async () => {
  await service.end()
  await platforms.end()
})

describe('events of an account', () => {
  it('are a 429 with Retry-After beyond what it may send, and no other account’s', async () => {
    // Monotonic time stands still: no more is let in, however slow the machine.
    const still = await testService({ database: service.database, clock: { ...systemClock, elapsed: () => 0 } })
    const [canal, other] = [await testCanal(still, 'generico'), await testCanal(still, 'generico')]
    const post = (one: TestCanal) => one.post({}, { headers: { 'x-webhook-segredo': one.segredo } })
    const statuses: number[] = []
    for (let batch = 0; batch < 20; batch += 1) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => post(canal)))
      statuses.push(...answers.map(({ status }) => status))
    }
    expect(new Set(statuses)).toEqual(new Set([200]))
    const refused = await post(canal)
    expect(refused).toMatchObject({ status: 429, body: { situacao: 'ignorado', protocolo: null } })
    expect(refused.headers.get('retry-after')).toBe('1')
    expect((await post(other)).status).toBe(200)
    await still.end()
  })
})

describe('calls for an account', () => {
  it('are no more than its platform is asked to take, and no other account waits for that', async () => {
    await testConsultor(service, 'Ana')
    const [busy, other] = [
      await evolutionAccount(service, platforms, {}),
      await evolutionAccount(service, platforms, {}),
    ]
    const started = performance.now()
    const phone = (place: number): string => `${5511987650000 + place}@s.whatsapp.net`
    const write = (canal: TestCanal, place: number) => canal.post(message({ id: `m${place}`, from: phone(place) }))
    const called = (from: number, to: number): number =>
      platforms.calls.filter(({ body }) => body.number >= phone(from) && body.number <= phone(to)).length
    await Promise.all(Array.from({ length: BURST + 6 }, (_, place) => write(busy, place)))
    await until(() => called(0, 99) >= BURST)
    for (let place = 100; place < 106; place += 1) await write(other, place)
    await until(() => called(100, 199) === 6)
    const refilled = Math.ceil(((performance.now() - started) / SLOWER / 1_000) * PER_SECOND)
    expect(called(0, 99)).toBeLessThanOrEqual(BURST + refilled)
  })
})
