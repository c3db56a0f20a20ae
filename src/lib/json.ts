import { normalized } from './unicode.js'

/** What a text is as JSON; `undefined` when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
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
export const parseJsonWithLongIds = (text: string): unknown =>
  parseJson(text) === undefined
    ? undefined
    : parseJson(text.replace(STRING_OR_LONG, (found) => (found.startsWith('"') ? found : `"${found}"`)))

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
