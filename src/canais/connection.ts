import type { OutboundContext } from '../../integrations/contract.js'
import { type HttpClient, HttpFailure } from '../lib/http-client.js'
import { OutboundFailure } from '../lib/outbound.js'
import type { Canal } from './accounts.js'
import {
  behindHost,
  type Diagnosis,
  diagnose,
  type Exchange,
  ofPath,
  type Rank,
  rankOf,
  type Subject,
} from './diagnosis.js'

/** What a test of an account's connection found. */
export interface ConnectionTest {
  readonly credenciais: 'boas' | 'recusadas' | 'nao_verificadas'
  readonly motivo: string | null
  readonly detalhe: string | null
}

const UNVERIFIED: ConnectionTest = { credenciais: 'nao_verificadas', motivo: null, detalhe: null }

/** Asks the account's platform whether address, account and credentials are right. Changes nothing there. */
export async function testConnection(canal: Canal, out: OutboundContext<unknown>): Promise<ConnectionTest> {
  const { adapter } = canal
  const { connection, checkCredentials } = adapter
  if (!connection) return UNVERIFIED
  const subject: Subject = { adapter, connection, ajustes: out.account.ajustes }
  if (!checkCredentials) return reach(subject, out)
  const first = await attempt(out, (recorded) => checkCredentials(recorded))
  if (!first.failure) return { credenciais: 'boas', motivo: null, detalhe: null }
  const pasted = await pastedPath(subject, first.exchange, (ajustes) =>
    attempt({ ...out, account: { ...out.account, ajustes } }, (recorded) => checkCredentials(recorded)),
  )
  const found = pasted ?? diagnose(subject, first.failure, first.exchange)
  return { credenciais: found.motivo === 'sem_credenciais' ? 'nao_verificadas' : 'recusadas', ...found }
}

/** Does something else that calls out, and says what is wrong when it fails. */
export async function explained<T>(
  canal: Canal,
  out: OutboundContext<unknown>,
  run: (out: OutboundContext<unknown>) => Promise<T>,
): Promise<{ readonly done: T } | { readonly wrong: Diagnosis }> {
  const { adapter } = canal
  const { failure, exchange, value } = await attempt(out, run)
  if (value !== undefined) return { done: value }
  const given = failure ?? new OutboundFailure('erro_interno')
  if (!adapter.connection) return { wrong: { motivo: given.motivo, detalhe: given.motivo } }
  return { wrong: diagnose({ adapter, connection: adapter.connection, ajustes: out.account.ajustes }, given, exchange) }
}

/** Where nothing can be asked without an effect: does anybody answer? */
async function reach(subject: Subject, out: OutboundContext<unknown>): Promise<ConnectionTest> {
  const { url } = subject.connection.server(subject.ajustes)
  if (url === undefined) return UNVERIFIED
  const { failure, exchange } = await attempt(out, ({ http }) => http({ method: 'OPTIONS', url }))
  const outcome = exchange?.outcome
  if (failure && outcome instanceof HttpFailure)
    return { credenciais: 'recusadas', ...diagnose(subject, failure, exchange) }
  const detalhe = 'o endereço responde; o segredo só se prova com uma mensagem de verdade'
  return { ...UNVERIFIED, detalhe }
}

interface Attempt<T> {
  readonly value?: T
  readonly failure?: OutboundFailure
  readonly exchange: Exchange | undefined
}

/** Runs a check, and keeps the last thing that it asked and was told: read for a person who waits for it, and then forgotten. */
async function attempt<T>(
  out: OutboundContext<unknown>,
  check: (out: OutboundContext<unknown>) => Promise<T>,
): Promise<Attempt<T>> {
  let exchange: Exchange | undefined
  const http: HttpClient = async (request) => {
    try {
      const outcome = await out.http(request)
      exchange = { url: request.url, outcome }
      return outcome
    } catch (error) {
      if (error instanceof HttpFailure) exchange = { url: request.url, outcome: error }
      throw error
    }
  }
  try {
    return { value: await check({ ...out, http }), exchange }
  } catch (error) {
    return { failure: error instanceof OutboundFailure ? error : new OutboundFailure('erro_interno'), exchange }
  }
}

/** Of a pasted path so many steps are tried: `https://host`, `https://host/a`, `https://host/a/b`. */
const MOST_STEPS = 3

/**
 * Finds out whether a path behind the server's address is to blame, by asking at the addresses that it begins with: one that
 * answers more like the platform's API is the one that was meant. A server behind a path of its own stays as it is.
 */
async function pastedPath(
  subject: Subject,
  asked: Exchange | undefined,
  again: (ajustes: unknown) => Promise<Attempt<unknown>>,
): Promise<Diagnosis | undefined> {
  const behind = behindHost(subject)
  if (behind === '' || asked === undefined || asked.outcome instanceof HttpFailure) return undefined
  const { field, url = '' } = subject.connection.server(subject.ajustes)
  const before: Rank = rankOf(subject, asked)
  let best: { readonly rank: Rank; readonly server: string } | undefined
  for (const server of beginnings(url)) {
    const ajustes = { ...Object(subject.ajustes), [field]: server }
    const { failure, exchange } = await again(ajustes)
    const isGood = failure === undefined || failure.motivo === 'instancia_desconectada'
    const rank = isGood ? 3 : rankOf({ ...subject, ajustes }, exchange)
    if (rank > (best?.rank ?? before)) best = { rank, server }
    if (rank >= 2) break
  }
  if (best) return ofPath(subject, best.server, true)
  const { status, text } = asked.outcome
  const isNoApi = status === 404 || status < 400 || /^\s*</.test(text)
  return before === 0 && isNoApi ? ofPath(subject, new URL(url).origin, false) : undefined
}

/** The addresses that this one begins with, the shortest first, without itself. */
function beginnings(url: string): string[] {
  const { origin, pathname, search, hash } = new URL(url)
  const steps = pathname.split('/').filter((step) => step !== '')
  const isBare = search === '' && hash === ''
  const count = Math.min(MOST_STEPS, isBare ? steps.length : steps.length + 1)
  return Array.from({ length: count }, (_, taken) => [origin, ...steps.slice(0, taken)].join('/'))
}
