import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { protocoloModel } from '../../src/protocolos/model.js'
import { copiesOf } from '../../src/start.js'
import { readVez } from '../../src/vez/commit/store.js'
import type { DrainStore } from '../../src/vez/copy/drain.js'
import { entryId, toDocument, type Vez } from '../../src/vez/document.js'
import { migratedDatabase, type TestDatabase } from '../support/database.js'
import { testDrain } from '../support/drain.js'
import { fastTicks } from '../support/held-timers.js'
import { allCopied, team, testService } from '../support/service.js'
import { until } from '../support/until.js'
import { chat, decideAt, turn, vezOf } from '../support/vez.js'

let database: TestDatabase
let owing: Vez
beforeEach(async () => {
  database = await migratedDatabase()
  const asked = [chat('ana'), chat('bia'), turn(), turn(), chat('cau', { idioma: 'en' })]
  owing = decideAt(vezOf([{}, {}]), asked, { now: new Date() }).vez
  await collection('counters').replaceOne({ _id: 'vez' }, toDocument(owing))
})
afterEach(() => database.end())

const collection = (name: string) =>
  database.connection.collection<{ _id: string | number; estado?: string; n?: number; lote?: string; seq?: number }>(
    name,
  )
const drainWith = (part: Partial<DrainStore>) =>
  testDrain({ ...copiesOf(database.connection).copies, ...part }, () => readVez(database.connection))

async function expectAllCopied(): Promise<void> {
  const numbers = (await collection('protocolos').find().toArray()).map(({ _id }) => _id)
  expect(numbers.sort()).toEqual([1, 2, 3, 4])
  expect(await collection('tarefas').countDocuments()).toBe(3)
  expect(await collection('eventos').find().toArray()).toMatchObject([{ tipo: 'entrou_na_espera', idioma: 'en' }])
}

const dies = async (): Promise<never> => {
  throw new Error('the process dies here')
}

describe('a drain that dies', () => {
  it.each<[string, Partial<DrainStore>]>([
    ['before anything', { insertProtocolos: dies }],
    ['between protocolos and tarefas', { insertTarefas: dies }],
    ['before the events of the ledger', { insertEventos: dies }],
  ])('%s drops nothing, and another one finishes its work', async (_, part) => {
    const first = drainWith(part)
    await expect(first.drain.drainAll()).rejects.toThrow()
    expect(first.drained).toEqual([])
    const second = drainWith({})
    await second.drain.drainAll()
    expect(second.drained.sort()).toEqual([...owing.pendentes, ...owing.eventos].map(entryId).sort())
    await expectAllCopied()
  })

  it('between tarefas and drop: a later one finds all there, and a service drops it', async () => {
    await drainWith({}).drain.drainAll()
    await drainWith({}).drain.drainAll()
    await expectAllCopied()
    const service = await testService({ database })
    await allCopied(service)
    await expectAllCopied()
    await service.end()
  })

  it('in the middle of protocolos inserts the tarefas of all its entries the next time, whoever inserted them', async () => {
    const real = copiesOf(database.connection).copies
    const half = drainWith({
      insertProtocolos: async (entries) => {
        await real.insertProtocolos(entries.slice(0, 2))
        return dies()
      },
    })
    await expect(half.drain.drainAll()).rejects.toThrow()
    await drainWith({}).drain.drainAll()
    await expectAllCopied()
  })
})

describe('the key of a protocol', () => {
  it('is unique in the database too', async () => {
    const protocolos = protocoloModel(database.connection).collection
    await protocolos.insertOne({ _id: 901 as never, n: 901, chave: 'k' })
    await expect(protocolos.insertOne({ _id: 902 as never, n: 902, chave: 'k' })).rejects.toMatchObject({
      code: 11_000,
    })
    await expect(protocolos.insertOne({ _id: 903 as never, n: 901 })).rejects.toMatchObject({ code: 11_000 })
  })
})

describe('two drains at once', () => {
  it('copy each entry once, and both see it copied', async () => {
    const [one, two] = [drainWith({}), drainWith({})]
    await Promise.all([one.drain.drainAll(), two.drain.drainAll()])
    expect(one.drained.sort()).toEqual(two.drained.sort())
    await expectAllCopied()
  })
})

describe('a late drain', () => {
  it('does not make finished work again', async () => {
    await drainWith({}).drain.drainAll()
    await collection('tarefas').updateMany({}, { $set: { estado: 'feita' } })
    await drainWith({}).drain.drainAll()
    expect(await collection('tarefas').countDocuments({ estado: 'feita' })).toBe(3)
    expect(await collection('tarefas').countDocuments()).toBe(3)
    expect(await collection('eventos').find().toArray()).toMatchObject([{ tipo: 'entrou_na_espera', idioma: 'en' }])
  })
})

describe('an entry that the database refuses', () => {
  it('stays and is shown, the rest goes on, and it is copied once it can be', async () => {
    await collection('counters').deleteMany({})
    await collection('migracoes').deleteMany({})
    const service = await testService({ database, clock: fastTicks })
    await team(service, 1)
    await collection('protocolos').insertOne({ _id: 1, n: 1, lote: 'another history' })
    const refused = async () => (await service.call('GET', '/ready')).body.recusados
    const first = (await service.call('GET', '/consultor/da-vez?idioma=pt')).body
    expect(first.protocolo).toBe('#00001')
    await until(async () => (await refused()) === 1)
    expect(await service.call('GET', '/ready')).toMatchObject({ status: 200, body: { status: 'ok', recusados: 1 } })
    await service.call('GET', '/consultor/da-vez?idioma=pt')
    await until(async () => (await collection('protocolos').findOne({ _id: 2 })) !== null)
    expect((await service.call('GET', '/metrics')).body).toContain('vez_recusados 1')
    await collection('protocolos').deleteOne({ _id: 1 })
    await until(async () => (await refused()) === 0)
    expect((await service.call('GET', '/protocolo/1')).body.consultor_id).toBe(first.consultor_id)
    await service.end()
  })
})
