import { type Config, readConfig } from '../../src/config.js'
import { migrate } from '../../src/database/migrate.js'
import { listen } from '../../src/http/server.js'
import { type Clock, systemClock } from '../../src/lib/clock.js'
import { createLogger, type Logger } from '../../src/lib/logger.js'
import { startService } from '../../src/start.js'
import { migratedDatabase, type TestDatabase } from './database.js'
import { until } from './until.js'

export const ADMIN = 'test-admin-key-0123456789'
export const MASTER = 'test-master-key-0123456789-0123456789'

export interface TestService {
  readonly url: string
  readonly database: TestDatabase
  /** Calls with the admin key, unless other headers say otherwise; a body is sent as JSON. */
  call(method: string, path: string, more?: Call): Promise<Answer>
  readonly runRounds: () => Promise<void>
  readonly reconcile: () => Promise<void>
  /** What a shutdown does first. */
  leave(): void
  /** Ends the service; its database stays when it was handed in. */
  end(): Promise<void>
}

export interface Call {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly raw?: string
  /** Only there to end a hang: more where a request waits on purpose. */
  readonly hangsMs?: number
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
  readonly body: any
}

type Env = Readonly<Record<string, string>>

export interface TestOptions {
  /** Where it needs to know its own address, made of that. */
  readonly env?: Env | ((url: string) => Env)
  readonly clock?: Clock
  readonly random?: () => number
  readonly logger?: Logger
  readonly database?: TestDatabase
  readonly pipedriveTimeoutMs?: number
}

/** A service in this process on a port of its own, on a new database unless one is given. */
export async function testService(options: TestOptions = {}): Promise<TestService> {
  const database = options.database ?? (await migratedDatabase())
  const port = await listen('127.0.0.1', 0)
  const url = `http://127.0.0.1:${port.port}`
  const config: Config = readConfig({
    AUTHENTICATION_API_KEY: ADMIN,
    ESPERA_INTERVALO_S: '0',
    CHAVE_MESTRA: MASTER,
    DESTINOS_INTERNOS: '127.0.0.1',
    ...(typeof options.env === 'function' ? options.env(url) : options.env),
  })
  if (options.database) await migrate(database.connection)
  const service = await startService({
    config,
    connection: database.connection,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    logger: options.logger ?? createLogger('silent', false),
    engine: 'test',
    ownKey: config.AUTHENTICATION_API_KEY,
    masterKeys: config.CHAVE_MESTRA ?? [],
    ...(options.pipedriveTimeoutMs !== undefined && { pipedriveTimeoutMs: options.pipedriveTimeoutMs }),
  }).catch(async (error) => {
    await port.close()
    if (!options.database) await database.end()
    throw error
  })
  port.serve(service.callback)
  return {
    url,
    database,
    call: (method, path, more) => call(url, method, path, more),
    runRounds: service.runRounds,
    reconcile: service.reconcile,
    leave: service.leave,
    end: async () => {
      service.leave()
      await port.close()
      await service.stop()
      if (!options.database) await database.end()
    },
  }
}

/** Only there to end a hang. */
const HANGS_MS = 60_000

/** One request; the body of the answer is parsed when it is JSON. */
export async function call(url: string, method: string, path: string, more: Call = {}): Promise<Answer> {
  const sends = more.body !== undefined || more.raw !== undefined
  const response = await fetch(url + path, {
    method,
    headers: { 'api-key': ADMIN, ...(sends && { 'content-type': 'application/json' }), ...more.headers },
    ...(sends && { body: more.raw ?? JSON.stringify(more.body) }),
    signal: AbortSignal.timeout(more.hangsMs ?? HANGS_MS),
  })
  const text = await response.text()
  const isJson = text !== '' && response.headers.get('content-type')?.includes('json')
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

/** Waits until the document owes no protocol and no tarefa a copy. */
export const allCopied = (service: Pick<TestService, 'call'>): Promise<void> =>
  until(async () => (await service.call('GET', '/ready')).body.pendentes === 0, undefined, 'all copies')

/** Registers so many consultores who speak `pt` and are online; returns their ids. */
export async function team(service: Pick<TestService, 'call'>, size: number, more: object = {}): Promise<number[]> {
  const ids: number[] = []
  for (let place = 1; place <= size; place += 1) {
    const body = { nome: `Consultor ${place}`, idiomas: ['pt'], status_online: true, ...more }
    ids.push((await service.call('POST', '/consultor', { body })).body.id)
  }
  return ids
}
