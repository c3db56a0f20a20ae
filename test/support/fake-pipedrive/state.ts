/** What the fake account holds. Ids increase and are never given again. */
export interface Pessoa {
  readonly id: number
  name: string
  owner_id: number
  phones: { value: string; label: string; primary: boolean }[]
  emails: { value: string; label: string; primary: boolean }[]
  update_time: string
  add_time: string
  is_deleted: boolean
}

export interface Negocio {
  readonly id: number
  title: string
  owner_id: number
  person_id: number | null
  stage_id: number
  pipeline_id: number
  status: 'open' | 'won' | 'lost' | 'deleted'
  origin: 'API' | 'ManuallyCreated'
  custom_fields: Record<string, unknown>
  update_time: string
  add_time: string
}

export interface Atividade {
  readonly id: number
  subject: string
  type: string
  owner_id: number
  deal_id: number | null
  participants: { person_id: number; primary: boolean }[]
  due_date: string
  due_time: string
  done: boolean
  marked_as_done_time: string | null
  update_time: string
  add_time: string
}

export interface Nota {
  readonly id: number
  content: string
  deal_id: number | null
  update_time: string
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
}

export interface State {
  next: number
  persons: Pessoa[]
  deals: Negocio[]
  activities: Atividade[]
  notes: Nota[]
  users: Usuario[]
  fields: Campo[]
  readonly pipelines: { id: number; name: string; order_nr: number }[]
  readonly stages: { id: number; name: string; pipeline_id: number; order_nr: number }[]
}

/** An account with two pipelines, four users of which one is deactivated and one deleted, and no field of ours. */
export const newState = (): State => ({
  next: 100,
  persons: [],
  deals: [],
  activities: [],
  notes: [],
  users: [
    { id: 1, name: 'Integração', email: 'integracao@exemplo.com.br', active_flag: true, is_deleted: false },
    { id: 11, name: 'Ana', email: 'ana@exemplo.com.br', active_flag: true, is_deleted: false },
    { id: 12, name: 'Bia', email: 'bia@exemplo.com.br', active_flag: true, is_deleted: false },
    { id: 13, name: 'Caio', email: 'caio@exemplo.com.br', active_flag: false, is_deleted: false },
    { id: 14, name: 'Duda', email: 'duda@exemplo.com.br', active_flag: false, is_deleted: true },
  ],
  fields: [{ field_code: 'title', field_name: 'Title', field_type: 'varchar', is_custom_field: false }],
  pipelines: [
    { id: 1, name: 'Vendas', order_nr: 1 },
    { id: 2, name: 'Pós-venda', order_nr: 2 },
  ],
  stages: [
    { id: 1, name: 'Entrada', pipeline_id: 1, order_nr: 1 },
    { id: 2, name: 'Proposta', pipeline_id: 1, order_nr: 2 },
    { id: 3, name: 'Ativo', pipeline_id: 2, order_nr: 1 },
  ],
})
