import { mkdirSync } from 'node:fs'
import { systemClock } from '../lib/clock.js'
import { StartError } from '../lib/start-error.js'
import { downloadedMongod, installedMongod } from './local/mongod.js'
import { secantus } from './local/secantus.js'
import { supervise } from './local/supervisor.js'
import type { LocalOptions, Way } from './local/way.js'

export interface LocalDatabase {
  /** The engine's name, for people. */
  readonly engine: string
  readonly uri: string
  readonly folder: string
  /** Ends the engine, and waits for it. */
  stop(): Promise<void>
}

const WAYS: Readonly<Record<'mongod' | 'secantus' | 'download', Way>> = {
  mongod: installedMongod,
  secantus,
  download: downloadedMongod,
}

/**
 * Starts a persistent database of this machine: a `mongod` that is there, else SecantusDB in a Python environment of its own,
 * else a `mongod` that is downloaded (docs/vendors/database.md#the-local-database).
 *
 * @throws StartError when none can be had, or the folder is in use
 */
export async function startLocalDatabase(options: LocalOptions): Promise<LocalDatabase> {
  const { folder, clock = systemClock, random = Math.random } = options
  try {
    mkdirSync(folder, { recursive: true })
  } catch {
    throw new StartError(`Não foi possível criar a pasta ${folder}. Confira a permissão ou defina PASTA_DADOS.`)
  }
  const missing: string[] = []
  for (const name of options.engine ? [options.engine] : (['mongod', 'secantus', 'download'] as const)) {
    const engine = await WAYS[name](options, (reason) => missing.push(reason))
    if (!engine) continue
    const { notify, onGiveUp, limits } = options
    const running = await supervise(engine, { folder, notify, onGiveUp, clock, random, ...(limits && { limits }) })
    return { engine: engine.name, uri: running.uri, folder, stop: running.stop }
  }
  throw new StartError(
    `Nenhum banco encontrado (${missing.join('; ')}). Instale o Python 3.10 a 3.13, ou um mongod no PATH, ou defina MONGODB_URI.`,
  )
}
