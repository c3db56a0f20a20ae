import { OwnError } from '../../src/lib/errors.js'

/** A header of an answer by its name in lower case. */
export type Header = (name: string) => string | undefined

const MAX_WAIT_MS = 3_600_000

/** What became of a call, as far as it decides what to do next (docs/vendors/pipedrive.md#failures), in words for people. */
const TEXTOS = {
  /** The request was never sent. */
  nao_enviado: 'o Pipedrive não foi alcançado: confira a rede',
  /** No usable answer: it may have taken effect. */
  sem_resposta: 'o Pipedrive não respondeu como se espera, e não se sabe se o pedido valeu: rode de novo',
  /** Too many calls in two seconds. */
  limite: 'o Pipedrive pediu para ir mais devagar: tente de novo em um minuto',
  /** The company's tokens of the day are used up. */
  sem_orcamento: 'os tokens do dia desta empresa acabaram: tudo continua quando o Pipedrive os renovar',
  /** Cloudflare refuses us for a while. */
  banido: 'o Pipedrive barrou as chamadas por alguns minutos',
  /** The token is no longer valid, or the account is closed. */
  token: 'o token não vale mais: gere outro no Pipedrive e defina PIPEDRIVE_API_TOKEN',
  /** The token is of another company than the one that was named. */
  empresa: 'o token é de outra empresa: confira PIPEDRIVE_DOMINIO',
  /** The account has no such stage, so that no deal can be looked for or made. */
  etapa:
    'a conta não tem a etapa de PIPEDRIVE_ETAPA ou de PIPEDRIVE_FUNIL: corrija a variável, ou crie a etapa lá e tudo continua',
  /** The plan allows no more records of this kind (docs/vendors/pipedrive.md#what-a-plan-allows). */
  limite_do_plano:
    'o limite do plano no Pipedrive foi atingido; negócios e leads fechados também contam: aumente o plano ou exclua os que não servem mais',
  /** The record does not exist, or no longer. */
  nao_encontrado: 'o Pipedrive não encontrou o que foi pedido',
  /** The request itself is wrong: repeating cannot help. */
  recusada: 'o Pipedrive recusou o pedido',
  /** Pipedrive itself is in trouble. */
  indisponivel: 'o Pipedrive está com problemas: tente de novo mais tarde',
} as const

export type FailureKind = keyof typeof TEXTOS

/** A call to Pipedrive that failed. It holds no token, no header of ours and no words of the answer. */
export class PipedriveFailure extends OwnError {
  override readonly name = 'PipedriveFailure' as const
  readonly falha: FailureKind
  readonly status: number
  readonly code: string | undefined
  /** How long to wait, ms: Pipedrive asks for it, or our own limits. */
  readonly waitMs: number | undefined

  constructor(falha: FailureKind, status = 0, more: { code?: string | undefined; waitMs?: number | undefined } = {}) {
    super(`${falha}${status > 0 ? ` (${status})` : ''}`)
    this.falha = falha
    this.status = status
    this.code = more.code
    this.waitMs = more.waitMs
  }

  /** It is certain that the call had no effect. */
  get isUndone(): boolean {
    return this.falha !== 'sem_resposta' && this.falha !== 'indisponivel'
  }

  /** It concerns every call to this account, not this one alone. */
  get isEveryones(): boolean {
    return ['limite', 'sem_orcamento', 'banido', 'token', 'empresa', 'etapa'].includes(this.falha)
  }
}

interface Answered {
  readonly status: number
  readonly isJson: boolean
  readonly code: string | undefined
  /** Whether a refusal is the plan's, by its code or its words. */
  readonly isCap?: boolean
  readonly header: Header
}

/**
 * In ms, at most an hour: what the header holds when the day's budget is gone is not documented
 * (docs/vendors/pipedrive.md#what-429-does-not-tell).
 */
function secondsOf(header: string | undefined): number | undefined {
  const ms = Number(header) * 1_000
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, MAX_WAIT_MS) : undefined
}

/** The failure that an answer is; `undefined` when it is none. */
export function failureOf({ status, isJson, code, isCap = false, header }: Answered): PipedriveFailure | undefined {
  if (status >= 200 && status < 300 && isJson) return undefined
  const waitMs = secondsOf(header('x-ratelimit-reset')) ?? secondsOf(header('retry-after'))
  const make = (falha: FailureKind, more = {}): PipedriveFailure =>
    new PipedriveFailure(falha, status, { code, ...more })
  if (status >= 200 && status < 300) return make('sem_resposta')
  if (status === 401 || status === 402) return make('token')
  if (status === 429)
    return header('x-daily-ratelimit-token-remaining') === '0' ? make('sem_orcamento') : make('limite', { waitMs })
  if (status === 403 && !isJson) return make('banido')
  if (status === 403 && isCap) return make('limite_do_plano')
  if (status === 404 || status === 410) return make('nao_encontrado')
  if (status === 408 || status === 502 || status === 504) return make('sem_resposta')
  if (status >= 500 || status < 400) return make('indisponivel', { waitMs })
  return make('recusada')
}

/** A plan's refusal is known by its code or, as it may come without one, by its words. */
export const isCap = (code: string | undefined, words: unknown): boolean =>
  code?.startsWith('feature_capping') === true ||
  (typeof words === 'string' && words.length < 500 && /\blimits?\b|\bquota\b|\bupgrade\b/i.test(words))

/** The kind of a failure in words, for people; a kind that this release does not know stays as it is. */
export const inWords = (falha: string): string => Object.entries(TEXTOS).find(([kind]) => kind === falha)?.[1] ?? falha

/** What happened, and what to do, for people; nothing of what was asked or said. */
export function explain({ falha, status }: PipedriveFailure): string {
  if (status === 403 && falha === 'recusada') return 'o usuário do token não tem permissão para isso'
  return `${TEXTOS[falha]}${status > 0 ? ` (${status})` : ''}`
}

/** For `catch`: `undefined` when the call was refused or the record does not exist, else throws again. */
export function unlessRefused(error: unknown): undefined {
  const isRefused = error instanceof PipedriveFailure && ['recusada', 'nao_encontrado'].includes(error.falha)
  if (!isRefused) throw error
}

/** For `catch`: `undefined` when the record does not exist, else throws again. */
export function unlessGone(error: unknown): undefined {
  if (!(error instanceof PipedriveFailure) || error.falha !== 'nao_encontrado') throw error
}
