import { mongo } from 'mongoose'
import { Together } from '../lib/together.js'
import { FILAS, type Fila, type Tarefa, type TarefaModel } from './model.js'

const MAX_TIME_MS = 3_000
const DUPLICATE_KEY = 11_000
const BEFORE_ALL = new Date(0)
/** Finished work stays so long: a late drain must not make it again (design 4.4). */
const KEPT_MS = 30 * 86_400_000

/** The outbox as its workers use it. Each change is guarded by what was read. */
export interface TarefaStore {
  /** There already is fine: the same work is made once. */
  insert(tarefa: Tarefa): Promise<void>
  has(id: string): Promise<boolean>
  /** Waiting ones that are due between these instants, both included. */
  due(from: Date, to: Date, most: number): Promise<Tarefa[]>
  /** Those whose lease has ended: whoever had it is gone. */
  abandoned(agora: Date, most: number): Promise<Tarefa[]>
  /** All that this thread ever had, of the last 30 days. */
  allOf(fio: string): Promise<Tarefa[]>
  /** What is not finished in each of these threads, in order. */
  openOf(fios: readonly string[]): Promise<ReadonlyMap<string, readonly Tarefa[]>>
  /** The ids of those that are ours now, until `ate`: whoever is due, and nobody else's. */
  claim(tarefas: readonly Tarefa[], lease: string, agora: Date, ate: Date): Promise<ReadonlySet<string>>
  /** Ends an attempt, if its lease is still ours. Several that end together are one write. */
  release(tarefa: Tarefa, lease: string, change: Partial<Tarefa>): Promise<void>
  /** Forgets what ended 30 days ago, of every queue. Returns how many. */
  forget(agora: Date): Promise<number>
  /** It need not wait any more. */
  hasten(tarefa: Tarefa, agora: Date): Promise<void>
  /** Looks again later, without an attempt. */
  postpone(tarefas: readonly Tarefa[], until: Date): Promise<void>
}

/** @param fila only its work is found */
export function tarefaStore(model: TarefaModel, fila: Fila): TarefaStore {
  const collection = model.db.collection<Tarefa>('tarefas')
  // Without a sort: this engine would read the whole range for it (design 6); whoever asks keeps the range narrow.
  const within = (estado: Tarefa['estado'], from: Date, to: Date, most: number): Promise<Tarefa[]> =>
    collection
      .find({ fila, estado, vence_em: { $gte: from, $lte: to } }, { maxTimeMS: MAX_TIME_MS })
      .limit(most)
      .toArray()
  const releases = new Together<{ filter: { _id: string; lease: string }; change: Partial<Tarefa> }>(async (all) => {
    const updates = all.map(({ filter, change }) => ({
      updateOne: { filter, update: { $set: change, $unset: { lease: '' as const } } },
    }))
    await collection.bulkWrite(updates, { ordered: false })
  })
  return {
    async insert(tarefa) {
      try {
        await collection.insertOne(tarefa)
      } catch (error) {
        if (!(error instanceof mongo.MongoServerError) || error.code !== DUPLICATE_KEY) throw error
      }
    },
    has: async (_id) => {
      const found = await collection.findOne({ _id }, { projection: { _id: 1 }, maxTimeMS: MAX_TIME_MS })
      return found !== null
    },
    due: (from, to, most) => within('pendente', from, to, most),
    abandoned: (agora, most) => within('em_curso', BEFORE_ALL, agora, most),
    allOf: (fio) => collection.find({ fio }, { maxTimeMS: MAX_TIME_MS }).toArray(),
    async openOf(fios) {
      if (fios.length === 0) return new Map()
      const found = await collection.find({ fio: { $in: [...new Set(fios)] } }, { maxTimeMS: MAX_TIME_MS }).toArray()
      const open = found
        .filter(({ estado }) => estado === 'pendente' || estado === 'em_curso')
        .sort((a, b) => (a.ordem ?? 0) - (b.ordem ?? 0) || (a._id < b._id ? -1 : 1))
      const threads = new Map<string, Tarefa[]>()
      for (const one of open) threads.set(one.fio ?? '', [...(threads.get(one.fio ?? '') ?? []), one])
      return threads
    },
    async claim(tarefas, lease, agora, ate) {
      const ids = { $in: tarefas.map(({ _id }) => _id) }
      // Whose lease still runs is not due: its `vence_em` is when that ends.
      const due = { estado: { $in: ['pendente', 'em_curso'] as const }, vence_em: { $lte: agora } }
      const { modifiedCount } = await collection.updateMany(
        { _id: ids, ...due },
        { $set: { estado: 'em_curso', lease, vence_em: ate }, $inc: { tentativas: 1 } },
        { maxTimeMS: MAX_TIME_MS },
      )
      if (modifiedCount === tarefas.length) return new Set(tarefas.map(({ _id }) => _id))
      const ours = await collection
        .find({ _id: ids, lease }, { projection: { _id: 1 }, maxTimeMS: MAX_TIME_MS })
        .toArray()
      return new Set(ours.map(({ _id }) => _id))
    },
    release: ({ _id }, lease, change) => releases.add({ filter: { _id, lease }, change }),
    async forget(agora) {
      const vence_em = { $gte: BEFORE_ALL, $lte: new Date(agora.getTime() - KEPT_MS) }
      const ends = await Promise.all(
        FILAS.flatMap((each) =>
          (['feita', 'morta'] as const).map((estado) =>
            collection.deleteMany({ fila: each, estado, vence_em }, { maxTimeMS: MAX_TIME_MS }),
          ),
        ),
      )
      return ends.reduce((sum, { deletedCount }) => sum + deletedCount, 0)
    },
    async hasten({ _id, estado, vence_em }, agora) {
      await collection.updateOne({ _id, estado, vence_em }, { $set: { vence_em: agora } }, { maxTimeMS: MAX_TIME_MS })
    },
    async postpone(tarefas, until) {
      if (tarefas.length === 0) return
      const _id = { $in: tarefas.map((one) => one._id) }
      await collection.updateMany(
        { _id, estado: 'pendente', vence_em: { $lt: until } },
        { $set: { vence_em: until } },
        { maxTimeMS: MAX_TIME_MS },
      )
    },
  }
}
