import type { Connection } from 'mongoose'
import { Coalescer } from '../lib/coalescer.js'
import { LIMIT } from '../lib/mongo.js'
import { type Fila, fromDocument, type Tarefa, type TarefaDocument, tarefaCollection, toDocument } from './model.js'

const BEFORE_ALL = new Date(0)

/** One queue of the outbox as its worker uses it. Each change is guarded by what was read. */
export interface TarefaStore {
  /** Waiting ones that are due between these instants, both included. */
  due(from: Date, to: Date, limit: number): Promise<Tarefa[]>
  /** Those whose lease has ended: the process that held it is gone. */
  abandoned(now: Date, limit: number): Promise<Tarefa[]>
  /** What is not finished of each of these keys, in sequence. */
  openOf(conversationKeys: readonly string[]): Promise<ReadonlyMap<string, readonly Tarefa[]>>
  /** Takes those that are still due until `leaseEnd`. Returns the ids of those that are ours now. */
  claim(tarefas: readonly Tarefa[], lease: string, now: Date, leaseEnd: Date): Promise<ReadonlySet<string>>
  /** Ends an attempt, if its lease is still ours. Several that end together are one write. */
  release(tarefa: Tarefa, lease: string, change: Partial<Tarefa>): Promise<void>
  /** Makes it due now. */
  runNow(tarefa: Tarefa, now: Date): Promise<void>
  /** Looks again later, without an attempt. */
  postpone(tarefas: readonly Tarefa[], until: Date): Promise<void>
}

/** @param fila only its work is found */
export function tarefaStore(connection: Connection, fila: Fila): TarefaStore {
  const collection = tarefaCollection(connection)
  // Without a sort: this engine would read the whole range for it, so whoever asks keeps the range narrow.
  const within = async (estado: Tarefa['estado'], from: Date, to: Date, limit: number): Promise<Tarefa[]> => {
    const filter = { fila, estado, vence_em: { $gte: from, $lte: to } }
    return (await collection.find(filter, LIMIT).limit(limit).toArray()).map(fromDocument)
  }
  const releases = new Coalescer<{ filter: { _id: string; lease: string }; $set: Partial<TarefaDocument> }>(
    async (all) => {
      const updates = all.map(({ filter, $set }) => ({
        updateOne: { filter, update: { $set, $unset: { lease: '' as const } } },
      }))
      await collection.bulkWrite(updates, { ordered: false })
    },
  )
  return {
    due: (from, to, limit) => within('pendente', from, to, limit),
    abandoned: (now, limit) => within('em_curso', BEFORE_ALL, now, limit),
    async openOf(conversationKeys) {
      if (conversationKeys.length === 0) return new Map()
      const found = await collection.find({ fio: { $in: [...new Set(conversationKeys)] } }, LIMIT).toArray()
      const open = found
        .filter(({ estado }) => estado === 'pendente' || estado === 'em_curso')
        .map(fromDocument)
        .sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0) || (a._id < b._id ? -1 : 1))
      const byKey = new Map<string, Tarefa[]>()
      for (const one of open) {
        const { conversationKey = '' } = one
        byKey.set(conversationKey, [...(byKey.get(conversationKey) ?? []), one])
      }
      return byKey
    },
    async claim(tarefas, lease, now, leaseEnd) {
      const ids = { $in: tarefas.map(({ _id }) => _id) }
      // One whose lease still runs is not due: its `vence_em` is when that ends.
      const due = { estado: { $in: ['pendente', 'em_curso'] as const }, vence_em: { $lte: now } }
      const { modifiedCount } = await collection.updateMany(
        { _id: ids, ...due },
        { $set: { estado: 'em_curso', lease, vence_em: leaseEnd }, $inc: { tentativas: 1 } },
        LIMIT,
      )
      if (modifiedCount === tarefas.length) return new Set(tarefas.map(({ _id }) => _id))
      const ours = await collection.find({ _id: ids, lease }, { projection: { _id: 1 }, ...LIMIT }).toArray()
      return new Set(ours.map(({ _id }) => _id))
    },
    release: ({ _id }, lease, change) => releases.add({ filter: { _id, lease }, $set: toDocument(change) }),
    async runNow({ _id, estado, vence_em }, now) {
      await collection.updateOne({ _id, estado, vence_em }, { $set: { vence_em: now } }, LIMIT)
    },
    async postpone(tarefas, until) {
      if (tarefas.length === 0) return
      const _id = { $in: tarefas.map((one) => one._id) }
      await collection.updateMany(
        { _id, estado: 'pendente', vence_em: { $lt: until } },
        { $set: { vence_em: until } },
        LIMIT,
      )
    },
  }
}
