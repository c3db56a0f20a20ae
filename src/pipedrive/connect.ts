import type { Connection } from 'mongoose'
import { Account } from '../../integrations/pipedrive/account.js'
import type { Pipedrive } from '../../integrations/pipedrive/api.js'
import { pipedriveClient } from '../../integrations/pipedrive/client.js'
import type { PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import { Limits } from '../../integrations/pipedrive/limits.js'
import type { Config } from '../config.js'
import type { Clock } from '../lib/clock.js'
import type { Logger } from '../lib/logger.js'
import { Situation } from './situation.js'

export interface ConnectOptions {
  readonly config: Config
  readonly connection: Connection
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  /** Of each call, ms; 10 s when absent. */
  readonly pipedriveTimeoutMs?: number
}

/** One account, with what holds all calls to it together. */
export interface Connected {
  readonly pipedrive: Pipedrive
  readonly account: Account
  readonly limits: Limits
  readonly situation: Situation
}

/** The account of this token, under its limits; what goes wrong is told to all replicas. */
export function connectPipedrive(options: ConnectOptions, token: string): Connected {
  const { config, connection, clock, random, logger, pipedriveTimeoutMs: timeoutMs } = options
  const situation = new Situation(connection, clock, logger)
  const limits = new ToldLimits(clock, random, situation, logger)
  const pipedrive = pipedriveClient({
    token,
    ...addressOf(config),
    gate: limits,
    ...(timeoutMs !== undefined && { timeoutMs }),
  })
  const account = new Account(pipedrive, clock, config.PIPEDRIVE_ETAPA, config.PIPEDRIVE_ETIQUETA)
  return { pipedrive, account, limits, situation }
}

/** Limits whose pauses and failures are told. */
class ToldLimits extends Limits {
  readonly #situation: Situation

  constructor(clock: Clock, random: () => number, situation: Situation, logger: Logger) {
    super(clock, random, (pausa) => {
      logger.warn({ falha: pausa.falha, ate: pausa.ate.toISOString() }, 'Pipedrive is left alone until then')
      situation.paused(pausa)
    })
    this.#situation = situation
  }

  override failed(failure: PipedriveFailure): void {
    super.failed(failure)
    this.#situation.failed(failure)
  }
}

/** Where the API is: the company's own host, or while nobody has named the company the common one, whose v1 has another path. */
export function addressOf({
  PIPEDRIVE_BASE_URL,
  PIPEDRIVE_DOMINIO,
}: Pick<Config, 'PIPEDRIVE_BASE_URL' | 'PIPEDRIVE_DOMINIO'>): { readonly base: string; readonly v1?: string } {
  if (PIPEDRIVE_BASE_URL !== undefined) return { base: `${PIPEDRIVE_BASE_URL}/api` }
  if (PIPEDRIVE_DOMINIO !== undefined) return { base: `https://${PIPEDRIVE_DOMINIO}.pipedrive.com/api` }
  return { base: 'https://api.pipedrive.com/api', v1: 'https://api.pipedrive.com/v1' }
}
