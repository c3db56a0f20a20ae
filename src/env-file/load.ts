import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { VARIABLES } from '../config.js'
import { isPlaceholder } from '../lib/placeholder.js'
import { StartError } from '../lib/start-error.js'
import { hintsOf } from './hints.js'
import { scan } from './scan.js'

type Environment = Record<string, string | undefined>

/** What `.env` gave to the environment of this process; empty where none was read. */
export const fromEnvFile = new Set<string>()

/** The text of a `.env`, without a byte order mark; `undefined` when there is no such file. Throws a StartError when it is unreadable. */
export function readEnvFile(path: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (error) {
    const { code } = Object(error)
    if (code === 'ENOENT') return undefined
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new StartError('O arquivo .env não está em UTF-8: salve-o assim.')
    throw new StartError(`Não foi possível ler ${path}. Confira se é um arquivo, e a permissão.`)
  }
}

/**
 * Adds what stands in a `.env` to an environment, as `process.loadEnvFile` does: what is set there already, also to nothing,
 * stays. Here `NAME` and `NAME_FILE` are one: either of them in the environment beats both in the file.
 *
 * @returns what the file's owner should be told, one line each
 * @throws StartError when the file cannot be read or understood
 */
export function loadEnvFile(path: string, env: Environment): string[] {
  const text = readEnvFile(path)
  if (text === undefined) return []
  // Node's parser sorts them.
  const names = [...new Set(scan(text).map(({ name }) => name))]
  const values = parseEnv(text)
  const written = names.map((name) => ({ name, value: values[name] ?? '' })).filter(({ value }) => value.trim() !== '')
  const taken = written.filter(({ name }) => !isSet(env, name))
  const unfilled = taken.find(({ name, value }) => Object.hasOwn(VARIABLES, name) && isPlaceholder(value))
  if (unfilled)
    throw new StartError(`Em .env, ${unfilled.name} ainda tem o texto do exemplo. Ponha o valor, ou apague a linha.`)
  for (const { name, value } of taken) {
    env[name] = value
    fromEnvFile.add(name)
  }
  return hintsOf(written.map(({ name }) => name))
}

function isSet(env: Environment, name: string): boolean {
  const bare = name.replace(/_FILE$/, '')
  return env[name] !== undefined || (bare === name ? Boolean(env[`${name}_FILE`]) : env[bare] !== undefined)
}
