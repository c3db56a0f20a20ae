import type { Connection } from 'mongoose'
import { isDuplicateKey, LIMIT } from '../lib/mongo.js'
import {
  type Estado,
  FILAS,
  type Fila,
  filaOf,
  fromDocument,
  type Tarefa,
  type TarefaDocument,
  tarefaCollection,
  toDocument,
} from './model.js'

/** How long finished work is kept: a drain that comes late must find it, or it would make the same work again. */
const KEPT_MS = 30 * 86_400_000

/** The work that is owed to others, as those who owe it see it. */
export interface Outbox {
  /** Makes work durable; there already is fine: the same work is made once. Throws when the outcome is unknown. */
  insert(this: void, tarefa: Tarefa): Promise<void>
  has(id: string): Promise<boolean>
  /** All work of this conversation that was made in the last 30 days, ended or not. */
  recentOf(conversationKey: string): Promise<Tarefa[]>
  /** Calls back whenever this process has put work into the queue. */
  onNew(fila: Fila, wake: () => void): void
  /** Calls back whenever a person has work of the queue done again. */
  onRepeat(fila: Fila, call: () => void): void
  /** The drain has copied work of these types. */
  copied(tipos: ReadonlySet<string>): void
  /** All that is due in one state between these instants, both included, of every queue; at most so many of each. */
  within(estado: Estado, from: Date, to: Date, limit: number): Promise<Tarefa[]>
  /** The same, told by their due times only. */
  dueWithin(estado: Estado, from: Date, to: Date, limit: number): Promise<Date[]>
  find(id: string): Promise<Tarefa | undefined>
  /** Changes what is still as it was read, and takes these fields away; false when it is not. */
  change(before: Tarefa, change: Partial<Tarefa>, clears?: readonly ('motivo' | 'encerrada_em')[]): Promise<boolean>
  /** Makes those that are still in this state due now; what was dead is as new. Answers how many. */
  repeat(tarefas: readonly Tarefa[], estado: 'morta' | 'pendente', now: Date): Promise<number>
  /** Takes away what this work knows of its customer. */
  anonymise(conversationKeys: readonly string[]): Promise<void>
  /** Forgets what ended 30 days ago. Returns how many. */
  forget(now: Date): Promise<number>
}

/** One for the whole process: it wakes the workers of the queues. */
export function createOutbox(connection: Connection): Outbox {
  const collection = tarefaCollection(connection)
  const wakers: { readonly fila: Fila; readonly wake: () => void }[] = []
  const repeaters: { readonly fila: Fila; readonly call: () => void }[] = []
  const wake = (filas: ReadonlySet<Fila>): void => {
    for (const one of wakers) if (filas.has(one.fila)) one.wake()
  }
  const retold = (filas: ReadonlySet<Fila>): void => {
    for (const one of repeaters) if (filas.has(one.fila)) one.call()
    wake(filas)
  }
  const read = (found: readonly TarefaDocument[]): Tarefa[] => found.map(fromDocument)
  const isDueNow = ({ estado, criada_em, vence_em }: Tarefa): boolean => estado === 'pendente' && vence_em <= criada_em
  return {
    async insert(tarefa) {
      try {
        await collection.insertOne(toDocument(tarefa))
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
      }
      // The worker would find nothing to do yet, and each look takes the database from the turns.
      if (isDueNow(tarefa)) wake(new Set([tarefa.fila]))
    },
    has: async (_id) => (await collection.findOne({ _id }, { projection: { _id: 1 }, ...LIMIT })) !== null,
    recentOf: async (fio) => read(await collection.find({ fio }, LIMIT).toArray()),
    onNew: (fila, call) => void wakers.push({ fila, wake: call }),
    onRepeat: (fila, call) => void repeaters.push({ fila, call }),
    copied: (tipos) => wake(new Set([...tipos].map(filaOf))),
    async within(estado, from, to, limit) {
      const vence_em = { $gte: from, $lte: to }
      const each = FILAS.map((fila) => collection.find({ fila, estado, vence_em }, LIMIT).limit(limit).toArray())
      return read((await Promise.all(each)).flat())
    },
    async dueWithin(estado, from, to, limit) {
      const vence_em = { $gte: from, $lte: to }
      const options = { projection: { vence_em: 1 }, ...LIMIT }
      const each = FILAS.map((fila) => collection.find({ fila, estado, vence_em }, options).limit(limit).toArray())
      return (await Promise.all(each)).flat().map((one) => one.vence_em)
    },
    async find(_id) {
      const found = await collection.findOne({ _id }, LIMIT)
      return found === null ? undefined : fromDocument(found)
    },
    async change({ _id, fila, estado, vence_em }, change, clears = []) {
      const update = { $set: toDocument(change), ...(clears.length > 0 && unset(clears)) }
      const { modifiedCount } = await collection.updateOne({ _id, estado, vence_em }, update, LIMIT)
      if (modifiedCount === 0) return false
      if (change.estado === 'pendente') retold(new Set([fila]))
      return true
    },
    async repeat(tarefas, estado, now) {
      if (tarefas.length === 0) return 0
      const update = estado === 'morta' ? asNew(now) : { $set: { vence_em: now } }
      const ids = { $in: tarefas.map(({ _id }) => _id) }
      const { modifiedCount } = await collection.updateMany({ _id: ids, estado }, update, LIMIT)
      retold(new Set(tarefas.map(({ fila }) => fila)))
      return modifiedCount
    },
    async anonymise(conversationKeys) {
      if (conversationKeys.length === 0) return
      const fields = [
        'contato',
        'chave',
        'descricao',
        'conversa',
        'payload.contato',
        'payload.conversa',
        'fio',
        'mensagem_id',
      ]
      await collection.updateMany({ fio: { $in: [...conversationKeys] } }, unset(fields), LIMIT)
    },
    async forget(now) {
      const vence_em = { $gte: new Date(0), $lte: new Date(now.getTime() - KEPT_MS) }
      const ends = await Promise.all(
        FILAS.flatMap((fila) =>
          (['feita', 'morta'] as const).map((estado) => collection.deleteMany({ fila, estado, vence_em }, LIMIT)),
        ),
      )
      return ends.reduce((sum, { deletedCount }) => sum + deletedCount, 0)
    },
  }
}

const asNew = (now: Date) => {
  const again = { estado: 'pendente' as const, vence_em: now, criada_em: now, tentativas: 0, outcomeUnknown: false }
  return { $set: toDocument(again), ...unset(['motivo', 'encerrada_em']) }
}

const unset = (fields: readonly string[]) => ({
  $unset: Object.fromEntries(fields.map((field): [string, ''] => [field, ''])),
})
