import { Configuration as V1Configuration } from 'pipedrive/v1'
import { Configuration } from 'pipedrive/v2'
import { omitUndefined } from '../../src/lib/omit.js'
import type { Pipedrive } from './api.js'
import { accountCalls } from './calls/account.js'
import { activityCalls } from './calls/activities.js'
import { dealCalls } from './calls/deals.js'
import { personCalls } from './calls/persons.js'
import { webhookCalls } from './calls/webhooks.js'
import { MOST_LISTED, type Wire } from './calls/wire.js'
import { failureOf, PipedriveFailure } from './failure.js'

const TIMEOUT_MS = 10_000
/** Most bytes of an answer: about twenty times the largest page seen. */
const MAX_BYTES = 32_000_000
const PAGE = 500
const MOST_PAGES = MOST_LISTED / PAGE
const NOT_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'CERT_HAS_EXPIRED']

/** Admits calls, and is told how each one ended. */
export interface Gate {
  /** Resolves when the call may be sent; throws a PipedriveFailure while calls are paused. */
  enter(isSearch: boolean): Promise<void>
  /** Called with the headers of each answer; names are in lower case. */
  heard(header: (name: string) => string | undefined, isSearch: boolean): void
  failed(failure: PipedriveFailure): void
  passed(): void
}

export interface ClientOptions {
  readonly token: string
  /** `https://<company>.pipedrive.com/api`, or a loopback host: without a slash at its end. */
  readonly base: string
  /** Where v1 is not under the same address. */
  readonly v1?: string | undefined
  readonly gate: Gate
  readonly timeoutMs?: number
}

type Header = (name: string) => string | undefined

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
    const body = isEmpty ? { success: status === 204, data: null } : parse(text)
    const isJson = typeof body === 'object' && body !== null
    const { success, code }: { success?: unknown; code?: unknown } = Object(body)
    const failure = failureOf({
      status: status ?? 0,
      isJson: isJson && (success !== false || (status ?? 0) >= 300),
      code: isCode(code) ? code : undefined,
      header,
    })
    if (failure) throw failure
    return body
  }
}

/** A failure's code is logged and shown, so only plain words pass: tokens and telephones contain digits. */
const isCode = (code: unknown): code is string =>
  typeof code === 'string' && code.length <= 64 && /^[a-z]+(_[a-z]+)*$/i.test(code)

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Anything else comes from the HTTP library and holds the token, so nothing but the kind of failure is kept. */
function unanswered(error: unknown): PipedriveFailure {
  if (error instanceof PipedriveFailure) return error
  const { code }: { code?: unknown } = Object(error)
  return new PipedriveFailure(NOT_SENT.includes(String(code)) ? 'nao_enviado' : 'sem_resposta')
}

/**
 * The official client, wrapped once: a time limit, no proxy, no redirects, no token in an error, answers by our own schema. The
 * calls themselves are in `calls/`, by kind of record.
 */
export function pipedriveClient(options: ClientOptions): Pipedrive {
  const wire = wireOf(options)
  return {
    ...accountCalls(wire),
    ...personCalls(wire),
    ...dealCalls(wire),
    ...activityCalls(wire),
    ...webhookCalls(wire),
  }
}

function wireOf({ token, base, v1 = `${base}/v1`, gate, timeoutMs = TIMEOUT_MS }: ClientOptions): Wire {
  const configure = <C extends object>(configuration: C, heard: (header: Header) => void): C =>
    Object.assign(configuration, {
      baseOptions: {
        timeout: timeoutMs,
        // A getter, so that each call has its own signal: `timeout` counts silence only, and a slow answer could last for ever.
        get signal() {
          return AbortSignal.timeout(timeoutMs)
        },
        maxContentLength: MAX_BYTES,
        proxy: false,
        maxRedirects: 0,
        validateStatus: () => true,
        transformResponse: [transform(heard)],
      },
    })
  const heard = (header: Header): void => gate.heard(header, false)
  const wire: Wire = {
    v1: configure(new V1Configuration({ apiKey: token, basePath: v1 }), heard),
    v2: configure(new Configuration({ apiKey: token, basePath: `${base}/v2` }), heard),
    searching: configure(new Configuration({ apiKey: token, basePath: `${base}/v2` }), (header) =>
      gate.heard(header, true),
    ),
    async call(schema, work, { isSearch = false, mark } = {}) {
      await gate.enter(isSearch)
      await mark?.()
      const answer = await work().catch((error: unknown) => {
        const failure = unanswered(error)
        gate.failed(failure)
        throw failure
      })
      const parsed = schema.safeParse(answer)
      if (!parsed.success) throw new PipedriveFailure('sem_resposta', 200, { code: 'formato' })
      gate.passed()
      return parsed.data
    },
    async pages<T>(schema: Parameters<typeof wire.pages<T>>[0], work: Parameters<typeof wire.pages<T>>[1]) {
      const all: T[] = []
      let cursor: string | null | undefined
      for (let count = 0; count < MOST_PAGES; count += 1) {
        const page = { limit: PAGE, ...omitUndefined({ cursor: cursor ?? undefined }) }
        const { data, additional_data } = await wire.call(schema, () => work(page))
        all.push(...data)
        cursor = additional_data?.next_cursor
        if (cursor == null || cursor === '') break
      }
      return all
    },
  }
  return wire
}
