import type { Context, Middleware } from 'koa'
import { AppError } from '../lib/errors.js'
import type { AnyRoute } from './route.js'

/** What the router found for a path, whatever the method. */
interface Matched {
  readonly path: string
  readonly methods: readonly string[]
}

type Methods = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Answers 405 with what a path does take, and OPTIONS with the same; methods that nobody knows (TRACE, PROPFIND) are no exception.
 * A path that is written out, like `/consultor/da-vez`, is never taken for a pattern, like `/consultor/:id`.
 */
export function methods(routes: readonly AnyRoute[]): Middleware {
  const known = methodsOf(routes)
  return async (ctx, next) => {
    const own = known.get(asWritten(ctx.path))
    if (own && !own.has(ctx.method)) return refuse(ctx, own)
    await next()
    if (ctx.status !== 404 || ctx.body != null) return
    const matched: readonly Matched[] = ctx.matched ?? []
    const [first] = matched
    if (!first) return
    const taken = matched.filter(({ path }) => path === first.path).flatMap((one) => one.methods)
    // A route of this method may have found nothing.
    if (!taken.includes(ctx.method)) refuse(ctx, known.get(first.path) ?? new Set(taken))
  }
}

/** The router takes a path with a slash behind it, as the old system did, and in any case. */
const asWritten = (path: string): string => path.toLowerCase().replace(/(?<=.)\/$/, '')

function methodsOf(routes: readonly AnyRoute[]): Methods {
  const known = new Map<string, Set<string>>()
  for (const { path, method, takes } of routes) {
    const own = known.get(path) ?? new Set()
    own.add(method.toUpperCase())
    // HEAD of a GET that takes something would take it.
    if (method === 'get' && !takes) own.add('HEAD')
    known.set(path, own)
  }
  return known
}

function refuse(ctx: Context, taken: ReadonlySet<string>): void {
  const names = [...taken].sort()
  const headers = { Allow: names.join(', ') }
  if (ctx.method !== 'OPTIONS')
    throw new AppError(405, `Método não permitido neste endereço: use ${names.join(', ')}`, { headers })
  ctx.set(headers)
  ctx.body = ''
  ctx.status = 200
}
