import { seeded } from '../random.js'

/** How a call goes wrong, besides being refused: before anything was done, or after it was. */
export type How =
  /** The connection breaks and nothing was done. */
  | 'cortar_antes'
  /** It was done, and the connection breaks. */
  | 'cortar_depois'
  /** It was done, and no answer ever comes: whoever waits has his own limit. */
  | 'demorar'
  /** It was done; half the JSON comes. */
  | 'metade'
  /** It was done; a page comes, with 200. */
  | 'html'
  /** It was done; nothing comes, with 200. */
  | 'vazio'
  | 'redirecionar'
  /** It was done; the answer comes so many ms of the fake's clock later. */
  | { readonly lentoMs: number }
  /** Something else happens first (a deal is closed, a user deactivated …); then the call goes its way. */
  | { readonly antes: () => void }
  /** Nothing was done. */
  | Answer

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Fault {
  /** `*`: any. */
  readonly method: string
  /** Without host, `/api` and query: `/v2/deals`. */
  readonly path: RegExp
  /** How often; `Infinity`: for good. */
  readonly times: number
  /** So many calls go well first. */
  readonly skip?: number
  /** In [0, 1], of each call that fits; drawn from `seed` (default 1). */
  readonly probability?: number
  readonly seed?: number
  readonly how: How
}

interface Pending {
  readonly fault: Fault
  readonly random: () => number
  skip: number
  left: number
}

/** The faults that are still to come, in the order in which they were asked for. */
export class Faults {
  #list: Pending[] = []

  add(fault: Fault): void {
    this.#list.push({ fault, random: seeded(fault.seed ?? 1), skip: fault.skip ?? 0, left: fault.times })
  }

  /** What shall go wrong with this call; what has to happen before it happens here. */
  next(method: string, path: string): How | undefined {
    for (const one of this.#list) {
      if (!this.#isDue(one, method, path)) continue
      one.left -= 1
      const { how } = one.fault
      if (typeof how !== 'object' || !('antes' in how)) return how
      how.antes()
    }
    return undefined
  }

  #isDue(one: Pending, method: string, path: string): boolean {
    const { fault } = one
    if (one.left <= 0 || (fault.method !== '*' && fault.method !== method) || !fault.path.test(path)) return false
    if (one.skip > 0) {
      one.skip -= 1
      return false
    }
    return fault.probability === undefined || one.random() < fault.probability
  }

  /** Those that have not happened; those without an end and those of chance do not count. */
  get left(): number {
    const counted = this.#list.filter(({ fault, left }) => fault.probability === undefined && Number.isFinite(left))
    return counted.reduce((sum, { left }) => sum + left, 0)
  }

  reset(): void {
    this.#list = []
  }
}

const refused = (error: string, more: object = {}): string =>
  JSON.stringify({ success: false, error, error_info: '', data: null, additional_data: null, ...more })

export const CLOUDFLARE = '<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head></html>'

/** The answers that the service is known to break off with, by name. */
export const ANSWERS = {
  burst: { status: 429, headers: { 'x-ratelimit-reset': '2' }, body: refused('Request over limit') },
  burstRetryAfter: {
    status: 429,
    headers: { 'x-ratelimit-reset': '2', 'retry-after': '2' },
    body: refused('Request over limit'),
  },
  budgetGone: {
    status: 429,
    headers: { 'x-daily-ratelimit-token-remaining': '0' },
    body: refused('Request over limit'),
  },
  cloudflare: { status: 403, headers: { 'content-type': 'text/html' }, body: CLOUDFLARE },
  planLimit: { status: 403, body: refused('Deals limit reached', { code: 'feature_capping_deals_limit' }) },
  forbidden: { status: 403, body: refused('You do not have permissions to do this') },
  unauthorized: {
    status: 401,
    headers: { 'x-401-by-gw': '1' },
    body: JSON.stringify({ success: false, error: 'unauthorized access', errorCode: 401, error_info: '' }),
  },
  unpaid: { status: 402, body: refused('Account is not open') },
  maintenance: { status: 503, body: refused('Maintenance') },
  emptyError: { status: 500, body: '' },
  error: { status: 500, body: refused('Internal error') },
} as const satisfies Readonly<Record<string, Answer>>
