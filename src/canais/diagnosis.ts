import type { AnyAdapter, Connection, Explanation } from '../../integrations/contract.js'
import { type HttpAnswer, HttpFailure } from '../lib/http-client.js'
import { parseJson } from '../lib/json.js'
import type { OutboundFailure } from '../lib/outbound.js'

/** What is wrong with an account's connection: a word that stays the same (docs/motivos.md), and what to do about it. */
export interface Diagnosis {
  readonly motivo: string
  readonly detalhe: string
}

/** The last thing that a check asked for, and what came of it. */
export interface Exchange {
  readonly url: string
  readonly outcome: HttpAnswer | HttpFailure
}

/** An account as a diagnosis speaks of it. */
export interface Subject {
  readonly adapter: Pick<AnyAdapter, 'nome'>
  readonly connection: Connection<unknown>
  readonly ajustes: unknown
}

/** How sure it is that the API of the platform answered: it said yes, it said no in words that only it has, or in JSON like its own. */
export type Rank = 3 | 2 | 1 | 0

/** Says what is wrong, where the path of the address is not to blame. */
export function diagnose(subject: Subject, failure: OutboundFailure, exchange: Exchange | undefined): Diagnosis {
  if (!exchange) return unasked(subject, failure)
  const { outcome } = exchange
  if (outcome instanceof HttpFailure) return ofNoAnswer(subject, outcome)
  const explained = explain(subject, exchange)
  if (explained) return ofExplanation(subject, explained)
  // The adapter read the answer, and found in it what is wrong.
  if (outcome.status < 300 && failure.motivo !== 'resposta_inesperada') return ofAdapter(subject, failure.motivo)
  return ofAnswer(subject, outcome)
}

export function rankOf(subject: Subject, exchange: Exchange | undefined): Rank {
  if (!exchange || exchange.outcome instanceof HttpFailure) return 0
  if (explain(subject, exchange)) return 2
  const { outcome } = exchange
  return [401, 403].includes(outcome.status) && isJson(outcome) ? 1 : 0
}

const explain = ({ connection }: Subject, { url, outcome }: Exchange): Explanation | undefined => {
  if (outcome instanceof HttpFailure || connection.explain === undefined) return undefined
  const { pathname, search } = new URL(url)
  return connection.explain({ status: outcome.status, path: pathname + search, body: parseJson(outcome.text) })
}

const isJson = ({ text }: HttpAnswer): boolean => typeof parseJson(text) === 'object'

/** What stands behind scheme, host and port of the account's address; empty when nothing does. */
export function behindHost({ connection, ajustes }: Subject): string {
  const { url } = connection.server(ajustes)
  if (connection.isWhole || url === undefined) return ''
  const { pathname, search, hash } = new URL(url)
  return pathname === '/' && search === '' && hash === '' ? '' : pathname + search + hash
}

/** A path was pasted behind the address. `right` is the address that answered in its place, or is the likeliest. */
export const ofPath = (subject: Subject, right: string, isSure: boolean): Diagnosis => ({
  motivo: 'caminho_a_mais',
  detalhe: `${setting(serverField(subject))} tem um caminho a mais: use ${right}${
    isSure ? `, onde a API responde` : ` (o endereço do servidor, sem o que vem depois)`
  }`,
})

const MOTIVOS_DE_RECUSA: Readonly<Record<Explanation['motivo'], (subject: Subject, field?: string) => string>> = {
  chave_errada: (subject, field) =>
    `${subject.adapter.nome} respondeu, e recusou a chave: confira ${settings(field ? [field] : subject.connection.keys)}`,
  conta_desconhecida: (subject, field = subject.connection.account) =>
    `${subject.adapter.nome} aceitou a conversa, mas não conhece ${valueIn(subject, field)}: confira ${setting(field ?? serverField(subject))}`,
  sem_permissao: (subject, field) =>
    `${subject.adapter.nome} conhece a chave, mas ela não tem permissão para isto: confira ${settings(field ? [field] : subject.connection.keys)}`,
}

const ofExplanation = (subject: Subject, { motivo, field, hint }: Explanation): Diagnosis => ({
  motivo,
  detalhe: MOTIVOS_DE_RECUSA[motivo](subject, field) + (hint === undefined ? '' : `. ${hint}`),
})

function ofAdapter(subject: Subject, motivo: string): Diagnosis {
  const { nome } = subject.adapter
  const account = setting(subject.connection.account ?? serverField(subject))
  if (motivo === 'conta_desconhecida') return ofExplanation(subject, { motivo })
  const words: Readonly<Record<string, string>> = {
    instancia_desconectada: `chave e endereço estão certos, mas o WhatsApp de ${account} está desconectado: leia o QR de novo na ${nome}`,
  }
  return { motivo, detalhe: words[motivo] ?? `${nome} respondeu, mas não como deve: ${motivo}` }
}

function unasked(subject: Subject, { motivo }: OutboundFailure): Diagnosis {
  const { connection, ajustes } = subject
  const { field, url } = connection.server(ajustes)
  const missing = [
    ...(url === undefined ? [field] : []),
    ...connection.keys.filter((key) => settingOf(ajustes, key) === undefined),
  ]
  return { motivo, detalhe: `nada foi perguntado: falta ${settings(missing)}. Sem isso a conta recebe, mas não envia` }
}

function ofAnswer(subject: Subject, answer: HttpAnswer): Diagnosis {
  const { nome } = subject.adapter
  const host = hostOf(subject)
  const { status } = answer
  if (status >= 300 && status < 400) return ofRedirect(subject, answer)
  if (/plain HTTP request was sent to HTTPS|Client sent an HTTP request to an HTTPS/i.test(answer.text))
    return useHttps(subject)
  if (status === 401 || (status === 403 && isJson(answer))) return ofExplanation(subject, { motivo: 'chave_errada' })
  const isPage = !isJson(answer) && answer.text.trim() !== ''
  const isUnrouted = /cannot (?:get|post) \//i.test(answer.text)
  if (status === 404 && !isPage && !isUnrouted) return ofExplanation(subject, { motivo: 'conta_desconhecida' })
  if (status === 502 || status === 503 || status === 504)
    return {
      motivo: `http_${status}`,
      detalhe: `em ${host} um proxy responde, mas o servidor atrás dele não: confira se ${nome} está no ar`,
    }
  if (status === 429 || status >= 500)
    return { motivo: `http_${status}`, detalhe: `${nome} respondeu ${status} em ${host}: tente de novo; se dura, é lá` }
  const what = isPage ? `uma página ou um texto (status ${status})` : `status ${status}`
  return {
    motivo: 'resposta_inesperada',
    detalhe: `quem responde em ${host} não parece ser ${nome}: veio ${what}. Confira ${setting(serverField(subject))}`,
  }
}

function ofRedirect(subject: Subject, { headers }: HttpAnswer): Diagnosis {
  const { url } = subject.connection.server(subject.ajustes)
  const from = url === undefined ? undefined : new URL(url)
  const location = headers.location ?? ''
  const to = URL.canParse(location, url) ? new URL(location, url) : undefined
  if (from?.protocol === 'http:' && to?.protocol === 'https:' && to.hostname === from.hostname) return useHttps(subject)
  const isElsewhere = to !== undefined && to.origin !== from?.origin
  return {
    motivo: 'redireciona',
    detalhe: isElsewhere
      ? `${hostOf(subject)} manda para ${to.origin}: se é esse o servidor, ponha-o em ${setting(serverField(subject))}`
      : `${hostOf(subject)} manda para outra página: ${setting(serverField(subject))} deve ser o endereço da API`,
  }
}

const useHttps = (subject: Subject): Diagnosis => ({
  motivo: 'use_https',
  detalhe: `${hostOf(subject)} fala https, e não http: troque http:// por https:// em ${setting(serverField(subject))}`,
})

const UNKNOWN_NAME = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA', 'ESERVFAIL', 'EAI_NONAME', 'EAI_FAIL'])
const NOT_REACHED = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ETIMEDOUT', 'EADDRNOTAVAIL'])
/** What Node says where the other side does not speak TLS. */
const NO_TLS = /^(?:EPROTO|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL))$/
const CERTIFICATES: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'é assinado por ele mesmo',
  SELF_SIGNED_CERT_IN_CHAIN: 'vem de uma autoridade própria, que este servidor não conhece',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'vem sem o certificado intermediário',
  UNABLE_TO_GET_ISSUER_CERT: 'vem sem o certificado intermediário',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'vem de uma autoridade que este servidor não conhece',
  CERT_HAS_EXPIRED: 'venceu',
  CERT_NOT_YET_VALID: 'ainda não vale (ou o relógio deste servidor está errado)',
  ERR_TLS_CERT_ALTNAME_INVALID: 'é de outro nome',
}

function ofNoAnswer(subject: Subject, { kind, code = '' }: HttpFailure): Diagnosis {
  const { nome } = subject.adapter
  const field = setting(serverField(subject))
  const host = hostOf(subject)
  const { hostname } = urlOf(subject)
  if (kind === 'destino_recusado')
    return {
      motivo: 'destino_recusado',
      detalhe: `${hostname} é um endereço interno: se é mesmo o seu servidor, inclua ${hostname} em DESTINOS_INTERNOS e inicie de novo`,
    }
  if (UNKNOWN_NAME.has(code)) {
    const maybe = code === 'EAI_AGAIN' ? ', ou o DNS desta máquina não responde' : ''
    return {
      motivo: 'nome_desconhecido',
      detalhe: `ninguém conhece o nome ${hostname}: confira como está escrito em ${field}${maybe}. Em contêineres, use o nome do serviço, com os dois na mesma rede`,
    }
  }
  const certificate = CERTIFICATES[code]
  if (certificate !== undefined)
    return {
      motivo: 'certificado',
      detalhe: `o certificado de ${host} ${certificate}: conserte-o lá (Let's Encrypt, por exemplo), ou confira o nome em ${field}`,
    }
  if (NO_TLS.test(code))
    return {
      motivo: 'use_http',
      detalhe: `${host} não fala https nesta porta: confira a porta, ou use http:// em ${field}`,
    }
  if (code.startsWith('HPE_')) return useHttps(subject)
  if (kind === 'sem_resposta')
    return {
      motivo: 'sem_resposta',
      detalhe: `${host} aceitou a conexão e não respondeu: confira porta, http ou https, e se ${nome} está bem`,
    }
  return {
    motivo: 'ninguem_escuta',
    detalhe: `ninguém atende em ${host}${NOT_REACHED.has(code) || code === 'TIMEOUT' ? ' (a rede não chega lá, ou um firewall cala)' : ''}: confira a porta em ${field} e se ${nome} está no ar${inContainer(hostname)}`,
  }
}

const inContainer = (hostname: string): string =>
  /^(?:localhost|127\.|\[?::1\]?$)/.test(hostname)
    ? '. Dentro de um contêiner, este endereço é o próprio contêiner: use host.docker.internal ou o nome do serviço'
    : ''

const serverField = ({ connection, ajustes }: Subject): string => connection.server(ajustes).field

const urlOf = ({ connection, ajustes }: Subject): { hostname: string; host: string } => {
  const { url } = connection.server(ajustes)
  return url !== undefined && URL.canParse(url) ? new URL(url) : { hostname: '', host: '' }
}

const hostOf = (subject: Subject): string => urlOf(subject).host

const setting = (field: string): string => `\`ajustes.${field}\``
const settings = (fields: readonly string[]): string => fields.map(setting).join(' e ')

const settingOf = (ajustes: unknown, field: string): unknown =>
  Object.entries(Object(ajustes)).find(([name]) => name === field)?.[1]

const valueIn = ({ ajustes }: Subject, field: string | undefined): string => {
  const value = field === undefined ? undefined : settingOf(ajustes, field)
  return value === undefined ? 'esta conta' : `“${String(value)}”`
}
