import type { LocalDatabase } from '../src/database/local.js'
import { migrate } from '../src/database/migrate.js'
import { toProtocolo } from '../src/protocolos/copy.js'
import type { Protocolo } from '../src/protocolos/model.js'
import { KEY, loadOf, loadOfTurns } from './load.js'
import { databaseOf, discard, startService, team, withConnection } from './processes.js'
import { cells, ms, table, times, verdict, whole } from './table.js'

const AMOUNT = Number(process.env.PROTOCOLOS ?? 200_000)
const CHUNK = 1_000
/** Of the bench of readers. */
const FEW = 20_000
const READERS = 20
const TURNS = Number(process.env.TURNOS ?? 200_000)

/** As a panel that somebody looks at. */
const LIST_EVERY_MS = 1_000

/** What a panel, a search and a manager ask for. */
const LISTS = [
  '/protocolos',
  '/protocolos?skip=100000',
  '/protocolos?consultor_id=7',
  '/protocolos?responsavel_id=7',
  '/protocolos?status=aberto',
  '/protocolos?desde=2026-01-02T00:00:00Z&ate=2026-01-02T01:00:00Z',
  '/protocolos?contato=11%2098000-0123',
  '/protocolos?contato=8000-0123',
  '/protocolos?contato=ninguem',
  '/protocolos?canal=outro',
  '/protocolos?canal=vendas&idioma=pt',
  '/relatorio?desde=2026-01-01&ate=2026-01-31',
]
/** For the slowest of a few of one of them, ms; asked for so many seconds. */
const MOST_MS = 1_000
const ALONE_S = 3
const DIGESTED_MS = 900_000

type Say = (line: string) => void

/** A protocol as the drain would have copied it. */
const stored = (n: number): Protocolo =>
  toProtocolo({
    tipo: 'protocolo',
    n,
    versao: n,
    lugar: 1,
    writeId: `bench${n}`,
    created_at: new Date(Date.UTC(2026, 0, 1) + n * 1_000),
    consultor_id: 1 + (n % 20),
    consultor_nome: 'Consultor de Atendimento',
    idioma: 'pt',
    canal: n % 3 === 0 ? 'vendas' : 'suporte',
    plataforma: 'evolution',
    contato: { ids: [`vendas:${n}`], nome: `Cliente ${n}`, telefone: `+55119${80_000_000 + (n % 50_000)}` },
    chave: `api:old:${n}`,
  })

/** A migrated database with so many protocols. */
export async function fill(uri: string, amount: number): Promise<void> {
  await withConnection(uri, async (connection) => {
    await migrate(connection)
    const protocolos = connection.collection<Protocolo>('protocolos')
    for (let n = 1; n <= amount; n += CHUNK) {
      const size = Math.min(CHUNK, amount - n + 1)
      await protocolos.insertMany(
        Array.from({ length: size }, (_, place) => stored(n + place)),
        { ordered: false },
      )
    }
    await connection
      .collection<{ _id: string; seq: number }>('counters')
      .updateOne({ _id: 'vez' }, { $set: { seq: amount } })
  })
}

/** Waits until a report of everything is answered: the digests of a database that was filled from outside are made at the start. */
async function digested(url: string): Promise<void> {
  const end = performance.now() + DIGESTED_MS
  while (performance.now() < end) {
    const answer = await fetch(`${url}${LISTS.at(-1)}`, { headers: { 'api-key': KEY } })
    await answer.text()
    if (answer.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, LIST_EVERY_MS))
  }
  throw new Error('the digests were not made in time')
}

/** What many protocols cost the turns, and what lists among them cost. */
export async function protocols(engine: LocalDatabase, seconds: number, say: Say): Promise<void> {
  const row = table(say, `With ${whole(AMOUNT)} protocols, 64 connections, one process`, [
    'what',
    'req/s',
    'p50',
    'p99',
    'bar',
  ])
  const measure = async (uri: string, work: (url: string) => Promise<void>): Promise<void> => {
    const service = await startService(uri)
    await team(service.url, 20)
    await loadOfTurns(service.url, 16, 1)
    await work(service.url)
    await service.stop()
    await discard(engine, uri)
  }
  let empty = { perSecond: 0, p50: 0, p99: 0, failed: 0 }
  await measure(databaseOf(engine, `bench_empty_${process.pid}`), async (url) => {
    empty = await loadOfTurns(url, 64, seconds)
    row('no protocols', ...cells(empty), '')
  })
  const uri = databaseOf(engine, `bench_full_${process.pid}`)
  await fill(uri, AMOUNT)
  await measure(uri, async (url) => {
    const full = await loadOfTurns(url, 64, seconds)
    const ratio = full.perSecond / empty.perSecond
    row('turns among them', ...cells(full), `${times(ratio)} (≥ 0.9): ${verdict(ratio >= 0.9)}`)
    await digested(url)
    for (const asked of LISTS) {
      const list = (): Promise<unknown> =>
        fetch(`${url}${asked}`, { headers: { 'api-key': KEY } }).then((one) => one.text())
      const alone = await loadOf(list, 1, ALONE_S, LIST_EVERY_MS)
      const [beside, lists] = await Promise.all([
        loadOfTurns(url, 64, seconds),
        loadOf(list, 1, seconds, LIST_EVERY_MS),
      ])
      const slower = beside.p99 / full.p99
      const isSoon = alone.p99 <= MOST_MS
      row(
        `turns beside one each second of \`${asked}\``,
        ...cells(beside),
        `p99 ${times(slower)} (≤ 2): ${verdict(slower <= 2)}; it takes ${ms(alone.p99)} alone (≤ ${MOST_MS}): ${verdict(isSoon)}, ${ms(lists.p50)} beside them`,
      )
    }
  })
}

/** What readers who ask for one long list after the other cost the turns. */
export async function readers(engine: LocalDatabase, seconds: number, say: Say): Promise<void> {
  const row = table(say, `Beside ${READERS} readers, ${whole(FEW)} protocols, one process`, [
    'what',
    'req/s',
    'p50',
    'p99',
    'bar',
  ])
  const uri = databaseOf(engine, `bench_readers_${process.pid}`)
  await fill(uri, FEW)
  const service = await startService(uri)
  await team(service.url, 20)
  const list = async (): Promise<void> => {
    const answer = await fetch(`${service.url}/protocolos?limit=500`, { headers: { 'api-key': KEY } })
    await answer.text()
    if (answer.status !== 200) throw new Error(String(answer.status))
  }
  await loadOfTurns(service.url, 1, 1)
  const alone = await loadOfTurns(service.url, 1, seconds)
  row('turns, one connection', ...cells(alone), '')
  const [beside, lists] = await Promise.all([loadOfTurns(service.url, 1, seconds), loadOf(list, READERS, seconds)])
  const slower = beside.p50 / alone.p50
  row(
    'turns beside `GET /protocolos?limit=500`',
    ...cells(beside),
    `p50 ${times(slower)} (≤ 3): ${verdict(slower <= 3)}`,
  )
  row('those lists', ...cells(lists), `${lists.failed} were asked to come again`)
  await service.stop()
  await discard(engine, uri)
}

/** Memory of the service while it gives very many turns. */
export async function memory(engine: LocalDatabase, say: Say): Promise<void> {
  const row = table(say, `Memory over ${whole(TURNS)} turns, 128 connections`, ['turns', 'RSS of the service'])
  const uri = databaseOf(engine, `bench_memory_${process.pid}`)
  const service = await startService(uri)
  await team(service.url, 20)
  let given = 0
  while (given < TURNS) {
    await loadOfTurns(service.url, 128, 10)
    given = await service.metric('vez_turnos_total\\{resultado="atribuido"\\}')
    row(whole(given), `${Math.round(service.rss())} MB`)
  }
  await service.stop()
  await discard(engine, uri)
}
