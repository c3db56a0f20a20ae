import { randomBytes } from 'node:crypto'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import type { ChatEvent, ChatReply, WebhookRequest } from '../../integrations/contract.js'
import { unauthorized } from '../http/auth.js'
import { readRaw } from '../http/raw.js'
import type { Clock } from '../lib/clock.js'
import { AppError, unavailable } from '../lib/errors.js'
import { describe, type Logger } from '../lib/logger.js'
import { perKey } from '../lib/per-key.js'
import { sameText } from '../lib/signature.js'
import { TokenBucket } from '../lib/token-bucket.js'
import type { Canal, Contas } from './accounts.js'
import type { ReceiveDeps } from './deps.js'
import { receive } from './receive.js'
import { ignored } from './result.js'
import { RESERVED } from './schema.js'

const MAX_BODY_BYTES = 3_000_000
const PER_SECOND = 500
const BURST = 1_000

export interface WebhookOptions extends ReceiveDeps {
  readonly contas: Contas
  readonly clock: Clock
  readonly logger: Logger
  /** The public address; what a signature over the URL is held against. */
  readonly url: string | undefined
  readonly observer: { received(plataforma: string, situacao: string): void }
}

/** Compared with the given secret where the account does not exist, so that the answer takes as long as for one that does. */
const NOBODYS_SECRET = randomBytes(32).toString('base64url')

/**
 * `POST /webhooks/{plataforma}/{slug}`, with the secret behind it where the platform can neither sign nor send a header, and
 * one event segment where Evolution appends it. Raw bytes are read once and verified before they are parsed.
 */
export function webhookRouter(options: WebhookOptions): Router {
  const bucketOf = perKey(() => new TokenBucket(options.clock, PER_SECOND, BURST))
  const take: Middleware = async (ctx) => {
    // Read first, also where there is no such account: a refused body must not show which accounts exist.
    const corpo = await readRaw(ctx.req, MAX_BODY_BYTES)
    const canal = activeOf(options.contas, ctx)
    const chegada = arrive(ctx, canal, corpo, options.url)
    verify(options, canal, chegada)
    const wait = bucketOf(canal.slug).take()
    if (wait > 0) {
      const headers = { 'Retry-After': String(Math.ceil(wait / 1_000)) }
      throw new AppError(429, 'Muitas mensagens desta conta; tente novamente', { headers })
    }
    await answer(options, ctx, canal, chegada)
  }
  const router = new Router()
  const paths = ['/webhooks/:plataforma/:slug', '/webhooks/:plataforma/:slug/:a', '/webhooks/:plataforma/:slug/:a/:b']
  const keys = sameKeys(options.logger)
  for (const path of paths) {
    router.register(
      path,
      ['get', 'post'],
      [(ctx, next) => (ctx.params.plataforma === RESERVED ? next() : keys(ctx, () => take(ctx, next)))],
    )
  }
  return router
}

/** Puts the fields of an answer into errors too: a flow that maps them must find them. */
const sameKeys =
  (logger: Logger): Middleware =>
  async (ctx, next) => {
    ctx.state.rota = '/webhooks/:plataforma/:slug'
    try {
      await next()
    } catch (error) {
      if (!(error instanceof AppError)) logger.warn(describe(error), 'an event could not be taken')
      const { status, detail, headers, extra } = error instanceof AppError ? error : unavailable()
      throw new AppError(status, detail, { headers: { ...headers }, extra: { ...ignored('erro'), ...extra } })
    }
  }

/** Unknown, of another platform, or switched off: the same 401 as a wrong secret. */
function activeOf(contas: Contas, ctx: Context): Canal {
  const { plataforma, slug, a } = ctx.params
  const canal = contas.get(slug)
  if (canal?.ativo && canal.plataforma === plataforma) return canal
  sameText(a ?? ctx.get('authorization'), NOBODYS_SECRET)
  throw unauthorized('Webhook não autorizado')
}

function arrive(ctx: Context, { adapter }: Canal, corpo: Buffer, url: string | undefined): WebhookRequest {
  const segments: string[] = [ctx.params.a, ctx.params.b].filter((one) => one !== undefined)
  const known = adapter.pathEvents ?? []
  const [segredoNoCaminho, ...more] = segments.filter((one) => !known.includes(one))
  if (more.length > 0) throw unauthorized('Webhook não autorizado')
  return {
    method: ctx.method === 'POST' ? 'POST' : 'GET',
    url: (url?.replace(/\/$/, '') ?? `${ctx.protocol}://${ctx.host}`) + ctx.url,
    headers: Object.fromEntries(
      Object.entries(ctx.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join() : value]),
    ),
    body: corpo,
    ...(segredoNoCaminho !== undefined && { pathSecret: segredoNoCaminho }),
  }
}

function verify({ clock, logger }: WebhookOptions, canal: Canal, chegada: WebhookRequest): void {
  const { adapter, conta, slug } = canal
  const verdict = adapter.verify(chegada, conta, clock.now())
  if (verdict.authentic) return
  logger.warn({ canal: slug, motivo: verdict.reason }, 'a webhook was refused')
  throw unauthorized('Webhook não autorizado')
}

async function answer(options: WebhookOptions, ctx: Context, canal: Canal, chegada: WebhookRequest): Promise<void> {
  const { adapter, conta, plataforma } = canal
  const eventos = adapter.parse(chegada, conta)
  const [first] = eventos
  if (first?.tipo === 'verificacao') {
    ctx.type = 'text/plain'
    ctx.body = first.resposta
    return
  }
  if (chegada.method === 'GET') throw new AppError(405, 'Método não permitido', { headers: { Allow: 'POST' } })
  const isAlive = (): boolean => !ctx.req.socket.destroyed
  const resultados = await inOrder(eventos, async (evento) => {
    const whose = ownerOf(options, canal, chegada, evento)
    return whose ? receive(options, whose, evento, isAlive) : ignored('outra_conta')
  })
  for (const { situacao } of resultados) options.observer.received(plataforma, situacao)
  const isRead = adapter.replyReader(conta.ajustes) !== 'nobody'
  const told = isRead ? resultados : resultados.map((one) => ({ ...one, texto: '' }))
  const { status, contentType: tipo, body: corpo } = adapter.reply(told, eventos, conta)
  ctx.status = status
  ctx.type = tipo
  ctx.set('Cache-Control', 'no-store')
  ctx.body = corpo
}

/** Whose event this is: the account's that was called, or one of the same platform that finds the request authentic as well. */
function ownerOf(
  { contas, clock }: WebhookOptions,
  canal: Canal,
  chegada: WebhookRequest,
  evento: ChatEvent,
): Canal | undefined {
  const { adapter, conta, plataforma } = canal
  const named = evento.conta
  if (!adapter.accountIdOf || named === undefined || adapter.accountIdOf(conta.ajustes) === named) return canal
  return contas
    .all()
    .find(
      (one) =>
        one.ativo &&
        one.plataforma === plataforma &&
        adapter.accountIdOf?.(one.conta.ajustes) === named &&
        adapter.verify(chegada, one.conta, clock.now()).authentic,
    )
}

/**
 * Messages of one customer one after the other, several customers at once. One that could not be made durable makes the whole
 * answer a 503: the others are known by their keys when the platform repeats it.
 */
async function inOrder(
  eventos: readonly ChatEvent[],
  work: (evento: ChatEvent) => Promise<ChatReply>,
): Promise<readonly ChatReply[]> {
  const chains = new Map<string, Promise<unknown>>()
  const all = eventos.map((evento) => {
    const thread = evento.conversa ?? ''
    const mine = (chains.get(thread) ?? Promise.resolve()).then(() => work(evento))
    chains.set(
      thread,
      mine.catch(() => undefined),
    )
    return mine
  })
  const settled = await Promise.allSettled(all)
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
}
