import type { Context } from 'koa'

/** Of which page a session is: each has a cookie of its own, so that one browser may have both open. */
export type Pagina = 'painel' | 'eu'

const NAMES: Readonly<Record<Pagina, string>> = { painel: 'vez', eu: 'vez-eu' }

/**
 * The cookie that holds a session. The prefix binds it to this host, and asks for TLS, which a browser also takes as given on
 * `localhost` (docs/vendors/browsers.md#cookies-with-a-prefix).
 */
export class Cookie {
  readonly #name: string
  readonly #attributes: string

  /** @param semTls it may travel without TLS */
  constructor(pagina: Pagina, semTls: boolean) {
    this.#name = semTls ? NAMES[pagina] : `__Host-${NAMES[pagina]}`
    this.#attributes = `Path=/; HttpOnly; SameSite=Strict${semTls ? '' : '; Secure'}`
  }

  /** What the browser sent; empty: nothing. */
  read(ctx: Context): string {
    const all = ctx.get('Cookie').split(/;\s*/)
    return all.find((one) => one.startsWith(`${this.#name}=`))?.slice(this.#name.length + 1) ?? ''
  }

  set(token: string, seconds: number): { 'Set-Cookie': string } {
    return { 'Set-Cookie': `${this.#name}=${token}; Max-Age=${Math.floor(seconds)}; ${this.#attributes}` }
  }

  clear(): { 'Set-Cookie': string } {
    return { 'Set-Cookie': `${this.#name}=; Max-Age=0; ${this.#attributes}` }
  }
}
