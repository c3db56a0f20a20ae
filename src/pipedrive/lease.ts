import { mongo } from 'mongoose'
import type { Clock } from '../lib/clock.js'
import { CLIENTES } from '../protocolos/cliente.js'
import type { Cliente, ClienteModel } from './model.js'

const MAX_TIME_MS = 3_000
const DUPLICATE_KEY = 11_000
/** Longer than one call to Pipedrive takes, with its wait before: it is renewed before each record that is made. */
const LEASE_MS = 60_000
const ENDED = new Date(0)

/** One customer is worked for by one process at a time, or two would make two persons of him. */
export interface Lease {
  /** Throws when somebody else has it by now. */
  renew(): Promise<void>
  release(): Promise<void>
}

/**
 * Takes the lease of a customer; `undefined` when somebody else has it.
 *
 * @param id of his record; the record of nobody (`protocolo:…`) is gone after the release
 */
export async function takeLease(
  clientes: ClienteModel,
  id: string,
  lease: string,
  clock: Clock,
): Promise<Lease | undefined> {
  const collection = clientes.db.collection<Cliente>(CLIENTES)
  const until = (): Date => new Date(clock.now().getTime() + LEASE_MS)
  const { matchedCount } = await collection.updateOne(
    { _id: id, lease_ate: { $lte: clock.now() } },
    { $set: { lease, lease_ate: until() } },
    { maxTimeMS: MAX_TIME_MS },
  )
  if (matchedCount === 0 && !(await inserted())) return undefined
  return {
    async renew() {
      const set = { $set: { lease_ate: until() } }
      const { matchedCount } = await collection.updateOne({ _id: id, lease }, set, { maxTimeMS: MAX_TIME_MS })
      if (matchedCount === 0) throw new Error('the lease of this customer is lost')
    },
    async release() {
      if (isNobody(id)) await collection.deleteOne({ _id: id, lease }, { maxTimeMS: MAX_TIME_MS })
      else await collection.updateOne({ _id: id, lease }, { $set: { lease_ate: ENDED } }, { maxTimeMS: MAX_TIME_MS })
    },
  }

  async function inserted(): Promise<boolean> {
    try {
      await collection.insertOne({ _id: id, lease, lease_ate: until() })
      return true
    } catch (error) {
      if (error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY) return false
      throw error
    }
  }
}

const isNobody = (id: string): boolean => id.startsWith('protocolo:')
