import { join, resolve } from 'node:path'
import type { KeyFile } from './chaves/key-file.js'
import type { Config } from './config.js'
import type { OpenedDatabase } from './database/local.js'

/** Where the administrator's key stands. */
export interface KeyPlace {
  /** For people. */
  readonly told: string
  /** What a shell makes the key of. */
  readonly shell: string
  /** Nobody has seen it yet. */
  readonly isNew?: string
}

/**
 * @param made what stands in the data folder, where the environment gives no key
 * @param fromEnvFile the variables that came from `.env`
 */
export function placeOfKey(
  env: Readonly<Record<string, string | undefined>>,
  fromEnvFile: ReadonlySet<string>,
  made: KeyFile | undefined,
  folder: string,
): KeyPlace {
  const { AUTHENTICATION_API_KEY_FILE: named } = env
  if (made || named) {
    const path = named && !made ? resolve(named) : join(folder, 'api-key')
    return { told: `em ${path}`, shell: `$(cat '${path}')`, ...(made?.isNew && { isNew: made.key }) }
  }
  if (!fromEnvFile.has('AUTHENTICATION_API_KEY'))
    return { told: 'a de AUTHENTICATION_API_KEY', shell: '$AUTHENTICATION_API_KEY' }
  const path = resolve('.env')
  return {
    told: `a de AUTHENTICATION_API_KEY em ${path}`,
    shell: `$(sed -n 's/^\\(export \\)*AUTHENTICATION_API_KEY *= *\\([^ ]*\\).*/\\2/p' '${path}' | tr -d "\\"'\\r")`,
  }
}

interface Running {
  readonly config: Config
  readonly port: number
  readonly database: OpenedDatabase
  readonly key: KeyPlace
  /** What is written ends on a screen, and not in a file that others read. */
  readonly isTerminal: boolean
}

/**
 * What a person at the terminal wants to know once the service runs: where it is, where the data is, and calls that work as
 * they are. The key itself is shown by the start that made it, on a terminal, and never again.
 */
export function banner({ config, port, database, key, isTerminal }: Running): string[] {
  const url = `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${port}`
  const isLocal = database.folder !== undefined
  return [
    '',
    `consultor da vez em ${url}`,
    `  banco         ${database.engine}${isLocal ? `, dados em ${database.folder}` : ''}`,
    ...(isLocal ? ['                é local, para experimentar; com dados de verdade, defina MONGODB_URI'] : []),
    `  painel        ${url}/painel`,
    `  documentação  ${url}/docs`,
    `  chave         ${isTerminal && key.isNew !== undefined ? `${key.isNew}, guardada ` : ''}${key.told}`,
    '',
    'Cadastre um consultor e pegue a vez:',
    `  curl -X POST '${url}/consultor' -H "api-key: ${key.shell}" -H 'Content-Type: application/json' \\`,
    `    -d '{"nome": "João Silva", "idiomas": ["pt"], "status_online": true}'`,
    `  curl '${url}/consultor/da-vez?idioma=pt' -H "api-key: ${key.shell}"`,
    '',
  ]
}
