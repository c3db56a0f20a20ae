import type { Context } from 'koa'
import type { AddressOf, Identify } from '../http/mount.js'
import type { AnyRoute, Caller } from '../http/route.js'
import { AppError } from '../lib/errors.js'
import type { Cookie, Pagina } from './cookie.js'
import { requireSameOrigin } from './same-origin.js'
import type { Sessao, Sessoes } from './sessoes.js'
import { sayUnchanged } from './unchanged.js'

export interface BySession {
  readonly pagina: Pagina
  readonly cookie: Cookie
  readonly sessoes: Sessoes
  readonly addressOf: AddressOf
  readonly now: () => Date
  /** Paths that a wall may ask for, of this page. */
  readonly wall: ReadonlySet<string>
}

/** Nobody is signed in, or not any more. */
export const noSession = (): AppError =>
  new AppError(401, 'Entre de novo: a sessão acabou', { extra: { motivo: 'sem_sessao' } })

/** Callers by the cookie of their page, and by nothing else: an API key in the header opens none of these routes. */
export function bySession(options: BySession): Identify {
  const { cookie, sessoes, addressOf } = options
  return (one) => async (ctx, next) => {
    ctx.state.rota = one.path
    ctx.state.address = addressOf(ctx.req)
    ctx.set('Cache-Control', 'no-store')
    requireSameOrigin(ctx)
    if (one.scopes !== 'aberto') {
      const token = cookie.read(ctx)
      const sessao = token === '' ? undefined : await sessoes.who(token)
      if (!sessao) throw noSession()
      requireAllowed(options, one, sessao)
      ctx.state.caller = callerOf(sessao)
      if (one.path.endsWith('/api/sessao')) prolong(options, ctx, token, sessao)
    }
    await next()
    if (one.method === 'get') sayUnchanged(ctx)
  }
}

const callerOf = ({ id, tipo, escopos, consultor_id }: Sessao): Caller => ({
  id: consultor_id === undefined ? `${tipo === 'parede' ? 'parede' : 'painel'}:${id}` : `eu:${consultor_id}`,
  escopos,
  sessao: id,
  ...(consultor_id !== undefined && { consultor_id }),
})

/** Throws 401 for a session of another page, 403 for what this one may not do. */
function requireAllowed({ pagina, wall }: BySession, { path, scopes }: AnyRoute, sessao: Sessao): void {
  const isOfSeller = sessao.tipo === 'consultor'
  if (isOfSeller !== (pagina === 'eu')) throw noSession()
  if (isOfSeller) return
  if (sessao.tipo === 'parede') {
    if (!wall.has(path)) throw new AppError(403, 'Esta tela só mostra a vez', { extra: { motivo: 'parede' } })
    return
  }
  const mayChange = sessao.escopos.includes('admin')
  if (mayChange || (sessao.escopos.includes('leitura') && scopes.includes('leitura'))) return
  throw new AppError(403, 'A chave com que você entrou só olha: para mudar é preciso uma de escopo `admin`', {
    extra: { motivo: 'so_leitura' },
  })
}

/** A seller's session lasts from its last use on: the browser is told so by each page that he opens. */
function prolong({ cookie, now }: BySession, ctx: Context, token: string, { tipo, vence_em }: Sessao): void {
  if (tipo === 'consultor') ctx.set(cookie.set(token, (vence_em.getTime() - now().getTime()) / 1_000))
}
