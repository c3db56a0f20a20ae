import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { brotliDecompressSync, unzipSync } from 'node:zlib'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { z } from 'zod'
import { type Clock, systemClock } from '../lib/clock.js'
import { AppError, unprocessable } from '../lib/errors.js'
import { Room } from '../lib/room.js'
import { type Authenticate, authorize, missingKey, unauthorized } from './auth.js'
import { describeBroken } from './json-error.js'
import type { AnyRoute } from './route.js'
import { toHeaderNames } from './unknown.js'
import { ignoredBy, NO_BODY, parseAll, TWICE } from './validate.js'

const MAX_BODY_BYTES = 262_144

const parseJson = bodyParser({
  enableTypes: ['json'],
  // Of whatever type: it knows few of those that are JSON too, and would read the others as an empty object.
  detectJSON: () => true,
  parsedMethods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
  jsonLimit: `${MAX_BODY_BYTES}b`,
  onError: (error) => {
    const status = 'status' in error ? error.status : undefined
    if (status === 413) throw new AppError(413, 'Corpo da requisição maior que 256 kB')
    if (status === 415) throw new AppError(415, 'Codificação do corpo não suportada')
    throw new AppError(
      400,
      'body' in error && typeof error.body === 'string' ? describeBroken(error.body) : 'JSON inválido',
    )
  },
})

/** From where a request comes. */
export type AddressOf = (request: IncomingMessage) => string

/** Finds out who calls a route, and whether they may: puts `caller` and `address` into the context's state. */
export type Identify = (one: AnyRoute) => Middleware

/** A router that answers these routes. */
export function mount(routes: readonly AnyRoute[], identify: Identify, clock: Clock = systemClock): Router {
  const router = new Router()
  const lists = new Room({ clock, size: LISTS, waitMs: LIST_WAIT_MS, maxWaiting: MAX_WAITING_LISTS })
  const long = () => new Room({ clock, size: LONG_LISTS, waitMs: LIST_WAIT_MS, maxWaiting: MAX_WAITING_LISTS })
  for (const one of routes) {
    const stack: Middleware[] = [identify(one)]
    if (one.lists) stack.push(oneOfFew(one.lists === 'long' ? long() : lists))
    if (one.body) stack.push(refuseOtherTypes, parseUtf8)
    else stack.push(one.ignoresUnknown ? lookAtBody : refuseBody)
    router.register(one.path, [one.method], [...stack, handle(one, clock)])
  }
  return router
}

/** Callers by their API key, and by nothing else: no cookie opens these routes. */
export const byKey =
  (authenticate: Authenticate, addressOf: AddressOf): Identify =>
  (one) =>
  async (ctx, next) => {
    ctx.state.rota = one.path
    ctx.state.address = addressOf(ctx.req)
    if (one.takes) ctx.set('Cache-Control', 'no-store')
    if (one.scopes !== 'aberto') {
      if (ctx.get('api-key') === '') throw unauthorized(missingKey(elsewhere(ctx)))
      ctx.state.caller = await authenticate(ctx.get('api-key'), ctx.state.address)
      authorize(ctx.state.caller, one.scopes)
    }
    await next()
  }

/** Where else a key may have been put, by mistake: the name of the place. */
function elsewhere({ headers, query }: Context): string | undefined {
  const header = ['authorization', 'x-api-key', 'apikey', 'api_key'].find((name) => headers[name] !== undefined)
  const parameter = ['api-key', 'api_key', 'apikey', 'key', 'token'].find((name) => query[name] !== undefined)
  return header === undefined ? parameter && 'na URL' : `em ${header}`
}

/** A request without a body needs no content type, also where `Content-Length: 0` says that there is none. */
const refuseOtherTypes: Middleware = async (ctx, next) => {
  // The old system read a body without a type as JSON.
  ctx.req.headers['content-type'] ||= 'application/json'
  const { length, charset } = ctx.request
  if (length !== 0 && ctx.request.is('json', '+json') === false)
    throw new AppError(
      415,
      ctx.request.is('urlencoded', 'multipart') === false ? NOT_JSON : `${NOT_JSON}, não um formulário`,
    )
  // Read as UTF-8, another charset would be stored with its letters replaced.
  if (charset !== '' && !UTF_8.has(charset.toLowerCase())) throw new AppError(415, 'Envie o corpo em UTF-8')
  await next()
}

const NOT_JSON = 'Envie o corpo em JSON, com o cabeçalho Content-Type: application/json'
const UTF_8: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii'])

/** Of a route without a body: one that is there and not empty is a mistake, whatever it is. */
const refuseBody: Middleware = async (ctx, next) => {
  if (!mayHaveBody(ctx)) return next()
  if (ctx.request.is('json', '+json')) return parseJson(ctx, next)
  if (ctx.request.length === undefined) return next()
  throw unprocessable([{ loc: ['body'], msg: NO_BODY, type: 'extra_forbidden' }])
}

/** The same where a body is no problem: it is read only to name its fields, if that can be done. */
const lookAtBody: Middleware = async (ctx, next) => {
  const length = ctx.request.length ?? 0
  if (length > 0 && length <= MAX_LOOKED_AT && ctx.request.is('json', '+json'))
    await parseJson(ctx, async () => undefined).catch(() => undefined)
  await next()
}

const MAX_LOOKED_AT = 16_384

/** Lists that a process reads at once, of long ones each; how many more may wait, and how long, ms. */
const LISTS = 2
const LONG_LISTS = 1
const MAX_WAITING_LISTS = 50
const LIST_WAIT_MS = 2_000

/** Few at once: many readers must not take the database from the turns. Throws 429 when too many wait, or one waits too long. */
const oneOfFew =
  (room: Room): Middleware =>
  async (ctx, next) => {
    if (!(await room.take(1)))
      throw new AppError(429, 'Muitas listas ao mesmo tempo; tente novamente', { headers: { 'Retry-After': '1' } })
    try {
      await next()
    } finally {
      const { body } = ctx
      if (body instanceof Readable) body.once('close', () => room.give(1))
      else room.give(1)
    }
  }

function handle(one: AnyRoute, clock: Clock): Middleware {
  return async (ctx) => {
    const { params, query, headers } = ctx
    const raw = { params, query, headers, body: bodyOf(ctx) }
    const ignored = ignoredBy(one, raw)
    if (ignored.length > 0) ctx.set('X-Ignorado', toHeaderNames(ignored))
    refuseTwice(one, ctx)
    const input = parseAll(one, raw)
    const { caller, address } = ctx.state
    const result = await one.handler({ ...input, caller, address, isAlive: () => isAlive(ctx) })
    if (one.streams === undefined) {
      ctx.set({ ...result.headers })
      ctx.body = one.returns.parse(result.body)
      return
    }
    // An error before it has headers and a type of its own.
    const pieces = await begun(Pieces.parse(one.returns.parse(result.body)))
    ctx.set({ ...result.headers })
    ctx.type = one.streams
    ctx.body = streamOf(pieces, ctx, clock)
  }
}

/** An answer that comes piece by piece. */
const Pieces = z.custom<AsyncIterable<string>>((value) => value instanceof Object && Symbol.asyncIterator in value)

/** The same pieces, once the first is there: until then a failure can still be told by a status. Throws what it throws. */
async function begun(pieces: AsyncIterable<string>): Promise<AsyncIterable<string>> {
  const rest = pieces[Symbol.asyncIterator]()
  const first = await rest.next()
  async function* all(): AsyncGenerator<string> {
    if (first.done) return
    yield first.value
    yield* { [Symbol.asyncIterator]: () => rest }
  }
  return all()
}

/** How long a client may leave a piece unread, and all pieces of an answer together, ms: others wait for their list meanwhile. */
const UNREAD_MS = 30_000
const UNREAD_IN_ALL_MS = 600_000

/** A failure, or a client that has stopped reading, ends the connection before the answer's end, so that it is not taken for whole. */
function streamOf(pieces: AsyncIterable<string>, { res }: Context, clock: Clock): Readable {
  const cut = (): void => void res.destroy()
  async function* limited(): AsyncGenerator<string> {
    let left = UNREAD_IN_ALL_MS
    for await (const piece of pieces) {
      const began = clock.elapsed()
      const cancel = clock.after(Math.min(UNREAD_MS, left), cut, 'http.unread')
      try {
        yield piece
      } finally {
        cancel()
      }
      left -= clock.elapsed() - began
    }
  }
  return Readable.from(limited()).once('error', cut)
}

/** The parser replaces bytes that are no UTF-8 by U+FFFD. Where there is one, it may also be that somebody wrote it. */
const parseUtf8: Middleware = async (ctx, next) => {
  const chunks: Buffer[] = []
  let size = 0
  const keep = (chunk: Buffer): void => {
    size += chunk.length
    if (size <= MAX_BODY_BYTES) chunks.push(chunk)
  }
  ctx.req.on('data', keep)
  const refuseOthers = async (): Promise<void> => {
    const isReplaced = ctx.request.rawBody?.includes('\uFFFD')
    if (isReplaced && !isUtf8(inflated(Buffer.concat(chunks), ctx.get('content-encoding'))))
      throw new AppError(400, 'O corpo não é UTF-8')
    await next()
  }
  await parseJson(ctx, refuseOthers).finally(() => {
    ctx.req.off('data', keep)
    // Of a refused one the rest must not stay in the way of the next request on this connection.
    ctx.req.resume()
  })
}

/** Of a body that the parser has inflated before, within its limit. */
function inflated(bytes: Buffer, encoding: string): Buffer {
  if (encoding === '' || encoding === 'identity') return bytes
  const limit = { maxOutputLength: MAX_BODY_BYTES }
  return encoding === 'br' ? brotliDecompressSync(bytes, limit) : unzipSync(bytes, limit)
}

/** Does one come? It may be empty still. */
const mayHaveBody = ({ req, request }: Context): boolean =>
  request.length !== undefined ? request.length > 0 : req.headers['transfer-encoding'] !== undefined

/** Of an empty one the parser makes an object, which a change of nothing would accept. */
const bodyOf = ({ request }: Context): unknown => (request.rawBody ? request.body : undefined)

/** A header that the route reads may come once: Node would join two into one value. */
function refuseTwice({ headers }: AnyRoute, { req }: Context): void {
  const twice = Object.keys(headers?.shape ?? {}).filter((name) => (req.headersDistinct[name]?.length ?? 0) > 1)
  if (twice.length === 0) return
  throw unprocessable(twice.map((name) => ({ loc: ['header', name], msg: TWICE, type: 'value_error' })))
}

/** Is the client still connected? Asks the socket: a request that was read to its end counts as destroyed too. */
const isAlive = (ctx: Context): boolean => !ctx.req.socket.destroyed && !ctx.res.destroyed
