import { describe, expect, it } from '@jest/globals'
import { personsWith, world } from '../support/pipedrive.js'
import { amount } from '../support/sample.js'

const PROTOCOLOS = amount(500, 20)
/** Of two processes: customers at once, and telephones that they share. */
const AT_ONCE = amount(100, 12)
const TELEPHONES = amount(20, 4)
/** Only there to end a hang. */
const LIMIT_MS = 1_800_000

const phoneOf = (customer: number): string => String(77_000_000 + customer)
const contatoOf = (customer: number): object => ({
  nome: `Cliente ${customer}`,
  telefone: `+55119${phoneOf(customer)}`,
})

describe('two processes on one outbox', () => {
  it(
    `make a person with a deal of each of ${TELEPHONES} telephones, of ${AT_ONCE} customers at once, and all activities and notes`,
    async () => {
      const one = await world({ factor: 10, isPatient: true })
      one.fake.limits.burst = 40
      one.fake.lag(20_000)
      const { fake, service } = one
      const other = await world({ beside: { fake, database: service.database } })
      try {
        await Promise.all(
          Array.from({ length: AT_ONCE }, async (_, place) => {
            const customer = place % TELEPHONES
            await (place % 2 === 0 ? one : other).serve(contatoOf(customer))
          }),
        )
        expect(await one.allEnded(AT_ONCE)).toBe(0)
        expect(fake.state.persons).toHaveLength(TELEPHONES)
        expect(fake.state.deals).toHaveLength(TELEPHONES)
        const records = Array.from({ length: AT_ONCE }, (_, place) => one.of(place + 1))
        for (const { activities, notes } of records) expect([activities, notes]).toEqual([1, 1])
        // Each deal has the name of the protocol that it was made for, and of no other.
        expect(records.filter(({ deals }) => deals === 1)).toHaveLength(TELEPHONES)
        expect(records.filter(({ deals }) => deals === 0)).toHaveLength(AT_ONCE - TELEPHONES)
        expect(fake.state.activities).toHaveLength(AT_ONCE)
        expect(fake.state.notes).toHaveLength(AT_ONCE)
        for (let customer = 0; customer < TELEPHONES; customer += 1) {
          expect(personsWith(fake, phoneOf(customer))).toBe(1)
          const { id: person_id } = fake.state.persons.find(({ name }) => name === `Cliente ${customer}`) ?? {}
          expect(fake.state.deals.filter((deal) => deal.person_id === person_id)).toHaveLength(1)
        }
        expect(fake.unplanned).toEqual([])
      } finally {
        await other.end()
        await one.end()
      }
    },
    LIMIT_MS,
  )
})

describe('one process', () => {
  it(
    `does ${PROTOCOLOS} protocols at once without a 429`,
    async () => {
      const one = await world({ factor: 10, isPatient: true })
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
