import type { Clock } from '../lib/clock.js'
import { describe, type Logger } from '../lib/logger.js'
import { OutboundFailure } from '../lib/outbound.js'
import { type Breaker, backoff } from './backoff.js'
import type { Tarefa } from './model.js'

const MAX_ATTEMPTS = 10

/** What is kept of work that was done. */
export interface Done {
  /** The platform's id of the text that was sent. */
  readonly mensagem_id?: string | undefined
}

/** What does one type of work. */
export interface Handler {
  /** Throws an OutboundFailure that says whether to repeat it. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most work has nothing to keep
  readonly run: (tarefa: Tarefa) => Promise<Done | void>
  /** Idempotent: doing it twice has the effect of doing it once. */
  readonly repeatable: boolean
  /** Has it been done? For what is not repeatable. `undefined`: the platform cannot tell, so it is not repeated. */
  readonly wasDone?: (tarefa: Tarefa) => Promise<boolean | undefined>
  /** Older work is not done any more but dies as `vencida`, ms. */
  readonly maxAgeMs: number
  /** 10 when absent. */
  readonly maxAttempts?: number
}

export interface AttemptDeps {
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  /** Of the account that is called. */
  readonly breaker: Breaker
}

/** Does the work and returns what to store of it: done, dead, or pending for another try. Never throws. */
export async function attempt(tarefa: Tarefa, handler: Handler, deps: AttemptDeps): Promise<Partial<Tarefa>> {
  const { clock, logger, breaker } = deps
  const ended = (estado: 'feita' | 'morta', motivo?: string): Partial<Tarefa> => ({
    estado,
    outcomeUnknown: false,
    encerrada_em: clock.now(),
    motivo,
  })
  if (clock.now().getTime() - tarefa.criada_em.getTime() > handler.maxAgeMs) return ended('morta', 'vencida')
  try {
    const mayHaveHappened = tarefa.outcomeUnknown === true || tarefa.estado === 'em_curso'
    if (mayHaveHappened && !handler.repeatable) {
      const wasDone = await handler.wasDone?.(tarefa)
      if (wasDone === undefined) return ended('morta', 'incerta')
      if (wasDone) return ended('feita')
    }
    const done = await handler.run(tarefa)
    breaker.succeeded()
    return { ...ended('feita'), ...done }
  } catch (error) {
    if (!(error instanceof OutboundFailure)) logger.error(describe(error), 'work failed in our own code')
    const failure = error instanceof OutboundFailure ? error : ownFailure(handler)
    if (failure.definitive) breaker.succeeded()
    else if (failure.unasked) breaker.skipped()
    else breaker.failed()
    const motivo = whyDead(tarefa, handler, failure)
    return motivo === undefined ? again(tarefa, failure, deps) : ended('morta', motivo)
  }
}

const ownFailure = ({ repeatable }: Handler): OutboundFailure =>
  new OutboundFailure('erro_interno', { unknown: !repeatable })

function whyDead(tarefa: Tarefa, handler: Handler, failure: OutboundFailure): string | undefined {
  const { motivo, definitive, unknown } = failure
  if (definitive) return motivo
  if (unknown && !handler.repeatable && !handler.wasDone) return 'incerta'
  if (tarefa.tentativas + 1 < (handler.maxAttempts ?? MAX_ATTEMPTS)) return undefined
  return unknown ? 'incerta' : `tentativas_esgotadas: ${motivo}`
}

function again(tarefa: Tarefa, { motivo, unknown, waitMs = 0 }: OutboundFailure, deps: AttemptDeps): Partial<Tarefa> {
  const wait = Math.max(waitMs, backoff(tarefa.tentativas, deps.random))
  const vence_em = new Date(deps.clock.now().getTime() + wait)
  return { estado: 'pendente', motivo, vence_em, outcomeUnknown: tarefa.outcomeUnknown === true || unknown }
}
