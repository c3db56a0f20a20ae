import { type Connection, mongo } from 'mongoose'
import { DUPLICATE_KEY, LONG_LIMIT } from '../lib/mongo.js'
import { StartError } from '../lib/start-error.js'
import type { Protocolo } from '../protocolos/model.js'
import { counters } from '../vez/commit/store.js'
import { fromDocument, toDocument } from '../vez/document.js'
import { IMPORT_LOTE, type Plan } from './plan.js'

const CHUNK = 500

/** Refuses a database that is in use; one that an import left half-way is fine. Throws a StartError. */
export async function requireEmpty(connection: Connection): Promise<void> {
  const vez = fromDocument(await counters(connection).findOne({ _id: 'vez' }, LONG_LIMIT))
  const protocolos = connection.collection<Protocolo>('protocolos')
  const other = await protocolos.findOne({ lote: { $ne: IMPORT_LOTE } }, LONG_LIMIT)
  if (vez.seq > 0 || vez.ultimo_consultor_id > 0 || vez.espera.length > 0 || other) {
    throw new StartError('O banco já está em uso: a importação só entra em um banco vazio.')
  }
}

/** Writes a plan: the protocols first, and last, in one write, the document that makes them count. Can be repeated after a crash. */
export async function writePlan(connection: Connection, { vez, protocolos }: Plan): Promise<void> {
  const collection = connection.collection<Protocolo>('protocolos')
  for (let start = 0; start < protocolos.length; start += CHUNK) {
    await collection.insertMany(protocolos.slice(start, start + CHUNK), { ordered: false }).catch(allowRepeated)
  }
  await connection
    .collection<{ _id: string; total: number }>('counters')
    .replaceOne({ _id: 'importacao' }, { total: protocolos.length }, { upsert: true })
  const before = await counters(connection).findOne({ _id: 'vez' }, LONG_LIMIT)
  const { _id, ...document } = toDocument({ ...vez, versao: (before?.versao ?? 0) + 1 })
  const { matchedCount } = await connection
    .collection<{ _id: string; versao: number; seq: number }>('counters')
    .replaceOne({ _id, versao: before?.versao ?? 0, seq: 0 }, document)
  if (matchedCount === 0)
    throw new StartError('O banco foi usado durante a importação: pare o serviço e comece de novo com um banco vazio.')
}

/** What an import that was cut off has already written. */
function allowRepeated(error: unknown): void {
  if (!(error instanceof mongo.MongoBulkWriteError)) throw error
  const errors = error.result.getWriteErrors()
  if (errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE_KEY)) throw error
}
