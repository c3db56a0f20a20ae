import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import { BlockList, isIP } from 'node:net'
import { OwnError } from './errors.js'

const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 1_000_000

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs?: number
}

export interface HttpAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
}

/** One call, no redirects. Throws an HttpFailure when there was no answer. */
export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>

/**
 * `nao_enviado`: the request was not sent. `sem_resposta`: it may have taken effect. `destino_recusado`: an address that a
 * setting may not name.
 */
export class HttpFailure extends OwnError {
  override readonly name = 'HttpFailure' as const
  readonly kind: 'nao_enviado' | 'sem_resposta' | 'destino_recusado'
  /** What the system or the TLS library calls it (`ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED` …); `TIMEOUT` past our limit. */
  readonly code: string | undefined

  constructor(kind: HttpFailure['kind'], detail: string, code?: string) {
    super(detail)
    this.kind = kind
    this.code = code
  }
}

/** Addresses of this machine, of private networks and of cloud metadata: no setting of an account may reach them. */
const INTERNAL_V4 = new BlockList()
/** A list of its own: in a common one the network of mapped IPv4 addresses would match every IPv4 address. */
const INTERNAL_V6 = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Azure's own services, at an address that looks public.
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  INTERNAL_V4.addSubnet(net, bits, 'ipv4')
}
for (const [net, bits] of [
  ['::', 96],
  ['::ffff:0:0', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  INTERNAL_V6.addSubnet(net, bits, 'ipv6')
}

export const isInternal = (address: string): boolean =>
  isIP(address) === 6 ? INTERNAL_V6.check(address, 'ipv6') : INTERNAL_V4.check(address, 'ipv4')

type Address = Pick<LookupAddress, 'address' | 'family'>
type Lookup = (host: string) => Promise<Address[]>

const bareHost = (host: string): string => host.replace(/^\[|\]$/g, '').toLowerCase()

const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined

const notFound = (error?: unknown): never => {
  throw new HttpFailure('nao_enviado', 'o nome do servidor não foi encontrado', codeOf(error) ?? 'ENOTFOUND')
}

/** Resolves a host once and checks all its addresses; the connection then goes to the checked address, not to the name. */
async function resolve(host: string, allowed: ReadonlySet<string>, find: Lookup): Promise<Address> {
  const bare = bareHost(host)
  const family = isIP(bare)
  const found = family > 0 ? [{ address: bare, family }] : await find(bare).catch(notFound)
  const [first] = found
  if (!first) return notFound()
  if (!allowed.has(bare) && found.some(({ address }) => isInternal(address))) {
    throw new HttpFailure(
      'destino_recusado',
      `${bare} é um endereço interno; se for mesmo o seu servidor, inclua-o em DESTINOS_INTERNOS`,
    )
  }
  return first
}

/**
 * The only client for addresses that an account names: http(s), no redirects, no proxy, one connection a call, limits on time and size.
 *
 * @param internos hosts that may be internal (`DESTINOS_INTERNOS`)
 * @param find asked once a call for the addresses of a name
 */
export function httpClient(
  internos: readonly string[],
  find: Lookup = (host) => lookup(host, { all: true }),
): HttpClient {
  const allowed = new Set(internos.map(bareHost))
  return async (request) => {
    const target = new URL(request.url)
    if (target.protocol !== 'http:' && target.protocol !== 'https:') {
      throw new HttpFailure('destino_recusado', 'só http e https')
    }
    const limit = AbortSignal.timeout(request.timeoutMs ?? TIMEOUT_MS)
    const late = new Promise<never>((_, reject) => {
      limit.onabort = () => reject(new HttpFailure('nao_enviado', 'sem resposta no prazo', 'TIMEOUT'))
    })
    const address = await Promise.race([resolve(target.hostname, allowed, find), late])
    return send(target, address, request, limit)
  }
}

function send(target: URL, { address, family }: Address, { method, headers, body }: HttpRequest, signal: AbortSignal) {
  return new Promise<HttpAnswer>((resolve, reject) => {
    const isTls = target.protocol === 'https:'
    let left = false
    const fail = (error?: unknown): void => {
      const code = signal.aborted ? 'TIMEOUT' : codeOf(error)
      if (left) reject(new HttpFailure('sem_resposta', 'a chamada pode ter sido recebida', code))
      else reject(new HttpFailure('nao_enviado', 'o servidor não aceitou a conexão', code))
    }
    const request = (isTls ? overHttps : overHttp)(
      target,
      {
        method,
        headers: { ...headers, ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }) },
        agent: false,
        signal,
        lookup: (_host, options, callback) =>
          options.all ? callback(null, [{ address, family }]) : callback(null, address, family),
      },
      (answer) => {
        const chunks: Buffer[] = []
        let size = 0
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > MAX_ANSWER_BYTES) request.destroy()
          else chunks.push(chunk)
        })
        answer.on('error', fail)
        answer.on('aborted', () => fail())
        answer.on('end', () => {
          const given = Object.entries(answer.headers)
          resolve({
            status: answer.statusCode ?? 0,
            headers: Object.fromEntries(given.map(([name, one]) => [name, Array.isArray(one) ? one.join() : one])),
            text: Buffer.concat(chunks).toString('utf8'),
          })
        })
      },
    )
    request.on('socket', (socket) => {
      socket.once(isTls ? 'secureConnect' : 'connect', () => {
        left = true
      })
    })
    request.on('error', fail)
    request.on('close', () => fail())
    request.end(body)
  })
}
