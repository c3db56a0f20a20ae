import { z } from 'zod'
import { showDeal } from './deals.js'
import {
  checked,
  checkTerm,
  type Endpoint,
  found,
  ids,
  idText,
  invalid,
  is,
  notFound,
  order,
  page,
  paging,
  type Reply,
  type Request,
  searching,
  shown,
  since,
  within,
} from './request.js'
import type { Negocio } from './state.js'

const STATUSES = ['open', 'won', 'lost', 'deleted'] as const
const several = <T extends readonly [string, ...string[]]>(names: T) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(names)))

const LIST = z.strictObject({
  ...paging,
  ...order,
  ...since,
  ...shown,
  ids,
  person_id: idText.optional(),
  owner_id: idText.optional(),
  org_id: idText.optional(),
  pipeline_id: idText.optional(),
  stage_id: idText.optional(),
  status: several(STATUSES).optional(),
})
const SEARCHED = ['custom_fields', 'notes', 'title'] as const
const SEARCH = z.strictObject({
  ...searching,
  fields: several(SEARCHED).optional(),
  person_id: idText.optional(),
  organization_id: idText.optional(),
  status: z.enum(['open', 'won', 'lost']).optional(),
  include_fields: z.string().optional(),
})
const BY_FIELD = z.strictObject({
  term: z.string(),
  entity_type: z.enum(['deal', 'person']),
  field: z.string(),
  match: z.enum(['exact', 'beginning', 'middle']).default('exact'),
  limit: searching.limit,
  cursor: searching.cursor,
})
const SEARCHABLE = ['address', 'varchar', 'text', 'varchar_auto', 'double', 'monetary', 'phone']

/** Lists show what is archived or what is not, never both; deleted ones only to who asks for them. */
function listed({ account, state, query }: Request, isArchived: boolean): Reply {
  const wanted = checked(LIST, query)
  const all = account
    .records('deals', account.switches.staleMs)
    .filter(
      (one) =>
        one.merged_to_id === undefined &&
        one.is_archived === isArchived &&
        (wanted.status?.includes(one.status) ?? one.status !== 'deleted') &&
        (wanted.ids?.includes(one.id) ?? true) &&
        is(wanted.person_id, one.person_id) &&
        is(wanted.owner_id, one.owner_id) &&
        is(wanted.org_id, one.org_id) &&
        is(wanted.pipeline_id, one.pipeline_id) &&
        is(wanted.stage_id, one.stage_id) &&
        within(wanted, one.update_time),
    )
  return page(all, wanted, (one) => showDeal(state, one, wanted.custom_fields))
}

function hits(request: Request, one: Negocio, field: (typeof SEARCHED)[number], term: string, isExact: boolean) {
  const text = (value: unknown): boolean => {
    const [low, wanted] = [String(value).toLowerCase(), term.toLowerCase()]
    return isExact ? low === wanted : low.includes(wanted)
  }
  if (field === 'title') return text(one.title)
  if (field === 'notes') return request.state.notes.some((note) => note.deal_id === one.id && text(note.content))
  return Object.values(one.custom_fields).some((value) => typeof value === 'string' && text(value))
}

function search(request: Request): Reply {
  const { account, state } = request
  const wanted = checked(SEARCH, request.query)
  const isExact = wanted.exact_match ?? false
  checkTerm(wanted.term, isExact)
  const all = account
    .records('deals', account.switches.lagMs)
    .filter(
      (one) =>
        !one.is_deleted &&
        !one.is_archived &&
        is<string>(wanted.status, one.status) &&
        is(wanted.person_id, one.person_id) &&
        is(wanted.organization_id, one.org_id) &&
        (wanted.fields ?? SEARCHED).some((field) => hits(request, one, field, wanted.term, isExact)),
    )
  return found(all, wanted, (one) => ({
    id: one.id,
    type: 'deal',
    title: one.title,
    value: one.value,
    currency: one.currency,
    status: one.status,
    visible_to: one.visible_to,
    owner: { id: one.owner_id },
    stage: { id: one.stage_id, name: state.stages.find(({ id }) => id === one.stage_id)?.name },
    person: one.person_id === null ? null : { id: one.person_id },
    organization: one.org_id === null ? null : { id: one.org_id },
    custom_fields: Object.values(one.custom_fields).filter((value) => typeof value === 'string'),
    notes: [],
    is_archived: false,
  }))
}

/** Case counts here. */
function byField({ account, state, query }: Request): Reply {
  const { term, entity_type, field, match, ...paged } = checked(BY_FIELD, query)
  checkTerm(term, match === 'exact')
  const fields = entity_type === 'deal' ? state.fields : state.personFields
  const known = fields.find((one) => one.field_code === field)
  if (!known || !SEARCHABLE.includes(known.field_type)) throw invalid('field', 'not a searchable field')
  const fits = (value: unknown): boolean => {
    if (value === null || value === undefined) return false
    const text = String(value)
    if (match === 'exact') return text === term
    return match === 'beginning' ? text.startsWith(term) : text.includes(term)
  }
  const { lagMs } = account.switches
  const all = entity_type === 'deal' ? account.records('deals', lagMs) : account.records('persons', lagMs)
  const there = all.filter((one) => !one.is_deleted && !('is_archived' in one && one.is_archived))
  const reply = found(
    there.filter((one) => fits(one.custom_fields[field])),
    paged,
    (one) => ({ id: one.id, type: entity_type, ...('title' in one ? { title: one.title } : { name: one.name }) }),
  )
  const { items }: { items?: unknown } = Object(reply.data)
  return account.switches.fieldSearchAsList ? { ...reply, data: items } : reply
}

export const DEAL_READS: readonly Endpoint[] = [
  { method: 'GET', path: /^\/v2\/deals\/search$/, tokens: 20, isSearch: true, answer: search },
  { method: 'GET', path: /^\/v2\/itemSearch\/field$/, tokens: 20, isSearch: true, answer: byField },
  { method: 'GET', path: /^\/v2\/deals$/, tokens: 10, answer: (request) => listed(request, false) },
  { method: 'GET', path: /^\/v2\/deals\/archived$/, tokens: 10, answer: (request) => listed(request, true) },
  {
    method: 'GET',
    path: /^\/v2\/deals\/(\d+)$/,
    tokens: 1,
    answer: ({ account, state, id: wanted, query }) => {
      const { custom_fields } = checked(z.strictObject(shown), query)
      const one = account.records('deals', 0).find((record) => record.id === wanted)
      if (!one || one.merged_to_id !== undefined) throw notFound('Deal')
      return { data: showDeal(state, one, custom_fields) }
    },
  },
]
