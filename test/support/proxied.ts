import type { Connection } from 'mongoose'
import { connect } from '../../src/database/connect.js'
import { serverPort, type TestDatabase, testDatabase, uriOf } from './database.js'
import { type FaultProxy, startProxy } from './proxy.js'
import { type TestOptions, type TestService, testService } from './service.js'

/** A service that reaches its engine through a proxy of ours. */
export interface Proxied {
  readonly service: TestService
  readonly proxy: FaultProxy
  /** Its database, by a connection of its own, which the proxy's faults do not meet. */
  readonly database: TestDatabase
  /** The service's own connection. */
  readonly through: Connection
  end(): Promise<void>
}

export async function proxiedService(options: Omit<TestOptions, 'database'> = {}): Promise<Proxied> {
  const proxy = await startProxy(serverPort())
  const database = await testDatabase()
  const through = await connect(uriOf(database.name, proxy.port))
  const service = await testService({ ...options, database: { ...database, connection: through } })
  const end = async (): Promise<void> => {
    await service.end()
    await through.close()
    await proxy.end()
    await database.end()
  }
  return { service, proxy, database, through, end }
}
