import { mongo } from 'mongoose'

/** The time limit of each database call that a request or a worker waits for. */
export const LIMIT = { maxTimeMS: 3_000 } as const

/** The time limit of a database call of a command or of the start. */
export const LONG_LIMIT = { maxTimeMS: 10_000 } as const

export const DUPLICATE_KEY = 11_000

/** Is there a document with this unique value already? */
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY

interface Insertable<T> {
  insertMany(documents: T[], options: { ordered: false }): Promise<unknown>
}

/**
 * Inserts all of these, each whether or not another one is refused.
 *
 * @returns the refused ones: their index → the server's error code
 * @throws when it is not known what became of them
 */
export async function insertAll<T>(collection: Insertable<T>, documents: T[]): Promise<ReadonlyMap<number, number>> {
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
