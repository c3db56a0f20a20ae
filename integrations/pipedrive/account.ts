import type { Clock } from '../../src/lib/clock.js'
import type { Pipedrive } from './api.js'
import { PipedriveFailure } from './failure.js'
import { CAMPOS, type Campo } from './mapping.js'
import type { UsuarioDoPipedrive } from './schema.js'

const KEPT_MS = 6 * 3_600_000
/** A user who is not in the list makes us ask again, but for the same one not more often than this. */
const MISS_MS = 600_000
/** A list that is younger was asked for by whoever misses the same user at the same time. */
const FRESH_MS = 5_000

export interface Etapa {
  readonly id: number
  readonly pipeline_id: number
}

type Codes = Readonly<Partial<Record<Campo, string>>>

interface Kept<T> {
  readonly em: number
  readonly value: Promise<T>
}

/** What an account is made of and hardly changes: asked once in six hours, and again after something did not fit. */
export class Account {
  readonly #pipedrive: Pipedrive
  readonly #clock: Clock
  readonly #etapa: number | undefined
  readonly #kept = new Map<string, Kept<unknown>>()
  /** Users who were in no list, by the time of the last. */
  readonly #missed = new Map<number, number>()

  /** @param etapa id of the stage where new deals begin; absent: the first of the first pipeline */
  constructor(pipedrive: Pipedrive, clock: Clock, etapa: number | undefined) {
    this.#pipedrive = pipedrive
    this.#clock = clock
    this.#etapa = etapa
  }

  /** Codes of our fields, as far as the account has them. Of several with one name the first counts. */
  codes(): Promise<Codes> {
    return this.#once('codes', KEPT_MS, async () => {
      const fields = await this.#pipedrive.dealFields()
      const codes: Partial<Record<Campo, string>> = {}
      for (const campo of ['protocolo', 'consultor', 'canal', 'idioma'] as const) {
        const code = fields.find(({ field_name }) => field_name === CAMPOS[campo])?.field_code
        if (code !== undefined) codes[campo] = code
      }
      return codes
    })
  }

  /** Where new deals begin. Throws when the account has no such stage. */
  etapa(): Promise<Etapa> {
    return this.#once('etapa', KEPT_MS, async () => {
      const [pipelines, stages] = [await this.#pipedrive.pipelines(), await this.#pipedrive.stages()]
      const byOrder = <T extends { readonly order_nr?: number | null | undefined }>(list: readonly T[]): T[] =>
        [...list].sort((a, b) => (a.order_nr ?? 0) - (b.order_nr ?? 0))
      const first = byOrder(pipelines)[0]?.id
      const found =
        this.#etapa === undefined
          ? byOrder(stages.filter((one) => one.pipeline_id === first))[0]
          : stages.find(({ id }) => id === this.#etapa)
      if (!found) throw new PipedriveFailure('recusada', 0, { code: 'etapa_desconhecida' })
      return { id: found.id, pipeline_id: found.pipeline_id }
    })
  }

  users(): Promise<readonly UsuarioDoPipedrive[]> {
    return this.#once('users', KEPT_MS, () => this.#pipedrive.users())
  }

  /** May a record be given to this user? */
  async isActive(id: number): Promise<boolean> {
    const isThere = (users: readonly UsuarioDoPipedrive[]): boolean =>
      users.some((one) => one.id === id && one.active_flag !== false && one.is_deleted !== true)
    if (isThere(await this.users())) return true
    const missed = this.#missed.get(id)
    if (missed !== undefined && this.#clock.elapsed() - missed < MISS_MS) return false
    if (this.#isOlder('users', FRESH_MS)) this.#kept.delete('users')
    const found = isThere(await this.users())
    if (found) this.#missed.delete(id)
    else this.#missed.set(id, this.#clock.elapsed())
    return found
  }

  /** Something did not fit: all of it is asked again. */
  forget(): void {
    this.#kept.clear()
    this.#missed.clear()
  }

  #isOlder(name: string, ms: number): boolean {
    const known = this.#kept.get(name)
    return !known || this.#clock.elapsed() - known.em >= ms
  }

  async #once<T>(name: string, ms: number, ask: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(name)
    // What is kept under a name is what this name's question answered.
    if (known && !this.#isOlder(name, ms)) return (await known.value) as T
    const value = ask()
    this.#kept.set(name, { em: this.#clock.elapsed(), value })
    value.catch(() => this.#kept.delete(name))
    return value
  }
}
