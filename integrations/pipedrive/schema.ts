import { z } from 'zod'

/**
 * Of the answers only what we use; everything else is left out (docs/vendors/pipedrive.md#answers: nearly all of it is
 * optional).
 */
const envelope = <S extends z.ZodType>(data: S) => z.object({ success: z.literal(true), data })

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
  phones: z.array(Telefone).nullish(),
  emails: z.array(Telefone).nullish(),
  add_time: z.string().nullish(),
  update_time: z.string().nullish(),
  /** Softly deleted records can still be read for 30 days. */
  is_deleted: z.boolean().nullish(),
})
export type PessoaDoPipedrive = z.output<typeof Pessoa>

export const Negocio = z.object({
  id,
  title: z.string().nullish(),
  owner_id: z.int().nullish(),
  person_id: z.int().nullish(),
  status: z.string().nullish(),
  is_deleted: z.boolean().nullish(),
  /** It cannot be changed any more (docs/vendors/pipedrive.md#archived-and-deleted-deals). */
  is_archived: z.boolean().nullish(),
  lost_reason: z.string().nullish(),
  label_ids: z.array(z.int()).nullish(),
  add_time: z.string().nullish(),
  update_time: z.string().nullish(),
  custom_fields: z.record(z.string(), z.unknown()).nullish(),
})
export type NegocioDoPipedrive = z.output<typeof Negocio>

export const Atividade = z.object({
  id,
  subject: z.string().nullish(),
  deal_id: z.int().nullish(),
  owner_id: z.int().nullish(),
  done: z.boolean().nullish(),
  is_deleted: z.boolean().nullish(),
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

/** A list ends where there is no cursor, whether it is `null` or left out. */
const list = <S extends z.ZodType>(item: S) =>
  envelope(z.array(item)).extend({ additional_data: z.object({ next_cursor: z.string().nullish() }).nullish() })

const Funil = z.object({ id, order_nr: z.number().nullish() })
const Etapa = z.object({ id, pipeline_id: z.int(), name: z.string().nullish(), order_nr: z.number().nullish() })
export type EtapaDoPipedrive = z.output<typeof Etapa>

const TokenOwner = z.object({
  id,
  name: z.string().nullish(),
  active_flag: flag.nullish(),
  is_admin: flag.nullish(),
  company_domain: z.string(),
  company_name: z.string().nullish(),
  company_id: z.int().nullish(),
})
export type EuDoPipedrive = z.output<typeof TokenOwner>

export const Eu = envelope(TokenOwner)
export const UmaPessoa = envelope(Pessoa)
export const UmNegocio = envelope(Negocio)
export const UmaAtividade = envelope(Atividade)
export const UmaNota = envelope(Nota)
export const UmCampo = envelope(Campo)
export const UmaEtapa = envelope(Etapa)
export const UmTipo = envelope(Tipo)
export const UmGancho = envelope(Gancho)
export const Opcoes = envelope(z.unknown())
/** The answer to a deletion holds nothing that we need. */
export const Removido = envelope(z.unknown())
export const Pessoas = list(Pessoa)
export const Negocios = list(Negocio)
export const Atividades = list(Atividade)
export const Campos = list(Campo)
export const Funis = list(Funil)
export const Etapas = list(Etapa)
/** v1: without paging, or with one that we do not need. */
export const Notas = envelope(z.array(Nota).nullable())
export const Usuarios = envelope(z.array(Usuario))
export const TiposDeAtividade = envelope(z.array(Tipo).nullable())
export const Ganchos = envelope(z.array(Gancho).nullable())
export const SearchHits = envelope(z.object({ items: z.array(z.object({ item: z.object({ id }) })) }))
/** The same, or as the official client's types have it: a bare list. */
export const FieldSearchHits = envelope(
  z.union([
    SearchHits.shape.data,
    z.array(z.object({ id })).transform((all) => ({ items: all.map((item) => ({ item })) })),
  ]),
)

export const idsOf = ({ data }: z.output<typeof SearchHits | typeof FieldSearchHits>): number[] =>
  data.items.map(({ item }) => item.id)
