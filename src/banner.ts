import { join } from 'node:path'
import type { Config } from './config.js'
import type { OpenedDatabase } from './database/local.js'

/**
 * What a person at the terminal wants to know once the service runs: where it is, where the data is, and calls that work as
 * they are. The key itself is shown by the start that made it, and never again.
 */
export function banner(
  config: Config,
  port: number,
  database: OpenedDatabase,
  made: { readonly key: string; readonly isNew: boolean } | undefined,
  folder: string,
): string[] {
  const url = `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${port}`
  const key = made ? `$(cat '${join(folder, 'api-key')}')` : '$AUTHENTICATION_API_KEY'
  return [
    '',
    `consultor da vez em ${url}`,
    `  banco         ${database.engine}${database.folder === undefined ? '' : `, dados em ${database.folder}`}`,
    `  documentação  ${url}/docs`,
    made
      ? `  chave         ${made.isNew ? made.key : 'a de antes'} (em ${join(folder, 'api-key')})`
      : '  chave         a de AUTHENTICATION_API_KEY',
    '',
    'Cadastre um consultor e pegue a vez:',
    `  curl -X POST '${url}/consultor' -H "api-key: ${key}" -H 'Content-Type: application/json' \\`,
    `    -d '{"nome": "João Silva", "idiomas": ["pt"], "status_online": true}'`,
    `  curl '${url}/consultor/da-vez?idioma=pt' -H "api-key: ${key}"`,
    '',
  ]
}
