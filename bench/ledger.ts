import type { LocalDatabase } from '../src/database/local.js'
import { migrate } from '../src/database/migrate.js'
import { eventoCollection, toEventoGuardado } from '../src/eventos/model.js'
import { toProtocolo } from '../src/protocolos/copy.js'
import type { Protocolo } from '../src/protocolos/model.js'
import { emptyVez, entryId, isProtocolo, toDocument, type Vez } from '../src/vez/document.js'
import type { Command } from '../src/vez/rules/commands.js'
import { decide } from '../src/vez/rules/decide.js'
import { noPriorProtocols } from '../src/vez/rules/prior-protocols.js'
import { KEY, loadOfTurns, type Measured } from './load.js'
import { databaseOf, discard, startService, withConnection } from './processes.js'
import { cells, table, times, verdict, whole } from './table.js'

/** Turns and changes of presence in the ledger. */
const ENTRIES = Number(process.env.ENTRADAS ?? 200_000)
const PEOPLE = 20
/** Of so many entries one is a change of presence. */
const CHANGE_EVERY = 10
/** Decided in one write, as many as the service decides at most. */
const WRITE = 128
/** Over how long the history lies, before now. */
const DAYS = 25
const DAY_MS = 86_400_000
/** A verification of the whole ledger, ms at most. */
const MOST_MS = 60_000

type Say = (line: string) => void

interface Call {
  readonly what: string
  readonly path: string
  readonly body?: unknown
}

const VERIFICATION: Call = { what: '`GET /livro/verificacao?desde=0`', path: '/livro/verificacao?desde=0' }
const CALLS: readonly Call[] = [
  VERIFICATION,
  { what: '`GET /relatorio/justica`', path: '/relatorio/justica' },
  {
    what: '`POST /vez/simulacao`',
    path: '/vez/simulacao',
    body: { mudancas: [{ tipo: 'novo', nome: 'Mais um', idiomas: ['pt'] }] },
  },
  { what: '`GET /protocolos.csv`', path: '/protocolos.csv' },
  { what: '`GET /vez/historico.csv`', path: '/vez/historico.csv' },
]

/** How long a verification takes, and what the calls that read the whole ledger cost the turns beside them. */
export async function ledger(engine: LocalDatabase, seconds: number, say: Say): Promise<void> {
  const row = table(say, `A ledger of ${whole(ENTRIES)} entries, one process`, ['what', 'req/s', 'p50', 'p99', 'bar'])
  const uri = databaseOf(engine, `bench_ledger_${process.pid}`)
  await fill(uri)
  const service = await startService(uri)
  try {
    const { ms, text } = await ask(service.url, VERIFICATION)
    const { confere, entradas } = JSON.parse(text)
    const isSoon = confere === true && ms <= MOST_MS
    row(
      `${VERIFICATION.what}, alone`,
      '',
      '',
      '',
      `${whole(entradas)} entries in ${(ms / 1_000).toFixed(1)} s (≤ ${MOST_MS / 1_000} s): ${verdict(isSoon)}`,
    )
    await loadOfTurns(service.url, 1, 1)
    const alone = await loadOfTurns(service.url, 1, seconds)
    row('turns, one connection', ...cells(alone), '')
    for (const call of CALLS) {
      const { beside, calls } = await turnsBeside(service.url, call, seconds)
      const slower = beside.p50 / alone.p50
      row(
        `turns beside ${call.what}`,
        ...cells(beside),
        `p50 ${times(slower)} (≤ 3): ${verdict(slower <= 3)}; ${calls}`,
      )
    }
  } finally {
    await service.stop()
    await discard(engine, uri)
  }
}

/** Turns while this call is made over and over; the last one is given up. */
async function turnsBeside(
  url: string,
  call: Call,
  seconds: number,
): Promise<{ readonly beside: Measured; readonly calls: string }> {
  const over = new AbortController()
  const taken: number[] = []
  const repeat = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const answer = await ask(url, call, over.signal).catch((error: unknown) => {
        if (!over.signal.aborted) throw error
      })
      if (answer) taken.push(answer.ms)
    }
  }
  const [beside] = await Promise.all([loadOfTurns(url, 1, seconds).finally(() => over.abort()), repeat()])
  const longest = Math.max(...taken)
  return {
    beside,
    calls: taken.length === 0 ? 'it takes longer' : `${taken.length} answers, ${(longest / 1_000).toFixed(1)} s`,
  }
}

async function ask(url: string, { path, body }: Call, signal?: AbortSignal): Promise<{ ms: number; text: string }> {
  const begun = performance.now()
  const response = await fetch(url + path, {
    headers: { 'api-key': KEY, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    ...(signal && { signal }),
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${path} was answered with ${response.status}: ${text.slice(0, 200)}`)
  return { ms: performance.now() - begun, text }
}

/** A migrated database with a history that the service itself would have decided so. */
async function fill(uri: string): Promise<void> {
  await withConnection(uri, async (connection) => {
    await migrate(connection)
    const first = Date.now() - DAYS * DAY_MS
    let vez = emptyVez('bench')
    const write = async (commands: readonly Command[], now: Date): Promise<void> => {
      vez = decided(vez, commands, now)
      const protocolos = vez.pendentes.filter(isProtocolo).map(toProtocolo)
      const eventos = vez.eventos.map(toEventoGuardado)
      if (protocolos.length > 0)
        await connection.collection<Protocolo>('protocolos').insertMany(protocolos, { ordered: false })
      if (eventos.length > 0) await eventoCollection(connection).insertMany(eventos, { ordered: false })
    }
    for (let place = 1; place <= PEOPLE; place += 1) await write([newcomer(place)], new Date(first))
    for (let done = 0; done < ENTRIES; done += WRITE) {
      const commands = Array.from({ length: Math.min(WRITE, ENTRIES - done) }, (_, place) => commandOf(done + place))
      await write(commands, new Date(first + (done / ENTRIES) * DAYS * DAY_MS))
    }
    const { _id, ...document } = toDocument({ ...vez, pendentes: [], eventos: [] })
    await connection.collection<{ _id: string }>('counters').replaceOne({ _id }, document, { upsert: true })
  })
}

/** The next state; what the last one owed is copied. */
function decided(vez: Vez, commands: readonly Command[], now: Date): Vez {
  const writeId = `bench${vez.versao + 1}`
  const drained = new Set([...vez.pendentes, ...vez.eventos].map(entryId))
  const context = { now, writeId, esperaIntervaloMs: 0 }
  const decision = decide(vez, commands, noPriorProtocols, context, { drained, refused: new Map() })
  if (decision.results.length < commands.length) throw new Error('the write was full')
  return decision.vez
}

const newcomer = (place: number): Command => ({
  tipo: 'criar',
  dados: {
    nome: `Consultor de Atendimento ${place}`,
    ativo: true,
    sequencial: true,
    online: true,
    idiomas: place % 4 === 0 ? ['pt', 'es'] : ['pt'],
  },
  autor: { por: 'sistema' },
})

/** Mostly a turn; now and then somebody goes, and comes back with the next change. */
function commandOf(entry: number): Command {
  if (entry % CHANGE_EVERY > 0) return { tipo: 'turno', idioma: entry % 7 === 0 ? 'es' : 'pt' }
  const change = Math.floor(entry / CHANGE_EVERY)
  const id = 1 + (Math.floor(change / 2) % PEOPLE)
  return { tipo: 'alterar', id, mudanca: { online: change % 2 === 1 }, autor: { por: 'sistema' } }
}
