import { randomBytes } from 'node:crypto'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { Counter } from 'prom-client'
import type {
  ChatEvent,
  ChatReply,
  Refusal,
  Verification,
  WebhookHead,
  WebhookRequest,
} from '../../integrations/contract.js'
import { ADAPTERS } from '../../integrations/index.js'
import { unauthorized } from '../http/auth.js'
import { type RawBody, tooLarge } from '../http/raw.js'
import { AppError, unavailable } from '../lib/errors.js'
import { describe } from '../lib/logger.js'
import { sameText } from '../lib/signature.js'
import type { Canal } from './accounts.js'
import { Batches } from './batch.js'
import { Bodies, MAX_BYTES, type Reading } from './body.js'
import type { ChatDeps } from './deps.js'
import { boundedKinds, especieOf, type RequestRefusal } from './event-entry.js'
import { receive } from './receive.js'
import { ignored } from './result.js'
import { RESERVED } from './schema.js'

/** Keeps what became of an event, for administrators and for the metric of its kind. */
type Note = (canal: Canal, event: ChatEvent, reply: ChatReply) => void

/** Compared with the given secret where the account does not exist, so that the answer takes as long as for one that does. */
const NOBODYS_SECRET = randomBytes(32).toString('base64url')

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
    const opening = open(deps, ctx)
    const body = await bodies.read(ctx.req, opening.reading)
    try {
      const { canal, request } = believe(deps, opening, body)
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

/** What is known of a request before its body is read. */
interface Opening {
  readonly reading: Reading
  /** Absent: there is no such account, or it is refused already. */
  readonly called?: { readonly canal: Canal; readonly head: WebhookHead; verdict(body: Buffer): Verification }
}

/**
 * Whom a request calls, and how its body is to be read. Of one that is refused as much is read as of one to no account at all:
 * the answer must not show which accounts exist.
 */
function open(deps: ChatDeps, ctx: Context): Opening {
  const { clock } = deps
  const canal = activeOf(deps, ctx)
  const head = canal && toHead(deps, ctx, canal)
  if (!canal || !head) return { reading: 'nothing' }
  const { adapter, conta } = canal
  const verify = (body: Buffer): Verification => adapter.verify({ ...head, body }, conta, clock.now())
  if (!adapter.largeEvents) return { reading: 'all', called: { canal, head, verdict: verify } }
  const signature = adapter.beginSignature?.(head, conta, clock.now())
  if (signature) return { reading: { signature }, called: { canal, head, verdict: () => signature.verdict() } }
  const verdict = verify(Buffer.alloc(0))
  if (verdict.authentic) return { reading: { signature }, called: { canal, head, verdict: () => verdict } }
  noteRefusal(deps, canal, verdict.reason)
  return { reading: 'nothing' }
}

function noteRefusal({ logger, events }: ChatDeps, canal: Canal, motivo: Refusal): void {
  logger.warn({ canal: canal.slug, motivo }, 'a webhook was refused')
  events.refused(canal, motivo)
}

/** Unknown, of another platform, or switched off: `undefined`, which is answered with the same 401 as a wrong secret. */
function activeOf({ contas, events }: ChatDeps, ctx: Context): Canal | undefined {
  const { plataforma, slug, a } = ctx.params
  const canal = contas.get(slug)
  if (canal?.ativo && canal.plataforma === plataforma) return canal
  if (canal) events.refused(canal, canal.ativo ? 'outra_plataforma' : 'conta_inativa')
  sameText(a ?? ctx.get('authorization'), NOBODYS_SECRET)
  return undefined
}

/** `undefined`: the path has more than a secret and an event. */
function toHead({ config, events }: ChatDeps, ctx: Context, canal: Canal): WebhookHead | undefined {
  const { adapter } = canal
  const url = config.API_URL
  const segments: string[] = [ctx.params.a, ctx.params.b].filter((one) => one !== undefined)
  const known = adapter.pathEvents ?? []
  const [pathSecret, ...more] = segments.filter((one) => !known.includes(one))
  if (more.length > 0) {
    events.refused(canal, 'endereco_errado')
    return undefined
  }
  return {
    method: ctx.method === 'POST' ? 'POST' : 'GET',
    url: (url?.replace(/\/$/, '') ?? addressIn(ctx)) + ctx.url,
    headers: Object.fromEntries(
      Object.entries(ctx.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join() : value]),
    ),
    pathSecret,
  }
}

/** By its `Host`; one that is no address (`[`) must not be told from a wrong signature. */
function addressIn({ protocol, host }: Context): string {
  const address = `${protocol}://${host}`
  return URL.canParse(address) ? address : `${protocol}://localhost`
}

/** The request, once it is known to be authentic. Throws 401; 413 as well when more came than is read of anybody. */
function believe(
  deps: ChatDeps,
  { called }: Opening,
  { bytes, size }: RawBody,
): { readonly canal: Canal; readonly request: WebhookRequest } {
  if (!called) throw unauthorized('Webhook não autorizado')
  const { canal, head } = called
  const verdict = called.verdict(bytes)
  if (verdict.authentic) return { canal, request: { ...head, body: bytes } }
  noteRefusal(deps, canal, verdict.reason)
  throw size > MAX_BYTES ? tooLarge() : unauthorized('Webhook não autorizado')
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
  const owners = new Map<string | undefined, Canal | undefined>()
  const replies = await batches.take(canal.slug, events, async (event) => {
    if (!owners.has(event.conta)) owners.set(event.conta, ownerOf(deps, canal, request, event))
    const owner = owners.get(event.conta)
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
