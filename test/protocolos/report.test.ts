import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTick } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import Koa from 'koa'
import { pino } from 'pino'
import { z } from 'zod'
import { migrate } from '../../src/database/migrate.js'
import { addressReader } from '../../src/http/address.js'
import { errors } from '../../src/http/errors.js'
import { byKey, mount } from '../../src/http/mount.js'
import { type AnyRoute, route } from '../../src/http/route.js'
import { systemClock } from '../../src/lib/clock.js'
import { unavailable } from '../../src/lib/errors.js'
import { localTime } from '../../src/lib/local-time.js'
import { createLogger } from '../../src/lib/logger.js'
import { toProtocolo } from '../../src/protocolos/copy.js'
import { Digests } from '../../src/protocolos/digests.js'
import { type Filter, matches } from '../../src/protocolos/filter.js'
import { listProtocolos } from '../../src/protocolos/list.js'
import { type Protocolo, protocoloModel } from '../../src/protocolos/model.js'
import type { Reader } from '../../src/protocolos/reader.js'
import { report } from '../../src/protocolos/report.js'
import type { Page } from '../../src/protocolos/search-part.js'
import { Totals } from '../../src/protocolos/totals.js'
import { emptyVez, toDocument, type Vez } from '../../src/vez/document.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { sample } from '../support/sample.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'
import { consultor } from '../support/vez.js'
import { VirtualClock } from '../support/virtual-clock.js'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const TOTAL = 2_300
/** In this time São Paulo put its clock forward (at midnight of the 4th of November). */
const FIRST = Date.UTC(2018, 9, 20, 3)
const ZONE = 'America/Sao_Paulo'
const NASTY = ['=1+1', '+cmd', '-2', '@SUM(A1)', '\t=1', '\r=1', 'a "b"; c', 'linha 1\nlinha 2', 'Zé']

const entry = (n: number) => ({
  tipo: 'protocolo' as const,
  n,
  versao: n,
  lugar: 1,
  writeId: `seed${n}`,
  created_at: new Date(FIRST + n * 20 * MINUTE),
  ...(n % 10 !== 0 && { consultor_id: 1 + (n % 3), consultor_nome: `Pessoa ${1 + (n % 3)}` }),
  ...(n % 4 !== 0 && { canal: `conta-${n % 4}`, plataforma: 'evolution' }),
  ...(n % 5 !== 0 && { idioma: n % 2 === 0 ? 'pt' : 'es' }),
  contato: { ids: [`api:${n}`], nome: NASTY[n % NASTY.length] ?? '', telefone: `+55119${80_000_000 + n}` },
})
/** The last ones are not copied yet. */
const COPIED = TOTAL - 20
const all = Array.from({ length: TOTAL }, (_, index) => toProtocolo(entry(index + 1)))

let database: TestDatabase
let service: TestService
let vez: Vez
const lines: string[] = []
beforeAll(async () => {
  database = await testDatabase()
  await migrate(database.connection)
  await database.connection.collection<Protocolo>('protocolos').insertMany(all.slice(0, COPIED))
  vez = {
    ...emptyVez('m'),
    seq: TOTAL,
    ultimo_consultor_id: 3,
    consultores: new Map([1, 2].map((id) => [id, consultor({ nome: `Pessoa ${id}` })])),
    pendentes: all.slice(COPIED).map(({ n }) => entry(n)),
  }
  const { _id, ...document } = toDocument(vez)
  await database.connection.collection<{ _id: string }>('counters').replaceOne({ _id }, document)
  const logger = pino({ level: 'debug' }, { write: (line) => void lines.push(line) })
  service = await testService({ database, logger, env: { RETENCAO_DIAS: '0' } })
})
afterAll(async () => {
  await service.end()
  await database.end()
})

const reader = () => ({
  protocolos: protocoloModel(database.connection),
  clock: systemClock,
  letPass: async () => undefined,
})

/** Another way to ask which day it is there. */
const dayOf = (at: Date): string => at.toLocaleDateString('sv-SE', { timeZone: ZONE })

function counted(desde: string, ate: string) {
  const inside = all.filter(({ created_at }) => dayOf(created_at) >= desde && dayOf(created_at) <= ate)
  const by = (key: (one: Protocolo) => unknown) => {
    const counts = new Map<string, number>()
    for (const one of inside) counts.set(JSON.stringify(key(one)), (counts.get(JSON.stringify(key(one))) ?? 0) + 1)
    return counts
  }
  return {
    total: inside.length,
    por_dia: by((one) => dayOf(one.created_at)),
    por_consultor: by((one) => [one.consultor_id ?? null, one.consultor_nome ?? null]),
    por_canal: by((one) => [one.canal ?? null, one.plataforma ?? null]),
    por_idioma: by((one) => one.idioma ?? null),
  }
}

/** A report as `counted` has it. */
const asCounted = ({ total, por_dia, por_consultor, por_canal, por_idioma }: Awaited<ReturnType<typeof report>>) => ({
  total,
  por_dia: new Map(por_dia.filter((one) => one.total > 0).map((one) => [JSON.stringify(one.dia), one.total])),
  por_consultor: new Map(por_consultor.map((one) => [JSON.stringify([one.consultor_id, one.nome]), one.total])),
  por_canal: new Map(por_canal.map((one) => [JSON.stringify([one.canal, one.plataforma]), one.total])),
  por_idioma: new Map(por_idioma.map((one) => [JSON.stringify(one.idioma), one.total])),
})

describe('GET /relatorio', () => {
  it.each([
    ['2018-11-03', '2018-11-05'],
    ['2018-10-01', '2018-12-31'],
    ['2018-11-15', '2018-11-15'],
  ])('counts from %s to %s by consultor, account, language and day', async (desde, ate) => {
    const { status, body } = await service.call('GET', `/relatorio?desde=${desde}&ate=${ate}`)
    expect(status).toBe(200)
    expect(asCounted(body)).toEqual(counted(desde, ate))
    expect(body).toMatchObject({ fuso: ZONE })
    const days = body.por_dia.map(({ dia }: { dia: string }) => dia)
    expect([days[0], days.at(-1), new Set(days).size]).toEqual([desde, ate, days.length])
  })

  it('counts the last 30 days where nothing is asked, and refuses what is empty or too long', async () => {
    const { body } = await service.call('GET', '/relatorio')
    expect([body.total, body.por_dia.length]).toEqual([0, 30])
    for (const query of ['desde=2018-11-05&ate=2018-11-04', 'desde=2017-01-01&ate=2018-11-04', 'desde=ontem']) {
      expect([query, (await service.call('GET', `/relatorio?${query}`)).status]).toEqual([query, 422])
    }
    expect((await service.call('GET', '/relatorio?desde=2018-01-01&ate=2018-12-31')).body.por_dia).toHaveLength(365)
  })

  it('counts the same by digests as without, also while a number is not copied', async () => {
    const digests = new Digests(reader())
    const time = localTime(ZONE)
    const period = { desde: time.startOf('2018-10-25'), ate: time.startOf('2018-11-21') }
    const wanted = counted('2018-10-25', '2018-11-20')
    const count = async (of = vez) => asCounted(await report({ ...reader(), digests }, of, period, time))
    expect(await count()).toEqual(wanted)
    await digests.build(vez, () => true)
    expect([0, 1, 2].map((one) => digests.has(one))).toEqual([true, true, false])
    expect(await count()).toEqual(wanted)
    expect(await count({ ...vez, pendentes: [...vez.pendentes, entry(1_500)] })).toEqual(wanted)
    // Another process finds them, and makes no others of a sequence that was put back.
    const other = new Digests(reader())
    await other.build({ ...vez, seq: 1_500, pendentes: [] }, () => true)
    expect([0, 1].map((one) => other.has(one))).toEqual([true, false])
    expect(
      await database.connection.collection('protocolos_resumos').countDocuments({ _id: { $in: [1] } as object }),
    ).toBe(0)
    expect(await count()).toEqual(wanted)
  })

  it('finds by account and language the same by digests as without', async () => {
    const digests = new Digests(reader())
    const source = { ...reader(), digests, totals: new Totals(), mostNumbers: 700 }
    const find = async (filter: object, ordem: 'asc' | 'desc') => {
      const found: number[] = []
      let continua: Page['continua']
      do {
        const page = await listProtocolos(source, vez, 0, filter, { skip: 0, limit: 100, ordem, continua })
        found.push(...page.protocolos.map(({ n }) => n))
        continua = page.continua
      } while (continua !== undefined)
      return found
    }
    const filters = [
      { canal: 'conta-1', consultor_id: 2 },
      { idioma: 'es', plataforma: 'evolution' },
    ]
    const before = await Promise.all(filters.map((filter) => find(filter, 'desc')))
    await digests.build(vez, () => true)
    expect(digests.has(0)).toBe(true)
    const after = await Promise.all(filters.map((filter) => find(filter, 'desc')))
    expect(after).toEqual(before)
    expect(after.map(({ length }) => length)).toEqual([
      all.filter(({ canal, consultor_id }) => canal === 'conta-1' && consultor_id === 2).length,
      all.filter(({ idioma, plataforma }) => idioma === 'es' && plataforma === 'evolution').length,
    ])
    expect(await find({ canal: 'conta-3' }, 'asc')).toEqual(
      all.filter(({ canal }) => canal === 'conta-3').map(({ n }) => n),
    )
  })
})

describe('a list by digests', () => {
  it('is the one of before, however clocks were put back, and page by page where there is no time', async () => {
    const own = await testDatabase()
    await migrate(own.connection)
    const STATUS = ['aberto', 'concluido', 'concluido', 'cancelado'] as const
    const rows = all.map((one) => ({
      ...one,
      status: STATUS[one.n % STATUS.length] ?? 'aberto',
      responsavel_id: 1 + (one.n % 7),
      // The first thousand end after the second began, and one protocol is dated years ahead.
      created_at: new Date(
        one.n === 1_700
          ? FIRST + 10_000 * DAY
          : one.created_at.getTime() - (one.n > 1_000 && one.n < 1_100 ? 3 * DAY : 0),
      ),
    }))
    await own.connection.collection<Protocolo>('protocolos').insertMany(rows.slice(0, COPIED))
    const waiting = vez.pendentes.map((one) => ({ ...one }))
    const image = { ...vez, pendentes: waiting }
    const protocolos = protocoloModel(own.connection)
    const plain = { protocolos, clock: systemClock, letPass: async () => undefined }
    let elapsed = 0
    const hurried = {
      ...plain,
      clock: { ...systemClock, elapsed: () => (elapsed += 400), wait: async () => undefined },
    }
    const digests = new Digests(plain)
    const find = async (source: Reader, filter: Filter, ordem: 'asc' | 'desc', limit: number) => {
      const found: number[] = []
      let pages = 0
      let page: Page | undefined
      do {
        const part = { skip: 0, limit, ordem, continua: page?.continua }
        page = await listProtocolos({ ...source, digests, totals: new Totals() }, image, 0, filter, part)
        found.push(...page.protocolos.map(({ n }) => n))
        pages += 1
      } while (page.continua !== undefined)
      return { found, pages, total: page.total }
    }
    const time = { desde: new Date(FIRST + 3 * DAY), ate: new Date(FIRST + 20 * DAY) }
    const filters: Filter[] = [
      { consultor_id: 2 },
      time,
      { ...time, consultor_id: 3 },
      { ...time, status: 'cancelado' },
      { desde: time.ate, status: 'concluido', responsavel_id: 4 },
      { status: 'aberto', consultor_id: 1 },
      { responsavel_id: 5 },
    ]
    const settled = rows.map((one, place) => all.slice(COPIED)[place - COPIED] ?? one)
    const MATRIX = filters.flatMap((filter, place) =>
      [false, true].flatMap((isMade) => (['asc', 'desc'] as const).map((ordem) => ({ filter, place, isMade, ordem }))),
    )
    const cases = sample('lists by digests', MATRIX, ({ place, isMade, ordem }) => [`${place}`, `${isMade}`, ordem])
    for (const isMade of [false, true]) {
      if (isMade) await digests.build(image, () => true)
      for (const { filter, ordem } of cases.filter((one) => one.isMade === isMade)) {
        const byTime = filter.desde !== undefined
        const wanted = settled
          .filter((one) => matches(one, filter))
          .sort((one, other) => (byTime ? one.created_at.getTime() - other.created_at.getTime() : 0) || one.n - other.n)
          .map(({ n }) => n)
        const inOrder = ordem === 'asc' ? wanted : [...wanted].reverse()
        const { found, total } = await find(plain, filter, ordem, 3_000)
        expect([filter, isMade, ordem, total, found]).toEqual([filter, isMade, ordem, wanted.length, inOrder])
      }
    }
    // Status and responsável need a look at each, which does not end in time: the pages are the same list.
    const { found, pages } = await find(hurried, { status: 'concluido' }, 'desc', 3_000)
    expect(found).toEqual(
      settled
        .filter(({ status }) => status === 'concluido')
        .map(({ n }) => n)
        .reverse(),
    )
    expect(pages).toBeGreaterThanOrEqual(1)
    await own.end()
  })

  it('counts what takes long behind the answer, and says until then that there are more', async () => {
    let elapsed = 0
    const clock = { ...systemClock, elapsed: () => (elapsed += 200), wait: async () => undefined }
    const source = { ...reader(), clock, digests: new Digests(reader()), totals: new Totals() }
    const first = () => listProtocolos(source, vez, 0, { status: 'aberto' }, { skip: 0, limit: 1 })
    expect(await first()).toMatchObject({ capped: true })
    await until(async () => !(await first()).capped)
    expect((await first()).total).toBe(TOTAL)
  })
})

describe('GET /protocolos.csv', () => {
  const csv = async (query = '', headers = {}) => {
    const answer = await fetch(`${service.url}/protocolos.csv${query}`, {
      headers: { 'api-key': 'test-admin-key-0123456789', ...headers },
    })
    return { answer, bytes: Buffer.from(await answer.arrayBuffer()) }
  }

  it('is a file for spreadsheets of all that pass', async () => {
    const { answer, bytes } = await csv('?desde=2018-11-03&ate=2018-11-04')
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="protocolos-\d{4}-\d\d-\d\d\.csv"$/,
    )
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    const [head = '', ...rows] = bytes
      .subarray(3)
      .toString()
      .split(/\r\n(?=#|$)/)
    expect(head.split(';').slice(0, 4)).toEqual(['numero', 'criado_em', 'consultor_id', 'consultor_nome'])
    const inside = all.filter(({ created_at }) => ['2018-11-03', '2018-11-04'].includes(dayOf(created_at)))
    expect(rows.filter(Boolean).map((row) => row.slice(0, row.indexOf(';', 7)))).toEqual(
      inside.map(({ numero, created_at }) => `${numero};${created_at.toLocaleString('sv-SE', { timeZone: ZONE })}`),
    )
  })

  it('holds every protocol once, quotes what must be, and is no formula anywhere', async () => {
    const text = (await csv()).bytes.toString()
    expect(text.match(/^#\d+/gm)?.map((numero) => Number(numero.slice(1)))).toEqual(all.map(({ n }) => n))
    expect(text).toContain(';"a ""b""; c";')
    expect(text).toContain(';"linha 1\nlinha 2";')
    for (const cell of [";'=1+1;", ";'+cmd;", ";'-2;", ";'@SUM(A1);", ";'\t=1;", ';"\'\r=1";', ';+5511980000001;']) {
      expect(text).toContain(cell)
    }
    expect(text.replace(/"(?:[^"]|"")*"/g, '').match(/;[=+\-@\t](?!\d{7,15};)/)).toBeNull()
  })

  it('takes the filters, for a key that reads only, and logs none of them', async () => {
    const key = async (escopo: string) =>
      (await service.call('POST', '/api-keys', { body: { descricao: escopo, escopos: [escopo] } })).body.chave
    const { answer, bytes } = await csv('?contato=11%2098000-0007', { 'api-key': await key('leitura') })
    expect([answer.status, bytes.toString().match(/^#\d+/gm)]).toEqual([200, ['#00007']])
    expect((await csv('', { 'api-key': await key('chat') })).answer.status).toBe(403)
    expect((await csv('?contato=--')).answer.status).toBe(422)
    await service.call('GET', '/protocolos?contato=Fulana%20da%20Silva')
    await service.call('GET', '/protocolos?contato=Fulana&limit=x')
    const metrics = await service.call('GET', '/metrics')
    expect([lines.join('').includes('/protocolos.csv'), String(metrics.body).includes('/protocolos.csv')]).toEqual([
      true,
      true,
    ])
    // Without ids, instants and figures, which may hold any digits.
    const logged = lines.map((line) => JSON.stringify({ ...JSON.parse(line), id: 0, time: 0, pid: 0, ms: 0, chave: 0 }))
    const named = String(metrics.body).replace(/ \S+$/gm, '')
    expect(`${logged.join('')}${named}`).not.toMatch(/98000|Fulana|contato=/)
  })
})

describe('an answer that comes piece by piece', () => {
  const Pieces = z.custom<AsyncIterable<string>>()
  const serve = async (pieces: () => Promise<AsyncIterable<string>>, clock = new VirtualClock()) => {
    const one: AnyRoute = route({
      method: 'get',
      path: '/pieces',
      tag: 'x',
      summary: 'x',
      scopes: 'aberto',
      lists: 'long',
      returns: Pieces,
      streams: 'text/csv',
      handler: async () => ({ body: await pieces() }),
    })
    const app = new Koa()
    app.on('error', () => undefined)
    app.use(errors(createLogger('silent', false)))
    app.use(
      mount(
        [one],
        byKey(async () => ({ id: 'x', escopos: [] }), addressReader([])),
        clock,
      ).routes(),
    )
    const server = createServer(app.callback())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return {
      clock,
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/pieces`,
      end: () => {
        server.closeAllConnections()
        server.close()
      },
    }
  }

  it('that fails is cut off, so that nobody takes it for whole; the next one is answered', async () => {
    let fails = true
    const served = await serve(async () =>
      (async function* () {
        yield 'begun'
        if (fails) throw new Error('the database is gone')
      })(),
    )
    await expect(fetch(served.url).then((answer) => answer.text())).rejects.toThrow()
    fails = false
    expect(await (await fetch(served.url)).text()).toBe('begun')
    served.end()
  })

  it.each<[string, () => Promise<AsyncIterable<string>>]>([
    ['before', () => Promise.reject(unavailable())],
    ['at', async () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(unavailable()) }) })],
  ])('that fails %s its first piece is an error like any other', async (_, pieces) => {
    const served = await serve(pieces)
    for (const _again of [1, 2]) {
      const { status, headers } = await fetch(served.url)
      expect([status, headers.get('content-type')]).toEqual([503, 'application/json; charset=utf-8'])
    }
    served.end()
  })

  it('waits for who reads it slowly, but not for ever, and ends when nobody reads', async () => {
    let [pulled, ended] = [0, 0]
    const served = await serve(async () =>
      (async function* () {
        try {
          for (; pulled < 1_000; pulled += 1) yield 'x'.repeat(1_000_000)
        } finally {
          ended += 1
        }
      })(),
    )
    const slow = get(served.url, (answer) => void answer.pause())
    slow.on('error', () => undefined)
    await until(async () => pulled > 0)
    await until(async () => {
      await served.clock.pass(30_000)
      return ended === 1
    })
    expect(pulled).toBeLessThan(1_000)
    slow.destroy()
    get(served.url, (answer) => void answer.destroy()).on('error', () => undefined)
    await until(async () => ended === 2)
    served.end()
  })

  it('that is read a little at a time ends too, after ten minutes', async () => {
    let [pulled, ended] = [0, false]
    const served = await serve(async () =>
      (async function* () {
        try {
          for (; pulled < 1_000; pulled += 1) yield 'x'.repeat(1_000_000)
        } finally {
          ended = true
        }
      })(),
    )
    const answer = await new Promise<IncomingMessage>((resolve, reject) => get(served.url, resolve).on('error', reject))
    answer.on('error', () => undefined)
    const began = served.clock.elapsed()
    while (!ended) {
      const before = pulled
      await served.clock.pass(20_000)
      while (!ended && pulled === before) {
        answer.read()
        await nextTick()
      }
    }
    expect(pulled).toBeLessThan(1_000)
    expect(served.clock.elapsed() - began).toBeGreaterThanOrEqual(600_000)
    served.end()
  })
})
