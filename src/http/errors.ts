import type { Middleware } from 'koa'
import { AppError, unavailable } from '../lib/errors.js'
import { describe, type Logger } from '../lib/logger.js'

const TEXTS: Readonly<Record<number, string>> = {
  400: 'Requisição inválida: confira o endereço; depois de cada % vêm dois dígitos hexadecimais',
  404: 'Rota não encontrada: as que há estão em /docs',
}

/** The one exit for whatever is thrown: `{detail}` in Portuguese, never a stack or a driver's text. */
export const errors =
  (logger: Logger): Middleware =>
  async (ctx, next) => {
    try {
      await next()
      if (ctx.status >= 400 && ctx.body == null) {
        const { status } = ctx
        ctx.body = { detail: TEXTS[status] ?? 'Requisição recusada' }
        ctx.status = status
      }
    } catch (error) {
      const known = toAppError(error)
      if (known.status >= 500) {
        logger[known.status === 500 ? 'error' : 'warn'](
          { id: ctx.state.requestId, rota: ctx.state.rota, ...describe(error) },
          'request failed',
        )
      }
      ctx.set({ ...known.headers })
      ctx.body = { detail: known.detail, ...known.extra }
      ctx.status = known.status
    }
  }

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const { name, status } = Object(error) as { name?: unknown; status?: unknown }
  if (typeof name === 'string' && name.startsWith('Mongo')) return unavailable()
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new AppError(status, TEXTS[status] ?? 'Requisição inválida')
  }
  return new AppError(500, 'Erro interno')
}
