import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type Clock, systemClock } from '../../src/lib/clock.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { type Call, type TestService, team, testService } from '../support/service.js'
import { until } from '../support/until.js'
import { openWay, type Way } from '../support/way.js'

/** Whose limits are four times as long: on a busy machine an answer takes its time. */
const clock: Clock = { ...systemClock, after: (ms, callback) => systemClock.after(ms * 4, callback) }

interface Replica {
  readonly service: TestService
  /** By which others reach it. */
  readonly way: Way
}

let database: TestDatabase
let replicas: Replica[]
let ids: number[]
/** Who passes requests on, and to whom. */
let passing: Replica
let writing: Replica

beforeAll(async () => {
  database = await testDatabase()
  replicas = [await replica(), await replica()]
  ids = await team(both()[0] as TestService, 3)
})

beforeEach(() => contend())

afterAll(async () => {
  for (const { service } of replicas) await service.end()
  for (const { way } of replicas) await way.end()
  await database.end()
})

afterEach(() => {
  for (const { way } of replicas) way.condition = 'open'
})

async function replica(): Promise<Replica> {
  let port = 0
  const way = await openWay(() => port)
  const onde = (own: number): string[] => {
    port = own
    // The first leads nowhere: a process may be in several networks.
    return ['127.0.0.1:1', `127.0.0.1:${way.port}`]
  }
  return { way, service: await testService({ database, onde, clock }) }
}

const both = (): TestService[] => replicas.map(({ service }) => service)

async function passedBy({ service }: Replica, resultado = 'feita'): Promise<number> {
  const { body } = await service.call('GET', '/metrics')
  return Number(new RegExp(`vez_repassados_total\\{resultado="${resultado}"\\} (\\d+)`).exec(body)?.[1] ?? 0)
}

/** How many have been given. */
const numbers = async (): Promise<number> =>
  Number((await writing.service.call('GET', '/protocolos?limit=1')).headers.get('x-total-count'))

const take = ({ service }: Replica, more: Call = {}) => service.call('GET', '/consultor/da-vez?idioma=pt', more)
const withKey = (key: string): Call => ({ headers: { 'idempotency-key': key } })

/** Clients ask both at once, until one of them passes on to the other. */
async function contend(): Promise<void> {
  const counts = () => Promise.all(replicas.map((one) => passedBy(one)))
  const before = await counts()
  let busy = true
  const client = async (one: Replica): Promise<void> => {
    while (busy) await take(one, withKey(randomUUID()))
  }
  const clients = replicas.flatMap((one) => Array.from({ length: 8 }, () => client(one)))
  await until(
    async () => {
      const place = (await counts()).findIndex((count, index) => count > (before[index] ?? 0))
      if (place < 0) return false
      passing = replicas[place] as Replica
      writing = replicas[1 - place] as Replica
      return true
    },
    undefined,
    'passing on',
  )
  busy = false
  await Promise.all(clients)
}

describe('requests for a number, while two processes contend', () => {
  const own = { nome: 'Cliente', telefone: '+5511999990000' }
  it.each([
    ['GET', '/consultor/da-vez?idioma=pt', undefined],
    ['POST', '/vez', { idioma: 'pt', contato: own, descricao: 'ção' }],
    ['GET', '/gerar-protocolo', undefined],
    ['POST', '/protocolo/gerar', undefined],
    ['POST', '/protocolo', { consultor_id: 1, contato: own }],
  ])(
    '%s %s is answered by the one that writes, under the same key and as if it had been asked itself',
    async (method, path, body) => {
      const key = randomUUID()
      const call = { ...(body && { body }), headers: { 'idempotency-key': key, 'x-request-id': 'pedido-1' } }
      const before = await passedBy(passing)
      const passed = await passing.service.call(method, path, call)
      expect(await passedBy(passing)).toBe(before + 1)
      const there = await writing.service.call(method, path, call)
      expect(passed.status).toBe(200)
      expect(passed.body).toEqual(there.body)
      expect(passed.headers.get('idempotent-replayed')).toBeNull()
      expect(there.headers.get('idempotent-replayed')).toBe('true')
      for (const name of ['x-request-id', 'content-type', 'cache-control']) {
        expect(passed.headers.get(name)).toBe(there.headers.get(name))
      }
      expect(passed.headers.get('x-vez-versao')).toMatch(/^\d+\.\d+$/)
      const again = await passing.service.call(method, path, call)
      expect(again.headers.get('idempotent-replayed')).toBe('true')
      expect(again.body).toEqual(there.body)
    },
  )

  it('are new turns each time where they have no key, and no answer speaks of a repetition', async () => {
    const before = await passedBy(passing)
    const answers = [await take(passing), await take(passing)]
    expect(await passedBy(passing)).toBe(before + 2)
    expect(new Set(answers.map(({ body }) => body.protocolo)).size).toBe(2)
    for (const { headers } of answers) expect(headers.get('idempotent-replayed')).toBeNull()
  })

  it('are refused as ever: nobody, another request under the same key, what is not valid, a wrong key', async () => {
    const nobody = await passing.service.call('GET', '/consultor/da-vez?idioma=xx')
    expect(nobody).toMatchObject({ status: 404, body: { motivo: 'ninguem_fala_o_idioma' } })
    expect(nobody.headers.get('x-vez-versao')).toMatch(/^\d+$|^\d+\.\d+$/)
    const key = withKey(randomUUID())
    await take(passing, key)
    expect(await passing.service.call('GET', '/consultor/da-vez?idioma=en', key)).toMatchObject({ status: 422 })
    expect(await passing.service.call('GET', '/consultor/da-vez')).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['query', 'idioma'] }] },
    })
    expect((await take(passing, { headers: { 'api-key': 'wrong-key-0123456789' } })).status).toBe(401)
  })

  it('see a change of the roster that the same client made at the other process before', async () => {
    for (const id of ids) await passing.service.call('PUT', `/consultor/${id}/connection?status=false`)
    expect((await take(passing)).status).toBe(404)
    for (const id of ids) await passing.service.call('PUT', `/consultor/${id}/connection?status=true`)
    expect((await take(passing)).status).toBe(200)
  })

  it.each(['cut before', 'cut after', 'held'] as const)(
    'are one turn each where the way there is %s: this process does it itself',
    async (condition) => {
      const falha = await passedBy(passing, 'falha')
      const given = await numbers()
      writing.way.condition = condition
      const keys = Array.from({ length: 6 }, () => randomUUID())
      const [keyless, ...first] = await Promise.all([take(passing), ...keys.map((key) => take(passing, withKey(key)))])
      expect(await passedBy(passing, 'falha')).toBeGreaterThan(falha)
      const again = await Promise.all(keys.map((key) => take(writing, withKey(key))))
      expect(first.map(({ status }) => status)).toEqual(keys.map(() => 200))
      expect(first.map(({ body }) => body.protocolo)).toEqual(again.map(({ body }) => body.protocolo))
      expect(new Set([...first, keyless].map(({ body }) => body.protocolo)).size).toBe(keys.length + 1)
      expect(keyless.headers.get('idempotent-replayed')).toBeNull()
      expect(await numbers()).toBe(given + keys.length + 1)
      // It is left alone for a while, and found again.
      writing.way.condition = 'open'
      await contend()
    },
  )
})

describe('a request that says for which process it is', () => {
  it('is answered by that one itself, whose answer says so', async () => {
    const [name = ''] = Object.keys((await database.connection.collection('counters').findOne({}))?.autores)
      .sort()
      .slice(-1)
    const before = await passedBy(passing)
    const answer = await take(passing, { headers: { 'x-vez-para': name } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-vez-processo')).toBe(name)
    expect(await passedBy(passing)).toBe(before)
  })

  it('is refused by any other, before anything is looked at', async () => {
    const answer = await take(passing, { headers: { 'x-vez-para': 'somebody-else', 'api-key': 'wrong' } })
    expect(answer).toMatchObject({ status: 421, body: { detail: expect.any(String) } })
    expect(answer.headers.get('x-vez-processo')).toBeNull()
  })
})
