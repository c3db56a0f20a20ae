import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import mongoose, { type Connection } from 'mongoose'
import { createLogger } from '../../src/lib/logger.js'
import { Hub } from '../../src/painel/stream.js'
import { protocoloModel } from '../../src/protocolos/model.js'
import { readVez } from '../../src/vez/commit/store.js'
import { listen, manager, seller } from '../support/browser.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { type HeldTimers, holdTimers } from '../support/held-timers.js'
import { type TestService, team, testService } from '../support/service.js'
import { until } from '../support/until.js'

/** Two processes on one database. */
let service: TestService
let other: TestService
let bia = 0
beforeAll(async () => {
  service = await testService()
  other = await testService({ database: service.database })
  const ids = await team(service, 2)
  bia = ids[1] ?? 0
})
afterAll(async () => {
  await other.end()
  await service.end()
})

describe('a stream', () => {
  it('tells of a turn that another process gave, and of a person whom it put offline', async () => {
    const page = await manager(service)
    const his = await seller(service, bia)
    const [seen, eu] = [
      await listen(service.url, '/painel/api/ao-vivo', page.cookie()),
      await listen(service.url, '/eu/api/ao-vivo', his.cookie()),
    ]
    expect(seen.headers.get('cache-control')).toBe('no-store, no-transform')
    await until(() => seen.told.length > 0 && eu.told.length > 0)
    const { protocolo } = (await other.call('GET', '/consultor/da-vez?idioma=pt')).body
    await until(() => seen.told.at(-1)?.data.ultimos?.[0]?.numero === protocolo)
    await other.call('PUT', `/consultor/${bia}/connection?status=false`)
    await until(() => eu.told.at(-1)?.data.presenca === 'offline')
    expect(JSON.stringify(eu.told)).not.toContain('Zuleica')
    await other.call('PUT', `/consultor/${bia}/connection?status=true`)
    for (const one of [seen, eu]) one.close()
  })

  it('is not opened without a session, nor more than six times by one', async () => {
    expect((await listen(service.url, '/painel/api/ao-vivo', '')).status).toBe(401)
    const page = await manager(service)
    const open = await Promise.all(
      Array.from({ length: 6 }, () => listen(service.url, '/painel/api/ao-vivo', page.cookie())),
    )
    expect(open.map(({ status }) => status)).toEqual(Array(6).fill(200))
    expect((await listen(service.url, '/painel/api/ao-vivo', page.cookie())).status).toBe(429)
    for (const one of open) one.close()
    await until(async () => {
      const again = await listen(service.url, '/painel/api/ao-vivo', page.cookie())
      again.close()
      return again.status === 200
    })
  })

  it('ends with the service, and does not hold it up', async () => {
    const third = await testService({ database: service.database })
    const page = await manager(third)
    const seen = await listen(third.url, '/painel/api/ao-vivo', page.cookie())
    await until(() => seen.told.length > 0)
    third.leave()
    await until(() => seen.isOver())
    expect(seen.told.at(-1)).toEqual({ event: 'fim', data: { motivo: 'desligando' } })
    expect((await listen(third.url, '/painel/api/ao-vivo', page.cookie())).status).toBe(503)
    await third.end()
  })
})

describe('a stream whose time a test makes', () => {
  let database: TestDatabase
  let connection: Connection
  let timers: HeldTimers
  let held: TestService
  let passed = 0
  /** What the database was asked, in order. */
  const asked: string[] = []
  beforeAll(async () => {
    database = await testDatabase()
    connection = await mongoose
      .createConnection(database.uri, { monitorCommands: true, retryWrites: false })
      .asPromise()
    connection.getClient().on('commandStarted', ({ commandName, command }) => {
      asked.push(`${commandName} ${command[commandName]}`)
    })
    timers = holdTimers(() => true)
    const clock = { ...timers.clock, elapsed: () => timers.clock.elapsed() + passed }
    held = await testService({ database: { ...database, connection }, clock })
  })
  afterAll(async () => {
    await held.end()
    await connection.close()
    await database.end()
  })

  /** Fires it, and waits until it is set again: then its work is done. */
  async function run(name: string): Promise<void> {
    const before = timers.timesSet(name)
    await timers.fire(name)
    await until(() => timers.timesSet(name) > before, undefined, name)
  }
  const opened = async () => {
    const page = await manager(held)
    const seen = await listen(held.url, '/painel/api/ao-vivo', page.cookie())
    await run('painel.look')
    await until(() => seen.told.length > 0)
    return { page, seen, kinds: () => seen.told.map(({ event }) => event) }
  }

  it('costs the database one small read a second for all who look, and none once nobody does', async () => {
    const [{ seen }, { seen: second }] = [await opened(), await opened()]
    asked.length = 0
    for (const _ of [1, 2, 3]) await run('painel.look')
    expect(asked).toEqual(Array(3).fill('find counters'))
    // Twice a second at most, and each change within two seconds.
    expect(timers.msOf('painel.look')).toBeGreaterThanOrEqual(500)
    expect(timers.msOf('painel.look')).toBeLessThan(2_000)
    seen.close()
    second.close()
    await until(() => !timers.isSet('painel.look'), undefined, 'the end of looking')
  })

  it('is asked once a minute whether its session still is one, and ends with it', async () => {
    const { page, seen, kinds } = await opened()
    await run('painel.recheck')
    expect(timers.msOf('painel.recheck')).toBe(60_000)
    await page.call('POST', '/painel/api/sair', { body: {} })
    await timers.fire('painel.recheck')
    await until(() => seen.isOver())
    expect([kinds().at(-1), seen.told.at(-1)?.data]).toEqual(['fim', { motivo: 'sessao' }])
  })

  it('says that it holds only while what it told is what the database says', async () => {
    const { seen, kinds } = await opened()
    const pulses = () => kinds().filter((one) => one === 'pulso').length
    await run('painel.pulse')
    await until(() => pulses() === 1)
    passed += 5_000
    await run('painel.pulse')
    // A pulse would have come before the state that is told now.
    await team(held, 1)
    await run('painel.look')
    await until(() => kinds().filter((one) => one === 'vez').length === 2)
    expect(pulses()).toBe(1)
    await run('painel.pulse')
    await until(() => pulses() === 2)
    expect(timers.msOf('painel.pulse')).toBe(15_000)
    seen.close()
  })

  it('is one of 200 at most in a process', async () => {
    const hub = new Hub({
      vez: { readFresh: () => readVez(connection), readAfter: async () => undefined },
      protocolos: protocoloModel(connection),
      clock: timers.clock,
      random: Math.random,
      logger: createLogger('silent', false),
      esperaIntervaloMs: 0,
    })
    const subscribe = (sessao: number) => hub.subscribe({ tipo: 'gestor', sessao: `s${sessao}` }, async () => true)
    const all = Array.from({ length: 200 }, (_, place) => subscribe(place))
    expect(() => subscribe(200)).toThrow(expect.objectContaining({ status: 503 }))
    const closed = new Promise((resolve) => all[0]?.once('close', resolve))
    all[0]?.destroy()
    await closed
    subscribe(200)
    await hub.stop()
  })
})
