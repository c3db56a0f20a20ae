import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { check, type Event, unfairness } from '../support/checker.js'
import { type TestDatabase, testDatabase } from '../support/database.js'

interface Naive {
  _id: number
  turno: number
}

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.end())

const PEOPLE = 6
const TURNS = 300
const AT_ONCE = 32

/** The obvious way: the consultor who waited longest by findOneAndUpdate with a sort, then the counter. */
it('the naive findOneAndUpdate with a sort does not pass the checker that ours passes', async () => {
  const people = database.connection.collection<Naive>('consultores')
  const counter = database.connection.collection<{ _id: string; seq: number }>('contador')
  await people.createIndex({ turno: 1 })
  await people.insertMany(Array.from({ length: PEOPLE }, (_, place) => ({ _id: place + 1, turno: place - PEOPLE })))
  await counter.insertOne({ _id: 'seq', seq: 0 })
  const events: Event[] = Array.from({ length: PEOPLE }, (_, place) => ({
    at: `0.${place + 1}`,
    what: { tipo: 'consultor', id: place + 1, idiomas: ['pt'], elegivel: true },
  }))
  const turn = async (): Promise<void> => {
    const person = await people.findOneAndUpdate(
      {},
      { $set: { turno: performance.now() } },
      { sort: { turno: 1, _id: 1 } },
    )
    const counted = await counter.findOneAndUpdate({ _id: 'seq' }, { $inc: { seq: 1 } }, { returnDocument: 'after' })
    if (!person || !counted) throw new Error('nobody')
    events.push({
      at: `${counted.seq}.1`,
      what: { tipo: 'turno', idioma: 'pt', n: counted.seq, consultor_id: person._id },
    })
  }
  const client = async (): Promise<void> => {
    for (let i = 0; i < TURNS / AT_ONCE; i += 1) await turn()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, client))
  expect(check(events)).not.toEqual([])
  expect(unfairness(events, 1, 2)).toBeGreaterThan(1)
})
