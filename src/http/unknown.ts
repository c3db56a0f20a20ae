import { z } from 'zod'
import type { Problem } from '../lib/errors.js'

/** Unknown names that are told of, and characters of each. */
const MAX_NAMES = 20
const MAX_NAME = 64
/** Characters of a name in a header, encoded. */
const MAX_TOKEN = 96
/** Wrong characters in a name that is still recognised, for each so many that it has. */
const CHARACTERS_PER_TYPO = 4

const KINDS = { query: 'Parâmetro', body: 'Campo' } as const

/** That nobody knows this name, what may have been meant, and what there is. */
export function unknownName(where: keyof typeof KINDS, name: string, known: readonly string[]): string {
  const what = `${KINDS[where]} desconhecido: ${name.slice(0, MAX_NAME).replace(/[\p{C}\p{Z}]/gu, ' ')}.`
  if (known.length === 0) return `${what} Aqui não se envia nenhum`
  const meant = nearest(name, known)
  const guess = meant === undefined ? '' : ` Você quis dizer \`${meant}\`?`
  return `${what}${guess} Use: ${known.join(', ')}`
}

/** One problem for each name; of very many, for the first ones. */
export const unknownNames = (
  where: keyof typeof KINDS,
  path: Problem['loc'],
  names: readonly string[],
  messageOf: (name: string, index: number) => string,
): Problem[] =>
  names.slice(0, MAX_NAMES).map((name, index) => ({
    loc: [where, ...path, name.slice(0, MAX_NAME)],
    msg: messageOf(name, index),
    type: 'extra_forbidden',
  }))

/** The messages of unknown fields, one a line. */
export const unknownKeys = (names: readonly string[], schema: unknown): string =>
  names
    .slice(0, MAX_NAMES)
    .map((name) => unknownName('body', name, knownBy(schema)))
    .join('\n')

function knownBy(schema: unknown): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape)
  if (schema instanceof z.ZodRecord) return [...(schema.keyType._zod.values ?? [])].map(String)
  return []
}

/** The fields of a body that its schema does not know, also nested ones: `contato.apelido`. */
export function unknownFields(schema: z.core.$ZodType | undefined, body: unknown, prefix = ''): string[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return []
  const shape = schema === undefined ? {} : shapeOf(schema)
  if (shape === undefined) return []
  return Object.entries(body).flatMap(([name, value]) =>
    Object.hasOwn(shape, name) ? unknownFields(shape[name], value, `${prefix}${name}.`) : [prefix + name],
  )
}

/** The fields of an object, whatever says that it may be absent. */
function shapeOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return shapeOf(schema.unwrap())
  return schema instanceof z.ZodObject ? schema.shape : undefined
}

/** The names of what was ignored, never a value, as a header may hold them: few, short, and in ASCII. */
export function toHeaderNames(names: readonly string[]): string {
  const shown = [...new Set(names)].slice(0, MAX_NAMES).map(toToken)
  return [...shown, ...(names.length > MAX_NAMES ? ['...'] : [])].join(',')
}

function toToken(name: string): string {
  let token = ''
  for (const character of name) {
    const next = token + encode(character)
    if (next.length > MAX_TOKEN) break
    token = next
  }
  return token
}

/** Other characters than these are percent-encoded: `%C3%A7` for ç. */
const encode = (character: string): string =>
  /[\w.~-]/.test(character)
    ? character
    : [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')

/** The known name that is written like this one but for a few characters, or that is a part of it: `consultor_nome`. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const given = plain(name.slice(0, MAX_NAME))
  const most = Math.floor(given.length / CHARACTERS_PER_TYPO)
  const byDistance = known
    .map((one) => ({ one, far: distance(given, plain(one)) }))
    .sort((a, b) => a.far - b.far)
    .find(({ far }) => far <= most)
  if (byDistance) return byDistance.one
  const words = name
    .slice(0, MAX_NAME)
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  return known.find((one) => words.includes(one)) ?? known.find((one) => given.length > 3 && plain(one).includes(given))
}

/** Without accents, case and separators. */
const plain = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase()

/** How many characters have to be changed, added or left out (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, place) => place)
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1]
    for (let place = 1; place <= to.length; place += 1) {
      const above = row[place] ?? 0
      const left = next[place - 1] ?? 0
      const across = (row[place - 1] ?? 0) + (to[place - 1] === letter ? 0 : 1)
      next.push(Math.min(above + 1, left + 1, across))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
