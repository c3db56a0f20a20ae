import { setTimeout as wait } from 'node:timers/promises'
import { type Connection, mongo } from 'mongoose'
import type { LocalDatabase } from '../src/database/local.js'
import { KEY, loadOf, loadOfRequests, type Measured } from './load.js'
import { type Process, withConnection, withServices } from './processes.js'
import { cells, ms, table, times, verdict, whole } from './table.js'

const PEOPLE = 50
const CONNECTIONS = 64
/** That all are of; the other one half of them. */
const TEAM = 'vendas'
const TEAMS = ['suporte', TEAM]
const DAYS = ['dom', 'seg', 'ter', 'qua', 'qui', 'sex', 'sab']
const LIMIT = 999
/** With and without policies are measured in turns so often: a shared machine is not equally fast all the time. */
const PAIRS = 3
const LEAST_SHARE = 0.85
/** Beside changes of protocols, each of which has somebody counted anew. */
const LEAST_BESIDE = 0.5
const CHANGE_EVERY_MS = 50
const DOCUMENT_BYTES = 100_000
const PENDENTES_BYTES = 256_000
/** Between two looks at the document. */
const LOOK_MS = 50
const DRAIN_MS = 30_000

type Say = (line: string) => void

/** Turns with teams, hours and limits for everybody against turns without, what changes of protocols cost them, and the document. */
export async function policies(engine: LocalDatabase, say: Say, seconds: number): Promise<void> {
  const title = `Policies, one process, ${PEOPLE} consultores, ${CONNECTIONS} connections`
  const row = table(say, title, ['what', 'req/s', 'p50', 'p99', 'bar'])
  await withServices(engine, [undefined], PEOPLE, async ([without]) => {
    await withServices(engine, [undefined], PEOPLE, async ([withAll], uri) => {
      if (!without || !withAll) return
      await switchOn(withAll)
      const pairs: { off: Measured; on: Measured }[] = []
      for (let pair = 0; pair < PAIRS; pair += 1)
        pairs.push({ off: await turns(without, seconds), on: await turns(withAll, seconds, TEAM) })
      const ratioOf = ({ off, on }: (typeof pairs)[number]): number => on.perSecond / off.perSecond
      const middle = pairs.toSorted((one, other) => ratioOf(one) - ratioOf(other))[Math.floor(PAIRS / 2)]
      if (!middle) return
      const ratio = ratioOf(middle)
      row('without', ...cells(middle.off), '')
      row('teams, hours and limits', ...cells(middle.on), bar(ratio, LEAST_SHARE))
      const { beside, changes } = await turnsBesideChanges(withAll, seconds)
      const share = beside.perSecond / middle.on.perSecond
      const changed = `${changes.perSecond.toFixed(0)} changes/s, p50 ${ms(changes.p50)}`
      row('the same, beside protocols that end', ...cells(beside), `${bar(share, LEAST_BESIDE)}; ${changed}`)
      await withConnection(uri, (connection) => sizes(connection, withAll, seconds, say))
    })
  })
}

const bar = (ratio: number, least: number): string => `${times(ratio)} (≥ ${least}): ${verdict(ratio >= least)}`

/** A turn a request, each with a key of its own. */
const turns = ({ url }: Process, seconds: number, equipe?: string): Promise<Measured> =>
  loadOfRequests(
    `${url}/consultor/da-vez?${new URLSearchParams({ idioma: 'pt', ...(equipe && { equipe }) })}`,
    CONNECTIONS,
    seconds,
    (id) => ({ headers: { 'api-key': KEY, 'idempotency-key': id } }),
  )

/** Everybody is of a team, half of them of two; all are inside their hours and far below their limit. */
async function switchOn(service: Process): Promise<void> {
  const semana = Object.fromEntries(DAYS.map((day) => [day, ['00:00-24:00']]))
  await put(service, '/politica', { limite: LIMIT, horario: { semana }, feriados: { dias: ['2001-01-01'] } })
  for (let id = 1; id <= PEOPLE; id += 1)
    await put(service, `/consultor/${id}`, { equipes: TEAMS.slice(id % 2), limite: LIMIT, horario: { semana } })
}

async function put({ url }: Process, path: string, body: object): Promise<void> {
  const response = await fetch(url + path, {
    method: 'PUT',
    headers: { 'api-key': KEY, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`PUT ${path} was answered with ${response.status}`)
}

/** Turns while protocols end one after the other: each has its person counted anew, in the same line. */
async function turnsBesideChanges(service: Process, seconds: number) {
  let n = 0
  const change = (): Promise<void> => {
    n += 1
    return put(service, `/protocolo/${n}`, { status: 'concluido' })
  }
  const [beside, changes] = await Promise.all([
    turns(service, seconds, TEAM),
    loadOf(change, 1, seconds, CHANGE_EVERY_MS),
  ])
  return { beside, changes }
}

/** How large the document is at rest, and what waits for its copy under load. */
async function sizes(connection: Connection, service: Process, seconds: number, say: Say): Promise<void> {
  const read = () => connection.collection<{ _id: string; pendentes: unknown[] }>('counters').findOne({ _id: 'vez' })
  const sizeOf = (value: object): number => mongo.BSON.calculateObjectSize(value)
  let most = 0
  let isOver = false
  const look = async (): Promise<void> => {
    while (!isOver) {
      most = Math.max(most, sizeOf((await read())?.pendentes ?? []))
      await wait(LOOK_MS)
    }
  }
  const load = turns(service, seconds, TEAM).finally(() => {
    isOver = true
  })
  await Promise.all([load, look()])
  const deadline = performance.now() + DRAIN_MS
  let document = await read()
  while ((document?.pendentes.length ?? 0) > 0 && performance.now() < deadline) {
    await wait(LOOK_MS)
    document = await read()
  }
  const bytes = sizeOf(document ?? {})
  const row = table(say, `The document, ${PEOPLE} consultores with all policies`, ['what', 'bytes', 'bar'])
  row('at rest', whole(bytes), `< ${whole(DOCUMENT_BYTES)}: ${verdict(bytes < DOCUMENT_BYTES)}`)
  row(
    `pendentes, ${CONNECTIONS} connections, at most`,
    whole(most),
    `≤ ${whole(PENDENTES_BYTES)}: ${verdict(most <= PENDENTES_BYTES)}`,
  )
}
