import type { Connection } from 'mongoose'
import type { Falha, PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import type { Pausa } from '../../integrations/pipedrive/limits.js'
import type { Clock } from '../lib/clock.js'
import { describe, type Logger } from '../lib/logger.js'
import { type Conta, conta } from './model.js'

const MAX_TIME_MS = 3_000
/** An outage is one error, told again when it is this old. */
const TOLD_MS = 10_000
/** Part of the everyday: a record was deleted, a call came too soon. */
const EVERYDAY: readonly Falha[] = ['nao_encontrado', 'limite']

/** Why nobody calls Pipedrive now and what went wrong last, as all replicas tell it. What cannot be written is only logged. */
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

  paused({ falha, ate }: Pausa): void {
    if (falha !== 'limite') this.#write({ $set: { pausa: { falha, ate } } })
  }

  failed({ falha }: PipedriveFailure): void {
    const at = this.#clock.elapsed()
    if (EVERYDAY.includes(falha) || (this.#told.falha === falha && at - this.#told.at < TOLD_MS)) return
    this.#told = { falha, at }
    this.#write({ $set: { ultimo_erro: { em: this.#clock.now(), falha } } })
  }

  /** A process that starts may have a new token: whether that holds, its first call tells. */
  started(): void {
    this.#write({ $unset: { pausa: '' } }, { 'pausa.falha': 'token' })
  }

  /** A pause that is over is none. */
  async read(): Promise<Conta['estado']> {
    const found = await conta(this.#connection, 'estado').findOne({ _id: 'estado' }, { maxTimeMS: MAX_TIME_MS })
    const { pausa, ultimo_erro } = found ?? {}
    return {
      ...(pausa && pausa.ate > this.#clock.now() && { pausa }),
      ...(ultimo_erro && { ultimo_erro }),
    }
  }

  /** Resolves when all has been written that was told. */
  settled(): Promise<void> {
    return this.#writing
  }

  /** @param only where this holds; else there is nothing to write */
  #write(
    update: Parameters<ReturnType<typeof conta<'estado'>>['updateOne']>[1],
    only?: { 'pausa.falha': Falha },
  ): void {
    const options = { upsert: only === undefined, maxTimeMS: MAX_TIME_MS }
    this.#writing = this.#writing
      .then(async () => {
        await conta(this.#connection, 'estado').updateOne({ _id: 'estado', ...only }, update, options)
      })
      .catch((error: unknown) =>
        this.#logger.warn(describe(error), 'what went wrong with Pipedrive was not written down'),
      )
  }
}
