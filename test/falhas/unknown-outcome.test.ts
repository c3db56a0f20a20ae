import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { check } from '../support/checker.js'
import { History } from '../support/history.js'
import { type Proxied, proxiedService } from '../support/proxied.js'
import type { Fault } from '../support/proxy.js'
import { randomFor } from '../support/random.js'
import { amount } from '../support/sample.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let world: Proxied
let other: TestService
beforeAll(async () => {
  world = await proxiedService()
  other = await testService({ database: world.database })
})
afterAll(async () => {
  await other.end()
  await world.end()
})

/** Of each fault as many. */
const ROUNDS = amount(12, 3)
const AT_ONCE = 6

describe('a write whose outcome the service cannot know', () => {
  it('is one turn a key all the same, whether it was lost, applied or landed late, alone and beside another process', async () => {
    const { service: cut, proxy, database } = world
    const random = randomFor('unknown outcome')
    const history = new History()
    for (const idiomas of [['pt'], ['pt', 'en'], ['en']]) {
      await history.roster(other.call, 'POST', '/consultor', { nome: 'Fulano', idiomas, status_online: true })
    }
    const numbers = new Map<string, number>()
    let keys = 0
    const faults: Fault[] = ['cut before', 'cut after', 'land late']
    for (let round = 0; round < ROUNDS; round += 1) {
      const fault = faults[round % faults.length] ?? 'cut before'
      const withOther = random() < 0.5
      const before = proxy.happened()
      proxy.next(fault)
      const asked = Array.from({ length: AT_ONCE }, () => {
        keys += 1
        return {
          key: `k${keys}`,
          idioma: random() < 0.5 ? 'pt' : 'en',
          service: withOther && random() < 0.4 ? other : cut,
        }
      })
      await Promise.all(
        asked.map(async ({ key, idioma, service }) => {
          await until(async () => {
            const n = await history.turn(service.call, idioma, key)
            if (n === undefined) return false
            expect(numbers.get(key) ?? n).toBe(n)
            numbers.set(key, n)
            return true
          })
        }),
      )
      if (random() < 0.5) await proxy.release()
      await history.turn(cut.call, 'pt', `after${round}`)
      expect(proxy.happened()).toBe(before + 1)
      for (const { key, idioma } of asked) {
        expect(await history.turn(other.call, idioma, key)).toBe(numbers.get(key))
      }
    }
    expect(history.contradictions).toEqual([])
    expect(check(history.events)).toEqual([])
    const total = keys + ROUNDS
    await until(async () => (await database.connection.collection('protocolos').countDocuments()) === total)
  })
})
