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

/** Called just before a record is made: whoever dies afterwards is known to have been about to make it. */
export type Mark = () => Promise<void>

/** What of Pipedrive we use. Every call throws a PipedriveFailure. Costs in tokens are the account's (reference 2.4). */
export interface Pipedrive extends AccountCalls, PersonCalls, DealCalls, ActivityCalls, WebhookCalls {}

/** What an account is made of. */
export interface AccountCalls {
  me(): Promise<EuDoPipedrive>
  users(): Promise<readonly UsuarioDoPipedrive[]>
  pipelines(): Promise<readonly { readonly id: number; readonly order_nr?: number | null | undefined }[]>
  stages(): Promise<readonly EtapaDoPipedrive[]>
  /** Its id. */
  addStage(name: string, pipeline: number): Promise<number>
  dealFields(): Promise<readonly CampoDoPipedrive[]>
  /** A text field; answers its code. */
  addDealField(name: string): Promise<string>
  addDealFieldOption(code: string, label: string): Promise<void>
  activityTypes(): Promise<readonly TipoDoPipedrive[]>
  /** Its key, which Pipedrive makes of the name. */
  addActivityType(name: string): Promise<string>
}

export interface PersonCalls {
  /** Ids; what the index knows, which is behind (20 tokens). */
  searchPersons(term: string, field: 'phone' | 'email'): Promise<readonly number[]>
  person(id: number): Promise<PessoaDoPipedrive>
  personsSince(since: Date): Promise<readonly PessoaDoPipedrive[]>
  addPerson(person: NewPerson, mark: Mark): Promise<number>
  /** Replaces the whole list. */
  setPhones(id: number, phones: readonly ContactWay[]): Promise<void>
}

export interface DealCalls {
  /** The last changed first. */
  openDeals(person: number, pipeline: number): Promise<readonly NegocioDoPipedrive[]>
  /** Of all states but deleted, unless one is named. */
  dealsSince(
    since: Date,
    filter?: { readonly person_id?: number; readonly status?: 'deleted' },
  ): Promise<readonly NegocioDoPipedrive[]>
  deal(id: number): Promise<NegocioDoPipedrive>
  dealsByField(code: string, value: string): Promise<readonly number[]>
  addDeal(deal: NewDeal, mark: Mark): Promise<number>
  /** Only what is named changes. Answers the deal as it is then. */
  updateDeal(id: number, change: Partial<NewDeal>): Promise<NegocioDoPipedrive>
  notesOf(deal: number): Promise<readonly { readonly id: number; readonly content?: string | null | undefined }[]>
  addNote(deal: number, content: string, mark: Mark): Promise<number>
}

export interface ActivityCalls {
  activitiesOf(deal: number): Promise<readonly AtividadeDoPipedrive[]>
  activitiesSince(since: Date): Promise<readonly AtividadeDoPipedrive[]>
  activity(id: number): Promise<AtividadeDoPipedrive>
  /** Only what is named changes. Answers the activity as it is then. */
  updateActivity(
    id: number,
    change: { readonly done?: boolean; readonly owner_id?: number },
  ): Promise<AtividadeDoPipedrive>
  addActivity(activity: NewActivity, mark: Mark): Promise<number>
}

export interface WebhookCalls {
  /** Everybody's. */
  webhooks(): Promise<readonly GanchoDoPipedrive[]>
  /** Of version 2; its id. A webhook cannot be changed. */
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
