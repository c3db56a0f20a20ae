import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { protocoloModel } from '../../src/protocolos/model.js'
import { copiesOf } from '../../src/start.js'
import { readVez } from '../../src/vez/commit/store.js'
import type { DrainStore } from '../../src/vez/copy/drain.js'
import { entryId, toDocument, type Vez } from '../../src/vez/document.js'
import { migratedDatabase, type TestDatabase } from '../support/database.js'
import { testDrain } from '../support/drain.js'
import { allCopied, testService } from '../support/service.js'
import { until } from '../support/until.js'
import { chat, decideAt, vezOf } from '../support/vez.js'

const work = ['texto_atribuido', 'pipedrive']
const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 5, 12) + seconds * 1_000)

let database: TestDatabase
/** #1 is with 1, who has gone; #2 continues it. */
let owing: Vez
beforeEach(async () => {
  database = await migratedDatabase()
  const first = decideAt(vezOf([{}, {}]), [chat('bia', { tarefas: { atribuido: work } })], { now: at(0) }).vez
  const away = decideAt(first, [{ tipo: 'alterar', id: 1, mudanca: { online: false } }], { now: at(1) }).vez
  const again = chat('bia', { chave: 'again', chat: { ausente: { ms: 0, passar: { atribuido: work } } } })
  owing = { ...decideAt(away, [again], { now: at(60) }).vez, eventos: [] }
  await store(owing)
})
afterEach(() => database.end())

interface Stored {
  readonly _id: string | number
  readonly rev: number
  readonly lote?: string
}

const collection = (name: string) => database.connection.collection<Stored>(name)
const store = (vez: Vez) => collection('counters').replaceOne({ _id: 'vez' }, toDocument(vez) as never)
const n1 = () => protocoloModel(database.connection).findById(1).lean()
const closings = () => collection('tarefas').countDocuments({ tipo: 'pipedrive_status', protocolo: 1 } as object)
const numbers = async () => (await collection('protocolos').find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id)

const drainWith = (part: Partial<DrainStore> = {}) =>
  testDrain({ ...copiesOf(database.connection).copies, ...part }, () => readVez(database.connection))

const dies = async (): Promise<never> => {
  throw new Error('the process dies here')
}

async function expectEndedOnce(): Promise<void> {
  expect(await n1()).toMatchObject({ status: 'concluido', encerrado_em: at(60), rev: 1 })
  expect((await n1())?.historico).toEqual([
    { em: at(60), tipo: 'status', de: 'aberto', para: 'concluido', motivo: 'continuado', protocolo: 2 },
  ])
  expect(await closings()).toBe(1)
}

describe('a protocol that another one continues', () => {
  const real = (): DrainStore => copiesOf(database.connection).copies

  it.each<[string, () => Partial<DrainStore>]>([
    ['before it is ended', () => ({ endContinued: dies })],
    [
      'in the middle of ending it',
      () => ({
        endContinued: async (entries) =>
          real()
            .endContinued(entries)
            .then(() => dies()),
      }),
    ],
    ['between its end and the tarefas', () => ({ insertTarefas: dies })],
    [
      'between the tarefas and the drop',
      () => ({
        insertTarefas: async (entries) =>
          real()
            .insertTarefas(entries)
            .then(() => dies()),
      }),
    ],
  ])('is ended once by a drain that dies %s, and the next one', async (_, part) => {
    const first = drainWith(part())
    await expect(first.drain.drainAll()).rejects.toThrow()
    expect(first.drained).toEqual([])
    const second = drainWith()
    await second.drain.drainAll()
    expect(second.drained).toEqual(owing.pendentes.map(entryId))
    await expectEndedOnce()
  })

  it('is ended once by two drains at once, and a late one', async () => {
    const [one, two] = [drainWith(), drainWith()]
    await Promise.all([one.drain.drainAll(), two.drain.drainAll()])
    expect([one.drained, two.drained]).toEqual([owing.pendentes.map(entryId), owing.pendentes.map(entryId)])
    await collection('tarefas').updateMany({}, { $set: { estado: 'feita' } as object })
    await drainWith().drain.drainAll()
    await expectEndedOnce()
    expect(await collection('tarefas').countDocuments({ estado: 'feita' } as object)).toBe(5)
    const service = await testService({ database })
    await allCopied(service)
    await expectEndedOnce()
    await service.end()
  })

  it('is changed by others meanwhile: ended upon what they left', async () => {
    const busy = drainWith({
      endContinued: async (entries) => {
        await collection('protocolos').updateOne({ _id: 1 }, { $set: { descricao: 'x' } as object, $inc: { rev: 1 } })
        return real().endContinued(entries)
      },
    })
    await busy.drain.drainAll()
    expect(await n1()).toMatchObject({ status: 'concluido', descricao: 'x', rev: 2 })
  })

  it.each([
    ['had ended already', { status: 'cancelado', encerrado_em: at(30), historico: [] }],
    [
      'was opened again by a person after this had ended it',
      { status: 'em_andamento', historico: [{ em: at(60), tipo: 'status', motivo: 'continuado', protocolo: 2 }] },
    ],
  ])('stays as it is when it %s', async (_, state) => {
    await drainWith({ endContinued: dies })
      .drain.drainAll()
      .catch(() => undefined)
    await collection('protocolos').updateOne({ _id: 1 }, { $set: state as object })
    const { drain, drained } = drainWith()
    await drain.drainAll()
    expect(await n1()).toMatchObject({ ...state, rev: 0 })
    expect(drained).toHaveLength(owing.pendentes.length)
  })

  it('is waited for while its copy is refused, and no longer: the entry that continues it stays, and is not refused', async () => {
    await collection('protocolos').insertOne({ _id: 1, rev: 0, n: 1, lote: 'another history' } as Stored)
    const [first, second] = owing.pendentes.map(entryId)
    const { drain, drained, refused } = drainWith()
    await drain.drainAll()
    expect([drained, refused]).toEqual([[], [first]])
    expect(await numbers()).toEqual([1, 2])
    expect(await collection('protocolos').findOne({ _id: 1 })).not.toHaveProperty('status')
    await collection('protocolos').deleteOne({ _id: 1 })
    await drain.drainAll()
    expect(drained).toEqual([first, second])
    await expectEndedOnce()
  })

  it('that is not anywhere is not waited for', async () => {
    await store({ ...owing, pendentes: owing.pendentes.slice(1) })
    const { drain, drained } = drainWith()
    await drain.drainAll()
    expect(drained).toHaveLength(1)
    expect(await numbers()).toEqual([2])
  })

  it('is ended only once its own copy is there, when another process made it', async () => {
    // This one copies by itself only what it wrote.
    const [first, second] = owing.pendentes
    if (!first || !second) throw new Error('two protocols were given')
    const own = { ...owing, pendentes: [first, { ...second, writeId: 'p-own' }] }
    await store(own)
    const { drain, drained } = drainWith()
    drain.onSnapshot(own)
    await until(async () => (await numbers()).includes(2))
    await drain.stop()
    expect(drained).toEqual([])
    expect(await numbers()).toEqual([2])
    expect(await closings()).toBe(0)
    const after = drainWith()
    await after.drain.drainAll()
    expect(after.drained).toHaveLength(2)
    await expectEndedOnce()
  })
})
