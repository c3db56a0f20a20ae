import { randomBytes } from 'node:crypto'
import type { Connection } from 'mongoose'
import { connect } from '../../src/database/connect.js'
import { insertFirstVez, migrate } from '../../src/database/migrate.js'

const server = process.env.MONGODB_URI
if (!server) throw new Error('MONGODB_URI is missing: run the tests by npm test')

/** SecantusDB drops slowly, and the run's own one is gone with all its data afterwards. */
const isThrownAway = process.env.TESTES_SEM_DROP === 'sim'

/** A new database on the run's engine. */
export interface TestDatabase {
  readonly connection: Connection
  readonly name: string
  /** For another process. */
  readonly uri: string
  /** Closes its connection, and drops it where the engine outlives the run. */
  end(): Promise<void>
}

/** The run's server with another database; `via` is a port of a proxy before it. */
export function uriOf(name: string, via?: number): string {
  const url = new URL(server ?? '')
  url.pathname = `/${name}`
  if (via !== undefined) {
    url.host = `127.0.0.1:${via}`
    url.searchParams.set('directConnection', 'true')
  }
  return url.href
}

export const serverPort = (): number => Number(new URL(server ?? '').port || 27_017)

/**
 * Filling and dropping a database may take a busy machine longer than a service would wait: to drop one of some thousand
 * protocols took the local engine 9 s to over a minute. Less than Jest gives a hook.
 */
const PATIENT = { connectMs: 60_000, socketMs: 240_000 }

const newName = (): string => `t_${randomBytes(6).toString('hex')}`

/** @param via port of a proxy that its connection goes through */
export const testDatabase = (via?: number): Promise<TestDatabase> => open(newName(), via)

async function open(name: string, via?: number): Promise<TestDatabase> {
  const uri = uriOf(name, via)
  const connection = await connect(uri, undefined, PATIENT)
  return {
    connection,
    name,
    uri,
    end: async () => {
      if (!isThrownAway) await connection.dropDatabase()
      await connection.close()
    },
  }
}

/** Of services that have ended, whose connections are closed. */
const migrated: string[] = []

/**
 * A database for one service, migrated. One of a service that has ended is emptied where that is possible: to make all indexes
 * anew costs the local engine more than most tests do.
 */
export async function migratedDatabase(): Promise<TestDatabase> {
  const name = migrated.pop()
  const database = await open(name ?? newName())
  const { connection, end } = database
  if (name !== undefined) {
    const all = (await connection.listCollections()).filter((one) => one.name !== 'migracoes')
    await Promise.all(all.map((one) => connection.collection(one.name).deleteMany({})))
    // As the migration does that makes the first one; the others have nothing to do again.
    await insertFirstVez(connection)
  }
  await migrate(connection)
  return {
    ...database,
    end: async () => {
      await end()
      if (isThrownAway) migrated.push(database.name)
    },
  }
}
