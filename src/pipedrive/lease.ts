import { randomBytes } from 'node:crypto'
import type { Connection } from 'mongoose'
import type { Clock } from '../lib/clock.js'
import { OwnError } from '../lib/errors.js'
import { isDuplicateKey, LIMIT } from '../lib/mongo.js'

const ENDED = new Date(0)

/** The fields of a lease, in a document that may hold others. */
interface Leased {
  readonly _id: string
  readonly lease: string
  readonly lease_ate: Date
}

export interface LeaseOptions {
  readonly connection: Connection
  readonly clock: Clock
  readonly colecao: string
  readonly id: string
  /** How long it holds without being renewed. */
  readonly ms: number
}

export interface Lease {
  /** Extends it by its full time. Throws when another process has it by now. */
  renew(): Promise<void>
  release(): Promise<void>
  /** Releases it by deleting the document. */
  remove(): Promise<void>
}

/** Takes the lease of a document, which is made when it is not there; `undefined` when somebody else has it. */
export async function takeLease({ connection, clock, colecao, id, ms }: LeaseOptions): Promise<Lease | undefined> {
  const collection = connection.collection<Leased>(colecao)
  const lease = randomBytes(9).toString('base64url')
  const mine = { _id: id, lease }
  const limit = LIMIT
  const until = (): Date => new Date(clock.now().getTime() + ms)
  const { matchedCount } = await collection.updateOne(
    { _id: id, lease_ate: { $lte: clock.now() } },
    { $set: { lease, lease_ate: until() } },
    limit,
  )
  if (matchedCount === 0 && !(await inserted())) return undefined
  return {
    async renew() {
      const { matchedCount } = await collection.updateOne(mine, { $set: { lease_ate: until() } }, limit)
      if (matchedCount === 0) throw new OwnError('this lease is lost')
    },
    async release() {
      await collection.updateOne(mine, { $set: { lease_ate: ENDED } }, limit)
    },
    async remove() {
      await collection.deleteOne(mine, limit)
    },
  }

  async function inserted(): Promise<boolean> {
    try {
      await collection.insertOne({ ...mine, lease_ate: until() })
      return true
    } catch (error) {
      if (isDuplicateKey(error)) return false
      throw error
    }
  }
}
