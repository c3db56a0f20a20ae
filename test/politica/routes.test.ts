import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let service: TestService
beforeAll(async () => {
  service = await testService()
})
afterAll(() => service.end())

const put = (body: object) => service.call('PUT', '/politica', { body })

describe('/politica', () => {
  it('holds nothing at first, changes by part, and clears with null', async () => {
    expect((await service.call('GET', '/politica')).body).toEqual({ limite: null })
    const set = await put({ limite: 7 })
    expect([set.status, set.body, set.headers.get('x-vez-versao')]).toEqual([
      200,
      { limite: 7 },
      expect.stringMatching(/^\d+\.1$/),
    ])
    expect((await put({})).body).toEqual({ limite: 7 })
    expect((await service.call('GET', '/politica')).body).toEqual({ limite: 7 })
    expect((await put({ limite: null })).body).toEqual({ limite: null })
  })

  it('writes each change down in the ledger, with who made it, and none that changes nothing', async () => {
    await put({ limite: 3 })
    await put({ limite: 3 })
    await put({ limite: null })
    const found = () =>
      service.database.connection.collection('eventos').find({ tipo: 'politica', 'de.limite': 3 }).toArray()
    await until(async () => (await found()).length > 0)
    expect(await found()).toMatchObject([
      { de: { limite: 3 }, para: { limite: null }, por: expect.stringMatching(/^chave:/) },
    ])
  })

  it.each([{ limite: 0 }, { limite: 1_000 }, { limite: 1.5 }, { limite: '3' }, { limites: 3 }])(
    'refuses what is no policy: %j',
    async (body) => {
      expect((await put(body)).status).toBe(422)
    },
  )
})
