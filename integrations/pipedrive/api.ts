import type { AtividadeDoPipedrive, NegocioDoPipedrive, PessoaDoPipedrive, UsuarioDoPipedrive } from './schema.js'

/** Called just before a record is made: whoever dies afterwards is known to have been about to make it. */
export type Mark = () => Promise<void>

/** What of Pipedrive we use. Every call throws a PipedriveFailure. Costs in tokens are the account's (reference 2.4). */
export interface Pipedrive {
  me(): Promise<{
    readonly id: number
    readonly company_domain: string
    readonly company_id?: number | null | undefined
  }>
  users(): Promise<readonly UsuarioDoPipedrive[]>
  pipelines(): Promise<readonly { readonly id: number; readonly order_nr?: number | null | undefined }[]>
  stages(): Promise<
    readonly { readonly id: number; readonly pipeline_id: number; readonly order_nr?: number | null | undefined }[]
  >
  dealFields(): Promise<readonly { readonly field_name: string; readonly field_code: string }[]>
  /** A text field; answers its code. */
  addDealField(name: string): Promise<string>
  /** Ids; what the index knows, which is behind (20 tokens). */
  searchPersons(term: string, field: 'phone' | 'email'): Promise<readonly number[]>
  person(id: number): Promise<PessoaDoPipedrive>
  personsSince(since: Date): Promise<readonly PessoaDoPipedrive[]>
  addPerson(person: NewPerson, mark: Mark): Promise<number>
  /** Replaces the whole list. */
  setPhones(id: number, phones: readonly ContactWay[]): Promise<void>
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
  activitiesOf(deal: number): Promise<readonly AtividadeDoPipedrive[]>
  activitiesSince(since: Date): Promise<readonly AtividadeDoPipedrive[]>
  activity(id: number): Promise<AtividadeDoPipedrive>
  /** Only what is named changes. Answers the activity as it is then. */
  updateActivity(
    id: number,
    change: { readonly done?: boolean; readonly owner_id?: number },
  ): Promise<AtividadeDoPipedrive>
  addActivity(activity: NewActivity, mark: Mark): Promise<number>
  notesOf(deal: number): Promise<readonly { readonly id: number; readonly content?: string | null | undefined }[]>
  addNote(deal: number, content: string, mark: Mark): Promise<number>
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
