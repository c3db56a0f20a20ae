import { randomBytes } from 'node:crypto'
import type { Context } from 'koa'
import type { Refusal, Verification, WebhookHead, WebhookRequest } from '../../integrations/contract.js'
import { unauthorized } from '../http/auth.js'
import { type RawBody, tooLarge } from '../http/raw.js'
import { unavailable } from '../lib/errors.js'
import { sameText } from '../lib/signature.js'
import type { Canal } from './accounts.js'
import { MAX_BYTES, type Reading } from './body.js'
import type { ChatDeps } from './deps.js'

/** Compared with the given secret where the account does not exist, so that the answer takes as long as for one that does. */
const NOBODYS_SECRET = randomBytes(32).toString('base64url')

/** The account that a request calls, and what it says of the body. */
interface Called {
  readonly canal: Canal
  readonly head: WebhookHead
  verdict(body: Buffer): Verification
}

/** What is known of a request before its body is read. */
export interface Opening {
  readonly reading: Reading
  /** Absent: it is refused. */
  readonly called?: Called
  /** Keeps why, for administrators, where there is such an account. */
  readonly refuse?: () => void
}

/**
 * Whom a request calls, and how its body is to be read. Of one that is refused as much is read as of one to no account at all:
 * the answer must not show which accounts exist. Nobody is refused by what was known of the accounts before he came.
 */
export async function open(deps: ChatDeps, ctx: Context): Promise<Opening> {
  const known = openingOf(deps, ctx)
  if (known.called) return known
  await deps.contas.recheck()
  const opening = openingOf(deps, ctx)
  opening.refuse?.()
  return opening
}

/** Unknown, of another platform, or switched off is answered with the same 401 as a wrong secret. */
function openingOf(deps: ChatDeps, ctx: Context): Opening {
  const { clock, contas, events } = deps
  const { plataforma, slug, a } = ctx.params
  const refused = (refuse?: () => void): Opening => ({ reading: 'nothing', ...(refuse && { refuse }) })
  const canal = contas.get(slug)
  if (!canal?.ativo || canal.plataforma !== plataforma) {
    sameText(a ?? ctx.get('authorization'), NOBODYS_SECRET)
    return refused(canal && (() => events.refused(canal, canal.ativo ? 'outra_plataforma' : 'conta_inativa')))
  }
  const head = toHead(deps, ctx, canal)
  if (!head) return refused(() => events.refused(canal, 'endereco_errado'))
  const { adapter, conta } = canal
  const verify = (body: Buffer): Verification => adapter.verify({ ...head, body }, conta, clock.now())
  if (!adapter.largeEvents) return { reading: 'all', called: { canal, head, verdict: verify } }
  const signature = adapter.beginSignature?.(head, conta, clock.now())
  if (signature) return { reading: { signature }, called: { canal, head, verdict: () => signature.verdict() } }
  const verdict = verify(Buffer.alloc(0))
  if (verdict.authentic) return { reading: { signature }, called: { canal, head, verdict: () => verdict } }
  return refused(() => noteRefusal(deps, canal, verdict.reason))
}

function noteRefusal({ logger, events }: ChatDeps, canal: Canal, motivo: Refusal): void {
  logger.warn({ canal: canal.slug, motivo }, 'a webhook was refused')
  events.refused(canal, motivo)
}

/** `undefined`: the path has more than a secret and an event. */
function toHead({ config }: ChatDeps, ctx: Context, { adapter }: Canal): WebhookHead | undefined {
  const url = config.API_URL
  const segments: string[] = [ctx.params.a, ctx.params.b].filter((one) => one !== undefined)
  const known = adapter.pathEvents ?? []
  const [pathSecret, ...more] = segments.filter((one) => !known.includes(one))
  if (more.length > 0) return undefined
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
export async function believe(
  deps: ChatDeps,
  ctx: Context,
  { reading, called }: Opening,
  { bytes, size }: RawBody,
): Promise<{ readonly canal: Canal; readonly request: WebhookRequest }> {
  if (!called) throw unauthorized('Webhook não autorizado')
  const known = called.verdict(bytes)
  const changed = known.authentic ? undefined : await changedMeanwhile(deps, ctx, called.canal, reading)
  const { canal, head } = changed ?? called
  const verdict = changed?.verdict(bytes) ?? known
  if (verdict.authentic) return { canal, request: { ...head, body: bytes } }
  noteRefusal(deps, canal, verdict.reason)
  throw size > MAX_BYTES ? tooLarge() : unauthorized('Webhook não autorizado')
}

/**
 * Whom a request calls that is about to be refused, where the account was changed elsewhere; `undefined`: it was not. Throws 503
 * where too little was kept of the body to be judged anew.
 */
async function changedMeanwhile(
  deps: ChatDeps,
  ctx: Context,
  before: Canal,
  reading: Reading,
): Promise<Called | undefined> {
  await deps.contas.recheck()
  const canal = deps.contas.get(before.slug)
  if (!canal || isSame(canal, before)) return undefined
  const now = openingOf(deps, ctx)
  if (now.called && (reading !== 'all' || now.reading !== 'all')) throw unavailable()
  return now.called
}

/** Has nothing been changed between these two readings of an account, and was it not made anew? */
const isSame = (one: Canal, other: Canal): boolean =>
  one.guardado.rev === other.guardado.rev && one.criado_em.getTime() === other.criado_em.getTime()
