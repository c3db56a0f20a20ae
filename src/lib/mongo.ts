import { mongo } from 'mongoose'

/** Of each call that a request or a worker waits for. */
export const LIMIT = { maxTimeMS: 3_000 } as const

/** Of a call in a command, or at the start, that nobody waits for at the other end of a request. */
export const LONG_LIMIT = { maxTimeMS: 10_000 } as const

export const DUPLICATE_KEY = 11_000

/** Is there a document with this unique value already? */
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY
