import type { Connection } from 'mongoose'
import { Account } from '../../integrations/pipedrive/account.js'
import type { Pipedrive } from '../../integrations/pipedrive/client.js'
import { pipedriveClient } from '../../integrations/pipedrive/client.js'
import type { FailureKind, PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import { Limits, type Pause } from '../../integrations/pipedrive/limits.js'
import type { Config } from '../config.js'
import type { Clock } from '../lib/clock.js'
import { describe, type Logger } from '../lib/logger.js'
import { isDuplicateKey, LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import { type AccountDocuments, accountDocuments } from './model.js'

/** The same failure is written down again only after this time, ms. */
const TOLD_MS = 10_000
/** Failures that are normal: a record was deleted, a call came too early. */
const EVERYDAY: readonly FailureKind[] = ['nao_encontrado', 'limite']

export interface ConnectOptions {
  readonly config: Config
  readonly connection: Connection
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  /** Of each call, ms; 10 s when absent. */
  readonly pipedriveTimeoutMs?: number
}

/** One account, with the limits that all calls to it share. */
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
    ...omitUndefined({ timeoutMs }),
  })
  const account = new Account(pipedrive, clock, config.PIPEDRIVE_ETAPA, config.PIPEDRIVE_ETIQUETA)
  return { pipedrive, account, limits, situation }
}

/** Limits that write their pauses and failures down for all replicas. */
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

/** Why calls are paused and what failed last, shared by all replicas. What cannot be written is only logged. */
export class Situation {
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #logger: Logger
  #told = { falha: '', at: Number.NEGATIVE_INFINITY }
  #writing: Promise<void> = Promise.resolve()

  constructor(connection: Connection, clock: Clock, logger: Logger) {
    this.#connection = connection
    this.#clock = clock
    this.#logger = logger
  }

  paused({ falha, ate }: Pause): void {
    if (falha !== 'limite') this.#write({ $set: { pausa: { falha, ate } } })
  }

  failed({ falha }: PipedriveFailure): void {
    const at = this.#clock.elapsed()
    if (EVERYDAY.includes(falha) || (this.#told.falha === falha && at - this.#told.at < TOLD_MS)) return
    this.#told = { falha, at }
    this.#write({ $set: { ultimo_erro: { em: this.#clock.now(), falha } } })
  }

  /** A process that starts may have a new token, so a pause for a bad token ends; the first call shows if it is good. */
  started(): void {
    this.#write({ $unset: { pausa: '' } }, { 'pausa.falha': 'token' })
  }

  /** Leaves out a pause that is over. */
  async read(): Promise<AccountDocuments['estado']> {
    const found = await accountDocuments(this.#connection, 'estado').findOne({ _id: 'estado' }, LIMIT)
    const { pausa, ultimo_erro } = found ?? {}
    return omitUndefined({ pausa: pausa && pausa.ate > this.#clock.now() ? pausa : undefined, ultimo_erro })
  }

  /** Resolves when everything reported so far has been written. */
  settled(): Promise<void> {
    return this.#writing
  }

  /** @param writes only where this holds */
  #write(
    update: Parameters<ReturnType<typeof accountDocuments<'estado'>>['updateOne']>[1],
    only?: { 'pausa.falha': FailureKind },
  ): void {
    const options = { upsert: only === undefined, ...LIMIT }
    this.#writing = this.#writing
      .then(async () => {
        await accountDocuments(this.#connection, 'estado').updateOne({ _id: 'estado', ...only }, update, options)
      })
      .catch((error: unknown) =>
        this.#logger.warn(describe(error), 'what went wrong with Pipedrive was not written down'),
      )
  }
}

/** Stores the first time that a rule of the account changed an owner that we had set. False when one is stored already. */
export async function reportAutomatic(
  connection: Connection,
  found: AccountDocuments['atribuicao_automatica'],
): Promise<boolean> {
  try {
    await accountDocuments(connection, 'atribuicao_automatica').insertOne({ _id: 'atribuicao_automatica', ...found })
    return true
  } catch (error) {
    if (isDuplicateKey(error)) return false
    throw error
  }
}
