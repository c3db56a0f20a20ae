import { randomBytes } from 'node:crypto'
import type { Connection } from 'mongoose'
import { connect } from '../../src/database/connect.js'

const uri = process.env.MONGODB_URI
if (!uri) throw new Error('MONGODB_URI is missing: run the tests by npm test')

/** A new database on the run's engine. */
export interface TestDatabase {
  readonly connection: Connection
  readonly name: string
  /** For another process. */
  readonly uri: string
  /** Drops it. */
  end(): Promise<void>
}

/** The run's server with another database; `via` is a port of a proxy before it. */
export function uriOf(name: string, via?: number): string {
  const url = new URL(uri ?? '')
  url.pathname = `/${name}`
  if (via !== undefined) url.host = `127.0.0.1:${via}`
  return url.href
}

export const serverPort = (): number => Number(new URL(uri ?? '').port || 27_017)

export async function testDatabase(): Promise<TestDatabase> {
  const name = `t_${randomBytes(6).toString('hex')}`
  const connection = await connect(uriOf(name))
  return {
    connection,
    name,
    uri: uriOf(name),
    end: async () => {
      await connection.dropDatabase()
      await connection.close()
    },
  }
}
