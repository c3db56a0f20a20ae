import mongoose, { type Connection, type ConnectOptions } from 'mongoose'
import { StartError } from '../lib/start-error.js'

/**
 * Forced, whatever the URI says: an acknowledged write is on disk, a read sees only such writes, and the driver does not
 * retry writes (its retry turns a committed turn into a miss: docs/vendors/database.md#driver-retries).
 */
const FORCED: ConnectOptions = {
  retryWrites: false,
  readPreference: 'primary',
  readConcernLevel: 'majority',
  // As single options: inside `writeConcern` the URI's values would win.
  w: 'majority',
  journal: true,
  wtimeoutMS: 4_000,
  autoIndex: false,
  autoCreate: false,
}

export interface Limits {
  readonly connectMs: number
  /** The longest silence of a socket on which an answer is due. */
  readonly socketMs: number
}

const SERVICE_LIMITS: Limits = { connectMs: 3_000, socketMs: 4_000 }

/** For work that nobody waits for at the other end of a request: an index over many protocols, an import, a repair. */
export const LONG_WORK: Limits = { connectMs: 3_000, socketMs: 600_000 }

/**
 * Connects, or throws a StartError that names cause and remedy without the URI (it may hold a password).
 *
 * @param database overrides the URI's database name; tests have one each
 */
export async function connect(uri: string, database?: string, limits: Limits = SERVICE_LIMITS): Promise<Connection> {
  const options: ConnectOptions = {
    ...FORCED,
    maxPoolSize: 32,
    serverSelectionTimeoutMS: limits.connectMs,
    connectTimeoutMS: limits.connectMs,
    waitQueueTimeoutMS: limits.connectMs,
    socketTimeoutMS: limits.socketMs,
    ...(database !== undefined && { dbName: database }),
  }
  try {
    return await mongoose.createConnection(uri, options).asPromise()
  } catch (error) {
    throw new StartError(
      `Não foi possível conectar ao banco de MONGODB_URI (${causeOf(error)}). Confira o endereço, a senha e se o banco está no ar.`,
    )
  }
}

/** What kind of failure it was, in a word: a driver's text may hold the address. */
function causeOf(error: unknown): string {
  const name = error instanceof Object && 'name' in error ? String(error.name) : ''
  if (name === 'MongoParseError' || name === 'MongoInvalidArgumentError' || name === 'MongoAPIError')
    return 'endereço inválido'
  if (name === 'MongoServerError') return 'acesso recusado'
  return 'sem resposta'
}

/** Calls back whenever a connection was lost: what a process believed to know may be stale. */
export function onConnectionLost(connection: Connection, callback: () => void): void {
  connection.getClient().on('connectionPoolCleared', callback)
}
