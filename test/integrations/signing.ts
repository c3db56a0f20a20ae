import { createHash, createHmac } from 'node:crypto'
import type { WebhookRequest } from '../../integrations/contract.js'
import { fill } from './template.js'

/** One way in which a platform shows that it is itself; `fixtures/autentica.json` has all of them by name. */
export interface Way {
  readonly metodo?: 'GET'
  readonly url?: string
  readonly cabecalhos?: Readonly<Record<string, string>>
  /** Whose path the secret stands in. */
  readonly caminho?: true
  /** A JSON body that holds the secret. */
  readonly corpo?: object
  /** The secret is one of the platform's own, a setting: it is not renewed here. */
  readonly doFornecedor?: true
  /** How `{assinatura}` is made. */
  readonly assina?: {
    readonly hmac: 'sha1' | 'sha256' | 'sha512'
    readonly em: 'hex' | 'base64' | 'base64url'
    /** The key's bytes: the secret's text as it is, unless said otherwise. */
    readonly chave?: 'base64'
    readonly sobre: string
    /** Claims of a JWT, `{jwt}` in `sobre`; `alg` goes into its header. */
    readonly jwt?: { readonly alg?: string; readonly [claim: string]: unknown }
  }
}

export interface ToSign {
  readonly secret: string
  readonly body: string
  readonly url: string
  readonly now: Date
  readonly id?: string
}

/** Fields of a form, sorted by name, each with its value behind it, as Twilio signs them. */
const sortedForm = (body: string): string =>
  [...new URLSearchParams(body)]
    .map(([name, value]) => name + value)
    .sort()
    .join('')

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The header and claims of a JWT, before its signature; it holds for ten minutes. */
const jwtOf = ({ alg = 'HS256', ...claims }: { readonly alg?: string }, now: Date): string =>
  `${base64url({ alg, typ: 'JWT' })}.${base64url({ exp: Math.floor(now.getTime() / 1_000) + 600, ...claims })}`

/** What a request has to carry so that this way finds it authentic. */
export function signed(way: Way, { secret, body, url, now, id = 'msg_1' }: ToSign): Partial<WebhookRequest> {
  const { assina } = way
  const values = {
    segredo: secret,
    segredo_em_url: encodeURIComponent(secret),
    basic: Buffer.from(`quem:${secret}`).toString('base64'),
    agora: String(Math.floor(now.getTime() / 1_000)),
    id,
    url,
    corpo: body,
    formulario: sortedForm(body),
    sha256: createHash('sha256').update(body).digest('hex'),
    jwt: assina?.jwt ? jwtOf(assina.jwt, now) : '',
  }
  const address = way.url === undefined ? url : fill(way.url, values)
  const all = { ...values, url: address, assinatura: '' }
  if (assina) {
    const key = assina.chave === 'base64' ? Buffer.from(secret.replace(/^whsec_/, ''), 'base64') : secret
    all.assinatura = createHmac(assina.hmac, key).update(fill(assina.sobre, all)).digest(assina.em)
  }
  return {
    url: address,
    headers: fill(way.cabecalhos ?? {}, all),
    ...(way.metodo && { method: way.metodo }),
    ...(way.caminho && { pathSecret: secret }),
    body: Buffer.from(way.corpo ? JSON.stringify(fill(way.corpo, all)) : body),
  }
}
