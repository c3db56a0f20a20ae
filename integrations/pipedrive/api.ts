import type {
  AtividadeDoPipedrive,
  CampoDoPipedrive,
  EtapaDoPipedrive,
  EuDoPipedrive,
  GanchoDoPipedrive,
  NegocioDoPipedrive,
  PessoaDoPipedrive,
  TipoDoPipedrive,
  UsuarioDoPipedrive,
} from './schema.js'

/** Called just before a record is made. Makes durable that it may exist, so that a crash does not lead to a second one. */
export type Mark = () => Promise<void>

/**
 * What of Pipedrive we use. Every call throws a PipedriveFailure. Costs in tokens are the account's
 * (docs/vendors/pipedrive.md#costs-and-limits).
 */
export interface Pipedrive extends AccountCalls, PersonCalls, DealCalls, ActivityCalls, WebhookCalls {}

/** The account's settings and users. */
export interface AccountCalls {
  me(): Promise<EuDoPipedrive>
  users(): Promise<readonly UsuarioDoPipedrive[]>
  pipelines(): Promise<readonly { readonly id: number; readonly order_nr?: number | null | undefined }[]>
  stages(): Promise<readonly EtapaDoPipedrive[]>
  /** Answers the stage's id. */
  addStage(name: string, pipeline: number): Promise<number>
  dealFields(): Promise<readonly CampoDoPipedrive[]>
  /** A text field; answers its code. */
  addDealField(name: string): Promise<string>
  addDealFieldOption(code: string, label: string): Promise<void>
  activityTypes(): Promise<readonly TipoDoPipedrive[]>
  /** Answers its key, which Pipedrive derives from the name. */
  addActivityType(name: string): Promise<string>
}

export interface PersonCalls {
  /** Ids from the search index, which lags behind the records (20 tokens). */
  searchPersons(term: string, field: 'phone' | 'email'): Promise<readonly number[]>
  person(id: number): Promise<PessoaDoPipedrive>
  personsSince(since: Date): Promise<readonly PessoaDoPipedrive[]>
  addPerson(person: NewPerson, mark: Mark): Promise<number>
  /** Replaces the whole list. */
  setPhones(id: number, phones: readonly ContactWay[]): Promise<void>
}

export interface DealCalls {
  /** Sorted by change, the latest first. */
  openDeals(person: number, pipeline: number): Promise<readonly NegocioDoPipedrive[]>
  /** Deals changed since then, in all states but deleted unless one is named. */
  dealsSince(
    since: Date,
    filter?: { readonly person_id?: number; readonly status?: 'deleted' },
  ): Promise<readonly NegocioDoPipedrive[]>
  deal(id: number): Promise<NegocioDoPipedrive>
  dealsByField(code: string, value: string): Promise<readonly number[]>
  addDeal(deal: NewDeal, mark: Mark): Promise<number>
  /** Changes only the fields given. Answers the whole deal after the change. */
  updateDeal(id: number, change: Partial<NewDeal>): Promise<NegocioDoPipedrive>
  notesOf(deal: number): Promise<readonly { readonly id: number; readonly content?: string | null | undefined }[]>
  addNote(deal: number, content: string, mark: Mark): Promise<number>
}

export interface ActivityCalls {
  activitiesOf(deal: number): Promise<readonly AtividadeDoPipedrive[]>
  activitiesSince(since: Date): Promise<readonly AtividadeDoPipedrive[]>
  activity(id: number): Promise<AtividadeDoPipedrive>
  /** Changes only the fields given. Answers the whole activity after the change. */
  updateActivity(
    id: number,
    change: { readonly done?: boolean; readonly owner_id?: number },
  ): Promise<AtividadeDoPipedrive>
  addActivity(activity: NewActivity, mark: Mark): Promise<number>
}

export interface WebhookCalls {
  /** All of the account, of other applications too. */
  webhooks(): Promise<readonly GanchoDoPipedrive[]>
  /** Makes one of version 2 and answers its id. A webhook cannot be changed afterwards. */
  addWebhook(webhook: NewWebhook): Promise<number>
  deleteWebhook(id: number): Promise<void>
}

/** A telephone or an e-mail address. */
export interface ContactWay {
  readonly value: string
  readonly label?: string
  readonly primary?: boolean
}

export interface NewPerson {
  readonly name: string
  readonly owner_id?: number
  readonly phones?: readonly ContactWay[]
  readonly emails?: readonly ContactWay[]
}

export interface NewDeal {
  readonly title: string
  readonly owner_id?: number
  readonly person_id?: number
  readonly stage_id?: number
  /** Replaces the whole list. */
  readonly label_ids?: readonly number[]
  readonly custom_fields?: Readonly<Record<string, string>>
}

export interface NewActivity {
  readonly subject: string
  readonly type: string
  readonly deal_id: number
  readonly owner_id?: number
  readonly person_id?: number
  /** UTC. */
  readonly due_date: string
  readonly due_time: string
}

export interface NewWebhook {
  readonly name: string
  readonly subscription_url: string
  readonly event_action: 'create' | 'change' | 'delete'
  readonly event_object: 'deal' | 'activity' | 'person' | 'user'
  readonly http_auth_user: string
  readonly http_auth_password: string
}
