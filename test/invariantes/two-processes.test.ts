import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { check, unfairness } from '../support/checker.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { History } from '../support/history.js'
import { type ServiceProcess, startProcess } from '../support/processes.js'
import { randomFor } from '../support/random.js'
import { amount } from '../support/sample.js'
import { until } from '../support/until.js'

const LANGUAGES = ['pt', 'en', 'es']
const CLIENTS = 24
const TURNS_EACH = amount(25, 8)

describe('two processes under load, with roster changes', () => {
  let database: TestDatabase
  let processes: ServiceProcess[]
  beforeAll(async () => {
    database = await testDatabase()
    const env = { MONGODB_URI: database.uri }
    processes = await Promise.all([startProcess(env), startProcess({ ...env, REPASSAR: 'sim' })])
  })
  afterAll(async () => {
    await Promise.all(processes.map((one) => one.kill('SIGTERM')))
    await database.end()
  })

  it('make one history: each turn is whose it was, numbers are dense, a key is one turn, and two equals are level', async () => {
    const random = randomFor('two processes')
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
    const history = new History()
    const ask = () => pick(processes).call
    const create = (idiomas: string[]) =>
      history.roster(ask(), 'POST', '/consultor', { nome: 'Fulano', idiomas, status_online: true })
    const equals = [await create(['pt', 'en']), await create(['pt', 'en'])] as const
    const others = await Promise.all([create(['pt']), create(['es']), create(['en', 'es']), create(LANGUAGES)])
    const numbers = new Map<string, number>()

    const client = async (name: number): Promise<void> => {
      for (let i = 0; i < TURNS_EACH; i += 1) {
        const key = `${name}-${i}`
        const idioma = pick(LANGUAGES)
        const take = () => history.turn(ask(), idioma, key)
        const copies = random() < 0.15 ? [take(), take(), take()] : [take()]
        for (const n of await Promise.all(copies)) {
          if (n === undefined) continue
          expect(numbers.get(key) ?? n).toBe(n)
          numbers.set(key, n)
        }
        if (random() < 0.05) await history.number(ask(), `n-${key}`)
      }
    }
    let busy = true
    const administrator = async (): Promise<void> => {
      while (busy) {
        const id = pick(others)
        const choice = random()
        if (choice < 0.6) await history.roster(ask(), 'PUT', `/consultor/${id}/connection?status=${random() < 0.5}`)
        else if (choice < 0.8) await history.roster(ask(), 'PUT', `/consultor/${id}`, { idiomas: [pick(LANGUAGES)] })
        else if (choice < 0.9) others.push(await create([pick(LANGUAGES)]))
        else if (others.length > 2) {
          others.splice(others.indexOf(id), 1)
          await history.roster(ask(), 'DELETE', `/consultor/${id}`)
        }
      }
    }
    const roster = administrator()
    await Promise.all(Array.from({ length: CLIENTS }, (_, name) => client(name)))
    busy = false
    await roster

    expect(history.contradictions).toEqual([])
    expect(check(history.events)).toEqual([])
    expect(unfairness(history.events, ...equals)).toBeLessThanOrEqual(1)
    expect(new Set(numbers.values()).size).toBe(numbers.size)
    expect(numbers.size).toBeGreaterThan((CLIENTS * TURNS_EACH) / 2)
    const total = history.events.filter(({ what }) => what.tipo === 'turno' || what.tipo === 'numero').length
    await until(async () => (await database.connection.collection('protocolos').countDocuments()) === total)
    const list = await ask()('GET', '/protocolos?limit=1')
    expect(list.headers.get('x-total-count')).toBe(String(total))
  })
  it('start with a variable of an earlier release, and say once that it has no effect', () => {
    const warnings = processes.map((one) => one.output().split('REPASSAR').length - 1)
    expect(warnings).toEqual([0, 1])
  })
})
