import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { ADMIN, type TestService, testService } from '../support/service.js'

let passed = 0
let service: TestService
beforeAll(async () => {
  const clock = { ...systemClock, elapsed: () => passed, now: () => new Date(Date.now() + passed) }
  service = await testService({ clock, env: { PROXY_CONFIAVEL: '127.0.0.0/8' } })
})
afterAll(() => service.end())

let addresses = 0
const newAddress = (): string => {
  addresses += 1
  return `203.0.113.${addresses}`
}

const ask = (key: string, address: string) =>
  service.call('GET', '/vez', { headers: { 'api-key': key, 'x-forwarded-for': address } })
const fail = async (times: number, address: string): Promise<number[]> => {
  const answers = await Promise.all(Array.from({ length: times }, (_, n) => ask(`wrong-key-number-${n}`, address)))
  return answers.map(({ status }) => status)
}
const keyOf = async (): Promise<string> =>
  (await service.call('POST', '/api-keys', { body: { descricao: 'c', escopos: ['leitura'] } })).body.chave

describe('an address that tries one key after the other', () => {
  it('is slowed down to five a second after 20 failures, and is told when to come back', async () => {
    const address = newAddress()
    expect(new Set(await fail(20, address))).toEqual(new Set([401]))
    const statuses = await fail(40, address)
    expect(statuses.filter((one) => one === 401)).toHaveLength(5)
    expect(statuses.filter((one) => one === 429)).toHaveLength(35)
    const refused = await ask('wrong-key-once-more', address)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    passed += 1_000
    expect((await fail(40, address)).filter((one) => one === 401)).toHaveLength(5)
    passed += 60_000
    expect(new Set(await fail(20, address))).toEqual(new Set([401]))
  })

  it('keeps nobody else out: not another address, not a key that is known good, not the environment’s', async () => {
    const address = newAddress()
    const [known, unknown] = [await keyOf(), await keyOf()]
    expect((await ask(known, address)).status).toBe(200)
    await fail(60, address)
    expect((await ask(unknown, address)).status).toBe(429)
    expect((await ask(unknown, newAddress())).status).toBe(200)
    expect((await ask(ADMIN, address)).status).toBe(200)
    // Long after its last look-up, too.
    passed += 20_000
    await fail(60, address)
    expect((await ask(known, address)).status).toBe(200)
  })

  it('gets nothing more out of a key that was revoked', async () => {
    const address = newAddress()
    const { chave, id } = (await service.call('POST', '/api-keys', { body: { descricao: 'c', escopos: ['leitura'] } }))
      .body
    expect((await ask(chave, address)).status).toBe(200)
    await service.call('DELETE', `/api-keys/${id}`)
    passed += 20_000
    await fail(60, address)
    expect((await ask(chave, address)).status).toBe(401)
    expect((await ask(chave, address)).status).toBe(429)
  })

  it('of IPv6 is its whole network', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => ask(`wrong-key-number-${n}`, `2001:db8::${n + 1}`)))
    expect((await fail(10, '2001:db8:0:0:ffff::1')).filter((one) => one === 429)).toHaveLength(5)
    expect(new Set(await fail(10, '2001:db8:0:1::1'))).toEqual(new Set([401]))
  })
})
