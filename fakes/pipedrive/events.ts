import { randomUUID } from 'node:crypto'
import type { Happening } from './account.js'
import { personOf } from './activities.js'
import type { Atividade, Campo, Gancho, Lead, Negocio, Nota, Pessoa, State } from './state.js'
import { COMPANY } from './state.js'
import type { WebhookSwitches } from './switches.js'

type Fields = Readonly<Record<string, unknown>>

export const ENTITIES = {
  persons: 'person',
  deals: 'deal',
  activities: 'activity',
  organizations: 'organization',
  notes: 'note',
  leads: 'lead',
  users: 'user',
} as const

const TIMEZONE_ID = 145
const OF_ID = ['enum', 'user', 'people', 'org']
const RANGES = ['daterange', 'timerange']

/** A custom field in a webhook is wrapped, by its type. */
function wrapped({ field_type: type }: Campo, value: unknown): object | null {
  if (value === null || value === undefined) return null
  const parts: { value?: unknown; currency?: unknown; until?: unknown } = Object(value)
  if (type === 'set') return { type, values: Array.isArray(value) ? value.map((id: unknown) => ({ id })) : [] }
  if (OF_ID.includes(type)) return { type, id: value }
  if (type === 'monetary') return { type, value: parts.value, currency: parts.currency }
  if (type === 'time') return { type, value: parts.value, timezone_id: TIMEZONE_ID }
  if (RANGES.includes(type)) return { type, from: parts.value, until: parts.until }
  return { type, value: type === 'address' ? parts.value : value }
}

const custom = (fields: readonly Campo[], values: Fields): Record<string, unknown> =>
  Object.fromEntries(
    fields
      .filter((one) => one.is_custom_field && one.field_code in values)
      .map((one) => [one.field_code, wrapped(one, values[one.field_code])]),
  )

/** Two kinds with custom fields; `visible_to` is a text here. */
function withCustom(record: Negocio | Pessoa, fields: readonly Campo[]): Fields {
  const { merged_to_id: _, custom_fields, visible_to, ...rest } = record
  return { ...rest, visible_to: String(visible_to), custom_fields: custom(fields, custom_fields) }
}

/** Other names than in REST, and no text of the note. */
function activity(one: Atividade): Fields {
  const { merged_to_id: _, is_deleted, busy, note: __, due_time, duration, ...rest } = one
  const at = (value: string | null) => (value === null ? null : { timezone_id: TIMEZONE_ID, value })
  const flags = { active_flag: !is_deleted, busy_flag: busy, update_user_id: one.owner_id }
  return { ...rest, ...flags, person_id: personOf(one), due_time: at(due_time), duration: at(duration) }
}

function note(one: Nota): Fields {
  const { merged_to_id: _, owner_id, is_deleted, ...rest } = one
  return { ...rest, user_id: owner_id, active_flag: !is_deleted }
}

/** By its UUID, and with the custom fields apart. */
function lead(one: Lead, fields: readonly Campo[]): Fields {
  const { merged_to_id: _, id: __, uuid, is_deleted: ___, custom_fields, ...rest } = one
  return { ...rest, id: uuid, custom_fields: custom(fields, custom_fields) }
}

function data(state: State, kind: Happening['kind'], record: object): Fields {
  // What happens to a kind is told with a copy of a record of that kind.
  if (kind === 'deals') return withCustom(record as Negocio, state.fields)
  if (kind === 'persons') return withCustom(record as Pessoa, state.personFields)
  if (kind === 'activities') return activity(record as Atividade)
  if (kind === 'leads') return lead(record as Lead, state.fields)
  if (kind === 'notes') return note(record as Nota)
  return { ...record }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
/** Times that follow from any change are not among what was changed. */
const UNTOLD = ['update_time', 'stage_change_time']

/** Of the former state only what is different now. */
function previous(before: Fields, after: Fields): Fields {
  const changed = (a: Fields, b: Fields): [string, unknown][] =>
    [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .filter((key) => !UNTOLD.includes(key) && !same(a[key], b[key]))
      .map((key) => [key, a[key] ?? null])
  const told = changed(before, after).map(([key, value]): [string, unknown] => {
    if (key !== 'custom_fields') return [key, value]
    return [key, Object.fromEntries(changed(Object(before.custom_fields), Object(after.custom_fields)))]
  })
  return Object.fromEntries(told)
}

const inTexts = (value: unknown): unknown => {
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return value.map(inTexts)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inTexts(one)]))
}

/** What leaves for one subscription; `attempt` is set at each try. */
export interface Body {
  readonly meta: Readonly<Record<string, unknown>>
  readonly data: unknown
  readonly previous: unknown
}

/** An event's body, version 2 (guide-for-webhooks-v2). */
export function eventBody(
  state: State,
  happening: Happening,
  { id, owner_id }: Gancho,
  now: Date,
  { permitted, unknownEntity, otherCompany, idsAsStrings }: WebhookSwitches,
): Body {
  const { kind, action, before, after, by, merge } = happening
  const [old, current] = [before && data(state, kind, before), after && data(state, kind, after)]
  const active = state.users.filter((one) => one.active_flag).map((one) => String(one.id))
  const many = Array.from({ length: permitted ?? 0 }, (_, place) => String(1_000 + place))
  const merged = Object.entries(merge ?? {}).map(([key, value]) => [key, String(value)])
  const shown = (value: unknown): unknown => (idsAsStrings ? inTexts(value) : value)
  return {
    meta: {
      action,
      company_id: otherCompany ? '99' : String(COMPANY.id),
      correlation_id: randomUUID(),
      entity: unknownEntity ? 'novidade' : ENTITIES[kind],
      entity_id: String(Object(after ?? before).uuid ?? happening.id),
      host: otherCompany ? 'outra.pipedrive.com' : COMPANY.host,
      id: randomUUID(),
      is_bulk_edit: false,
      timestamp: now.toISOString(),
      type: 'general',
      user_id: String(by.userId),
      version: '2.0',
      webhook_id: String(id),
      webhook_owner_id: String(owner_id),
      change_source: by.source,
      permitted_user_ids: permitted === null ? active : many,
      ...Object.fromEntries(merged),
    },
    data: shown(current),
    previous: shown(action === 'change' && old && current ? previous(old, current) : action === 'delete' ? old : null),
  }
}

const V1_ACTIONS: Readonly<Record<string, string>> = { create: 'added', change: 'updated', delete: 'deleted' }

/** The same event as version 1 told it. */
export function v1Body({ meta, data: current, previous: old }: Body, attempt: number): object {
  const action = V1_ACTIONS[String(meta.action)]
  const event = `${action}.${String(meta.entity)}`
  return {
    v: 1,
    matches_filters: { current: [] },
    meta: {
      v: 1,
      action,
      object: meta.entity,
      id: Number(meta.entity_id),
      company_id: Number(meta.company_id),
      user_id: Number(meta.user_id),
      host: meta.host,
      timestamp: Math.floor(Date.parse(String(meta.timestamp)) / 1_000),
      timestamp_micro: Date.parse(String(meta.timestamp)) * 1_000,
      permitted_user_ids: [],
      trans_pending: false,
      is_bulk_update: false,
      change_source: meta.change_source,
      webhook_id: meta.webhook_id,
    },
    current,
    previous: old,
    event,
    retry: attempt - 1,
  }
}
