import { type Connection, mongo } from 'mongoose'
import { DUPLICATE_KEY, LIMIT } from '../lib/mongo.js'
import type { Protocolo, ProtocoloModel } from '../protocolos/model.js'
import { toProtocolo } from '../protocolos/model.js'
import { type TarefaCollection, toDocument as toTarefaDocument, toTarefas } from '../tarefas/model.js'
import type { Conhecido } from './ask.js'
import { entryId, fromDocument, type Pendente, toClaims, type toStoredEntry } from './document.js'
import type { DrainStore } from './drain.js'
import { nothingKnown } from './known.js'
import type { VezStore } from './sequencer.js'
import { claimPath } from './update.js'

/** Of the document only what the types of an update must know; the image comes out of `fromDocument`. */
interface CounterDocument {
  readonly _id: string
  readonly versao: number
  readonly marca: string
  readonly pendentes: ReturnType<typeof toStoredEntry>[]
}

export const counters = (connection: Connection) => connection.collection<CounterDocument>('counters')

/** Raw driver calls: this is the hot path, and Mongoose would clone and cast the whole document for nothing. */
export function vezStore(connection: Connection, protocolos: ProtocoloModel): VezStore {
  const collection = counters(connection)
  return {
    async read() {
      return fromDocument(await collection.findOne({ _id: 'vez' }, LIMIT))
    },

    async readAfter(writeId) {
      const found = await collection.findOne({ _id: 'vez', marca: { $ne: writeId } }, LIMIT)
      return found === null ? undefined : { vez: fromDocument(found), claims: toClaims(found) }
    },

    async known(pedidos) {
      const keys = pedidos.flatMap((pedido) => ('chave' in pedido && pedido.chave !== undefined ? [pedido.chave] : []))
      const contacts = pedidos.flatMap((pedido) => ('chat' in pedido ? pedido.contato.ids : []))
      if (keys.length + contacts.length === 0) return nothingKnown
      const [byKey, byContact] = await Promise.all([
        find(protocolos, keys.length > 0 && { chave: { $in: keys } }),
        find(protocolos, contacts.length > 0 && { 'contato.ids': { $in: contacts } }),
      ])
      return {
        byKey: new Map(byKey.flatMap((one) => (one.chave === undefined ? [] : [[one.chave, one]]))),
        byContact: latestByContact(byContact),
      }
    },

    async commit(guard, update) {
      const filter = { _id: 'vez', versao: guard.versao, marca: guard.previousWriteId }
      const found = await collection.findOneAndUpdate(filter, update, {
        projection: { _id: 1, querem: 1 },
        ...LIMIT,
      })
      return found === null ? undefined : toClaims(found)
    },

    async claim(processo, claim) {
      await collection.updateOne({ _id: 'vez' }, { $set: { [claimPath(processo)]: claim } }, LIMIT)
    },
  }
}

async function find(protocolos: ProtocoloModel, filter: Record<string, unknown> | false): Promise<Conhecido[]> {
  if (!filter) return []
  const found = await protocolos.collection.find<Protocolo>(filter, LIMIT).toArray()
  return found.map((one) => ({ ...one, contato_ids: one.contato?.ids ?? [] }))
}

function latestByContact(found: readonly Conhecido[]): Map<string, Conhecido> {
  const latest = new Map<string, Conhecido>()
  for (const one of found) {
    for (const id of one.contato_ids) if (one.n > (latest.get(id)?.n ?? 0)) latest.set(id, one)
  }
  return latest
}

export function drainStore(protocolos: ProtocoloModel, tarefas: TarefaCollection): DrainStore {
  return {
    async insertProtocolos(entries) {
      const documents = entries.flatMap((entry) =>
        entry.tipo === 'protocolo' ? [{ entry, document: toProtocolo(entry) }] : [],
      )
      const failed = await insertAll(
        protocolos.db.collection<Protocolo>('protocolos'),
        documents.map(({ document }) => document),
      )
      const taken = [...failed]
        .filter(([, code]) => code === DUPLICATE_KEY)
        .map(([index]) => documents[index]?.document._id)
      const there = await lotesOf(protocolos, taken)
      const refused = new Map<string, string>()
      for (const [index, code] of failed) {
        const one = documents[index]
        if (!one || (code === DUPLICATE_KEY && there.get(one.document._id) === one.document.lote)) continue
        refused.set(entryId(one.entry), code === DUPLICATE_KEY ? 'numero_ou_chave_em_uso' : `codigo_${code}`)
      }
      return refused
    },

    async insertTarefas(entries) {
      const documents = entries.flatMap((entry) =>
        toTarefas(entry).map((one) => ({ entry, document: toTarefaDocument(one) })),
      )
      const failed = await insertAll(
        tarefas,
        documents.map(({ document }) => document),
      )
      return new Map(
        [...failed].flatMap(([index, code]): [string, string][] => {
          const entry: Pendente | undefined = documents[index]?.entry
          return entry && code !== DUPLICATE_KEY ? [[entryId(entry), `codigo_${code}`]] : []
        }),
      )
    },
  }
}

async function lotesOf(
  protocolos: ProtocoloModel,
  numbers: readonly (number | undefined)[],
): Promise<Map<number, string>> {
  if (numbers.length === 0) return new Map()
  const ids = numbers.filter((n) => n !== undefined)
  const found = await protocolos
    .find({ _id: { $in: ids } }, { lote: 1 })
    .maxTimeMS(LIMIT.maxTimeMS)
    .lean()
  return new Map(found.map(({ _id, lote }) => [_id, lote]))
}

interface Insertable<T> {
  insertMany(documents: T[], options: { ordered: false }): Promise<unknown>
}

/** Unordered; the refused ones by their index, with the server's code. Throws when it is not known what became of them. */
async function insertAll<T>(collection: Insertable<T>, documents: T[]): Promise<Map<number, number>> {
  if (documents.length === 0) return new Map()
  try {
    await collection.insertMany(documents, { ordered: false })
    return new Map()
  } catch (error) {
    return refusals(error)
  }
}

function refusals(error: unknown): Map<number, number> {
  if (!(error instanceof mongo.MongoBulkWriteError) || error.result.getWriteConcernError()) throw error
  const errors = error.result.getWriteErrors()
  if (errors.length === 0) throw error
  return new Map(errors.map(({ index, code }) => [index, code]))
}
