import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readVez } from '../../src/vez/commit/store.js'
import type { Evento } from '../../src/vez/document.js'
import { check, unfairness } from '../support/checker.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { Load } from '../support/load.js'
import { type ServiceProcess, startProcess } from '../support/processes.js'
import { randomFor } from '../support/random.js'
import { replayed } from '../support/replayed.js'
import { amount } from '../support/sample.js'
import { until } from '../support/until.js'

const CLIENTS = 24
const TURNS_EACH = amount(25, 8)

describe('two processes under load, with roster changes and policies', () => {
  let database: TestDatabase
  let processes: ServiceProcess[]
  beforeAll(async () => {
    database = await testDatabase()
    const env = { MONGODB_URI: database.uri }
    processes = await Promise.all([startProcess(env), startProcess({ ...env, REPASSAR: 'sim', PAINEL_SEM_TLS: 'sim' })])
  })
  afterAll(async () => {
    await Promise.all(processes.map((one) => one.kill('SIGTERM')))
    await database.end()
  })

  it('make one history: each turn is whose it was, numbers are dense, a key is one turn, and two equals are level', async () => {
    const load = new Load({ random: randomFor('two processes'), processes: () => processes, policies: true })
    await load.makeTeam()
    let busy = true
    const roster = load.administrator(() => busy)
    await Promise.all(Array.from({ length: CLIENTS }, (_, name) => load.client(name, (taken) => taken < TURNS_EACH)))
    busy = false
    await roster

    const { history, numbers } = load
    const stored = database.connection
    await until(async () => {
      const { consultores, eventos } = await readVez(stored)
      return eventos.length === 0 && ![...consultores.values()].some(({ pausa }) => pausa?.ate)
    })
    load.noteLedger(await stored.collection<Evento>('eventos').find().toArray())
    for (const happened of ['volta', 'contado']) expect(history.events.map(({ what }) => what.tipo)).toContain(happened)
    expect(history.contradictions).toEqual([])
    expect(check(history.events)).toEqual([])
    expect(load.doubled).toEqual([])
    expect(unfairness(history.events, ...load.equals)).toBeLessThanOrEqual(1)
    expect(new Set(numbers.values()).size).toBe(numbers.size)
    expect(numbers.size).toBeGreaterThan((CLIENTS * TURNS_EACH) / 2)
    const total = history.events.filter(({ what }) => what.tipo === 'turno' || what.tipo === 'numero').length
    await until(async () => (await stored.collection('protocolos').countDocuments()) === total)
    const list = await processes[0]?.call('GET', '/protocolos?limit=1')
    expect(list?.headers.get('x-total-count')).toBe(String(total))
    expect(await replayed(stored)).toMatchObject({ problemas: [], confere: true })
  })
  it.each([
    ['a variable of an earlier release', 'REPASSAR'],
    ['cookies that travel without TLS', 'PAINEL_SEM_TLS'],
  ])('start with %s, and say it once', (_, name) => {
    const warnings = processes.map((one) => one.output().split(name).length - 1)
    expect(warnings).toEqual([0, 1])
  })
})
