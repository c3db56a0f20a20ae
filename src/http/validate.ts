import type { z } from 'zod'
import { type Problem, unprocessable } from '../lib/errors.js'
import { portuguese } from './portuguese.js'
import type { AnyRoute, Parts } from './route.js'

const PARTS = [
  ['params', 'path'],
  ['query', 'query'],
  ['headers', 'header'],
  ['body', 'body'],
] as const

/** Every part of a request by its schema. Throws a 422 that lists all problems of all parts. */
export function parseAll(one: AnyRoute, raw: Parts): Parts {
  const problems: Problem[] = []
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
    else problems.push(...result.error.issues.map((issue) => toProblem([where], issue)))
  }
  if (problems.length > 0) throw unprocessable(problems)
  return parsed
}

const isAbsent = (body: unknown): boolean =>
  body === undefined || (body instanceof Object && Object.keys(body).length === 0)

/** In the shape and with the type names that FastAPI used, as far as there is one. */
export function toProblem(where: readonly string[], issue: z.core.$ZodIssue): Problem {
  const loc = [...where, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))]
  if (issue.code === 'invalid_type' && issue.input === undefined)
    return { loc, msg: 'Campo obrigatório', type: 'missing' }
  return { loc, msg: issue.message, type: issue.code === 'custom' ? 'value_error' : issue.code }
}
