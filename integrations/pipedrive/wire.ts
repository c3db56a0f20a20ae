import { Configuration as V1Configuration } from 'pipedrive/v1'
import { Configuration } from 'pipedrive/v2'
import { z } from 'zod'
import { parseJson } from '../../src/lib/json.js'
import { omitUndefined } from '../../src/lib/omit.js'
import { failureOf, type Header, isCap, PipedriveFailure } from './failure.js'
import { TunnelAgent } from './tunnel.js'

const TIMEOUT_MS = 10_000
/** Most bytes of an answer: about twenty times the largest page seen. */
const MAX_BYTES = 32_000_000
const PAGE = 500
/** Most records read of one list. Lists are sorted by change, so the next read begins where this one was cut. */
export const MOST_LISTED = 10_000
const NOT_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'CERT_HAS_EXPIRED']

/** Records of which a plan allows only so many: a call that makes one may be paused while others go on. */
export type Capped = 'negocio'

/** Admits calls, and is told how each one ended. */
export interface Gate {
  /** Resolves when the call may be sent; throws a PipedriveFailure while calls like it are paused. */
  enter(isSearch: boolean, makes?: Capped): Promise<void>
  /** Called with the headers of each answer. */
  heard(header: Header): void
  failed(failure: PipedriveFailure, made?: Capped): void
  passed(made?: Capped): void
}

export interface ClientOptions {
  readonly token: string
  /** `https://<company>.pipedrive.com/api`, or a loopback host: without a slash at its end. */
  readonly base: string
  /** Where v1 is not under the same address. */
  readonly v1?: string | undefined
  readonly gate: Gate
  readonly timeoutMs?: number
  /** Through which all calls go: `http://user:password@host:port`. */
  readonly proxy?: string
}

/**
 * Parses an answer, or throws our own failure: thrown here it passes the client's interceptor unchanged
 * (docs/vendors/pipedrive.md#errors-pass-the-interceptor).
 */
function transform(heard: (header: Header) => void) {
  return (text: unknown, headers: unknown, status?: number): unknown => {
    const header: Header = (name) => {
      const value: unknown = Object(headers)[name]
      return typeof value === 'string' ? value : undefined
    }
    heard(header)
    // An empty body is a success only with status 204: a list that did not arrive is not an empty list.
    const isEmpty = typeof text !== 'string' || text === ''
    const body = isEmpty ? { success: status === 204, data: null } : parseJson(text)
    const isJson = typeof body === 'object' && body !== null
    const { success, code: said, error }: { success?: unknown; code?: unknown; error?: unknown } = Object(body)
    const code = isCode(said) ? said : undefined
    const failure = failureOf({
      status: status ?? 0,
      isJson: isJson && (success !== false || (status ?? 0) >= 300),
      code,
      isCap: isCap(code, error),
      header,
    })
    if (failure) throw failure
    return body
  }
}

/** A failure's code is logged and shown, so only plain words pass: tokens and telephones contain digits. */
const isCode = (code: unknown): code is string =>
  typeof code === 'string' && code.length <= 64 && /^[a-z]+(_[a-z]+)*$/i.test(code)

/** Anything else comes from the HTTP library and holds the token, so nothing but the kind of failure is kept. */
function unanswered(error: unknown): PipedriveFailure {
  if (error instanceof PipedriveFailure) return error
  const { code }: { code?: unknown } = Object(error)
  return new PipedriveFailure(NOT_SENT.includes(String(code)) ? 'nao_enviado' : 'sem_resposta')
}

/** Of every answer; `data` is read by the schema of its call. */
const Answer = z.object({ success: z.literal(true), data: z.unknown() })
/** A list ends where there is no cursor, whether it is `null` or left out. */
const Page = Answer.extend({ additional_data: z.object({ next_cursor: z.string().nullish() }).nullish() })

interface CallOptions {
  readonly isSearch?: boolean
  readonly makes?: Capped
  /** Called after the rate limit was passed and before the request is sent. */
  readonly mark?: Mark
}

/** Called just before a record is made. Makes durable that it may exist, so that a crash does not lead to a second one. */
export type Mark = () => Promise<void>

interface PageRequest {
  readonly limit: number
  readonly cursor?: string
}

export type Wire = ReturnType<typeof wireOf>

/** The shared way of all calls: rate limits, time limit, failures and the shape of answers are handled here. */
export function wireOf({ token, base, v1 = `${base}/v1`, gate, timeoutMs = TIMEOUT_MS, proxy }: ClientOptions) {
  const baseOptions = {
    timeout: timeoutMs,
    // A getter, so that each call has its own signal: `timeout` counts silence only, and a slow answer could last for ever.
    get signal() {
      return AbortSignal.timeout(timeoutMs)
    },
    maxContentLength: MAX_BYTES,
    // Its own way through a proxy: that one would see the token.
    proxy: false,
    ...(proxy !== undefined && { httpsAgent: new TunnelAgent(proxy) }),
    maxRedirects: 0,
    validateStatus: () => true,
    transformResponse: [transform((header) => gate.heard(header))],
  }
  async function send<E extends { data: unknown }, T>(
    envelope: z.ZodType<E>,
    schema: z.ZodType<T>,
    work: () => Promise<unknown>,
    { isSearch = false, makes, mark }: CallOptions = {},
  ): Promise<E & { data: T }> {
    await gate.enter(isSearch, makes)
    await mark?.()
    const answer = await work().catch((error: unknown) => {
      const failure = unanswered(error)
      gate.failed(failure, makes)
      throw failure
    })
    const parsed = envelope.safeParse(answer)
    const data = schema.safeParse(parsed.data?.data)
    if (!parsed.success || !data.success) throw new PipedriveFailure('sem_resposta', 200, { code: 'formato' })
    gate.passed(makes)
    return { ...parsed.data, data: data.data }
  }
  return {
    v1: Object.assign(new V1Configuration({ apiKey: token, basePath: v1 }), { baseOptions }),
    v2: Object.assign(new Configuration({ apiKey: token, basePath: `${base}/v2` }), { baseOptions }),
    /** The `data` of an answer. Throws a PipedriveFailure. */
    call: async <T>(schema: z.ZodType<T>, work: () => Promise<unknown>, options?: CallOptions): Promise<T> =>
      (await send(Answer, schema, work, options)).data,
    /** Reads all pages of a list, up to `MOST_LISTED` records. */
    async pages<T>(item: z.ZodType<T>, work: (page: PageRequest) => Promise<unknown>): Promise<T[]> {
      const all: T[] = []
      let cursor: string | null | undefined
      for (let count = 0; count < MOST_LISTED / PAGE; count += 1) {
        const page = { limit: PAGE, ...omitUndefined({ cursor: cursor ?? undefined }) }
        const { data, additional_data } = await send(Page, z.array(item), () => work(page))
        all.push(...data)
        cursor = additional_data?.next_cursor
        if (cursor == null || cursor === '') break
      }
      return all
    },
  }
}
