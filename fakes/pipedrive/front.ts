import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Account, Actor } from './account.js'
import { ENDPOINTS } from './endpoints.js'
import { ANSWERS, type Answer } from './faults.js'
import { Day, type Limits, Windows } from './limits.js'
import { type Endpoint, Refusal, type Reply, takesNone } from './request.js'
import { TOKEN_USER } from './state.js'

export interface Asked {
  readonly method: string
  /** Without `/api`; `undefined` for what is not the API's. */
  readonly path: string | undefined
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Answered {
  readonly status: number
  readonly text: string
  readonly tokens: number
  readonly headers: Readonly<Record<string, string>>
}

interface Caller {
  readonly by: Actor
  readonly windows: Windows
}

const REFUSED = { budget: ANSWERS.budgetGone, burst: ANSWERS.burst, ban: ANSWERS.cloudflare }

/** Who may come in, how often, and which endpoint answers. */
export class Front {
  readonly unplanned: string[] = []
  /** Who has it is let in. */
  token: string
  readonly #account: Account
  readonly #limits: Limits
  readonly #day: Day
  #windows = new Map<string, Windows>()

  constructor(account: Account, limits: Limits, token: string) {
    this.#account = account
    this.#limits = limits
    this.token = token
    this.#day = new Day(account.clock.now())
  }

  answer(asked: Asked): Answered {
    const { path = asked.url.pathname, method } = asked
    this.#day.turn(this.#account.clock.now(), this.#limits)
    const caller = this.#caller(asked)
    if (!caller) return said(ANSWERS.unauthorized)
    const endpoint = asked.path && ENDPOINTS.find((one) => one.method === method && one.path.test(path))
    if (!endpoint) {
      this.unplanned.push(`${method} ${path}`)
      return refused(new Refusal(404, 'Unknown method'), path)
    }
    const kept = this.#keptOut(endpoint, caller)
    if (kept) return kept
    try {
      return this.#served(endpoint, path, asked, caller)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (error.status === 410) this.unplanned.push(`${method} ${path}`)
      return { ...refused(error, path), tokens: endpoint.tokens }
    } finally {
      this.#account.settle()
    }
  }

  /** The headers of every answer. */
  rates(headers: IncomingHttpHeaders): Record<string, string> {
    const { omitRateHeaders, omitDailyHeaders } = this.#account.switches
    const { burst, daily, dailyLimit } = this.#limits
    if (omitRateHeaders) return { 'x-correlation-id': randomUUID() }
    const left = this.#windows.get(credential(headers))?.left(burst) ?? burst
    return {
      'x-correlation-id': randomUUID(),
      'x-ratelimit-limit': String(burst),
      'x-ratelimit-remaining': String(left),
      'x-ratelimit-reset': '2',
      ...(!omitDailyHeaders && {
        'x-daily-ratelimit-token-limit': String(dailyLimit),
        'x-daily-ratelimit-token-remaining': String(daily),
        'x-daily-requests-left': String(daily),
      }),
    }
  }

  reset(token: string): void {
    this.token = token
    this.unplanned.length = 0
    this.#windows = new Map()
  }

  /** A token in the query is nobody's: that keeps clients honest. */
  #caller({ url, headers }: Asked): Caller | undefined {
    if (url.searchParams.has('api_token')) return undefined
    const key = credential(headers)
    if (key !== this.token) return undefined
    const windows = this.#windows.get(key) ?? new Windows()
    this.#windows.set(key, windows)
    return { by: { userId: TOKEN_USER, source: 'api' }, windows }
  }

  #keptOut(endpoint: Endpoint, { windows }: Caller): Answered | undefined {
    const now = this.#account.clock.now()
    const refused = windows.enter(now.getTime(), endpoint.isSearch ?? false, endpoint.tokens, this.#limits)
    return refused && said(REFUSED[refused])
  }

  #served(endpoint: Endpoint, path: string, { url, body }: Asked, { by }: Caller): Answered {
    this.#limits.daily -= endpoint.tokens
    const part = endpoint.path.exec(path)?.[1] ?? ''
    if (endpoint.method !== 'GET') takesNone(Object.fromEntries(url.searchParams))
    const reply = endpoint.answer({
      account: this.#account,
      state: this.#account.state,
      limits: this.#limits,
      id: Number(part),
      code: part,
      query: Object.fromEntries(url.searchParams),
      body: parse(body),
      by,
    })
    const additional_data = this.#additional(reply)
    const text = JSON.stringify({ success: true, data: reply.data, ...(additional_data && { additional_data }) })
    return { status: reply.status ?? 200, text, tokens: endpoint.tokens, headers: {} }
  }

  #additional({ additional_data }: Reply): object | undefined {
    if (typeof additional_data !== 'object' || additional_data === null) return undefined
    const { next_cursor }: { next_cursor?: unknown } = additional_data
    return next_cursor === null && this.#account.switches.omitNextCursor ? {} : additional_data
  }
}

const credential = (headers: IncomingHttpHeaders): string => String(headers['x-api-token'] ?? '')

const said = ({ status, headers = {}, body = '' }: Answer): Answered => ({ status, headers, text: body, tokens: 0 })

/** v1 has `error_info`; a webhook's 400 has a shape of its own. */
function refused({ status, message: error, code, body }: Refusal, path: string): Answered {
  const more = path.startsWith('/v1/') ? { error_info: '', additional_data: null } : {}
  const shape = body ?? { success: false, error, ...(code !== undefined && { code }), data: null, ...more }
  return { status, text: JSON.stringify(shape), tokens: 0, headers: {} }
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, 'Bad JSON')
  }
}
