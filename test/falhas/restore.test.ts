import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { migrate } from '../../src/database/migrate.js'
import { StartError } from '../../src/lib/start-error.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { holdTimers } from '../support/held-timers.js'
import { allCopied, team, testService } from '../support/service.js'
import { until } from '../support/until.js'

let database: TestDatabase
beforeEach(async () => {
  database = await testDatabase()
})
afterEach(() => database.end())

const counters = () =>
  database.connection.collection<{ _id: string; versao: number; marca: string; seq: number }>('counters')
const current = () => counters().findOne({ _id: 'vez' })
const copied = (n: number) =>
  until(async () => (await database.connection.collection('protocolos').countDocuments()) === n)

describe('a database that was set back', () => {
  it('to another history of the same version is noticed: nothing is answered from what was known', async () => {
    // Without the tick: an idle process drops what it copied by itself.
    const { clock } = holdTimers((name) => name === 'vez.tick')
    const service = await testService({ database, clock })
    const [one, two] = await team(service, 2)
    const take = async () => (await service.call('GET', '/consultor/da-vez?idioma=pt')).body
    expect((await take()).consultor_id).toBe(one)
    await allCopied(service)
    // The same version, but there it was the other one who took the turn.
    await counters().updateOne(
      { _id: 'vez' },
      { $set: { marca: 'restored', [`consultores.${one}.turno`]: 0, [`consultores.${two}.turno`]: 1 } },
    )
    expect((await take()).consultor_id).toBe(one)
    await service.end()
  })

  it('by one version is refused at the next start, with the remedy', async () => {
    const service = await testService({ database })
    await team(service, 1)
    const before = await current()
    await service.call('GET', '/consultor/da-vez?idioma=pt')
    await copied(1)
    await service.end()
    await counters().replaceOne({ _id: 'vez' }, before ?? ({} as never))
    await expect(migrate(database.connection)).rejects.toThrow(/reparar/)
    await expect(migrate(database.connection)).rejects.toBeInstanceOf(StartError)
  })

  it('without its document, beside protocols, is refused and not begun anew', async () => {
    await migrate(database.connection)
    await counters().deleteMany({})
    await database.connection.collection<{ _id: number }>('protocolos').insertOne({ _id: 7 })
    await expect(migrate(database.connection)).rejects.toThrow(/reparar/)
    await database.connection.collection('migracoes').deleteMany({})
    await expect(migrate(database.connection)).rejects.toThrow(/reparar/)
    expect(await current()).toBeNull()
  })

  it('is not called behind when the missing numbers were given while we looked', async () => {
    await migrate(database.connection)
    const protocolos = database.connection.collection<{ _id: number }>('protocolos')
    await protocolos.insertOne({ _id: 1 })
    const find = protocolos.find.bind(protocolos)
    jest.spyOn(protocolos, 'find').mockImplementation((...asked: Parameters<typeof find>) => {
      const found = find(...asked)
      const toArray = found.toArray.bind(found)
      found.toArray = async () => {
        await counters().updateOne({ _id: 'vez' }, { $set: { seq: 1 } })
        return toArray()
      }
      return found
    })
    await expect(migrate(database.connection)).resolves.toEqual([])
  })
})

describe('migrations', () => {
  it('run once, also when two replicas start at once, and are recorded', async () => {
    const other = await testDatabase()
    await Promise.all([migrate(other.connection), migrate(other.connection), migrate(other.connection)])
    const records = await other.connection.collection('migracoes').find().toArray()
    expect(records.map(({ _id }) => _id as unknown)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(await migrate(other.connection)).toEqual([])
    await other.end()
  })
})
