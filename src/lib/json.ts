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

/** The same, with whole numbers of 16 digits and more as strings: as JavaScript numbers two ids may become equal. */
export const parseJsonWithLongIds = (text: string): unknown =>
  parseJson(text.replace(STRING_OR_LONG, (found) => (found.startsWith('"') ? found : `"${found}"`)))

/** Fields whose names somebody else chose: without accents, case and separators. `undefined` when it is no object. */
export function toFields(json: unknown): ReadonlyMap<string, string> | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  const entries = Object.entries(json).flatMap(([name, value]): [string, string][] => {
    const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : ''
    return text === '' ? [] : [[plainName(name), text]]
  })
  return new Map(entries.reverse())
}

const plainName = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase()

/** The first of these that is there and not empty. */
export const fieldOf = (fields: ReadonlyMap<string, string>, names: readonly string[]): string | undefined =>
  names.map((name) => fields.get(plainName(name))).find((value) => value !== undefined)
