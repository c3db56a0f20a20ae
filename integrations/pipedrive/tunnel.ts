import { request } from 'node:http'
import { Agent, type RequestOptions, request as secureRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'

const CONNECT_MS = 10_000
/** The kind of failure of a call that never left (docs/vendors/pipedrive.md#failures). */
const UNREACHED = 'EHOSTUNREACH'

type Opened = (error: Error | null, stream: Duplex) => void

/**
 * Sends https calls through a proxy, by CONNECT, so that it sees neither token nor customer: axios itself would send the whole
 * request to it.
 */
export class TunnelAgent extends Agent {
  readonly #proxy: URL

  constructor(proxy: string) {
    super()
    this.#proxy = new URL(proxy)
  }

  override createConnection({ host, port, servername }: RequestOptions, opened?: Opened): undefined {
    const target = `${host}:${port ?? 443}`
    const failed = (error: Error): void => opened?.(error, undefined as never)
    const asked = this.#ask(target)
    asked.once('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) {
        opened?.(null, connect({ socket, servername: servername ?? host ?? undefined }))
        return
      }
      socket.destroy()
      failed(unreached(`the proxy answers ${statusCode}`))
    })
    // An ordinary answer is a refusal.
    asked.once('response', (answer) => {
      answer.resume()
      failed(unreached(`the proxy answers ${answer.statusCode}`))
    })
    asked.once('timeout', () => asked.destroy(unreached('the proxy does not answer')))
    asked.once('error', failed)
    asked.end()
  }

  #ask(target: string) {
    const { protocol, hostname, port, username, password } = this.#proxy
    const isSecure = protocol === 'https:'
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    const headers = {
      host: target,
      ...(username !== '' && { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }),
    }
    const host = hostname.replace(/^\[|\]$/g, '')
    const where = { host, port: port === '' ? (isSecure ? 443 : 80) : Number(port) }
    return (isSecure ? secureRequest : request)({
      ...where,
      ...{ method: 'CONNECT', path: target, headers, timeout: CONNECT_MS, agent: false },
    })
  }
}

const unreached = (why: string): Error => Object.assign(new Error(why), { code: UNREACHED })

/** Is this host among those to be reached without a proxy? `.exemplo.com` and `exemplo.com` are the host and all below it. */
export const isExempt = (host: string, exempt: readonly string[]): boolean =>
  exempt.some((one) => {
    const name = one
      .trim()
      .toLowerCase()
      .replace(/^\*?\./, '')
      .replace(/:\d+$/, '')
    return one.trim() === '*' || (name !== '' && (host === name || host.endsWith(`.${name}`)))
  })
