import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { AppError } from '../lib/errors.js'
import { type Authenticate, authorize } from './auth.js'
import type { AnyRoute } from './route.js'
import { parseAll } from './validate.js'

const MAX_BODY = '100kb'

const parseJson = bodyParser({
  enableTypes: ['json'],
  jsonLimit: MAX_BODY,
  onError: (error) => {
    const status = 'status' in error ? error.status : undefined
    if (status === 413) throw new AppError(413, 'Corpo da requisição maior que 100 kB')
    if (status === 415) throw new AppError(415, 'Codificação do corpo não suportada')
    throw new AppError(400, 'JSON inválido')
  },
})

/** A router that answers these routes. */
export function mount(routes: readonly AnyRoute[], authenticate: Authenticate): Router {
  const router = new Router()
  for (const one of routes) {
    const stack: Middleware[] = [identify(one, authenticate)]
    if (one.body) stack.push(refuseOtherTypes, parseJson)
    router.register(one.path, [one.method], [...stack, handle(one)])
  }
  return router
}

/** Who calls, and whether they may; a GET that takes something is no answer to HEAD. */
function identify(one: AnyRoute, authenticate: Authenticate): Middleware {
  return async (ctx, next) => {
    ctx.state.rota = one.path
    if (one.takes && ctx.method !== one.method.toUpperCase()) {
      throw new AppError(405, 'Método não permitido', { headers: { Allow: one.method.toUpperCase() } })
    }
    if (one.takes) ctx.set('Cache-Control', 'no-store')
    if (one.scopes !== 'aberto') {
      ctx.state.caller = await authenticate(ctx.get('api-key'))
      authorize(ctx.state.caller, one.scopes)
    }
    await next()
  }
}

/** A request without a body needs no content type, also where `Content-Length: 0` says that there is none. */
const refuseOtherTypes: Middleware = async (ctx, next) => {
  if (ctx.request.length !== 0 && ctx.request.is('json', '+json') === false)
    throw new AppError(415, 'Envie o corpo como application/json')
  await next()
}

function handle(one: AnyRoute): Middleware {
  return async (ctx) => {
    const { params, query, headers } = ctx
    const input = parseAll(one, { params, query, headers, body: ctx.request.body })
    const result = await one.handler({ ...input, caller: ctx.state.caller, isAlive: () => isAlive(ctx) })
    ctx.set({ ...result.headers })
    ctx.body = one.returns.parse(result.body)
  }
}

/** Is the client still connected? Asks the socket: a request that was read to its end counts as destroyed too. */
const isAlive = (ctx: Context): boolean => !ctx.req.socket.destroyed && !ctx.res.destroyed
