import Router from '@koa/router'
import type { Context } from 'koa'
import { z } from 'zod'
import type { Identify } from '../http/mount.js'
import { type AnyRoute, type Caller, route } from '../http/route.js'
import type { Hub, Viewer } from './stream.js'

/** How a page is told of changes. The answer never ends, so it is no ordinary route: this says who may ask. */
const told = (path: string, tag: string): AnyRoute =>
  route({
    method: 'get',
    path,
    tag,
    summary: 'Diz cada mudança, enquanto a página está aberta',
    scopes: ['leitura'],
    returns: z.unknown(),
    handler: async () => ({ body: undefined }),
  })

export const AO_VIVO = { painel: '/painel/api/ao-vivo', eu: '/eu/api/ao-vivo' } as const

interface Live {
  readonly hub: Hub
  readonly identify: Readonly<Record<'painel' | 'eu', Identify>>
  /** Is this session still one? */
  readonly isHeld: (sessao: string) => Promise<boolean>
}

/** The streams of `/painel` and `/eu`. */
export function liveRouter({ hub, identify, isHeld }: Live): Router {
  const router = new Router()
  for (const pagina of ['painel', 'eu'] as const) {
    const path = AO_VIVO[pagina]
    router.get(path, identify[pagina](told(path, pagina)), (ctx: Context) => {
      const viewer = viewerOf(ctx.state.caller)
      // No proxy may keep it back, or change it.
      ctx.set({ 'Cache-Control': 'no-store, no-transform', 'X-Accel-Buffering': 'no' })
      ctx.type = 'text/event-stream; charset=utf-8'
      ctx.status = 200
      if (ctx.method === 'HEAD') return
      ctx.body = hub.subscribe(viewer, () => isHeld(viewer.sessao))
      ctx.type = 'text/event-stream; charset=utf-8'
    })
  }
  return router
}

function viewerOf({ id, sessao = '', consultor_id }: Caller): Viewer {
  if (consultor_id !== undefined) return { tipo: 'consultor', sessao, consultor_id }
  return { tipo: id.startsWith('parede:') ? 'parede' : 'gestor', sessao }
}
