import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { migrate } from '../../src/database/migrate.js'
import { systemClock } from '../../src/lib/clock.js'
import { protocoloModel } from '../../src/protocolos/model.js'
import { applyRetention } from '../../src/protocolos/retention.js'
import { createOutbox } from '../../src/tarefas/outbox.js'
import { emptyVez, toDocument } from '../../src/vez/document.js'
import type { VezService } from '../../src/vez/service.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { type TestService, testService } from '../support/service.js'
import { consultor } from '../support/vez.js'

const DAY = 86_400_000
const FIRST = Date.UTC(2025, 0, 1)
const TOTAL = 650
/** Imported ones have gaps: 1, 3, 5 … 199. */
const numbers = Array.from({ length: TOTAL }, (_, place) => (place < 100 ? place * 2 + 1 : place + 100))

const stored = numbers.map((n, place) => ({
  _id: n,
  n,
  numero: `#${String(n).padStart(5, '0')}`,
  versao: 1,
  lugar: 1,
  lote: 'seed',
  consultor_id: (place % 3) + 1,
  consultor_nome: 'Fulano',
  created_at: new Date(FIRST + place * DAY),
  contato: { ids: [`api:${n}`], nome: 'Cliente' },
  prioridade: 'normal',
  status: place % 50 === 0 ? 'cancelado' : 'aberto',
  responsavel_id: 1,
  ultimo_contato_em: new Date(FIRST),
  historico: [],
  rev: 0,
}))

let database: TestDatabase
let service: TestService
beforeAll(async () => {
  database = await testDatabase()
  await migrate(database.connection)
  await database.connection.collection<{ _id: number }>('protocolos').insertMany(stored)
  const vez = {
    ...emptyVez('m'),
    seq: 749,
    base: 199,
    ultimo_consultor_id: 3,
    consultores: new Map([1, 2, 3].map((id) => [id, consultor({ turno: 700 + id })])),
  }
  const { _id, ...document } = toDocument(vez)
  const collection = database.connection.collection<{ _id: string; total?: number; seq?: number }>('counters')
  await collection.replaceOne({ _id }, document)
  await collection.insertOne({ _id: 'importacao', total: 100 })
  service = await testService({ database, env: { RETENCAO_DIAS: '0' } })
})
afterAll(async () => {
  await service.end()
  await database.end()
})

async function list(query: string): Promise<{ ids: number[]; total: number; capped: string | null }> {
  const { status, body, headers } = await service.call('GET', `/protocolos?${query}`)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return {
    ids: body.map(({ id }: { id: number }) => id),
    total: Number(headers.get('x-total-count')),
    capped: headers.get('x-total-capped'),
  }
}

type Seed = (typeof stored)[number]
type Asked = { skip?: number; limit?: number; descending?: boolean }
const expected = (passes: (one: Seed) => boolean, { skip = 0, limit = 100, descending = false }: Asked) => {
  const all = stored.filter(passes).map(({ n }) => n)
  if (descending) all.reverse()
  return { ids: all.slice(skip, skip + limit), total: all.length, capped: null }
}
const day = (place: number): string => new Date(FIRST + place * DAY).toISOString()

describe('GET /protocolos', () => {
  it.each<[string, (one: Seed) => boolean, Asked]>([
    ['', () => true, {}],
    ['skip=90&limit=30', () => true, { skip: 90, limit: 30 }],
    ['skip=640&limit=500', () => true, { skip: 640, limit: 500 }],
    ['skip=5000', () => true, { skip: 5_000 }],
    ['ordem=desc&limit=5', () => true, { skip: 0, limit: 5, descending: true }],
    ['ordem=desc&skip=540&limit=20', () => true, { skip: 540, limit: 20, descending: true }],
    ['consultor_id=2', ({ consultor_id }) => consultor_id === 2, {}],
    [
      'consultor_id=2&skip=150&limit=500&ordem=desc',
      ({ consultor_id }) => consultor_id === 2,
      { skip: 150, limit: 500, descending: true },
    ],
    ['status=cancelado', ({ status }) => status === 'cancelado', {}],
    ['status=cancelado&consultor_id=3', (one) => one.status === 'cancelado' && one.consultor_id === 3, {}],
    ['status=concluido', () => false, {}],
    [
      `desde=${day(10)}&ate=${day(20)}`,
      ({ created_at }) => created_at >= new Date(day(10)) && created_at < new Date(day(20)),
      {},
    ],
    [`desde=${day(600)}`, ({ created_at }) => created_at >= new Date(day(600)), {}],
    [`ate=${day(3)}&ordem=desc`, ({ created_at }) => created_at < new Date(day(3)), { descending: true }],
    [`ate=2025-01-01T21:00:00-03:00`, ({ created_at }) => created_at < new Date(day(1)), {}],
    [
      `desde=${day(5)}&status=aberto&limit=500`,
      (one) => one.created_at >= new Date(day(5)) && one.status === 'aberto',
      { limit: 500 },
    ],
  ])('%s', async (query, passes, asked) => {
    expect(await list(query)).toEqual(expected(passes, asked))
  })

  it.each(['asc', 'desc'])('finds by time what a clock dated that was wrong by years (%s)', async (ordem) => {
    const [first, second] = stored
    const collection = database.connection.collection<{ _id: number }>('protocolos')
    const date = (n: number | undefined, created_at: Date | undefined) =>
      collection.updateOne({ _id: n ?? 0 }, { $set: { created_at } })
    await date(first?.n, new Date(Date.UTC(2_050, 0, 1)))
    await date(second?.n, new Date(Date.UTC(2_001, 0, 1)))
    const later = await list(`desde=2049-01-01T00:00:00Z&ordem=${ordem}`)
    const earlier = await list(`ate=2002-01-01T00:00:00Z&ordem=${ordem}`)
    await date(first?.n, first?.created_at)
    await date(second?.n, second?.created_at)
    expect([later.ids, earlier.ids]).toEqual([[first?.n], [second?.n]])
  })

  it.each(['limit=0', 'limit=501', 'skip=-1', 'limit=x', 'status=x', 'desde=ontem', 'desde=2026-01-01', 'ordem=z'])(
    'refuses %s instead of bending it',
    async (query) => {
      expect((await service.call('GET', `/protocolos?${query}`)).status).toBe(422)
    },
  )
})

describe('a list with protocols that are not copied yet', () => {
  it('shows them and counts them', async () => {
    const fresh = await testService()
    const body = { nome: 'Fulana', idiomas: ['pt'], status_online: true }
    const { id } = (await fresh.call('POST', '/consultor', { body })).body
    for (let n = 1; n <= 5; n += 1) {
      await fresh.call('GET', '/consultor/da-vez?idioma=pt')
      for (const query of ['', `?consultor_id=${id}&ordem=desc`, '?status=aberto', '?desde=2026-01-01T00:00:00Z']) {
        const answer = await fresh.call('GET', `/protocolos${query}`)
        expect([query, answer.body.length, answer.headers.get('x-total-count')]).toEqual([query, n, String(n)])
      }
    }
    await fresh.end()
  })
})

describe('retention', () => {
  it('anonymises what is older than its days, goes on where it ended, and 0 is never', async () => {
    const { connection } = database
    const protocolos = protocoloModel(connection)
    const vez = {
      readFresh: async () => ({ ...emptyVez('m'), seq: 749 }),
      drainAll: async () => undefined,
    } as unknown as VezService
    let now = FIRST + 30 * DAY
    const clock = { ...systemClock, now: () => new Date(now) }
    const run = (dias: number) => applyRetention({ protocolos, outbox: createOutbox(connection), vez, clock, dias })
    const anonymous = () =>
      protocolos.countDocuments({ anonimizado_em: { $exists: true }, contato: { $exists: false } })
    expect(await run(0)).toBe(0)
    expect(await run(10)).toBe(20)
    expect(await anonymous()).toBe(20)
    now += 5 * DAY
    expect(await run(10)).toBe(5)
    expect(await anonymous()).toBe(25)
  })
})
