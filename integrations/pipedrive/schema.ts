import { z } from 'zod'

// Of the answers only what we use; everything else is left out (docs/vendors/pipedrive.md#answers: nearly all of it is
// optional).

const id = z.int().min(1)

/** v1 says 0/1 in some places and booleans in others. */
const flag = z.union([z.boolean(), z.literal(0), z.literal(1)]).transform(Boolean)

export const Telefone = z.object({
  value: z.string().nullish(),
  label: z.string().nullish(),
  primary: z.boolean().nullish(),
})

export const Pessoa = z.object({
  id,
  name: z.string().nullish(),
  owner_id: z.int().nullish(),
  org_id: z.int().nullish(),
  phones: z.array(Telefone).nullish(),
  emails: z.array(Telefone).nullish(),
  add_time: z.string().nullish(),
  update_time: z.string().nullish(),
  /** Softly deleted records can still be read for 30 days. */
  is_deleted: z.boolean().nullish(),
})
export type PessoaDoPipedrive = z.output<typeof Pessoa>

export const Organizacao = z.object({ id, owner_id: z.int().nullish(), is_deleted: z.boolean().nullish() })

export const Negocio = z.object({
  id,
  title: z.string().nullish(),
  owner_id: z.int().nullish(),
  person_id: z.int().nullish(),
  pipeline_id: z.int().nullish(),
  status: z.string().nullish(),
  is_deleted: z.boolean().nullish(),
  /** It cannot be changed any more (docs/vendors/pipedrive.md#archived-and-deleted-deals). */
  is_archived: z.boolean().nullish(),
  lost_reason: z.string().nullish(),
  label_ids: z.array(z.int()).nullish(),
  add_time: z.string().nullish(),
  update_time: z.string().nullish(),
  custom_fields: z.record(z.string(), z.unknown()).nullish(),
  /** The lead that it was before people turned it into a deal. */
  source_lead_id: z.string().nullish(),
})
export type NegocioDoPipedrive = z.output<typeof Negocio>

/** Its id is a UUID, and what was deleted or became a deal is not found (docs/vendors/pipedrive.md#leads). */
export const Lead = z.object({
  id: z.string().min(1).max(64),
  title: z.string().nullish(),
  owner_id: z.int().nullish(),
  person_id: z.int().nullish(),
  is_archived: z.boolean().nullish(),
  label_ids: z.array(z.string()).nullish(),
  add_time: z.string().nullish(),
  update_time: z.string().nullish(),
})
export type LeadDoPipedrive = z.output<typeof Lead>

export const EtiquetaDeLead = z.object({ id: z.string(), name: z.string().nullish() })

export const Atividade = z.object({
  id,
  subject: z.string().nullish(),
  deal_id: z.int().nullish(),
  owner_id: z.int().nullish(),
  done: z.boolean().nullish(),
  is_deleted: z.boolean().nullish(),
  add_time: z.string().nullish(),
  update_time: z.string().nullish(),
})
export type AtividadeDoPipedrive = z.output<typeof Atividade>

export const Nota = z.object({ id, content: z.string().nullish() })

export type UsuarioDoPipedrive = z.output<typeof Usuario>

export const Usuario = z.object({
  id,
  name: z.string().nullish(),
  email: z.string().nullish(),
  active_flag: flag.nullish(),
  is_deleted: flag.nullish(),
})

export const Campo = z.object({
  field_name: z.string(),
  field_code: z.string(),
  field_type: z.string().nullish(),
  is_custom_field: z.boolean().nullish(),
  /** Of fields that are not ours an id may be anything. */
  options: z.array(z.object({ id: z.unknown(), label: z.unknown() })).nullish(),
})
export type CampoDoPipedrive = z.output<typeof Campo>

export const Tipo = z.object({ key_string: z.string(), name: z.string().nullish(), active_flag: flag.nullish() })
export type TipoDoPipedrive = z.output<typeof Tipo>

export const Gancho = z.object({
  id,
  name: z.string().nullish(),
  subscription_url: z.string(),
  event_action: z.string(),
  event_object: z.string(),
  http_auth_user: z.string().nullish(),
  version: z.string().nullish(),
  is_active: flag.nullish(),
  last_http_status: z.int().nullish(),
})
export type GanchoDoPipedrive = z.output<typeof Gancho>

export const Funil = z.object({ id, name: z.string().nullish(), order_nr: z.number().nullish() })
export type FunilDoPipedrive = z.output<typeof Funil>
export const Etapa = z.object({ id, pipeline_id: z.int(), name: z.string().nullish(), order_nr: z.number().nullish() })
export type EtapaDoPipedrive = z.output<typeof Etapa>

export const TokenOwner = z.object({
  id,
  name: z.string().nullish(),
  active_flag: flag.nullish(),
  /** What the user may do, by part of the product. */
  access: z
    .array(z.object({ app: z.string(), admin: flag.nullish() }))
    .nullish()
    .catch(undefined),
  company_domain: z.string(),
  company_name: z.string().nullish(),
  company_id: z.int().nullish(),
})
export type EuDoPipedrive = z.output<typeof TokenOwner>

/** The parts of which an administrator makes fields, stages and webhooks (docs/vendors/pipedrive.md#who-is-an-administrator). */
const ADMIN_OF = ['sales', 'global']

/** Is this user an administrator? `undefined`: the answer does not say. */
export const isAdmin = ({ access }: EuDoPipedrive): boolean | undefined =>
  access == null || access.length === 0 ? undefined : access.some(({ app, admin }) => ADMIN_OF.includes(app) && admin)

export const Usuarios = z.array(Usuario)

/** v1: without paging, or with one that we do not need; an empty list may be `null`. */
const listOf = <S extends z.ZodType>(item: S) =>
  z
    .array(item)
    .nullable()
    .transform((all) => all ?? [])
export const Notas = listOf(Nota)
export const Leads = listOf(Lead)
export const EtiquetasDeLead = listOf(EtiquetaDeLead)
export type EtiquetaDeLeadDoPipedrive = z.output<typeof EtiquetaDeLead>
export const Tipos = listOf(Tipo)
export const Ganchos = listOf(Gancho)

const texts = z.array(z.string()).nullish().catch(undefined)
/** The persons that a search found, as far as the index shows them. */
export const PersonHits = z
  .object({ items: z.array(z.object({ item: z.object({ id, phones: texts, emails: texts }) })) })
  .transform(({ items }) => items.map(({ item }) => item))
export type PersonHit = z.output<typeof PersonHits>[number]

/** The ids that a search found. */
export const SearchHits = z
  .object({ items: z.array(z.object({ item: z.object({ id }) })) })
  .transform(({ items }) => items.map(({ item }) => item.id))
/** The same, or as the official client's types have it: a bare list. */
export const FieldSearchHits = z.union([
  SearchHits,
  z.array(z.object({ id })).transform((all) => all.map((item) => item.id)),
])
