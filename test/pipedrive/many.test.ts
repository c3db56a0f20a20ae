import { describe, expect, it } from '@jest/globals'
import { ONE_EACH, personsWith, world } from '../support/pipedrive.js'

const PROTOCOLOS = 500
const LIMIT_MS = 480_000

const phoneOf = (customer: number): string => String(77_000_000 + customer)
const contatoOf = (customer: number): object => ({
  nome: `Cliente ${customer}`,
  telefone: `+55119${phoneOf(customer)}`,
})

describe('two processes on one outbox', () => {
  it('make 20 persons with a deal each of 100 customers at once with 20 telephones, and all of 100 activities and notes', async () => {
    const one = await world({ factor: 10 })
    one.fake.limits.burst = 40
    one.fake.lag(20_000)
    const { fake, service } = one
    const other = await world({ beside: { fake, database: service.database } })
    try {
      await Promise.all(
        Array.from({ length: 100 }, async (_, place) => {
          const customer = place % 20
          await (place % 2 === 0 ? one : other).serve(contatoOf(customer))
        }),
      )
      expect(await one.allEnded(100)).toBe(0)
      expect(fake.state.persons).toHaveLength(20)
      expect(fake.state.deals).toHaveLength(20)
      for (let n = 1; n <= 100; n += 1) expect(one.of(n)).toEqual({ ...ONE_EACH, deals: expect.any(Number) })
      expect(fake.state.activities).toHaveLength(100)
      expect(fake.state.notes).toHaveLength(100)
      for (let customer = 0; customer < 20; customer += 1) {
        expect(personsWith(fake, phoneOf(customer))).toBe(1)
        const { id: person_id } = fake.state.persons.find(({ name }) => name === `Cliente ${customer}`) ?? {}
        expect(fake.state.deals.filter((deal) => deal.person_id === person_id)).toHaveLength(1)
      }
      expect(fake.unplanned).toEqual([])
    } finally {
      await other.end()
      await one.end()
    }
  })
})

describe('one process', () => {
  it(
    `does ${PROTOCOLOS} protocols at once without a 429`,
    async () => {
      const one = await world({ factor: 10 })
      const customers = PROTOCOLOS / 10
      try {
        // A returning customer is the usual one.
        for (let round = 0; round < 10; round += 1) {
          await Promise.all(Array.from({ length: customers }, (_, customer) => one.serve(contatoOf(customer))))
        }
        expect(await one.allEnded(PROTOCOLOS)).toBe(0)
        expect(one.fake.calls.filter(({ status }) => status !== 200)).toEqual([])
        expect(one.fake.state.persons).toHaveLength(customers)
        expect(one.fake.state.deals).toHaveLength(customers)
        expect(one.fake.state.activities).toHaveLength(PROTOCOLOS)
        expect(one.fake.state.notes).toHaveLength(PROTOCOLOS)
      } finally {
        await one.end()
      }
    },
    LIMIT_MS,
  )
})
