import { expect, it } from '@jest/globals'
import { migrate, migrateAt } from '../../src/database/migrate.js'
import { serverPort, testDatabase, uriOf } from '../support/database.js'
import { commandOn, startProxy } from '../support/proxy.js'

it('a migration may take longer than a request: an index over many protocols does', async () => {
  const database = await testDatabase()
  const proxy = await startProxy(serverPort())
  // One of all: longer than a request may be silent.
  proxy.slowDown(commandOn('createIndexes', 'eventos'), 4_500)
  expect(await migrateAt(uriOf(database.name, proxy.port))).toHaveLength(10)
  expect(await migrate(database.connection)).toEqual([])
  await proxy.end()
  await database.end()
})
