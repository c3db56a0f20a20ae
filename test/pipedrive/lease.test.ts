import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Clock } from '../../src/lib/clock.js'
import { systemClock } from '../../src/lib/clock.js'
import { clienteCollection, type Lease, takeLease } from '../../src/pipedrive/model.js'
import { CLIENTES } from '../../src/tarefas/cliente.js'
import { type TestDatabase, testDatabase } from '../support/database.js'

const MINUTE = 60_000

let database: TestDatabase
let now: number
const clock: Clock = { ...systemClock, now: () => new Date(now) }

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.end())
let customers = 0
beforeEach(() => {
  now = Date.now()
  customers += 1
})

const take = (id = `customer ${customers}`): Promise<Lease | undefined> =>
  takeLease({ connection: database.connection, clock, colecao: CLIENTES, id, ms: MINUTE })

async function taken(id?: string): Promise<Lease> {
  const lease = await take(id)
  if (!lease) throw new Error('somebody else has it')
  return lease
}

describe('the lease of a customer', () => {
  it('is one process’s, of those that ask at the same time', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => take()))
    expect(all.filter((one) => one !== undefined)).toHaveLength(1)
  })

  it('is somebody else’s after its release, and after a minute without a renewal', async () => {
    const first = await taken()
    expect(await take()).toBeUndefined()
    await first.release()
    await taken()
    now += MINUTE - 1
    expect(await take()).toBeUndefined()
    now += 1
    await taken()
  })

  it('lasts as long as it is renewed', async () => {
    const first = await taken()
    now += MINUTE - 1
    await first.renew()
    now += MINUTE - 1
    expect(await take()).toBeUndefined()
    await first.renew()
  })

  it('cannot be renewed or released by whoever has lost it', async () => {
    const first = await taken()
    now += MINUTE
    const second = await taken()
    await expect(first.renew()).rejects.toThrow('lost')
    await first.release()
    await second.renew()
    expect(await take()).toBeUndefined()
  })

  it('of a customer whom nobody knows leaves nothing behind', async () => {
    const lease = await taken('protocolo:7')
    await lease.remove()
    expect(await clienteCollection(database.connection).findOne({ _id: 'protocolo:7' })).toBeNull()
  })
})
