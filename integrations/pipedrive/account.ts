import { type Cached, cached } from '../../src/lib/cached.js'
import type { Clock } from '../../src/lib/clock.js'
import { omitUndefined } from '../../src/lib/omit.js'
import type { Pipedrive } from './client.js'
import { PipedriveFailure, unlessRefused } from './failure.js'
import { CAMPOS, type Campo, type Codes, type NamedFields } from './mapping.js'
import { isSame } from './named.js'
import type {
  CampoDoPipedrive,
  EtapaDoPipedrive,
  EtiquetaDeLeadDoPipedrive,
  EuDoPipedrive,
  FunilDoPipedrive,
  TipoDoPipedrive,
  UsuarioDoPipedrive,
} from './schema.js'
import { findStage, type Place, type WantedPlace } from './stage.js'

const KEPT_MS = 6 * 3_600_000
/** A user or a field of ours that a cached list lacks makes us read the list again, at most this often for the same one. */
const MISS_MS = 600_000

/** What an account has under the name of one of our fields. */
export interface FieldMatch {
  /** The first whose type holds text. */
  readonly campo: CampoDoPipedrive | undefined
  /** All fields of that name. */
  readonly sameName: readonly CampoDoPipedrive[]
}

const CAMPO_NAMES = ['protocolo', 'consultor', 'canal', 'idioma'] as const satisfies readonly Campo[]
const USER_TYPE = 'user'
const TEXT_TYPES = ['varchar', 'text']
/** Of a key that people copied from the account. */
export const FIELD_KEY = /^[0-9a-f]{40}$/

/**
 * A field of ours among the account's, by the key or the name that is set, else by the name that we give it: they have no other
 * mark (docs/vendors/pipedrive.md#custom-fields).
 */
export function findField(fields: readonly CampoDoPipedrive[], campo: Campo, named: NamedFields = {}): FieldMatch {
  const wanted = named[campo] ?? CAMPOS[campo]
  const isIt = ({ field_code, field_name }: CampoDoPipedrive): boolean =>
    FIELD_KEY.test(wanted) ? field_code === wanted : isSame(field_name, wanted)
  const sameName = fields.filter((one) => one.is_custom_field !== false && isIt(one))
  return { campo: sameName.find((one) => fits(one, campo)), sameName }
}

/** Does it take what we write? The consultor may be a user of the account too. */
const fits = ({ field_type }: CampoDoPipedrive, campo: Campo): boolean =>
  field_type == null || TEXT_TYPES.includes(field_type) || (campo === 'consultor' && field_type === USER_TYPE)

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

/** May a record be given to this user? */
export const isActiveUser = (users: readonly UsuarioDoPipedrive[], id: number): boolean =>
  users.some((one) => one.id === id && one.active_flag !== false && one.is_deleted !== true)

/** The code of a failure of a stage that a chat account names. */
export const OF_AN_ACCOUNT = 'da_conta'

/** One of our fields, and what the account has for it. */
export interface OurField {
  readonly nome: string
  readonly campo: CampoDoPipedrive | undefined
}

const codesOf = (fields: readonly CampoDoPipedrive[], named: NamedFields): Codes => {
  const codeOf = (campo: Campo): string | undefined => findField(fields, campo, named).campo?.field_code
  const isOfUser = findField(fields, 'consultor', named).campo?.field_type === USER_TYPE
  return omitUndefined({
    porUsuario: isOfUser || undefined,
    protocolo: codeOf('protocolo'),
    consultor: codeOf('consultor'),
    canal: codeOf('canal'),
    idioma: codeOf('idioma'),
  })
}

/** Cache of what an account is made of and hardly changes: read once in six hours, and again after a refusal. */
export class Account {
  readonly #clock: Clock
  readonly #named: NamedFields
  readonly #fields: Cached<readonly CampoDoPipedrive[]>
  readonly #pipelines: Cached<readonly FunilDoPipedrive[]>
  readonly #stages: Cached<readonly EtapaDoPipedrive[]>
  readonly #leadLabels: Cached<readonly EtiquetaDeLeadDoPipedrive[]>
  readonly #types: Cached<readonly TipoDoPipedrive[]>
  readonly #me: Cached<EuDoPipedrive>
  readonly #users: Cached<readonly UsuarioDoPipedrive[]>
  /** When each user was last missing from a list, by `clock.elapsed()`, ms. */
  readonly #missed = new Map<number, number>()
  /** When the list of users was last refused, ms. */
  #refusedAt = Number.NEGATIVE_INFINITY

  /** @param named fields of the account that are used as ours */
  constructor(pipedrive: Pipedrive, clock: Clock, named: NamedFields = {}) {
    this.#clock = clock
    this.#named = named
    this.#fields = cached(clock, KEPT_MS, () => pipedrive.dealFields())
    this.#me = cached(clock, KEPT_MS, () => pipedrive.me())
    this.#users = cached(clock, KEPT_MS, () => pipedrive.users())
    this.#pipelines = cached(clock, KEPT_MS, () => pipedrive.pipelines())
    this.#stages = cached(clock, KEPT_MS, () => pipedrive.stages())
    this.#leadLabels = cached(clock, KEPT_MS, () => pipedrive.leadLabels())
    this.#types = cached(clock, KEPT_MS, () => pipedrive.activityTypes())
  }

  /** Codes of our fields, as far as the account has them. Of several with one name the first that takes text counts. */
  async codes(): Promise<Codes> {
    const known = codesOf(await this.#fields.get(), this.#named)
    const isNew = this.#clock.elapsed() - this.#fields.askedAt() < MISS_MS
    if (isNew || CAMPO_NAMES.every((campo) => known[campo] !== undefined)) return known
    this.#fields.forget()
    return codesOf(await this.#fields.get(), this.#named)
  }

  /** Our fields, whether the account has them or not. */
  async campos(): Promise<OurField[]> {
    const known = await this.#fields.get()
    return CAMPO_NAMES.map((campo) => {
      const { campo: found } = findField(known, campo, this.#named)
      return { nome: found?.field_name ?? this.#named[campo] ?? CAMPOS[campo], campo: found }
    })
  }

  /** The id of the label of this name; `undefined` when none is wanted, or the account has none: looked for again after ten minutes. */
  async etiqueta(nome: string | undefined): Promise<number | undefined> {
    if (nome === undefined) return undefined
    return this.#find([this.#fields], async () => findLabel(findLabelField(await this.#fields.get()), nome))
  }

  /** The same of a lead, whose labels are others. */
  async etiquetaDeLead(nome: string | undefined): Promise<string | undefined> {
    if (nome === undefined) return undefined
    return this.#find(
      [this.#leadLabels],
      async () => (await this.#leadLabels.get()).find(({ name }) => isSame(name, nome))?.id,
    )
  }

  /** May an activity be of this type? */
  async hasType(key: string): Promise<boolean> {
    return (await this.#types.get()).some(({ key_string, active_flag }) => key_string === key && active_flag !== false)
  }

  /** Where new deals begin. Throws when the account has no such stage; that is looked for again after ten minutes. */
  async lugar(wanted: WantedPlace): Promise<Place> {
    const found = await this.#find([this.#stages, this.#pipelines], () => this.#place(wanted))
    if (found) return found
    throw new PipedriveFailure('etapa', 0, { waitMs: MISS_MS, code: wanted.daConta ? OF_AN_ACCOUNT : undefined })
  }

  /** What is found in these lists; where it is not, and the first of them is older than ten minutes, they are read again. */
  async #find<T>(lists: readonly Cached<unknown>[], find: () => Promise<T | undefined>): Promise<T | undefined> {
    const known = await find()
    const askedAt = lists[0]?.askedAt() ?? Number.NEGATIVE_INFINITY
    if (known !== undefined || this.#clock.elapsed() - askedAt < MISS_MS) return known
    for (const one of lists) one.forget()
    return find()
  }

  async #place(wanted: WantedPlace): Promise<Place | undefined> {
    const lists = { pipelines: () => this.#pipelines.get(), stages: () => this.#stages.get() }
    return (await findStage(lists, wanted)).lugar
  }

  /** Whose token it is, and of which company. */
  me(): Promise<EuDoPipedrive> {
    return this.#me.get()
  }

  /** Throws when the token is of another company: customers and ids of one company mean nothing in another. */
  async ensureCompany(dominio: string | undefined): Promise<void> {
    if (dominio === undefined || (await this.me()).company_domain === dominio) return
    throw new PipedriveFailure('empresa', 0, { waitMs: MISS_MS })
  }

  users(): Promise<readonly UsuarioDoPipedrive[]> {
    return this.#users.get()
  }

  /** The users; `undefined` where the token's user may not see them. */
  async usersIfAllowed(): Promise<readonly UsuarioDoPipedrive[] | undefined> {
    if (this.#clock.elapsed() - this.#refusedAt < MISS_MS) return undefined
    const users = await this.users().catch(unlessRefused)
    if (!users) this.#refusedAt = this.#clock.elapsed()
    return users
  }

  /** May a record be given to this user? Where the users cannot be read, the record's own call shows it. */
  async isActive(id: number): Promise<boolean> {
    const began = this.#clock.elapsed()
    const known = await this.usersIfAllowed()
    if (!known || isActiveUser(known, id)) return true
    const missed = this.#missed.get(id)
    if (missed !== undefined && this.#clock.elapsed() - missed < MISS_MS) return false
    // A list that was asked for meanwhile is new enough: another caller missed the same user.
    if (this.#users.askedAt() < began) this.#users.forget()
    const again = await this.usersIfAllowed()
    if (!again) return true
    const found = isActiveUser(again, id)
    if (found) this.#missed.delete(id)
    else this.#missed.set(id, this.#clock.elapsed())
    return found
  }

  /** To be called when a user has changed. */
  forgetUsers(): void {
    this.#users.forget()
    this.#missed.clear()
    this.#refusedAt = Number.NEGATIVE_INFINITY
  }

  /** To be called after a refusal: everything is read again. */
  forget(): void {
    this.forgetUsers()
    for (const one of [this.#fields, this.#pipelines, this.#stages, this.#types, this.#leadLabels, this.#me])
      one.forget()
  }
}
