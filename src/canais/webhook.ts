import { randomBytes } from 'node:crypto'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { Counter } from 'prom-client'
import type { ChatEvent, ChatReply, WebhookRequest } from '../../integrations/contract.js'
import { unauthorized } from '../http/auth.js'
import { readRaw } from '../http/raw.js'
import { AppError, unavailable } from '../lib/errors.js'
import { describe } from '../lib/logger.js'
import { perKey } from '../lib/per-key.js'
import { sameText } from '../lib/signature.js'
import { TokenBucket } from '../lib/token-bucket.js'
import type { Canal } from './accounts.js'
import type { ChatDeps } from './deps.js'
import { boundedKinds, especieOf } from './event-entry.js'
import { receive } from './receive.js'
import { ignored } from './result.js'
import { RESERVED } from './schema.js'

const MAX_BODY_BYTES = 3_000_000
const PER_SECOND = 500
const BURST = 1_000

/** Keeps what became of an event, for administrators and for the metric of its kind. */
type Note = (canal: Canal, event: ChatEvent, reply: ChatReply) => void

/** Compared with the given secret where the account does not exist, so that the answer takes as long as for one that does. */
const NOBODYS_SECRET = randomBytes(32).toString('base64url')

/**
 * `POST /webhooks/{plataforma}/{slug}`, with the secret behind it where the platform can neither sign nor send a header, and
 * one event segment where Evolution appends it. Raw bytes are read once and verified before they are parsed.
 */
export function webhookRouter(deps: ChatDeps): Router {
  const received = new Counter({
    name: 'webhook_eventos_total',
    help: 'Eventos recebidos, por plataforma e situação',
    labelNames: ['plataforma', 'situacao'],
    registers: [deps.registry],
  })
  const unasked = new Counter({
    name: 'webhook_ignorados_total',
    help: 'Eventos que não pegaram a vez, por plataforma, motivo e espécie',
    labelNames: ['plataforma', 'motivo', 'especie'],
    registers: [deps.registry],
  })
  const kindOf = boundedKinds()
  const note: Note = (canal, event, reply) => {
    deps.events.took(canal, event, reply)
    if (reply.situacao !== 'ignorado') return
    const { plataforma } = canal
    const especie = kindOf(plataforma, especieOf(event))
    unasked.inc({ plataforma, motivo: reply.motivo ?? '', especie })
  }
  const bucketOf = perKey(() => new TokenBucket(deps.clock, PER_SECOND, BURST))
  const take: Middleware = async (ctx) => {
    // Read first, also where there is no such account: a refused body must not show which accounts exist.
    const body = await readRaw(ctx.req, MAX_BODY_BYTES)
    const canal = activeOf(deps, ctx)
    const request = toRequest(deps, ctx, canal, body)
    verify(deps, canal, request)
    const wait = bucketOf(canal.slug).take()
    if (wait > 0) {
      deps.events.refused(canal, 'limite')
      const headers = { 'Retry-After': String(Math.ceil(wait / 1_000)) }
      throw new AppError(429, 'Muitas mensagens desta conta; tente novamente', { headers })
    }
    const replies = await respond(deps, ctx, canal, request, note)
    for (const { situacao } of replies) received.inc({ plataforma: canal.plataforma, situacao })
  }
  const router = new Router()
  const paths = ['/webhooks/:plataforma/:slug', '/webhooks/:plataforma/:slug/:a', '/webhooks/:plataforma/:slug/:a/:b']
  const keys = sameKeys(deps)
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
  ({ logger, contas, events }: ChatDeps): Middleware =>
  async (ctx, next) => {
    ctx.state.rota = '/webhooks/:plataforma/:slug'
    try {
      await next()
    } catch (error) {
      if (!(error instanceof AppError)) logger.warn(describe(error), 'an event could not be taken')
      const canal = contas.get(ctx.params.slug)
      if (canal && error instanceof AppError && error.status === 413) events.refused(canal, 'corpo_grande')
      const { status, detail, headers, extra } = error instanceof AppError ? error : unavailable()
      throw new AppError(status, detail, { headers: { ...headers }, extra: { ...ignored('erro'), ...extra } })
    }
  }

/** Unknown, of another platform, or switched off: the same 401 as a wrong secret. */
function activeOf({ contas, events }: ChatDeps, ctx: Context): Canal {
  const { plataforma, slug, a } = ctx.params
  const canal = contas.get(slug)
  if (canal?.ativo && canal.plataforma === plataforma) return canal
  if (canal) events.refused(canal, canal.ativo ? 'outra_plataforma' : 'conta_inativa')
  sameText(a ?? ctx.get('authorization'), NOBODYS_SECRET)
  throw unauthorized('Webhook não autorizado')
}

function toRequest({ config, events }: ChatDeps, ctx: Context, canal: Canal, body: Buffer): WebhookRequest {
  const { adapter } = canal
  const url = config.API_URL
  const segments: string[] = [ctx.params.a, ctx.params.b].filter((one) => one !== undefined)
  const known = adapter.pathEvents ?? []
  const [pathSecret, ...more] = segments.filter((one) => !known.includes(one))
  if (more.length > 0) {
    events.refused(canal, 'endereco_errado')
    throw unauthorized('Webhook não autorizado')
  }
  return {
    method: ctx.method === 'POST' ? 'POST' : 'GET',
    url: (url?.replace(/\/$/, '') ?? `${ctx.protocol}://${ctx.host}`) + ctx.url,
    headers: Object.fromEntries(
      Object.entries(ctx.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join() : value]),
    ),
    body,
    pathSecret,
  }
}

function verify({ clock, logger, events }: ChatDeps, canal: Canal, request: WebhookRequest): void {
  const { adapter, conta, slug } = canal
  const verdict = adapter.verify(request, conta, clock.now())
  if (verdict.authentic) return
  logger.warn({ canal: slug, motivo: verdict.reason }, 'a webhook was refused')
  events.refused(canal, verdict.reason)
  throw unauthorized('Webhook não autorizado')
}

/** Takes the request's events and writes what the platform is answered. Returns what became of them. */
async function respond(
  deps: ChatDeps,
  ctx: Context,
  canal: Canal,
  request: WebhookRequest,
  note: Note,
): Promise<readonly ChatReply[]> {
  const { adapter, conta } = canal
  const events = adapter.parse(request, conta)
  const [first] = events
  if (first?.tipo === 'verificacao') {
    note(canal, first, ignored('verificacao'))
    ctx.type = 'text/plain'
    ctx.body = first.resposta
    return []
  }
  if (request.method === 'GET') throw new AppError(405, 'Método não permitido', { headers: { Allow: 'POST' } })
  const isAlive = (): boolean => !ctx.req.socket.destroyed
  const replies = await inOrder(events, async (event) => {
    const owner = ownerOf(deps, canal, request, event)
    const whose = owner ?? canal
    try {
      const reply = owner ? await receive(deps, owner, event, isAlive) : ignored('outra_conta')
      note(whose, event, reply)
      return reply
    } catch (error) {
      note(whose, event, ignored('erro'))
      throw error
    }
  })
  const isRead = adapter.replyReader(conta.ajustes) !== 'nobody'
  const told = isRead ? replies : replies.map((one) => ({ ...one, texto: '' }))
  const { status, contentType, body } = adapter.reply(told, events, conta)
  ctx.status = status
  ctx.type = contentType
  ctx.set('Cache-Control', 'no-store')
  ctx.body = body
  return replies
}

/** Whose event this is: the account's that was called, or one of the same platform that finds the request authentic as well. */
function ownerOf(
  { contas, clock }: ChatDeps,
  canal: Canal,
  request: WebhookRequest,
  event: ChatEvent,
): Canal | undefined {
  const { adapter, conta, plataforma } = canal
  const named = event.conta
  if (!adapter.accountIdOf || named === undefined || adapter.accountIdOf(conta.ajustes) === named) return canal
  return contas
    .all()
    .find(
      (one) =>
        one.ativo &&
        one.plataforma === plataforma &&
        adapter.accountIdOf?.(one.conta.ajustes) === named &&
        adapter.verify(request, one.conta, clock.now()).authentic,
    )
}

/**
 * Messages of one customer one after the other, several customers at once. One that could not be made durable makes the whole
 * answer a 503: the others are known by their keys when the platform repeats it.
 */
async function inOrder(
  events: readonly ChatEvent[],
  work: (event: ChatEvent) => Promise<ChatReply>,
): Promise<readonly ChatReply[]> {
  const chains = new Map<string, Promise<unknown>>()
  const all = events.map((event) => {
    const thread = event.conversa ?? ''
    const mine = (chains.get(thread) ?? Promise.resolve()).then(() => work(event))
    const ended = mine.catch(() => undefined)
    chains.set(thread, ended)
    return mine
  })
  await Promise.allSettled(all)
  return Promise.all(all)
}
