import { mongo } from 'mongoose'

/** The time limit of each database call that a request or a worker waits for. */
export const LIMIT = { maxTimeMS: 3_000 } as const

/** The time limit of a database call of a command or of the start. */
export const LONG_LIMIT = { maxTimeMS: 10_000 } as const

export const DUPLICATE_KEY = 11_000

/** Is there a document with this unique value already? */
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY
