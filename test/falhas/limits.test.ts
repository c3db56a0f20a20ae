import { describe, expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { connect } from '../../src/database/connect.js'
import { createLogger } from '../../src/lib/logger.js'
import { createMetrics } from '../../src/lib/metrics.js'
import { documentBytes } from '../../src/vez/look.js'
import { vezObserver } from '../../src/vez/observer.js'
import { emptyVez } from '../../src/vez/state.js'
import { serverPort, testDatabase, uriOf } from '../support/database.js'
import { startProxy } from '../support/proxy.js'
import { testService } from '../support/service.js'
import { consultor } from '../support/vez.js'

describe('the limits of a request', () => {
  it('is refused after 5 s with 503 and Retry-After when the engine hangs, and /ready says no', async () => {
    const proxy = await startProxy(serverPort())
    const database = await testDatabase()
    const through = await connect(uriOf(database.name, proxy.port))
    const service = await testService({ database: { ...database, connection: through } })
    await service.call('POST', '/consultor', { body: { nome: 'Ana', idiomas: ['pt'], status_online: true } })
    proxy.freeze()
    const started = performance.now()
    const [turn, ready] = await Promise.all([
      service.call('GET', '/consultor/da-vez?idioma=pt'),
      service.call('GET', '/ready'),
    ])
    expect(turn.status).toBe(503)
    expect(turn.headers.get('retry-after')).toBe('1')
    expect(performance.now() - started).toBeLessThan(20_000)
    expect(ready.status).toBe(503)
    await proxy.end()
    await service.end()
    await through.close()
    await database.end()
  })

  it('is told by /ready that the service is leaving, while /health and turns still answer', async () => {
    const service = await testService()
    await service.call('POST', '/consultor', { body: { nome: 'Ana', idiomas: ['pt'], status_online: true } })
    service.leave()
    expect(await service.call('GET', '/ready')).toMatchObject({ status: 503, body: { detail: expect.any(String) } })
    expect((await service.call('GET', '/health')).status).toBe(200)
    expect((await service.call('GET', '/consultor/da-vez?idioma=pt')).status).toBe(200)
    await service.end()
  })
})

describe('a document that has grown over 1 MB', () => {
  const much = {
    ...emptyVez('m'),
    consultores: new Map(Array.from({ length: 1_000 }, (_, id) => [id, consultor({ nome: 'a'.repeat(1_000) })])),
  }

  it('warns, and shows in the metrics', async () => {
    const registry = new Registry()
    const warned: unknown[] = []
    const logger = createLogger('silent', false)
    const observer = vezObserver(registry, Object.assign(logger, { warn: (line: unknown) => warned.push(line) }))
    observer.seen(emptyVez('m'))
    expect(warned).toEqual([])
    observer.seen(much)
    expect(warned).toEqual([{ bytes: documentBytes(much) }])
    createMetrics(registry, 'test', () => ({
      pendentes: 0,
      recusados: 0,
      espera: 0,
      fila: 0,
      documentoBytes: documentBytes(much),
    }))
    const [, bytes] = /^vez_documento_bytes (\d+)$/m.exec(await registry.metrics()) ?? []
    expect(Number(bytes)).toBeGreaterThan(1_000_000)
  })
})
