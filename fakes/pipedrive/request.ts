import { z } from 'zod'
import type { Account, Actor } from './account.js'
import type { Limits } from './limits.js'
import type { State } from './state.js'

/** What a call says back: 200 unless it says otherwise. */
export interface Reply {
  readonly status?: number
  readonly data: unknown
  readonly additional_data?: unknown
}

/** Refuses a call in the shape that the API has for it. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string | undefined
  /** Where an endpoint has a shape of its own. */
  readonly body: object | undefined
  constructor(status: number, error: string, code?: string, body?: object) {
    super(error)
    this.status = status
    this.code = code
    this.body = body
  }
}

export interface Request {
  readonly account: Account
  readonly state: State
  readonly limits: Limits
  /** Of the path. */
  readonly id: number
  /** Of the path, where it is a field's. */
  readonly code: string
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
  readonly by: Actor
}

export interface Endpoint {
  readonly method: string
  readonly path: RegExp
  /** What it costs (x-token-cost of the API's specification). */
  readonly tokens: number
  readonly isSearch?: boolean
  readonly answer: (request: Request) => Reply
}

const VALIDATION = 'ERR_SCHEMA_VALIDATION_FAILED'

/** The 400 of a field, in the words that the service was seen to use. */
export const invalid = (name: string, text = 'Invalid value'): Refusal =>
  new Refusal(400, `Validation failed: ${name}: ${text}`, VALIDATION)

export const notFound = (what = 'Record'): Refusal => new Refusal(404, `${what} not found`, 'ERR_NOT_FOUND')

/** The body or query by its schema; anything else is a 400 that names the first fault. */
export function checked<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = issue?.path.map(String) ?? []
  if (issue?.code !== 'unrecognized_keys') throw invalid(path.join('.') || 'body', issue?.message)
  const name = issue.keys[0] ?? ''
  throw invalid([...path, name].join('.'), `Parameter '${name}' is not allowed for this request`)
}

/** Of a call that has no parameters. */
export const takesNone = (query: Readonly<Record<string, string>>): object => checked(z.strictObject({}), query)

/** Leaves out what was not given. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined)
  // Only undefined values were taken out.
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

export const id = z.int().min(1)
export const idText = z
  .string()
  .regex(/^[1-9]\d*$/)
  .transform(Number)
export const bool = z.enum(['true', 'false']).transform((text) => text === 'true')
const rfc3339 = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const upTo = (most: number) => idText.refine((value) => value <= most, `must not be more than ${most}`).default(100)
const list = z.string().transform((text) => text.split(','))
const cursor = z
  .string()
  .transform((text) => Buffer.from(text, 'base64').toString())
  .refine((text) => /^\d+\|/.test(text), 'Cursor is invalid')

export const paging = { limit: upTo(500).optional(), cursor: cursor.optional() }
export const order = {
  sort_by: z.enum(['id', 'update_time', 'add_time']).optional(),
  sort_direction: z.enum(['asc', 'desc']).optional(),
}
export const since = { updated_since: rfc3339.optional(), updated_until: rfc3339.optional() }
export const shown = {
  custom_fields: list.refine((keys) => keys.length <= 15, 'at most 15 keys').optional(),
  include_fields: z.string().optional(),
  include_option_labels: bool.optional(),
  include_labels: bool.optional(),
}
export const ids = list
  .refine((all) => all.length <= 100 && all.every((one) => /^\d+$/.test(one)), 'up to 100 ids')
  .transform((all) => all.map(Number))
  .optional()
/** The per-entity searches refuse more than 100, whatever the documentation says (seen on the live service). */
export const searching = {
  term: z.string(),
  exact_match: bool.optional(),
  limit: upTo(100).optional(),
  cursor: cursor.optional(),
}

interface Paged {
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
  readonly sort_by?: 'id' | 'update_time' | 'add_time' | undefined
  readonly sort_direction?: 'asc' | 'desc' | undefined
}

interface Sortable {
  readonly id: number
  readonly add_time?: string
  readonly update_time?: string
}

/** One page, after the cursor: the last id and what it was sorted by, in base64. */
export function page<T extends Sortable>(all: readonly T[], wanted: Paged, show: (one: T) => unknown): Reply {
  const { limit = 100, cursor: after, sort_by = 'id', sort_direction = 'asc' } = wanted
  const way = sort_direction === 'asc' ? 1 : -1
  const key = (one: T): string => (sort_by === 'id' ? '' : (one[sort_by] ?? ''))
  const compare = (a: readonly [string, number], b: readonly [string, number]): number =>
    way * (a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? -1 : 1)
  const sorted = [...all].sort((a, b) => compare([key(a), a.id], [key(b), b.id]))
  const mark = after?.split('|')
  const rest = mark ? sorted.filter((one) => compare([key(one), one.id], [mark[1] ?? '', Number(mark[0])]) > 0) : sorted
  const data = rest.slice(0, limit)
  const last = data.at(-1)
  const next = rest.length > limit && last ? Buffer.from(`${last.id}|${key(last)}`).toString('base64') : null
  return { data: data.map(show), additional_data: { next_cursor: next } }
}

/** Search hits in their envelope. */
export function found<T extends Sortable>(hits: readonly T[], wanted: Paged, show: (one: T) => object): Reply {
  const { data, additional_data } = page(hits, wanted, (one) => ({ result_score: 1, item: show(one) }))
  return { data: { items: data }, additional_data }
}

/** At least two characters, one where the whole value is meant. */
export function checkTerm(term: string, isExact: boolean): void {
  if (term.length < (isExact ? 1 : 2)) throw invalid('term', 'must be at least 2 characters long')
}

export const within = (
  wanted: { readonly updated_since?: number | undefined; readonly updated_until?: number | undefined },
  at: string,
): boolean =>
  (wanted.updated_since === undefined || Date.parse(at) >= wanted.updated_since) &&
  (wanted.updated_until === undefined || Date.parse(at) < wanted.updated_until)

/** A filter that was not given lets everything pass. */
export const is = <T>(wanted: T | undefined, value: T | null): boolean => wanted === undefined || wanted === value

export function living<T extends { id: number; is_deleted: boolean }>(all: readonly T[], wanted: number): T {
  const one = all.find((record) => record.id === wanted && !record.is_deleted)
  if (!one) throw notFound()
  return one
}

/** A link in a body to a record that is not there is a 400. */
export function linked<T extends { id: number; is_deleted: boolean }>(
  name: string,
  all: readonly T[],
  wanted: number | null | undefined,
): number | null {
  if (wanted === undefined || wanted === null) return null
  if (!all.some((one) => one.id === wanted && !one.is_deleted)) throw invalid(name, 'no such record')
  return wanted
}

/** A user who is there and active; which code the service gives for another is not documented. */
export function activeOwner(state: State, wanted: number | undefined, name = 'owner_id'): number | undefined {
  if (wanted === undefined) return undefined
  const user = state.users.find((one) => one.id === wanted)
  if (!user?.active_flag || user.is_deleted) throw invalid(name, 'User is not active')
  return wanted
}
