import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { FakePipedrive } from '../../fakes/pipedrive/fake.js'
import { startFakePipedrive, TOKEN } from '../../fakes/pipedrive/server.js'
import { type LocalDatabase, startLocalDatabase } from '../../src/database/local.js'
import { type Chatwoot, startChatwoot } from '../support/chatwoot.js'
import { type ServiceProcess, startProcess } from '../support/processes.js'
import { type FaultProxy, startProxy } from '../support/proxy.js'
import { MASTER } from '../support/service.js'
import { type Gateway, startGateway } from './gateway.js'

const run = promisify(execFile)
/** Sets the wall time of a service from here. */
const CLOCK = './dist/demo/service-clock.js'
/** Once more than any run kills it. */
const MOST_RESTARTS = 1_000

/** A service with its own way to the engine and its own clock; it is not there while it is begun again. */
export interface Place {
  readonly proxy: FaultProxy
  /** How far its wall time is ahead of the machine's, ms. */
  aheadMs: number
  process: ServiceProcess | undefined
}

/** Two services on one engine, what stands around them, and all of it in our hands. */
export interface World {
  readonly engine: LocalDatabase
  /** Of the database, past the proxies. */
  readonly uri: string
  readonly places: readonly Place[]
  readonly fake: FakePipedrive
  readonly chatwoot: Chatwoot
  readonly gateway: Gateway
  /** Those that run now. */
  running(): ServiceProcess[]
  start(place: Place): Promise<void>
  killEngine(): Promise<void>
  setClock(place: Place, aheadMs: number): Promise<void>
  end(): Promise<void>
}

export async function startWorld(random: () => number): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'vez-caos-'))
  const engine = await startLocalDatabase({
    folder,
    env: process.env,
    notify: () => undefined,
    onGiveUp: () => undefined,
    limits: { restarts: MOST_RESTARTS, healthyMs: 1_000 },
  })
  const name = 'caos'
  const uri = withPath(engine.uri, name)
  const port = Number(new URL(engine.uri).port)
  const fake = await startFakePipedrive()
  const chatwoot = await startChatwoot()
  const place = async (): Promise<Place> => ({ proxy: await startProxy(port), aheadMs: 0, process: undefined })
  const places = [await place(), await place()]
  const running = (): ServiceProcess[] => places.flatMap((one) => one.process ?? [])
  const gateway = await startGateway(running, random)

  async function start(one: Place): Promise<void> {
    const env = {
      MONGODB_URI: withPath(engine.uri, name, one.proxy.port),
      CHAVE_MESTRA: MASTER,
      DESTINOS_INTERNOS: '127.0.0.1',
      API_URL: gateway.url,
      ESPERA_INTERVALO_S: '1',
      LOG_NIVEL: 'fatal',
      PIPEDRIVE_API_TOKEN: TOKEN,
      PIPEDRIVE_BASE_URL: fake.url,
      PIPEDRIVE_RECONCILIAR_MIN: '0',
      DEMO_ADIANTE_MS: String(one.aheadMs),
    }
    one.process = await startProcess(env, '.', CLOCK)
  }

  async function setClock(one: Place, aheadMs: number): Promise<void> {
    one.aheadMs = aheadMs
    const child = one.process?.child
    if (!child?.connected) return
    await new Promise<void>((resolve) => {
      child.once('message', () => resolve())
      child.once('exit', () => resolve())
      child.send(aheadMs, (error) => error && resolve())
    })
  }

  return {
    ...{ engine, uri, places, fake, chatwoot, gateway, running, start, setClock },
    killEngine: async () => {
      const { stdout } = await run('pgrep', ['-f', `storage-path ${folder}|dbpath ${folder}`])
      for (const pid of stdout.trim().split('\n')) process.kill(Number(pid), 'SIGKILL')
    },
    end: async () => {
      await Promise.all(running().map((one) => one.kill('SIGKILL')))
      await Promise.all([gateway.end(), chatwoot.end(), fake.end(), ...places.map(({ proxy }) => proxy.end())])
      await engine.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The engine with a database; `via` is a port of a proxy before it. */
function withPath(uri: string, name: string, via?: number): string {
  const url = new URL(uri)
  url.pathname = `/${name}`
  if (via !== undefined) {
    url.host = `127.0.0.1:${via}`
    url.searchParams.set('directConnection', 'true')
  }
  return url.href
}
