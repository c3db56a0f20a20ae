import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Protocolo } from '../../src/protocolos/model.js'
import { tarefaCollection } from '../../src/tarefas/model.js'
import { type TestCanal, testCanal } from '../support/chat.js'
import { check, unfairness } from '../support/checker.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { Load } from '../support/load.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { buildPreviousRelease, hasPreviousRelease } from '../support/previous-release.js'
import { type ServiceProcess, startProcess } from '../support/processes.js'
import { randomFor } from '../support/random.js'
import { isWhole } from '../support/sample.js'
import { call, MASTER } from '../support/service.js'
import { until, untilCount } from '../support/until.js'

const CLIENTS = 8
/** Requests that each process answers, and customers who write to the chat account, before the next process starts or ends. */
const ENOUGH = 80
const CUSTOMERS = 6

/** What a later release may add to the document: this one hands it on. */
const NEWER_ENTRY = { tipo: 'evento', lote: 'newer', lugar: 1, consultores: [1] }
const NEWER_FIELD = ['sul']

interface StoredVez {
  readonly _id: string
  readonly consultores: Readonly<Record<string, { readonly equipes?: readonly string[] }>>
  readonly pendentes: readonly { readonly tipo: string }[]
}

const name = 'the previous release and this one on one database'
if (!isWhole) it.skip(`${name}: only \`npm run test:tudo\` builds the previous release`, () => undefined)
else if (!hasPreviousRelease)
  it.skip(`${name}: the commit of the previous release is not in this clone`, () => undefined)
else describe(name, sideBySide)

function sideBySide(): void {
  let database: TestDatabase
  let platforms: Platforms
  let previous: string
  let load: Load
  let canal: TestCanal
  /** Those that run now. */
  let processes: ServiceProcess[] = []
  let customers = 0

  beforeAll(async () => {
    previous = buildPreviousRelease()
    database = await testDatabase()
    platforms = await startPlatforms()
  })
  afterAll(async () => {
    for (const one of processes) await one.kill('SIGTERM')
    await platforms?.end()
    await database?.end()
  })

  /** Starts a process of this release, or of the one in a folder, beside the others. */
  async function start(root?: string): Promise<ServiceProcess> {
    const env = { MONGODB_URI: database.uri, CHAVE_MESTRA: MASTER, DESTINOS_INTERNOS: '127.0.0.1' }
    const one = await startProcess(env, root)
    processes = [...processes, one]
    return one
  }

  async function stop(one: ServiceProcess): Promise<void> {
    processes = processes.filter((other) => other !== one)
    await until(() => load.changingAt !== one.url, undefined, 'the end of a change')
    expect(await one.kill('SIGTERM')).toBe(0)
  }

  /** A customer whose message the platform delivers to all processes at once, until one of them has taken it. */
  async function customer(): Promise<void> {
    customers += 1
    const body = { id: `m${customers}`, contato: { id: `c${customers}` } }
    const headers = { 'x-webhook-segredo': canal.segredo }
    const deliver = ({ url }: ServiceProcess) => call(url, 'POST', canal.path, { body, headers }).catch(() => undefined)
    await until(async () => (await Promise.all(processes.map(deliver))).some((answer) => answer?.status === 200))
  }

  /** Goes on until each process that runs now has done its part. */
  async function share(): Promise<void> {
    load.answered.clear()
    const least = () => Math.min(...processes.map(({ url }) => load.answered.get(url) ?? 0))
    for (let i = 0; i < CUSTOMERS; i += 1) await customer()
    await untilCount(least, ENOUGH, 'the requests that each process has answered')
  }

  const vez = () => database.connection.collection<StoredVez>('counters')

  it('make one history: side by side, after a rollback, and after the update', async () => {
    load = new Load({ random: randomFor('two releases'), processes: () => processes })
    const old = [await start(previous), await start(previous)] as const
    await load.makeTeam()
    const [constant] = load.equals
    canal = await testCanal(old[0], 'generico', { ajustes: { retorno_url: `${platforms.url}/retorno` } })
    let busy = true
    const all = Promise.all([
      ...Array.from({ length: CLIENTS }, (_, client) => load.client(client, () => busy)),
      load.administrator(() => busy),
    ])
    await share()
    const first = await start()
    await share()
    await stop(first)
    await share()
    await start()
    await share()
    for (const one of old) await stop(one)
    const added = { marca: 'newer', [`consultores.${constant}.equipes`]: NEWER_FIELD }
    await vez().updateOne({ _id: 'vez' }, { $set: added, $push: { pendentes: NEWER_ENTRY }, $inc: { versao: 1 } })
    await share()
    busy = false
    await all

    await until(async () => (await vez().findOne({ _id: 'vez' }))?.pendentes.length === 1, undefined, 'the last copy')
    const left = await vez().findOne({ _id: 'vez' })
    expect(left?.pendentes).toEqual([NEWER_ENTRY])
    expect(left?.consultores[constant]?.equipes).toEqual(NEWER_FIELD)

    const { history, numbers, equals } = load
    const protocolos = await database.connection.collection<Protocolo>('protocolos').find().sort({ n: 1 }).toArray()
    for (const one of protocolos) {
      // The answer to a chat platform names no version.
      const { n, idioma, consultor_id } = one
      if (one.canal === undefined || idioma === undefined || consultor_id === undefined) continue
      history.note(placeOf(one), { tipo: 'turno', idioma, n, consultor_id })
    }
    expect(history.contradictions).toEqual([])
    expect(check(history.events)).toEqual([])
    expect(unfairness(history.events, ...equals)).toBeLessThanOrEqual(1)
    expect(load.doubled).toEqual([])
    expect(new Set(numbers.values()).size).toBe(numbers.size)
    const given = history.events.flatMap(({ at, what }) =>
      what.tipo === 'turno' || what.tipo === 'numero' ? [{ at, consultor_id: undefined, ...what }] : [],
    )
    const inOrder = given.sort((one, other) => one.n - other.n).map(toLine)
    expect(protocolos.map((one) => toLine({ at: placeOf(one), ...one }))).toEqual(inOrder)

    // Each customer's one tarefa: an assignment, but where the consultor was removed meanwhile.
    const tarefas = tarefaCollection(database.connection)
    await untilCount(() => tarefas.countDocuments({ estado: { $in: ['feita', 'morta'] } }), customers, 'ended tarefas')
    expect(await tarefas.countDocuments()).toBe(customers)
    expect(await tarefas.countDocuments({ estado: 'morta', motivo: { $ne: 'consultor_removido' } })).toBe(0)
    const assigned = platforms.calls.map(({ body }) => body.data.conversa)
    expect(new Set(assigned).size).toBe(assigned.length)
    expect(assigned).toHaveLength(await tarefas.countDocuments({ estado: 'feita' }))
  })
}

const placeOf = ({ versao, lugar }: Protocolo): string => `${versao}.${lugar}`
const toLine = (one: { at: string; n: number; consultor_id?: number | undefined }): string =>
  `${one.at}: ${one.n} for ${one.consultor_id}`
