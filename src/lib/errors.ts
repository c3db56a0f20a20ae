/**
 * An error whose message this program wrote. It holds nothing of a customer and no secret, so it may be logged; the message of
 * any other error may quote what somebody sent.
 */
export class OwnError extends Error {
  override readonly name: string = 'OwnError'
}

/** An answer other than success: `status`, and the `detail` that the caller reads (Portuguese). */
export class AppError extends OwnError {
  override readonly name = 'AppError' as const
  readonly status: number
  readonly detail: unknown
  readonly headers: Readonly<Record<string, string>>
  /** Further fields of the body beside `detail`. */
  readonly extra: Readonly<Record<string, unknown>>

  constructor(status: number, detail: unknown, more: Partial<Pick<AppError, 'headers' | 'extra'>> = {}) {
    super(typeof detail === 'string' ? detail : `HTTP ${status}`)
    this.status = status
    this.detail = detail
    this.headers = more.headers ?? {}
    this.extra = more.extra ?? {}
  }
}

export const notFound = (detail: string): AppError => new AppError(404, detail)

/** The service cannot answer now; the same request later may succeed. */
export const unavailable = (detail = 'Serviço temporariamente indisponível; tente novamente'): AppError =>
  new AppError(503, detail, { headers: { 'Retry-After': '1' } })

/** One problem of a request, in the shape that the clients of the old system read. */
export interface Problem {
  readonly loc: readonly (string | number)[]
  readonly msg: string
  readonly type: string
}

export const unprocessable = (problems: readonly Problem[]): AppError => new AppError(422, problems)
