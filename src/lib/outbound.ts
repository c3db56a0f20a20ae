import { z } from 'zod'
import { OwnError } from './errors.js'
import { type HttpAnswer, type HttpClient, HttpFailure, type HttpRequest } from './http-client.js'
import { parseJson } from './json.js'

const MAX_RETRY_AFTER_MS = 3_600_000

/** A call to a platform that failed. The platform's answer is not kept: it may quote a customer. */
export class OutboundFailure extends OwnError {
  override readonly name = 'OutboundFailure' as const
  readonly motivo: string
  /** Repeating the same call cannot help. */
  readonly definitive: boolean
  /** It is not known whether it took effect. */
  readonly unknown: boolean
  /** The platform asks to wait so long. */
  readonly waitMs: number | undefined
  /** No call was made, so this says nothing about the platform's health. */
  readonly unasked: boolean
  /** The platform says for certain that there is nobody at this address: nothing was sent. */
  readonly noAddress: boolean

  constructor(
    motivo: string,
    more: Partial<Pick<OutboundFailure, 'definitive' | 'unknown' | 'waitMs' | 'unasked' | 'noAddress'>> = {},
  ) {
    super(motivo)
    this.motivo = motivo
    this.definitive = more.definitive ?? false
    this.unknown = more.unknown ?? false
    this.waitMs = more.waitMs
    this.unasked = more.unasked ?? false
    this.noAddress = more.noAddress ?? false
  }
}

export interface Call extends Omit<HttpRequest, 'body'> {
  /** Is this refusal temporary, whatever its status says? Gets the body, parsed if it is JSON. */
  readonly heals?: (body: unknown) => boolean
  /** Does this refusal say that there is nobody at the address? Gets the body, parsed if it is JSON. Asked only where nothing can have been sent. */
  readonly refusesAddress?: (body: unknown) => boolean
  readonly json?: unknown
  /** JSON that is written already. */
  readonly text?: string
  readonly form?: Readonly<Record<string, string>>
}

/**
 * One call and its answer, parsed by our own schema. Throws an OutboundFailure that says whether to repeat it.
 *
 * @param now for a `Retry-After` that is a date
 */
export async function call<T>(http: HttpClient, request: Call, schema: z.ZodType<T>, now: Date): Promise<T> {
  const answer = await http(toHttp(request)).catch((error: unknown) => {
    throw unanswered(error)
  })
  if (answer.status < 200 || answer.status > 299) throw refused(answer, now, request)
  const parsed = schema.safeParse(parseJson(answer.text))
  if (!parsed.success) throw new OutboundFailure('resposta_inesperada', { unknown: true })
  return parsed.data
}

function toHttp({ json, text, form, heals: _h, refusesAddress: _r, headers = {}, ...rest }: Call): HttpRequest {
  const body = text ?? (json === undefined ? undefined : JSON.stringify(json))
  if (body !== undefined) return { ...rest, headers: { 'content-type': 'application/json', ...headers }, body }
  if (form !== undefined) {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    return { ...rest, headers: { ...type, ...headers }, body: new URLSearchParams(form).toString() }
  }
  return { ...rest, headers }
}

const DESTINO_RECUSADO =
  'destino_recusado: endereço interno, ou que não é http(s); se for mesmo o seu servidor, inclua-o em DESTINOS_INTERNOS'

function unanswered(error: unknown): OutboundFailure {
  if (!(error instanceof HttpFailure)) return new OutboundFailure('sem_conexao')
  if (error.kind === 'destino_recusado') return new OutboundFailure(DESTINO_RECUSADO, { definitive: true })
  return error.kind === 'sem_resposta'
    ? new OutboundFailure('sem_resposta', { unknown: true })
    : new OutboundFailure('sem_conexao')
}

/** Telegram says in the body how long to wait (Bot API, ResponseParameters). */
const InBody = z.object({ parameters: z.object({ retry_after: z.number() }) })

/** Of a caller who is not let in at all: they say nothing of the address. */
const NOT_ALLOWED: readonly number[] = [401, 403]

function refused(
  { status, headers, text }: HttpAnswer,
  now: Date,
  { heals, refusesAddress }: Pick<Call, 'heals' | 'refusesAddress'>,
): OutboundFailure {
  const motivo = `http_${status}`
  const inBody = InBody.safeParse(parseJson(text)).data?.parameters.retry_after
  const waitMs = retryAfter(headers['retry-after'] ?? inBody?.toString(), now)
  // A gateway gave up waiting: the server behind it may have done what was asked for.
  if (status === 502 || status === 504) return new OutboundFailure(motivo, { unknown: true, waitMs })
  const body = parseJson(text)
  const noAddress = !NOT_ALLOWED.includes(status) && (refusesAddress?.(body) ?? false)
  // WAHA calls that a failure of its own (docs/vendors/chat.md#waha-refusals).
  const isTheirs = status >= 500 && !noAddress
  if (status === 408 || status === 425 || status === 429 || isTheirs || heals?.(body))
    return new OutboundFailure(motivo, { waitMs })
  return new OutboundFailure(motivo, { definitive: true, noAddress })
}

/** `Retry-After` in ms: seconds or a date (RFC 9110), never more than an hour. */
export function retryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now.getTime()
  return Number.isFinite(ms) ? Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms)) : undefined
}
