import { join, resolve } from 'node:path'
import type { Config } from '../config.js'
import { systemClock } from '../lib/clock.js'
import { diskFaultOf, explainDisk, explained } from '../lib/disk.js'
import { privateFolder } from '../lib/private-folder.js'
import { StartError } from '../lib/start-error.js'
import { downloadedMongod, installedMongod } from './local/mongod.js'
import { secantus } from './local/secantus.js'
import { supervise } from './local/supervisor.js'
import type { LocalOptions, Way } from './local/way.js'

export interface OpenedDatabase {
  /** The engine's name, for people. */
  readonly engine: string
  readonly uri: string
  /** Where the data is, of a local one. */
  readonly folder?: string
  /** Ends a local engine, and waits for it. */
  readonly stop: () => Promise<void>
}

export type LocalDatabase = Required<OpenedDatabase>

const WAYS: Readonly<Record<'mongod' | 'secantus' | 'download', Way>> = {
  mongod: installedMongod,
  secantus,
  download: downloadedMongod,
}

/** The database of MONGODB_URI, else a local one. Throws a StartError when there is none. */
export async function openDatabase(
  config: Config,
  callbacks: Pick<LocalOptions, 'env' | 'notify' | 'onGiveUp'>,
): Promise<OpenedDatabase> {
  const { MONGODB_URI: uri, PASTA_DADOS, BANCO_LOCAL: engine } = config
  if (uri !== undefined) return { engine: 'MongoDB', uri, stop: async () => undefined }
  return startLocalDatabase({ ...callbacks, folder: resolve(join(PASTA_DADOS, 'banco')), engine })
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
    privateFolder(folder)
  } catch (error) {
    const fault = diskFaultOf(error)
    if (fault) throw new StartError(explainDisk(fault, folder))
    throw new StartError(`Não foi possível criar a pasta ${folder}. Confira a permissão ou defina PASTA_DADOS.`)
  }
  const missing: string[] = []
  for (const name of options.engine ? [options.engine] : (['mongod', 'secantus', 'download'] as const)) {
    try {
      const engine = await WAYS[name](options, (reason) => missing.push(reason))
      if (!engine) continue
      return { engine: engine.name, folder, ...(await supervise(engine, { ...options, clock, random })) }
    } catch (error) {
      throw explained(error, folder)
    }
  }
  throw new StartError(
    `Nenhum banco encontrado (${missing.join('; ')}). Instale o Python 3.10 a 3.13, ou um mongod no PATH, ou defina MONGODB_URI.`,
  )
}
