import { parseEnv } from 'node:util'
import { scan } from '../env-file/scan.js'

/** A variable that `.env` should have, and what is written above it where its line is new. */
export interface Wanted {
  readonly name: string
  readonly comment: string
  /** Called only where the variable is missing or empty. */
  readonly make: () => string
}

export interface Filled {
  readonly text: string
  /** The names that had no value before. */
  readonly made: readonly string[]
}

/** A variable without a value: all before the value, and a comment behind it. */
const EMPTY = /^(\s*(?:export\s+)?\w+\s*=)\s*(?:""|''|``)?\s*(#.*)?$/

/**
 * Gives a value to each variable that has none: on its line, where it has one, else at the end. All else stays as it is.
 *
 * @throws StartError when the text cannot be understood
 */
export function fill(text: string, wanted: readonly Wanted[]): Filled {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const written = scan(text)
  const values = parseEnv(text)
  const missing = wanted.filter(({ name }) => (values[name] ?? '').trim() === '')
  const lines = text.split(/\r?\n/)
  // Behind the last line there is none.
  if (lines.at(-1) === '') lines.pop()
  const added: string[] = []
  for (const { name, comment, make } of missing) {
    // Of several lines the last is the one that counts.
    const place = written.findLast((one) => one.name === name)?.from
    const [, before = `${name}=`, behind = ''] = EMPTY.exec(lines[place ?? -1] ?? '') ?? []
    const line = `${before}${quoted(make())}${behind && ` ${behind}`}`
    if (place === undefined) added.push('', `# ${comment}`, line)
    else lines[place] = line
  }
  if (missing.length === 0) return { text, made: [] }
  return { text: `${[...lines, ...added].join(newline)}${newline}`, made: missing.map(({ name }) => name) }
}

/** As Node and docker compose read it alike. */
const quoted = (value: string): string => (/^[\w.:/+=-]+$/.test(value) ? value : `'${value}'`)
