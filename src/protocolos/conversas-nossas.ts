import { createHash } from 'node:crypto'
import type { Connection } from 'mongoose'
import { LIMIT } from '../lib/mongo.js'

/** When a person wrote to a contact on the company's own phone: of each of his ids a document, by its hash. */
export const CONVERSAS_NOSSAS = 'conversas_nossas'

/** The database itself forgets each at its `ate`. */
export const CONVERSAS_NOSSAS_INDEX = { name: 'ate', key: { ate: 1 }, expireAfterSeconds: 0 } as const

interface ConversaNossa {
  readonly _id: string
  /** The account's slug. */
  readonly canal: string
  readonly em: Date
  readonly ate: Date
}

/** Of no use elsewhere. */
const hashOf = (contatoId: string): string =>
  createHash('sha256').update(`conversa-nossa\n${contatoId}`).digest('base64url')

const collectionOf = (connection: Connection) => connection.collection<ConversaNossa>(CONVERSAS_NOSSAS)

const hashes = (contatoIds: readonly string[]) => ({ $in: contatoIds.map(hashOf) })

/**
 * Keeps that a person wrote to this contact; it is forgotten at `ate`.
 *
 * @param ids of the contact, each with the account's slug before it
 */
export async function markOurs(
  connection: Connection,
  canal: string,
  ids: readonly string[],
  { em, ate }: Pick<ConversaNossa, 'em' | 'ate'>,
): Promise<void> {
  // A message to the company's own number has no contact.
  if (ids.length === 0) return
  const update = { $max: { em, ate }, $set: { canal } }
  await collectionOf(connection).bulkWrite(
    ids.map((id) => ({ updateOne: { filter: { _id: hashOf(id) }, update, upsert: true } })),
    { ordered: false },
  )
}

/** When a person last wrote to this contact; `undefined`: never, or so long ago that it is forgotten. */
export async function oursSince(connection: Connection, ids: readonly string[]): Promise<Date | undefined> {
  const found = await collectionOf(connection)
    .find({ _id: hashes(ids) }, LIMIT)
    .toArray()
  return found.reduce<Date | undefined>((last, { em }) => (last && last > em ? last : em), undefined)
}

/** Takes away what is known of a contact. */
export async function forgetOurs(connection: Connection, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await collectionOf(connection).deleteMany({ _id: hashes(ids) }, LIMIT)
}

/** Takes away what is known of an account's contacts. */
export async function forgetOursOf(connection: Connection, canal: string): Promise<void> {
  await collectionOf(connection).deleteMany({ canal }, LIMIT)
}
