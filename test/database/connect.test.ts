import { describe, expect, it } from '@jest/globals'
import { connect } from '../../src/database/connect.js'
import { uriOf } from '../support/database.js'

describe('a connection', () => {
  it('is safe whatever the URI says: no retried writes, majority, journal, primary, and limits', async () => {
    const url = new URL(uriOf('t_connect'))
    for (const [name, value] of Object.entries({
      retryWrites: 'true',
      w: '1',
      journal: 'false',
      readConcernLevel: 'local',
      readPreference: 'nearest',
      socketTimeoutMS: '0',
    })) {
      url.searchParams.set(name, value)
    }
    const connection = await connect(url.href)
    const { options } = connection.getClient()
    await connection.close()
    expect(options.retryWrites).toBe(false)
    expect(options.readConcern?.level).toBe('majority')
    expect(options.writeConcern).toMatchObject({ w: 'majority', journal: true })
    expect(options.readPreference.mode).toBe('primary')
    expect(options.socketTimeoutMS).toBeGreaterThan(0)
  })
})
