import { describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { migrate } from '../../src/database/migrate.js'
import { createLogger } from '../../src/lib/logger.js'
import { readVez } from '../../src/vez/commit/store.js'
import { emptyVez, toDocument } from '../../src/vez/document.js'
import { documentBytes, vezObserver } from '../../src/vez/observer.js'
import { testDatabase } from '../support/database.js'
import { fastTicks, holdTimers } from '../support/held-timers.js'
import { proxiedService } from '../support/proxied.js'
import { WRITES } from '../support/proxy.js'
import { type Answer, allCopied, testService } from '../support/service.js'
import { until, untilCount } from '../support/until.js'
import { consultor } from '../support/vez.js'

const ASKED = 1_160
const BOUND = 1_000
const BATCH = 128
/** As long as the test itself may last: those who wait are let go by it, and all of them may take a busy machine long. */
const WAITS_MS = 300_000

describe('the limits of a request', () => {
  it('is refused after 5 s with 503 and Retry-After when the engine hangs, and /ready says no', async () => {
    const timers = holdTimers((name) => name === 'vez.request-deadline')
    const { service, proxy, end } = await proxiedService({ clock: timers.clock })
    await service.call('POST', '/consultor', { body: { nome: 'Ana', idiomas: ['pt'], status_online: true } })
    proxy.freeze()
    const [turn, ready] = await Promise.all([
      service.call('GET', '/consultor/da-vez?idioma=pt'),
      service.call('GET', '/ready'),
      timers.fire('vez.request-deadline'),
    ])
    expect(timers.msOf('vez.request-deadline')).toBe(5_000)
    // Its shutdown asks too.
    timers.letGo()
    expect(turn.status).toBe(503)
    expect(turn.headers.get('retry-after')).toBe('1')
    expect(ready.status).toBe(503)
    proxy.restart()
    await end()
  })

  it('is refused at once while 1,000 others wait, who are answered when the engine is back', async () => {
    // Nobody's time is up: only the bound refuses.
    const { clock } = holdTimers((name) => name === 'vez.request-deadline')
    const { service, proxy, end } = await proxiedService({ clock })
    await service.call('POST', '/consultor', { body: { nome: 'Ana', idiomas: ['pt'], status_online: true } })
    proxy.freeze()
    const refused: Answer[] = []
    const given = new Set<string>()
    const ask = async (): Promise<void> => {
      const answer = await service.call('GET', '/consultor/da-vez?idioma=pt', { hangsMs: WAITS_MS })
      if (answer.status === 200) given.add(answer.body.protocolo)
      else refused.push(answer)
    }
    const all = Array.from({ length: ASKED }, ask)
    await untilCount(() => refused.length, ASKED - BOUND - BATCH, 'the number of refusals')
    const metrics = (await service.call('GET', '/metrics')).body
    expect(Number(/^vez_fila (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(0)
    proxy.restart()
    await Promise.all(all)
    for (const { status, headers } of refused) expect([status, headers.get('retry-after')]).toEqual([503, '1'])
    expect(refused.length).toBeLessThanOrEqual(ASKED - BOUND)
    expect(given.size).toBe(ASKED - refused.length)
    await end()
  })

  it('is told by /ready that the service is leaving, while /health and turns still answer', async () => {
    const service = await testService()
    await service.call('POST', '/consultor', { body: { nome: 'Ana', idiomas: ['pt'], status_online: true } })
    service.leave()
    const ready = await service.call('GET', '/ready')
    expect([ready.status, Object.keys(ready.body), ready.headers.get('retry-after')]).toEqual([503, ['detail'], '1'])
    expect((await service.call('GET', '/health')).status).toBe(200)
    expect((await service.call('GET', '/consultor/da-vez?idioma=pt')).status).toBe(200)
    await service.end()
  })
})

describe('a full disk', () => {
  it.each([
    { code: 14_031, codeName: 'OutOfDiskSpace' },
    { code: 1, codeName: 'InternalError' },
  ])('($codeName) loses nothing: /ready says no until an empty write succeeds, then turns go on', async (full) => {
    const timers = holdTimers((name) => name === 'vez.request-deadline', fastTicks)
    const { service, proxy, database, end } = await proxiedService({ clock: timers.clock })
    await service.call('POST', '/consultor', { body: { nome: 'Ana', idiomas: ['pt'], status_online: true } })
    const turn = (key: string) =>
      service.call('GET', '/consultor/da-vez?idioma=pt', { headers: { 'Idempotency-Key': key } })
    const ready = () => service.call('GET', '/ready')
    const given = await Promise.all(['a', 'b', 'c'].map(turn))
    // From here on nothing but the turn is owed a write.
    await allCopied(service)

    proxy.refuse(WRITES, full)
    const lost = turn('d')
    await until(async () => (await ready()).status === 503, undefined, '/ready to say no')
    expect((await ready()).body.detail).toMatch(/não grava.*espaço em disco/)
    expect((await service.call('GET', '/metrics')).body).toMatch(/^vez_grava 0$/m)
    await timers.fire('vez.request-deadline')
    expect((await lost).status).toBe(503)
    expect((await service.call('GET', '/vez')).status).toBe(200)

    const before = await readVez(database.connection)
    proxy.refuse([])
    await until(async () => (await ready()).status === 200, undefined, '/ready to say yes')
    const after = await readVez(database.connection)
    expect([after.seq, after.versao > before.versao]).toEqual([before.seq, true])
    expect((await turn('d')).body.protocolo).toBe('#00004')
    for (const { body } of given)
      expect((await service.call('GET', `/protocolo/${body.protocolo.slice(1)}`)).status).toBe(200)
    expect((await Promise.all(['a', 'b', 'c'].map(turn))).map(({ body }) => body.protocolo)).toEqual(
      given.map(({ body }) => body.protocolo),
    )
    await allCopied(service)
    expect((await ready()).body.recusados).toBe(0)
    timers.letGo()
    await end()
  })

  it('that lets nothing be read is no by /ready, though the engine answers pings, and a yes afterwards', async () => {
    const { service, proxy, through, end } = await proxiedService()
    proxy.refuse([Buffer.from('find\0')], { code: 1, codeName: 'InternalError' })
    await through.db?.command({ ping: 1 })
    expect(await service.call('GET', '/ready')).toMatchObject({ status: 503, body: { detail: 'O banco não responde' } })
    proxy.refuse([])
    expect((await service.call('GET', '/ready')).status).toBe(200)
    await end()
  })
})

describe('a document that has grown over 1 MB', () => {
  const much = {
    ...emptyVez('m'),
    consultores: new Map(Array.from({ length: 1_000 }, (_, id) => [id, consultor({ nome: 'a'.repeat(1_000) })])),
  }

  it('warns and shows in the metrics of a service', async () => {
    const lines: string[] = []
    const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(line) })
    const database = await testDatabase()
    await migrate(database.connection)
    await database.connection.collection<{ _id: string }>('counters').replaceOne({ _id: 'vez' }, toDocument(much))
    const service = await testService({ database, logger, clock: fastTicks })
    await until(() => lines.some((line) => JSON.parse(line).bytes === documentBytes(much)), undefined, 'the warning')
    const metrics = (await service.call('GET', '/metrics')).body
    expect(Number(/^vez_documento_bytes (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThan(1_000_000)
    await service.end()
    await database.end()
  })

  it('warns past 1 MB, not before', async () => {
    const registry = new Registry()
    const warned: unknown[] = []
    const logger = createLogger('silent', false)
    const observer = vezObserver(registry, Object.assign(logger, { warn: (line: unknown) => warned.push(line) }))
    observer.seen(emptyVez('m'))
    expect(warned).toEqual([])
    observer.seen(much)
    expect(warned).toEqual([{ bytes: documentBytes(much) }])
  })
})
