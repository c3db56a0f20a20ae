import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { Counter } from 'prom-client'
import type { ChatEvent, ChatReply, WebhookRequest } from '../../integrations/contract.js'
import { ADAPTERS } from '../../integrations/index.js'
import { AppError, unavailable } from '../lib/errors.js'
import { describe } from '../lib/logger.js'
import type { Canal } from './accounts.js'
import { Batches } from './batch.js'
import { believe, open } from './believe.js'
import { Bodies } from './body.js'
import type { ChatDeps } from './deps.js'
import { boundedKinds, especieOf, type RequestRefusal } from './event-entry.js'
import { receive } from './receive.js'
import { ignored } from './result.js'
import { RESERVED } from './schema.js'

/** Keeps what became of an event, for administrators and for the metric of its kind. */
type Note = (canal: Canal, event: ChatEvent, reply: ChatReply) => void

/**
 * `POST /webhooks/{plataforma}/{slug}`, with the secret behind it where the platform can neither sign nor send a header, and
 * one event segment where Evolution appends it. What is not believed is never parsed.
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
  const batches = new Batches(deps.clock)
  const bodies = new Bodies(deps.clock)
  const keys = sameKeys(deps)
  const take: Middleware = async (ctx) => {
    const opening = await open(deps, ctx)
    const body = await bodies.read(ctx.req, opening.reading)
    try {
      const { canal, request } = await believe(deps, ctx, opening, body)
      batches.admit(canal.slug)
      const replies = await respond(deps, ctx, canal, request, { batches, note })
      for (const { situacao } of replies) received.inc({ plataforma: canal.plataforma, situacao })
    } finally {
      body.release()
    }
  }
  return routerOf((ctx, next) => keys(ctx, () => take(ctx, next)))
}

/** A secret and an event may stand behind the account's name. */
const BEHIND = ['', '/:a', '/:a/:b'] as const

const NAMES: ReadonlySet<string | undefined> = new Set([RESERVED, ...ADAPTERS.map(({ plataforma }) => plataforma)])

function routerOf(take: Middleware): Router {
  const router = new Router()
  for (const rest of BEHIND) {
    for (const { plataforma, handshake } of ADAPTERS) {
      router.register(`/webhooks/${plataforma}/:slug${rest}`, handshake ? ['get', 'post'] : ['post'], (ctx, next) => {
        ctx.params.plataforma = plataforma
        return take(ctx, next)
      })
    }
    // A name that is no platform's is answered like an account that does not exist.
    router.register(`/webhooks/:plataforma/:slug${rest}`, ['get', 'post'], (ctx, next) =>
      NAMES.has(ctx.params.plataforma) ? next() : take(ctx, next),
    )
  }
  return router
}

/** Refusals that have a status of their own. */
const REFUSALS: Readonly<Record<number, RequestRefusal>> = { 413: 'corpo_grande', 429: 'limite' }

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
      const refusal = error instanceof AppError ? REFUSALS[error.status] : undefined
      if (canal && refusal) events.refused(canal, refusal)
      const { status, detail, headers, extra } = error instanceof AppError ? error : unavailable()
      throw new AppError(status, detail, { headers: { ...headers }, extra: { ...ignored('erro'), ...extra } })
    }
  }

/** Takes the request's events and writes what the platform is answered. Returns what became of them. */
async function respond(
  deps: ChatDeps,
  ctx: Context,
  canal: Canal,
  request: WebhookRequest,
  { batches, note }: { readonly batches: Batches; readonly note: Note },
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
  const isAlive = (): boolean => !ctx.req.socket.destroyed
  // Looked for once for each account that is named: a look checks the signature of the whole body.
  const owners = new Map<string | undefined, Promise<Canal | undefined>>()
  const replies = await batches.take(canal.slug, events, async (event) => {
    const found = owners.get(event.conta) ?? ownerOf(deps, canal, request, event)
    owners.set(event.conta, found)
    const owner = await found
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
async function ownerOf(
  { contas, clock }: ChatDeps,
  canal: Canal,
  request: WebhookRequest,
  event: ChatEvent,
): Promise<Canal | undefined> {
  const { adapter, conta, plataforma } = canal
  const named = event.conta
  if (!adapter.accountIdOf || named === undefined || adapter.accountIdOf(conta.ajustes) === named) return canal
  const find = (): Canal | undefined =>
    contas
      .all()
      .find(
        (one) =>
          one.ativo &&
          one.plataforma === plataforma &&
          adapter.accountIdOf?.(one.conta.ajustes) === named &&
          adapter.verify(request, one.conta, clock.now()).authentic,
      )
  const known = find()
  if (known) return known
  await contas.recheck()
  return find()
}
