import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { ANSWERS } from '../../fakes/pipedrive/faults.js'
import { TOKEN } from '../../fakes/pipedrive/server.js'
import { numeroOf, PROTOCOLO, type World, world } from '../support/pipedrive.js'
import { until } from '../support/until.js'

const HOUR = 3_600_000

let w: World
beforeEach(async () => {
  w = await world({ factor: 10 })
})
afterEach(() => w.end())

const contatoOf = (customer: number) => ({ nome: `Cliente ${customer}`, telefone: `+551198${7_000_000 + customer}` })

/** All are done: an activity and a note of each protocol, and as many deals as customers, each named after one protocol. */
async function allSynced(numbers: readonly number[], customers: number): Promise<void> {
  // Also what a pause held before its first attempt: the clock is moved over that, too.
  await w.quiet()
  for (const n of numbers) expect(await w.ended(n)).toMatchObject({ estado: 'feita' })
  const records = numbers.map((n) => w.of(n))
  for (const { activities, notes } of records) expect([activities, notes]).toEqual([1, 1])
  expect(records.filter(({ deals }) => deals === 1)).toHaveLength(customers)
  expect(records.filter(({ deals }) => deals === 0)).toHaveLength(numbers.length - customers)
}

describe('nothing is lost', () => {
  it('when the token is regenerated: all stops and is said, and goes on in order when it is good again', async () => {
    const first = await w.serve(contatoOf(1))
    await allSynced([first], 1)
    w.fake.token('another-token-0123456789')
    const numbers: number[] = []
    for (let visit = 0; visit < 5; visit += 1) numbers.push(await w.serve(contatoOf(1)))
    const isRefused = () => w.fake.calls.some(({ status }) => status === 401)
    await until(isRefused, undefined, 'a 401')
    await until(() => w.log().includes('"falha":"token"'), undefined, 'the word of it')
    const { length } = w.fake.calls
    w.fake.clock.advance(5 * 60_000)
    await w.serve(contatoOf(2))
    expect(w.fake.calls).toHaveLength(length)
    w.fake.token(TOKEN)
    await allSynced([first, ...numbers, 7], 2)
    const deal = w.fake.state.deals.find(({ title }) => title.includes(numeroOf(first)))
    expect(deal?.custom_fields[PROTOCOLO]).toBe(numeroOf(numbers.at(-1) ?? 0))
    const order = w.fake.state.activities.filter((one) => one.deal_id === deal?.id).map(({ subject }) => subject)
    expect(order).toEqual([first, ...numbers].map((n) => `Atender ${numeroOf(n)}`))
    expect(w.log()).not.toContain(TOKEN)
  })

  it.each([
    [
      'the day’s budget is gone',
      () => Object.assign(w.fake.limits, { daily: 40, dailyLimit: 1_000_000 }),
      'sem_orcamento',
    ],
    [
      'Cloudflare keeps us out',
      () => w.fake.fault({ method: '*', path: /./, times: 3, how: ANSWERS.cloudflare }),
      'banido',
    ],
  ])('when %s: a pause, which is said', async (_name, happens, falha) => {
    happens()
    const numbers = [await w.serve(contatoOf(1)), await w.serve(contatoOf(2)), await w.serve(contatoOf(3))]
    await until(() => w.log().includes(`"falha":"${falha}"`), undefined, 'the pause')
    const said = /"ate":"([^"]+)"/.exec(w.log())?.[1] ?? ''
    const wait = Date.parse(said) - w.fake.clock.now().getTime()
    const { length } = w.fake.calls
    w.fake.clock.advance(wait - 20_000)
    numbers.push(await w.serve(contatoOf(1)))
    expect(w.fake.calls.length - length).toBeLessThanOrEqual(3)
    if (falha === 'sem_orcamento') w.fake.limits.daily = w.fake.limits.dailyLimit
    await allSynced(numbers, 3)
  })

  it('when Pipedrive is down for an hour, while turns go on', async () => {
    w.fake.fault({ method: '*', path: /./, times: Number.POSITIVE_INFINITY, probability: 1, how: ANSWERS.maintenance })
    const numbers: number[] = []
    for (let minutes = 0; minutes < 60; minutes += 5) {
      numbers.push(await w.serve(contatoOf(minutes % 4)))
      w.fake.clock.advance(5 * 60_000)
    }
    expect(w.fake.state.persons).toEqual([])
    expect(numbers).toHaveLength(12)
    w.fake.reset()
    w.fake.clock.advance(HOUR / 6)
    await allSynced(numbers, 4)
    expect(w.fake.state.persons).toHaveLength(4)
    expect(w.fake.state.deals).toHaveLength(4)
  })
})
