import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { migrate } from '../../src/database/migrate.js'
import { systemClock } from '../../src/lib/clock.js'
import { Digests } from '../../src/protocolos/digests.js'
import type { Filter } from '../../src/protocolos/filter.js'
import { type ListSource, listProtocolos } from '../../src/protocolos/list.js'
import { protocoloModel } from '../../src/protocolos/model.js'
import { applyRetention } from '../../src/protocolos/retention.js'
import type { Page, Part } from '../../src/protocolos/search-part.js'
import { Totals } from '../../src/protocolos/totals.js'
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

const NAMES = ['João da Silva', '𝑴𝑨𝑹𝑰𝑨 JOSÉ', "Ana-Lúcia D'Ávila", 'Cliente']
const LANGUAGES = ['pt', 'pt-BR', 'pt_PT', 'en', undefined]
/** A phone for every tenth, in the forms that WhatsApp has; the other ones have one of their own. */
const PHONES = ['+5511987654321', '+551187654321', '+5491155550006', '+541155550006', '+5215512345678']
const phoneAt = (place: number): string =>
  (place % 10 === 0 ? PHONES[(place / 10) % PHONES.length] : undefined) ?? `+55219${String(70_000_000 + place)}`

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
  ...(place % 4 === 0 && { canal: 'vendas', plataforma: 'evolution' }),
  ...(place % 4 === 1 && { canal: 'suporte', plataforma: 'chatwoot' }),
  ...(LANGUAGES[place % 5] !== undefined && { idioma: LANGUAGES[place % 5] }),
  contato: { ids: [`api:${n}`], nome: NAMES[place % NAMES.length], telefone: phoneAt(place) },
  prioridade: 'normal',
  status: place % 50 === 0 ? 'cancelado' : 'aberto',
  responsavel_id: (place % 7) + 1,
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

interface Listed {
  readonly ids: number[]
  readonly total: number
  readonly capped: string | null
  readonly continua: string | null
}

async function list(query: string): Promise<Listed> {
  const { status, body, headers } = await service.call('GET', `/protocolos?${query}`)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return {
    ids: body.map(({ id }: { id: number }) => id),
    total: Number(headers.get('x-total-count')),
    capped: headers.get('x-total-capped'),
    continua: headers.get('x-continua'),
  }
}

type Seed = (typeof stored)[number]
type Asked = { skip?: number; limit?: number; descending?: boolean }
const expected = (passes: (one: Seed) => boolean, { skip = 0, limit = 100, descending = false }: Asked) => {
  const all = stored.filter(passes).map(({ n }) => n)
  if (descending) all.reverse()
  return { ids: all.slice(skip, skip + limit), total: all.length, capped: null }
}
const NEWEST = { descending: true }
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
    expect(await list(query)).toEqual({ ...expected(passes, asked), continua: null })
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

  it('finds a telephone that was learnt after the turn, in the list and in the file', async () => {
    const account = { slug: 'loja', plataforma: 'generico', nome: 'Loja', ajustes: {} }
    expect((await service.call('POST', '/canais', { body: account })).status).toBe(200)
    const collection = database.connection.collection<{ _id: number }>('protocolos')
    const [, , one] = stored
    const later = ['loja:123@lid', 'loja:tel:+5511955554444']
    await collection.updateOne({ _id: one?.n ?? 0 }, { $set: { contato: { ids: later, nome: 'Zeca' } } } as object)
    const query = 'contato=11%2095555-4444'
    const found = await list(query)
    const file = await service.call('GET', `/protocolos.csv?${query}`)
    const local = await list('contato=95555-4444&ordem=desc')
    const other = await list(`${query}&status=concluido`)
    await collection.updateOne({ _id: one?.n ?? 0 }, { $set: { contato: one?.contato } } as object)
    expect([found.ids, found.total, local.ids, other.ids]).toEqual([[one?.n], 1, [one?.n], []])
    expect(String(file.body).match(/^#\d+/gm)).toEqual([one?.numero])
  })

  it('goes on from X-Continua as it came, and refuses another', async () => {
    const { ids } = await list('canal=vendas&limit=500')
    expect((await list(`canal=vendas&limit=500&continua=${ids[9]}:3&skip=7`)).ids).toEqual(ids.slice(12))
    const body = { canal: 'vendas', limit: 2, continua: ids[4] }
    const { body: found } = await service.call('POST', '/protocolos/busca', { body })
    expect(found.map(({ id }: { id: number }) => id)).toEqual(ids.slice(4, 6))
    for (const wrong of ['0', '1:', 'x', '5:-1']) {
      expect((await service.call('GET', `/protocolos?continua=${wrong}`)).status).toBe(422)
    }
  })

  it.each([
    'limit=0',
    'limit=501',
    'skip=-1',
    'limit=x',
    'status=x',
    'desde=ontem',
    'desde=2026-02-30',
    'ate=2026-01-01T00:00:00',
    'ordem=z',
    'contato=--',
    'responsavel_id=x',
    'continua=0',
  ])('refuses %s instead of bending it', async (query) => {
    expect((await service.call('GET', `/protocolos?${query}`)).status).toBe(422)
  })

  it.each<[string, (one: Seed) => boolean, Asked]>([
    ['responsavel_id=3', (one) => one.responsavel_id === 3, {}],
    [
      'responsavel_id=3&status=cancelado&ordem=desc',
      (one) => one.responsavel_id === 3 && one.status === 'cancelado',
      { descending: true },
    ],
    [
      'responsavel_id=3&consultor_id=2&skip=4&limit=3',
      (one) => one.responsavel_id === 3 && one.consultor_id === 2,
      { skip: 4, limit: 3 },
    ],
    ['canal=vendas', (one) => one.canal === 'vendas', NEWEST],
    ['canal=vendas&ordem=asc&skip=20&limit=10', (one) => one.canal === 'vendas', { skip: 20, limit: 10 }],
    ['canal=VENDAS', () => false, NEWEST],
    ['plataforma=chatwoot&consultor_id=1', (one) => one.plataforma === 'chatwoot' && one.consultor_id === 1, NEWEST],
    ['idioma=pt&limit=500', (one) => one.idioma?.startsWith('pt') === true, { ...NEWEST, limit: 500 }],
    ['idioma=PT_br&limit=500', (one) => one.idioma === 'pt' || one.idioma === 'pt-BR', { ...NEWEST, limit: 500 }],
    ['contato=joao&limit=500', (one) => one.contato.nome?.startsWith('João') === true, { ...NEWEST, limit: 500 }],
    ['contato=SILV', (one) => one.contato.nome?.startsWith('João') === true, NEWEST],
    ['contato=maria%20jos', (one) => one.contato.nome?.endsWith('JOSÉ') === true, NEWEST],
    ['contato=l%C3%BAcia', (one) => one.contato.nome?.startsWith('Ana') === true, NEWEST],
    ['contato=avila', (one) => one.contato.nome?.startsWith('Ana') === true, NEWEST],
    ['contato=oao', () => false, NEWEST],
    [
      `contato=cliente&desde=${day(600)}`,
      (one) => one.contato.nome === 'Cliente' && one.created_at >= new Date(day(600)),
      NEWEST,
    ],
  ])('filters by %s', async (query, passes, asked) => {
    const { skip = 0, limit = 100 } = asked
    const all = stored.filter(passes).length
    const { total, capped, ...page } = expected(passes, asked)
    const answer = await list(query)
    expect(answer.ids).toEqual(page.ids)
    // Where it stops with a full page it has not seen the others.
    const isPart = answer.continua !== null
    expect([answer.total, answer.capped]).toEqual(isPart ? [skip + limit, 'true'] : [total, capped])
    expect(isPart && all <= skip + limit).toBe(false)
  })

  const brazilian = (one: Seed) => ['+5511987654321', '+551187654321'].includes(one.contato.telefone)
  it.each([
    '11 98765-4321',
    '(11) 98765-4321',
    '(011) 8765-4321',
    '+55 11 98765-4321',
    '5511987654321',
    '551187654321',
    '00 55 11 98765 4321',
    '0xx11 98765.4321',
    '98765-4321',
    '8765-4321',
    '5511987654321@s.whatsapp.net',
    'tel:+55-11-98765-4321',
    '１１ 98765‑4321',
    'https://wa.me/5511987654321',
    'WhatsApp: (11) 98765-4321',
    '11 98765-4321 ramal 2',
  ])('finds a telephone as people write it: %s', async (written) => {
    const query = `contato=${encodeURIComponent(written)}`
    expect(await list(query)).toEqual({ ...expected(brazilian, {}), continua: null })
    const { ids, total } = await list(`${query}&ordem=desc&limit=3&canal=vendas&skip=1`)
    const wanted = expected((one) => brazilian(one) && one.canal === 'vendas', { descending: true, skip: 1, limit: 3 })
    expect([ids, total]).toEqual([wanted.ids, wanted.total])
  })

  it.each([
    ['+54 9 11 5555-0006', ['+5491155550006', '+541155550006']],
    ['541155550006', ['+5491155550006', '+541155550006']],
    ['+52 55 1234 5678', ['+5215512345678']],
    ['21 97000-0007', [phoneAt(7)]],
    ['11 91111-1111', []],
  ])('finds %s in its other forms', async (written, phones) => {
    const passes = ({ contato }: Seed) => phones.includes(contato.telefone)
    expect((await list(`contato=${encodeURIComponent(written)}`)).ids).toEqual(expected(passes, {}).ids)
  })

  it.each([
    ['desde=2025-03-01&ate=2025-03-31', '2025-03-01T03:00:00Z', '2025-04-01T03:00:00Z'],
    ['ate=2025-01-02', '2025-01-01T00:00:00Z', '2025-01-03T03:00:00Z'],
    ['desde=2026-10-01', '2026-10-01T03:00:00Z', '2027-01-01T00:00:00Z'],
    ['desde=2025-03-01T00:00:00+03:00&ate=2025-03-05', '2025-02-28T21:00:00Z', '2025-03-06T03:00:00Z'],
  ])('takes days of the place: %s', async (query, from, to) => {
    const passes = ({ created_at }: Seed) => created_at >= new Date(from) && created_at < new Date(to)
    expect((await list(`${query}&limit=500`)).ids).toEqual(expected(passes, { limit: 500 }).ids)
  })

  it('takes the same filters in a body', async () => {
    const body = { contato: '(11) 98765-4321', ordem: 'desc', limit: 4, skip: 1, desde: '2024-12-31' }
    const { status, body: found, headers } = await service.call('POST', '/protocolos/busca', { body })
    const wanted = expected(brazilian, { descending: true, limit: 4, skip: 1 })
    expect([status, found.map(({ id }: { id: number }) => id)]).toEqual([200, wanted.ids])
    expect(headers.get('x-total-count')).toBe(String(wanted.total))
    expect((await service.call('POST', '/protocolos/busca', { body: { limit: '4' } })).status).toBe(422)
  })

  it.each(['%2300001', '00001', '1'])('GET /protocolo/%s is number 1', async (written) => {
    expect((await service.call('GET', `/protocolo/${written}`)).body).toMatchObject({ id: 1, numero: '#00001' })
  })
})

describe('a list that looks at a part', () => {
  const rest = { skip: 0, limit: 100 }
  const pages = async (filter: Filter, part: Partial<Part>, more: Partial<ListSource>) => {
    const reader = {
      protocolos: protocoloModel(database.connection),
      clock: systemClock,
      letPass: async () => undefined,
    }
    const source = { ...reader, digests: new Digests(reader), totals: new Totals(), ...more }
    const vez = { ...emptyVez('m'), seq: 749, base: 199 }
    const found: number[][] = []
    let continua: Page['continua']
    do {
      const page: Page = await listProtocolos(source, vez, 100, filter, { ...rest, ...part, continua })
      expect(page.capped).toBe(page.continua !== undefined)
      found.push(page.protocolos.map(({ n }) => n))
      continua = page.continua
    } while (continua !== undefined)
    return found
  }
  const clients = { contato: { nome: ' cliente' } }
  const wanted = stored.filter(({ contato }) => contato.nome === 'Cliente').map(({ n }) => n)
  const within = { ...clients, desde: new Date(FIRST), ate: new Date(FIRST + 400 * DAY) }
  const early = wanted.filter((n) => (stored.find((one) => one.n === n)?.created_at ?? 0) < within.ate)

  it.each([
    ['by number', clients, {}, [...wanted].reverse()],
    ['by number, the oldest first', clients, { ordem: 'asc' }, wanted],
    ['by number, with small pages', clients, { limit: 7 }, [...wanted].reverse()],
    ['by time', within, {}, [...early].reverse()],
    ['by time, the oldest first', within, { ordem: 'asc', limit: 7 }, early],
  ] as const)('goes on where it stopped: %s', async (_name, filter, part, all) => {
    const found = await pages(filter, part, { mostNumbers: 150 })
    expect(found.flat()).toEqual(all)
    expect(found.length).toBeGreaterThanOrEqual(3)
    expect(Math.max(...found.map(({ length }) => length))).toBeLessThanOrEqual(150 / 4 + 1)
  })

  it('stops in time where the database is slow', async () => {
    let elapsed = 0
    const clock = { ...systemClock, elapsed: () => (elapsed += 400) }
    const found = await pages(clients, {}, { clock, leastNumbers: 150 })
    expect(found.flat()).toEqual([...wanted].reverse())
    expect(found.length).toBeGreaterThanOrEqual(3)
    // A slow machine never looks at more than a fast one.
    const late = { ...systemClock, elapsed: () => (elapsed += 700) }
    expect((await pages(clients, {}, { clock: late, mostNumbers: 150 })).length).toBeGreaterThanOrEqual(3)
    // A small team's list does not depend on how fast its machine is.
    expect(await pages(clients, { limit: 500 }, { clock })).toHaveLength(1)
  })

  it('tells where protocols of the same instant were parted', async () => {
    const collection = database.connection.collection<{ _id: number }>('protocolos')
    const ids = wanted.slice(0, 30)
    await collection.updateMany({ _id: { $in: ids } }, { $set: { created_at: new Date(FIRST) } })
    const asked = { ...clients, desde: new Date(FIRST), ate: new Date(FIRST + 1) }
    for (const ordem of ['asc', 'desc'] as const) {
      const found = await pages(asked, { ordem, limit: 4 }, {})
      expect(found.flat()).toEqual(ordem === 'asc' ? ids : [...ids].reverse())
    }
    for (const { _id, created_at } of stored) {
      if (ids.includes(_id)) await collection.updateOne({ _id }, { $set: { created_at } })
    }
  })
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
    const collection = connection.collection<{ _id: number }>('protocolos')
    for (const one of stored.slice(0, 25)) await collection.replaceOne({ _id: one._id }, one)
  })
})
