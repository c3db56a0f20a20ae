import { randomUUID } from 'node:crypto'
import type { Context, Middleware } from 'koa'
import { AppError } from '../lib/errors.js'

/** For which process a request is, which one passes it on, and which one has answered. */
export const FOR_PROCESS = 'X-Vez-Para'
export const FROM_PROCESS = 'X-Vez-De'
export const BY_PROCESS = 'X-Vez-Processo'

/** A request as it came, to be asked again elsewhere. */
export interface Passage {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** The answer to it. */
export interface Passed {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** Other processes of this service. */
export interface Others {
  /** The name of this one. */
  readonly processo: string
  /** Is there one to pass a request on to? */
  readonly isOpen: boolean
  /**
   * Its answer; `undefined` when this process has to answer itself, under the same key.
   *
   * @param whenGone calls back should the caller go
   */
  pass(passage: Passage, whenGone: (then: () => void) => void): Promise<Passed | undefined>
  /** That process has passed a request on to this one. */
  took(from: string): void
}

const HANDED_ON = ['x-vez-versao', 'idempotent-replayed', 'retry-after']
const REPLAYED = 'Idempotent-Replayed'

/** A request for a process of another name was sent to an address that has changed hands, or is of no process at all. */
export const forThisProcess =
  ({ processo }: Others): Middleware =>
  async (ctx, next) => {
    const para = ctx.get(FOR_PROCESS)
    if (para === '') return next()
    if (para !== processo) throw new AppError(421, 'Este processo tem outro nome')
    ctx.set(BY_PROCESS, processo)
    await next()
  }

/**
 * Lets another process answer where there is one for it; else `next` does, under the same key. A request without a key gets one
 * for that: it is nobody else's, so that its repetition is a new turn as ever.
 */
export const answeredElsewhere =
  (others: Others): Middleware =>
  async (ctx, next) => {
    const isPassedOn = ctx.get(FOR_PROCESS) !== ''
    if (isPassedOn) others.took(ctx.get(FROM_PROCESS))
    if (isPassedOn || !others.isOpen) return next()
    const { headers } = ctx.req
    const isOurs = headers['idempotency-key'] === undefined
    headers['idempotency-key'] ??= randomUUID()
    const passed = await others.pass(toPassage(ctx), (then) => ctx.res.once('close', then))
    if (passed) give(ctx, passed)
    else await next()
    if (isOurs) ctx.remove(REPLAYED)
  }

function toPassage(ctx: Context): Passage {
  const { body } = ctx.request
  return {
    method: ctx.method,
    path: ctx.url,
    headers: {
      'api-key': ctx.get('api-key'),
      'idempotency-key': ctx.get('idempotency-key'),
      'x-request-id': String(ctx.state.requestId),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }
}

function give(ctx: Context, { status, headers, text }: Passed): void {
  for (const name of HANDED_ON) {
    const value = headers[name]
    if (value !== undefined) ctx.set(name, value)
  }
  ctx.status = status
  ctx.type = 'json'
  ctx.body = text
}
