import type { FailureKind, PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import type { Budget, Pause } from '../../integrations/pipedrive/limits.js'
import type { Core } from '../core.js'
import { describe } from '../lib/logger.js'
import { LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import { type AccountDocuments, accountDocuments, readAccount } from './model.js'

/** The same failure is written down again only after this time, and so is what is left of the day; ms. */
const TOLD_MS = 10_000
/** Failures that are normal: a record was deleted, a call came too early. */
const EVERYDAY: readonly FailureKind[] = ['nao_encontrado', 'limite']

type Base = Pick<Core, 'connection' | 'clock' | 'logger'>
type Update = Parameters<ReturnType<typeof accountDocuments<'estado'>>['updateOne']>[1]

/** How the account is doing, as all replicas know it. */
export interface Known {
  /** Those that hold now. */
  readonly pausas: readonly { readonly falha: string; readonly ate: Date }[]
  readonly ultimo_erro?: NonNullable<AccountDocuments['estado']['ultimo_erro']>
  readonly ultima_sincronizacao?: NonNullable<AccountDocuments['estado']['ultima_sincronizacao']>
  readonly orcamento?: Budget
}

/** Why calls are paused, what failed and what went well last, shared by all replicas. What cannot be written is only logged. */
export class Situation {
  readonly #base: Base
  #told = { falha: '', at: Number.NEGATIVE_INFINITY }
  #budgetAt = Number.NEGATIVE_INFINITY
  #writing: Promise<void> = Promise.resolve()

  constructor(base: Base) {
    this.#base = base
  }

  paused({ falha, ate }: Pause): void {
    const isShown = falha !== 'limite' && falha !== 'limite_do_plano'
    this.#write({ $set: { [`pausas.${falha}`]: { ate }, ...(isShown && { pausa: { falha, ate } }) } })
  }

  /** It ended before its time. */
  resumed(falha: FailureKind): void {
    this.#write({ $unset: { [`pausas.${falha}`]: '' } })
    this.#write({ $unset: { pausa: '' } }, { 'pausa.falha': falha })
  }

  failed({ falha }: PipedriveFailure): void {
    const at = this.#base.clock.elapsed()
    if (EVERYDAY.includes(falha) || (this.#told.falha === falha && at - this.#told.at < TOLD_MS)) return
    this.#told = { falha, at }
    this.#write({ $set: { ultimo_erro: { em: this.#base.clock.now(), falha } } })
  }

  /** All work waits for a failure that no call showed. */
  held(failure: PipedriveFailure): void {
    const { falha, waitMs = 0 } = failure
    this.failed(failure)
    this.paused({ falha, ate: new Date(this.#base.clock.now().getTime() + waitMs) })
  }

  /** A protocol is whole there. */
  synced(protocolo: string): void {
    this.#write({ $set: { ultima_sincronizacao: { em: this.#base.clock.now(), protocolo } } })
  }

  /** By each answer; written now and then. */
  budget(orcamento: Budget): void {
    const at = this.#base.clock.elapsed()
    if (orcamento.restante > 0 && at - this.#budgetAt < TOLD_MS) return
    this.#budgetAt = at
    this.#write({ $set: { orcamento } })
  }

  /** A process that starts may have a new token, so a pause for a bad token ends; the first call shows if it is good. */
  started(): void {
    for (const falha of ['token', 'empresa'] as const) this.resumed(falha)
  }

  /** Leaves out pauses that are over. */
  async read(): Promise<Known> {
    const { pausa, pausas = {}, ...rest } = (await readAccount(this.#base.connection, 'estado')) ?? {}
    const { ultimo_erro, ultima_sincronizacao, orcamento } = rest
    const all = { ...(pausa && { [pausa.falha]: { ate: pausa.ate } }), ...pausas }
    const now = this.#base.clock.now()
    const held = Object.entries(all).flatMap(([falha, { ate }]) => (ate > now ? [{ falha, ate }] : []))
    return { pausas: held, ...omitUndefined({ ultimo_erro, ultima_sincronizacao, orcamento }) }
  }

  /** Resolves when everything reported so far has been written. */
  settled(): Promise<void> {
    return this.#writing
  }

  /** @param only writes only where this holds */
  #write(update: Update, only?: { 'pausa.falha': FailureKind }): void {
    const options = { upsert: only === undefined, ...LIMIT }
    this.#writing = this.#writing
      .then(async () => {
        await accountDocuments(this.#base.connection, 'estado').updateOne({ _id: 'estado', ...only }, update, options)
      })
      .catch((error: unknown) =>
        this.#base.logger.warn(describe(error), 'what went wrong with Pipedrive was not written down'),
      )
  }
}
