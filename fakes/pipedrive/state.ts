/** What the fake account holds. Ids increase and are never given again; times are v2's, RFC 3339 in whole seconds. */
export interface Contato {
  value: string
  label: string
  primary: boolean
}

interface Registro {
  readonly id: number
  owner_id: number
  add_time: string
  update_time: string
  /** Soft: it can still be seen where the documentation says so, and vanishes after 30 days. */
  is_deleted: boolean
  /** Who has swallowed it. */
  merged_to_id?: number
}

export interface Pessoa extends Registro {
  name: string
  org_id: number | null
  phones: Contato[]
  emails: Contato[]
  visible_to: number
  label_ids: number[]
  marketing_status: string
  custom_fields: Record<string, unknown>
}

export interface Negocio extends Registro {
  title: string
  creator_user_id: number
  person_id: number | null
  org_id: number | null
  stage_id: number
  pipeline_id: number
  value: number
  currency: string
  status: 'open' | 'won' | 'lost' | 'deleted'
  lost_reason: string | null
  won_time: string | null
  lost_time: string | null
  close_time: string | null
  stage_change_time: string | null
  expected_close_date: string | null
  probability: number | null
  is_archived: boolean
  visible_to: number
  label_ids: number[]
  origin: 'API' | 'ManuallyCreated'
  custom_fields: Record<string, unknown>
  /** The lead that it was. */
  source_lead_id: string | null
}

export interface Atividade extends Registro {
  subject: string
  type: string
  creator_user_id: number
  deal_id: number | null
  lead_id: string | null
  org_id: number | null
  participants: { person_id: number; primary: boolean }[]
  due_date: string | null
  /** UTC. */
  due_time: string | null
  duration: string | null
  busy: boolean
  done: boolean
  marked_as_done_time: string | null
  note: string | null
  public_description: string | null
  priority: number | null
}

/** Outside it is known by its `uuid` alone. */
export interface Lead extends Registro {
  readonly uuid: string
  title: string
  creator_user_id: number
  person_id: number | null
  organization_id: number | null
  label_ids: string[]
  value: { amount: number; currency: string } | null
  expected_close_date: string | null
  is_archived: boolean
  was_seen: boolean
  visible_to: '1' | '3' | '5' | '7'
  custom_fields: Record<string, unknown>
}

export interface Organizacao extends Registro {
  name: string
  visible_to: number
}

export interface Nota extends Registro {
  content: string
  deal_id: number | null
  lead_id: string | null
  person_id: number | null
  org_id: number | null
  pinned_to_deal_flag: boolean
  pinned_to_person_flag: boolean
}

export interface Usuario {
  readonly id: number
  name: string
  email: string
  active_flag: boolean
  is_deleted: boolean
}

export interface Campo {
  readonly field_code: string
  field_name: string
  field_type: string
  is_custom_field: boolean
  description: string | null
  options: { id: number; label: string }[] | null
}

export interface Gancho {
  readonly id: number
  readonly name: string
  readonly subscription_url: string
  readonly event_action: string
  readonly event_object: string
  readonly user_id: number
  readonly owner_id: number
  readonly http_auth_user: string | null
  readonly http_auth_password: string | null
  readonly version: '1.0' | '2.0'
  is_active: 0 | 1
  readonly add_time: string
  last_delivery_time: string | null
  last_http_status: number | null
  /** Events whose first try failed since the last ban. */
  strikes: number
  /** ms; its events are lost until then. */
  banned_until: number | null
  /** ms; of the first failure since the last success. */
  failing_since: number | null
}

/** The kinds that are lists of records with a life of their own. */
export interface Records {
  persons: Pessoa
  deals: Negocio
  activities: Atividade
  organizations: Organizacao
  notes: Nota
  leads: Lead
}
export type Kind = keyof Records

export interface State {
  next: number
  persons: Pessoa[]
  deals: Negocio[]
  activities: Atividade[]
  organizations: Organizacao[]
  notes: Nota[]
  leads: Lead[]
  leadLabels: { id: string; name: string; color: string; add_time: string; update_time: string }[]
  users: Usuario[]
  /** Of deals. */
  fields: Campo[]
  personFields: Campo[]
  webhooks: Gancho[]
  readonly pipelines: { id: number; name: string; order_nr: number }[]
  readonly stages: { id: number; name: string; pipeline_id: number; order_nr: number }[]
  /** By `key_string`, which is what an activity's `type` takes. */
  readonly activityTypes: { id: number; key_string: string; name: string; order_nr: number; active_flag: boolean }[]
}

/** The user whose token the fake knows: an administrator. */
export const TOKEN_USER = 1
/** The user who acts in the page, where nobody else is named. */
export const PAGE_USER = 11
export const COMPANY = { id: 77, domain: 'exemplo', host: 'exemplo.pipedrive.com', timezone: 'America/Sao_Paulo' }

const system = (field_code: string, field_name: string, field_type: string, labels?: readonly string[]): Campo => ({
  field_code,
  field_name,
  field_type,
  is_custom_field: false,
  description: null,
  options: labels?.map((label, place) => ({ id: 21 + place, label })) ?? null,
})

const TYPES = ['call', 'meeting', 'task', 'deadline', 'email', 'lunch']
const TYPE_NAMES = ['Chamada', 'Reunião', 'Tarefa', 'Prazo', 'E-mail', 'Almoço']

const user = (id: number, name: string, email: string, active_flag = true, is_deleted = false): Usuario => ({
  id,
  name,
  email: `${email}@exemplo.com.br`,
  active_flag,
  is_deleted,
})

/** An account with two pipelines, five users of which one is deactivated and one deleted, and no field of ours. */
export const newState = (): State => ({
  next: 100,
  persons: [],
  deals: [],
  activities: [],
  organizations: [],
  notes: [],
  leads: [],
  leadLabels: [],
  users: [
    user(TOKEN_USER, 'Integração', 'integracao'),
    user(PAGE_USER, 'Ana', 'ana'),
    user(12, 'Bia', 'bia'),
    user(13, 'Caio', 'caio', false),
    user(14, 'Duda', 'duda', false, true),
  ],
  fields: [
    system('title', 'Title', 'varchar'),
    system('owner_id', 'Owner', 'user'),
    // Its code in v2 is not documented: a client has to look the label field up by its name.
    system('label_ids', 'Label', 'set', ['Quente', 'Frio']),
  ],
  personFields: [system('name', 'Name', 'varchar'), system('label_ids', 'Label', 'set', ['Cliente'])],
  webhooks: [],
  pipelines: [
    { id: 1, name: 'Vendas', order_nr: 1 },
    { id: 2, name: 'Pós-venda', order_nr: 2 },
  ],
  stages: [
    { id: 1, name: 'Entrada', pipeline_id: 1, order_nr: 1 },
    { id: 2, name: 'Proposta', pipeline_id: 1, order_nr: 2 },
    { id: 3, name: 'Ativo', pipeline_id: 2, order_nr: 1 },
  ],
  activityTypes: TYPES.map((key_string, place) => ({
    id: place + 1,
    key_string,
    name: TYPE_NAMES[place] ?? key_string,
    order_nr: place + 1,
    active_flag: true,
  })),
})
