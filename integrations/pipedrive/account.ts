import type { Clock } from '../../src/lib/clock.js'
import type { Pipedrive } from './client.js'
import { PipedriveFailure } from './failure.js'
import { CAMPOS, type Campo } from './mapping.js'
import type { CampoDoPipedrive, EtapaDoPipedrive, EuDoPipedrive, UsuarioDoPipedrive } from './schema.js'

const KEPT_MS = 6 * 3_600_000
/** A user or a field of ours that a cached list lacks makes us read the list again, at most this often for the same one. */
const MISS_MS = 600_000

export interface StartStage {
  readonly id: number
  readonly pipeline_id: number
}

/** What an account has under the name of one of our fields. */
export interface FieldMatch {
  /** The first whose type holds text. */
  readonly campo: CampoDoPipedrive | undefined
  /** All fields of that name. */
  readonly iguais: readonly CampoDoPipedrive[]
}

const TEXT_TYPES = ['varchar', 'text']

/**
 * A field of ours among the account's, by its name: they have no other mark (docs/vendors/pipedrive.md#custom-fields).
 */
export function findField(fields: readonly CampoDoPipedrive[], name: string): FieldMatch {
  const iguais = fields.filter((one) => one.is_custom_field !== false && isSame(one.field_name, name))
  const isText = ({ field_type }: CampoDoPipedrive): boolean => field_type == null || TEXT_TYPES.includes(field_type)
  return { campo: iguais.find(isText), iguais }
}

/**
 * The field that holds a deal's labels. Its code in v2 is documented nowhere
 * (docs/vendors/pipedrive.md#the-field-of-labels), so its name counts too.
 */
export const findLabelField = (fields: readonly CampoDoPipedrive[]): CampoDoPipedrive | undefined =>
  fields.find(
    ({ is_custom_field, field_code, field_name, options }) =>
      is_custom_field !== true &&
      options != null &&
      (['label_ids', 'label'].includes(field_code) || ['Label', 'Etiqueta', 'Marcador'].includes(field_name)),
  )

/** The id of a label by its name. */
export const findLabel = (field: CampoDoPipedrive | undefined, name: string): number | undefined =>
  field?.options?.flatMap(({ id, label }) =>
    typeof id === 'number' && typeof label === 'string' && isSame(label, name) ? [id] : [],
  )[0]

const byOrder = <T extends { readonly order_nr?: number | null | undefined }>(list: readonly T[]): T[] =>
  [...list].sort((a, b) => (a.order_nr ?? 0) - (b.order_nr ?? 0))

/** The first pipeline, and where new deals begin: the stage of this id, of this name in that pipeline, or its first one. */
export async function findStage(
  pipedrive: Pick<Pipedrive, 'pipelines' | 'stages'>,
  wanted: number | string | undefined,
): Promise<{ readonly funil: number | undefined; readonly etapa: EtapaDoPipedrive | undefined }> {
  const funil = byOrder(await pipedrive.pipelines())[0]?.id
  const stages = await pipedrive.stages()
  if (typeof wanted === 'number') return { funil, etapa: stages.find(({ id }) => id === wanted) }
  const inFirst = byOrder(stages.filter((one) => one.pipeline_id === funil))
  return { funil, etapa: inFirst.find(({ name }) => wanted === undefined || isSame(name ?? '', wanted)) }
}

/** May a record be given to this user? */
export const isActiveUser = (users: readonly UsuarioDoPipedrive[], id: number): boolean =>
  users.some((one) => one.id === id && one.active_flag !== false && one.is_deleted !== true)

/** Compares names as people write them: without regard to capitals and outer spaces. */
const isSame = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()

function codesOf(fields: readonly CampoDoPipedrive[]): Codes {
  const codes: Partial<Record<Campo, string>> = {}
  for (const campo of ['protocolo', 'consultor', 'canal', 'idioma'] as const) {
    const code = findField(fields, CAMPOS[campo]).campo?.field_code
    if (code !== undefined) codes[campo] = code
  }
  return codes
}

type Codes = Readonly<Partial<Record<Campo, string>>>

interface Cached<T> {
  readonly at: number
  readonly value: Promise<T>
}

/** Cache of what an account is made of and hardly changes: read once in six hours, and again after a refusal. */
export class Account {
  readonly #pipedrive: Pipedrive
  readonly #clock: Clock
  readonly #etapa: number | string | undefined
  readonly #etiqueta: string | undefined
  readonly #kept = new Map<string, Cached<unknown>>()
  /** When each user was last missing from a list, by `clock.elapsed()`, ms. */
  readonly #missed = new Map<number, number>()

  /**
   * @param etapa id or name of the stage where new deals begin; absent: the first of the first pipeline
   * @param etiqueta name of the label that our deals have
   */
  constructor(pipedrive: Pipedrive, clock: Clock, etapa?: number | string, etiqueta?: string) {
    this.#pipedrive = pipedrive
    this.#clock = clock
    this.#etapa = etapa
    this.#etiqueta = etiqueta
  }

  /** Codes of our fields, as far as the account has them. Of several with one name the first that takes text counts. */
  async codes(): Promise<Codes> {
    const known = codesOf(await this.#fields())
    if (Object.keys(known).length === Object.keys(CAMPOS).length || !this.#isOlder('fields', MISS_MS)) return known
    this.#kept.delete('fields')
    return codesOf(await this.#fields())
  }

  /** The id of our label; `undefined` when none is set, or the account has none of that name. */
  async etiqueta(): Promise<number | undefined> {
    return this.#etiqueta === undefined ? undefined : findLabel(findLabelField(await this.#fields()), this.#etiqueta)
  }

  /** Where new deals begin. Throws when the account has no such stage. */
  etapa(): Promise<StartStage> {
    return this.#once('etapa', KEPT_MS, async () => {
      const { etapa } = await findStage(this.#pipedrive, this.#etapa)
      if (!etapa) throw new PipedriveFailure('recusada', 0, { code: 'etapa_desconhecida' })
      return { id: etapa.id, pipeline_id: etapa.pipeline_id }
    })
  }

  /** Whose token it is, and of which company. */
  me(): Promise<EuDoPipedrive> {
    return this.#once('me', KEPT_MS, () => this.#pipedrive.me())
  }

  /** Throws when the token is of another company: customers and ids of one company mean nothing in another. */
  async ensureCompany(dominio: string | undefined): Promise<void> {
    if (dominio === undefined || (await this.me()).company_domain === dominio) return
    throw new PipedriveFailure('empresa', 0, { waitMs: MISS_MS })
  }

  users(): Promise<readonly UsuarioDoPipedrive[]> {
    return this.#once('users', KEPT_MS, () => this.#pipedrive.users())
  }

  /** May a record be given to this user? */
  async isActive(id: number): Promise<boolean> {
    const began = this.#clock.elapsed()
    if (isActiveUser(await this.users(), id)) return true
    const missed = this.#missed.get(id)
    if (missed !== undefined && this.#clock.elapsed() - missed < MISS_MS) return false
    // A list that was asked for meanwhile is new enough: another caller missed the same user.
    if ((this.#kept.get('users')?.at ?? 0) < began) this.#kept.delete('users')
    const found = isActiveUser(await this.users(), id)
    if (found) this.#missed.delete(id)
    else this.#missed.set(id, this.#clock.elapsed())
    return found
  }

  /** To be called when a user has changed. */
  forgetUsers(): void {
    this.#kept.delete('users')
    this.#missed.clear()
  }

  /** To be called after a refusal: everything is read again. */
  forget(): void {
    this.#kept.clear()
    this.#missed.clear()
  }

  #fields(): Promise<readonly CampoDoPipedrive[]> {
    return this.#once('fields', KEPT_MS, () => this.#pipedrive.dealFields())
  }

  #isOlder(name: string, ms: number): boolean {
    const known = this.#kept.get(name)
    return !known || this.#clock.elapsed() - known.at >= ms
  }

  async #once<T>(name: string, ms: number, ask: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(name)
    // Each name is only ever used with one type of value, which the map cannot say.
    if (known && !this.#isOlder(name, ms)) return (await known.value) as T
    const value = ask()
    this.#kept.set(name, { at: this.#clock.elapsed(), value })
    value.catch(() => this.#kept.delete(name))
    return value
  }
}
