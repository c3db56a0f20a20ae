import { join, resolve } from 'node:path'
import type { Config } from '../config.js'
import type { StartError } from '../lib/start-error.js'
import type { Environment } from './local/way.js'
import { startLocalDatabase } from './local.js'

export interface OpenedDatabase {
  readonly engine: string
  readonly uri: string
  /** Where the data is, of a local one. */
  readonly folder?: string
  readonly stop: () => Promise<void>
}

/** The database of MONGODB_URI, else a local one. Throws a StartError when there is none. */
export async function openDatabase(
  config: Config,
  env: Environment,
  notify: (line: string) => void,
  onGiveUp: (error: StartError) => void,
): Promise<OpenedDatabase> {
  const { MONGODB_URI: uri, PASTA_DADOS, BANCO_LOCAL: engine } = config
  if (uri !== undefined) return { engine: 'MongoDB', uri, stop: async () => undefined }
  return startLocalDatabase({ folder: resolve(join(PASTA_DADOS, 'banco')), engine, env, notify, onGiveUp })
}
