import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../src/lib/clock.js'
import { TOKEN_USER } from './state.js'

export const CLIENT = { id: 'fake-client', secret: 'fake-client-secret' }
const CODE_MS = 5 * 60_000
const ACCESS_S = 3_599
const REFRESH_MS = 60 * 86_400_000
const SCOPE = 'deals:full contacts:full activities:full users:read admin deal-fields:full'

interface Answered {
  readonly status: number
  readonly body: object
}

const bad = (error: string, message: string): Answered => ({ status: 400, body: { success: false, error, message } })
const secret = (): string => randomBytes(20).toString('hex')

/** The account's OAuth server: a code for 5 minutes, access for an hour, refresh tokens that slide for 60 days. */
export class OAuth {
  refreshes = 0
  readonly #clock: Clock
  #codes = new Map<string, { redirect: string; until: number }>()
  #access = new Map<string, { refresh: string; until: number }>()
  #refresh = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Consents at once. @returns where the browser is sent, `undefined` for a request that is wrong */
  authorize(query: URLSearchParams): string | undefined {
    const redirect = query.get('redirect_uri')
    if (query.get('client_id') !== CLIENT.id || redirect === null || !URL.canParse(redirect)) return undefined
    const code = secret()
    this.#codes.set(code, { redirect, until: this.#now() + CODE_MS })
    const url = new URL(redirect)
    url.searchParams.set('code', code)
    const state = query.get('state')
    if (state !== null) url.searchParams.set('state', state)
    return url.href
  }

  /** @param form the body, form-encoded */
  token(authorization: string | undefined, form: URLSearchParams, api_domain: string): Answered {
    if (!isClient(authorization)) return bad('invalid_client', 'Client authentication failed')
    const grant = form.get('grant_type')
    if (grant === 'authorization_code') return this.#byCode(form, api_domain)
    if (grant === 'refresh_token') return this.#byRefresh(form.get('refresh_token') ?? '', api_domain)
    return bad('unsupported_grant_type', 'Unknown grant_type')
  }

  /** A refresh token takes its access tokens with it. */
  revoke(authorization: string | undefined, form: URLSearchParams): Answered {
    if (!isClient(authorization)) return bad('invalid_client', 'Client authentication failed')
    const token = form.get('token') ?? ''
    this.#refresh.delete(token)
    this.#access.delete(token)
    for (const [access, { refresh }] of this.#access) if (refresh === token) this.#access.delete(access)
    return { status: 200, body: { success: true } }
  }

  /** The user of a bearer token; `undefined` for nobody's. */
  userOf(token: string): number | undefined {
    const known = this.#access.get(token)
    return known && known.until > this.#now() ? TOKEN_USER : undefined
  }

  forget(): void {
    this.refreshes = 0
    this.#codes.clear()
    this.#access.clear()
    this.#refresh.clear()
  }

  #byCode(form: URLSearchParams, api_domain: string): Answered {
    const code = form.get('code') ?? ''
    const known = this.#codes.get(code)
    this.#codes.delete(code)
    if (!known || known.until <= this.#now() || known.redirect !== form.get('redirect_uri')) {
      return bad('invalid_grant', 'Code is not valid')
    }
    return this.#give(secret(), api_domain)
  }

  #byRefresh(refresh: string, api_domain: string): Answered {
    const until = this.#refresh.get(refresh)
    if (until === undefined || until <= this.#now()) return bad('invalid_grant', 'Refresh token is not valid')
    this.refreshes += 1
    return this.#give(refresh, api_domain)
  }

  #give(refresh: string, api_domain: string): Answered {
    const access_token = secret()
    this.#access.set(access_token, { refresh, until: this.#now() + ACCESS_S * 1_000 })
    this.#refresh.set(refresh, this.#now() + REFRESH_MS)
    const rest = { token_type: 'Bearer', scope: SCOPE, expires_in: ACCESS_S, api_domain }
    return { status: 200, body: { access_token, refresh_token: refresh, ...rest } }
  }

  #now(): number {
    return this.#clock.now().getTime()
  }
}

const isClient = (authorization: string | undefined): boolean =>
  authorization === `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`
