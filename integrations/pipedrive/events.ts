import { z } from 'zod'
import { part } from '../../src/lib/lenient.js'
import { omitUndefined } from '../../src/lib/omit.js'

/** A record at Pipedrive that may have changed since we last read it, so that it has to be read again. As it is stored. */
export const RecordChange = z.object({
  /** Of the event and of the webhook that sent it: the same event may come several times. */
  chave: z.string(),
  objeto: z.enum(['negocio', 'lead', 'atividade', 'pessoa', 'usuario']),
  /** Of a lead 0: its own id is `lead_id`. */
  id: z.int(),
  lead_id: z.string().optional(),
  excluido: z.boolean(),
  /** It was made just now. */
  novo: z.boolean().optional(),
  /** The record that this one has become part of. */
  unido_a: z.int().optional(),
  /** When it was changed, by Pipedrive's clock, as its records say it; absent when the event does not say. */
  hora: z.string().optional(),
  empresa: z.int().optional(),
  /** Whose deal it is. */
  pessoa_id: z.int().optional(),
})
export type RecordChange = Readonly<z.output<typeof RecordChange>>

/** The result of reading an event: `alheio` does not concern us, `ilegivel` has no form that we know. */
export type ParsedEvent =
  | { readonly tipo: 'mudanca'; readonly mudanca: RecordChange }
  | { readonly tipo: 'alheio' }
  | { readonly tipo: 'ilegivel'; readonly porque: 'webhook_v1' | 'formato' }

const OBJECTS: Readonly<Record<string, RecordChange['objeto']>> = {
  deal: 'negocio',
  lead: 'lead',
  activity: 'atividade',
  person: 'pessoa',
  user: 'usuario',
}

/** The fields whose change concerns us; `previous` holds only fields that changed. */
const CONCERNS: Readonly<Record<RecordChange['objeto'], readonly string[]>> = {
  negocio: ['owner_id', 'user_id', 'person_id', 'status', 'is_deleted', 'is_archived'],
  lead: ['owner_id', 'is_archived'],
  atividade: ['owner_id', 'user_id', 'done', 'is_deleted', 'active_flag'],
  pessoa: ['owner_id'],
  usuario: ['active_flag', 'is_deleted'],
}

/** In `meta` ids are strings, and a lead's id is a UUID (docs/vendors/pipedrive.md#event-bodies). */
const id = z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.int().min(1))
const uuid = z.string().regex(/^[\da-f-]{36}$/i)
const some = id.nullish().catch(undefined)

const Meta = z.object({
  id: z.string().min(1).max(128),
  action: z.enum(['create', 'change', 'delete']),
  entity: z.string().max(64),
  entity_id: z.union([z.string(), z.number()]).nullish(),
  webhook_id: z.union([z.string().max(64), z.number()]).nullish(),
  company_id: some,
  merged_to_id: some,
  merged_from_id: some,
})

const Body = z.object({
  meta: Meta,
  data: part({ update_time: z.string().max(64).optional().catch(undefined), person_id: some }).nullish(),
  previous: z.record(z.string(), z.unknown()).nullish().catch(undefined),
})

const V1 = z.union([z.object({ v: z.literal(1) }), z.object({ current: z.unknown(), event: z.string() })])

/**
 * Reads the body of a webhook of version 2 (docs/vendors/pipedrive.md#event-bodies). Only that something changed is
 * taken from it: the record itself is read again, so that events may come twice, late or out of order.
 */
export function readEvent(body: unknown): ParsedEvent {
  const parsed = Body.safeParse(body)
  if (!parsed.success) {
    return { tipo: 'ilegivel', porque: V1.safeParse(body).success ? 'webhook_v1' : 'formato' }
  }
  const { meta, data, previous } = parsed.data
  const objeto = OBJECTS[meta.entity]
  const novo = meta.action === 'create'
  if (objeto === undefined || (novo && objeto !== 'negocio')) return { tipo: 'alheio' }
  const lead = objeto === 'lead' ? uuid.safeParse(meta.entity_id) : undefined
  const itself = lead ? (lead.success ? z.literal(0).safeParse(0) : lead) : id.safeParse(meta.entity_id)
  if (!itself.success) return { tipo: 'ilegivel', porque: 'formato' }
  const merged = mergeOf(meta, itself.data)
  const excluido = meta.action === 'delete'
  const names = CONCERNS[objeto]
  // Persons change often: of one of which it is not said what changed, the reconciliation finds it.
  const changed = previous == null ? objeto !== 'pessoa' : names.some((name) => name in previous)
  if (!excluido && !novo && !merged && !changed) return { tipo: 'alheio' }
  return {
    tipo: 'mudanca',
    mudanca: {
      chave: `${meta.id}:${meta.webhook_id ?? ''}`,
      objeto,
      id: merged?.from ?? itself.data,
      excluido,
      ...omitUndefined({
        novo: novo || undefined,
        unido_a: merged?.to,
        hora: data?.update_time,
        empresa: meta.company_id ?? undefined,
        pessoa_id: data?.person_id ?? undefined,
        lead_id: lead?.data,
      }),
    },
  }
}

/** A merge is sent as the deletion of one record and as a change of the other. */
function mergeOf(
  { merged_to_id, merged_from_id }: z.output<typeof Meta>,
  itself: number,
): { readonly from: number; readonly to: number } | undefined {
  if (merged_to_id != null) return { from: itself, to: merged_to_id }
  if (merged_from_id != null) return { from: merged_from_id, to: itself }
  return undefined
}
