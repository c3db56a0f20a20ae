import { normalized } from './unicode.js'

/** Objects and lists within each other, far more than any platform sends. */
const MAX_DEPTH = 256

/** Is more within each other than that? Of a million levels the parser makes a second's work. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]
    if (sign === '"') at = endOfString(text, at)
    else if (sign === '[' || sign === '{') depth += 1
    else if (sign === ']' || sign === '}') depth -= 1
    if (depth > MAX_DEPTH) return true
  }
  return false
}

/** Where the string that begins here has its last quote; the end of the text when it has none. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end > 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text[end - 1 - escapes] === '\\') escapes += 1
    if (escapes % 2 === 0) return end
  }
  return text.length
}

/** What a text is as JSON; `undefined` when it is none, or one that nobody would write. */
export function parseJson(text: string): unknown {
  try {
    return isTooDeep(text) ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A string, or a whole number that JSON.parse would round. */
const STRING_OR_LONG = /"(?:[^"\\]|\\.)*"|-?\b\d{16,}\b(?![.eE])/g

/**
 * The same, with whole numbers of 16 digits and more as strings: as JavaScript numbers two ids may become equal. The pattern runs
 * on JSON only: there each quote ends, while on quotes without an end it would take quadratic time.
 */
export function parseJsonWithLongIds(text: string): unknown {
  const json = parseJson(text)
  if (json === undefined) return undefined
  const quoted = text.replace(STRING_OR_LONG, (found) => (found.startsWith('"') ? found : `"${found}"`))
  return quoted === text ? json : parseJson(quoted)
}

/**
 * Reads fields whose names somebody else chose: each by the first of its names that is there and not empty, whatever its accents,
 * case and separators. `undefined` when it is no object.
 *
 * @param isEmpty tells further values that count as empty
 */
export function fieldReader<K extends string>(
  json: unknown,
  names: Readonly<Record<K, readonly string[]>>,
  isEmpty: (value: string, field: K) => boolean = () => false,
): ((field: K) => string | undefined) | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  const entries = Object.entries(json).flatMap(([name, value]): [string, string][] => {
    const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : ''
    return text === '' ? [] : [[plainName(name), text]]
  })
  const fields = new Map(entries.reverse())
  return (field) =>
    names[field]
      .map((name) => fields.get(plainName(name)))
      .find((value) => value !== undefined && !isEmpty(value, field))
}

const plainName = (name: string): string =>
  normalized(name, 'NFD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase()
