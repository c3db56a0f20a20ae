import type { z } from 'zod'
import { type Problem, unprocessable } from '../lib/errors.js'
import { portuguese, REQUIRED } from './portuguese.js'
import type { AnyRoute, Parts } from './route.js'
import { unknownFields, unknownName, unknownNames } from './unknown.js'

const PARTS = [
  ['params', 'path'],
  ['query', 'query'],
  ['headers', 'header'],
  ['body', 'body'],
] as const

/** Of a header or a parameter that may come once. */
export const TWICE = 'Veio mais de uma vez: envie só um'
/** Of a body that a route does not read. */
export const NO_BODY = 'Esta rota não recebe corpo: tire-o do pedido'
/** Problems that are told of at once. */
const MAX_PROBLEMS = 100

/** Every part of a request by its schema. Throws a 422 that lists all problems of all parts. */
export function parseAll(one: AnyRoute, given: Parts): Parts {
  const raw = { ...given, body: withoutFixed(one, given.body) }
  const problems: Problem[] = one.ignoresUnknown ? [] : unknownOf(one, raw)
  const parsed: Record<keyof Parts, unknown> = {
    params: undefined,
    query: undefined,
    headers: undefined,
    body: undefined,
  }
  for (const [part, where] of PARTS) {
    const schema = one[part]
    if (!schema || (part === 'body' && one.bodyOptional && isAbsent(raw.body))) continue
    const result = schema.safeParse(raw[part], { error: portuguese, reportInput: true })
    if (result.success) parsed[part] = result.data
    else problems.push(...result.error.issues.slice(0, MAX_PROBLEMS).flatMap((issue) => toProblems([where], issue)))
  }
  if (problems.length > 0) throw unprocessable(problems.slice(0, MAX_PROBLEMS))
  return parsed
}

/** What was sent and is read by nobody: parameters, and fields of the body, also nested ones. */
export function ignoredBy(one: AnyRoute, { query, body }: Parts): string[] {
  const { fixed = [], ignoresUnknown } = one
  if (ignoresUnknown) return [...unknownParameters(one, query), ...unknownFields(one.body, body)]
  return fixed.filter((name) => Object.hasOwn(Object(body), name))
}

const unknownParameters = ({ query }: AnyRoute, given: unknown): string[] =>
  Object.keys(Object(given)).filter((name) => !Object.hasOwn(query?.shape ?? {}, name))

/** Unknown parameters, and the body of a route that has none; unknown fields of a body are found by its schema. */
function unknownOf(one: AnyRoute, { query, body }: Parts): Problem[] {
  const known = Object.keys(one.query?.shape ?? {})
  return [
    ...unknownNames('query', [], unknownParameters(one, query), (name) => unknownName('query', name, known)),
    ...(one.body ? [] : unknownNames('body', [], Object.keys(Object(body)), () => NO_BODY)),
  ]
}

function withoutFixed({ fixed = [] }: AnyRoute, body: unknown): unknown {
  if (fixed.length === 0 || typeof body !== 'object' || body === null || Array.isArray(body)) return body
  return Object.fromEntries(Object.entries(body).filter(([name]) => !fixed.includes(name)))
}

const isAbsent = (body: unknown): boolean =>
  body === undefined || (body instanceof Object && Object.keys(body).length === 0)

/** In the shape and with the type names that FastAPI used, as far as there is one. Unknown fields are a problem each. */
export function toProblems(where: readonly string[], issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
  if (issue.code !== 'unrecognized_keys') return [toProblem([...where, ...path], issue)]
  const messages = issue.message.split('\n')
  return unknownNames('body', [...where.slice(1), ...path], issue.keys, (_, index) => messages[index] ?? '')
}

function toProblem(loc: Problem['loc'], issue: z.core.$ZodIssue): Problem {
  if (issue.message.startsWith(REQUIRED)) return { loc, msg: issue.message, type: 'missing' }
  if (loc[0] === 'query' && Array.isArray(issue.input)) return { loc, msg: TWICE, type: 'value_error' }
  return { loc, msg: issue.message, type: issue.code === 'custom' ? 'value_error' : issue.code }
}
