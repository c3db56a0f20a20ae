import { randomUUID } from 'node:crypto'
import type { Middleware } from 'koa'
import type { Clock } from '../lib/clock.js'
import type { Logger } from '../lib/logger.js'
import type { Metrics } from '../lib/metrics.js'

const WELL_FORMED = /^[\w.:-]{1,128}$/

/** Gives the request its id, and logs one line when it is answered, with the route's pattern instead of the URL. */
export const log =
  (logger: Logger, metrics: Metrics, clock: Clock): Middleware =>
  async (ctx, next) => {
    const started = clock.elapsed()
    const given = ctx.get('X-Request-Id')
    const id = WELL_FORMED.test(given) ? given : randomUUID()
    ctx.state.requestId = id
    ctx.set('X-Request-Id', id)
    try {
      await next()
    } finally {
      const ms = clock.elapsed() - started
      const { rota = 'outra', caller } = ctx.state
      const method = KNOWN_METHODS.has(ctx.method) ? ctx.method : 'outro'
      metrics.request(method, rota, ctx.status, ms / 1_000)
      logger.info({ id, metodo: method, rota, status: ctx.status, ms: Math.round(ms * 10) / 10, chave: caller?.id })
    }
  }

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH'])
