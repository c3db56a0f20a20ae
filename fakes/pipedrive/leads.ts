import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Account, Actor } from './account.js'
import { checkCustom, showCustom } from './custom.js'
import { addDeal, checkRoom } from './deals.js'
import type { Limits } from './limits.js'
import {
  activeOwner,
  checked,
  type Endpoint,
  given,
  id,
  idText,
  invalid,
  is,
  linked,
  notFound,
  Refusal,
  type Reply,
  type Request,
  since,
  within,
} from './request.js'
import type { Lead, State } from './state.js'

const CUSTOM_KEY = /^[0-9a-f]{40}$/
const COLORS = ['green', 'blue', 'red', 'yellow', 'purple', 'gray', 'orange', 'brown', 'dark-gray', 'pink']
const uuid = z.uuid()
const value = z.strictObject({ amount: z.number(), currency: z.string().length(3) })

/** v1: a custom field of deals is a key beside the others (reference of Leads). */
const CHANGE = z
  .object({
    title: z.string().min(1).optional(),
    owner_id: id.optional(),
    label_ids: z.array(uuid).optional(),
    person_id: id.nullable().optional(),
    organization_id: id.nullable().optional(),
    is_archived: z.boolean().optional(),
    value: value.nullable().optional(),
    expected_close_date: z.iso.date().nullable().optional(),
    visible_to: z.enum(['1', '3', '5', '7']).optional(),
    was_seen: z.boolean().optional(),
  })
  .catchall(z.unknown())
const NEW = CHANGE.extend({
  title: z.string().min(1),
  is_archived: z.never().optional(),
  origin_id: z.string().nullable().optional(),
})
const KNOWN = Object.keys(NEW.shape)
const SORTS = ['id', 'title', 'owner_id', 'creator_id', 'was_seen', 'expected_close_date', 'next_activity_id'].concat([
  'add_time',
  'update_time',
])
const LIST = z.strictObject({
  start: z.string().regex(/^\d+$/).transform(Number).default(0),
  limit: idText.refine((most) => most <= 500, 'must not be more than 500').default(100),
  owner_id: idText.optional(),
  person_id: idText.optional(),
  organization_id: idText.optional(),
  sort: z.enum(SORTS.flatMap((name) => [name, `${name} ASC`, `${name} DESC`])).default('id'),
})
const LABEL = z.strictObject({ name: z.string().min(1), color: z.enum(COLORS) })
const CONVERT = z.strictObject({ stage_id: id.optional(), pipeline_id: id.optional() })

/** A lead as REST shows it: custom fields that were filled in stand beside the others. */
export function showLead(state: State, one: Lead): Record<string, unknown> {
  const { merged_to_id: _, id: __, uuid: lead, is_deleted: ___, custom_fields, creator_user_id, ...rest } = one
  const filled = Object.entries(showCustom(state.fields, custom_fields)).filter(([, known]) => known !== null)
  return {
    ...{ ...rest, id: lead, creator_id: creator_user_id, source_name: 'API', origin: 'API', origin_id: null },
    ...{
      channel: null,
      channel_id: null,
      source_deal_id: null,
      next_activity_id: null,
      cc_email: 'x@pipedrivemail.com',
    },
    ...Object.fromEntries(filled),
  }
}

export function livingLead(state: State, wanted: string): Lead {
  const one = state.leads.find((lead) => lead.uuid === wanted && !lead.is_deleted)
  if (!one) throw notFound('Lead')
  return one
}

/** Of a link in a body. */
export function linkedLead(state: State, wanted: string | undefined): string | null {
  if (wanted === undefined) return null
  if (!state.leads.some((lead) => lead.uuid === wanted && !lead.is_deleted)) throw invalid('lead_id', 'no such record')
  return wanted
}

function fields(state: State, sent: z.output<typeof CHANGE>): Partial<Lead> {
  const entries = Object.entries(sent)
  const strange = entries.find(([name]) => !KNOWN.includes(name) && !CUSTOM_KEY.test(name))
  if (strange) throw invalid(strange[0], `Parameter '${strange[0]}' is not allowed for this request`)
  const custom = Object.fromEntries(entries.filter(([name]) => CUSTOM_KEY.test(name)))
  activeOwner(state, sent.owner_id)
  const label = sent.label_ids?.find((wanted) => !state.leadLabels.some((one) => one.id === wanted))
  if (label !== undefined) throw invalid('label_ids', `no such label: ${label}`)
  const { title, owner_id, label_ids, is_archived, value, expected_close_date, visible_to, was_seen } = sent
  return {
    ...given({ title, owner_id, label_ids, is_archived, value, expected_close_date, visible_to, was_seen }),
    ...(sent.person_id !== undefined && { person_id: linked('person_id', state.persons, sent.person_id) }),
    ...(sent.organization_id !== undefined && {
      organization_id: linked('organization_id', state.organizations, sent.organization_id),
    }),
    custom_fields: checkCustom(state, state.fields, custom),
  }
}

/** A lead counts like a deal; "always has to be linked to a person or an organization or both". */
export function addLead(account: Account, limits: Limits, sent: unknown, by: Actor): Lead {
  const { state } = account
  const checkedNew = checked(NEW, sent)
  const { origin_id: _, ...rest } = checkedNew
  const set = fields(state, rest)
  if (set.person_id == null && set.organization_id == null)
    throw invalid('person_id', 'A lead must be linked to a person or an organization')
  checkRoom(account, limits)
  return account.create(
    'leads',
    {
      ...{ uuid: randomUUID(), title: checkedNew.title, owner_id: by.userId, creator_user_id: by.userId },
      ...{ person_id: null, organization_id: null, label_ids: [], value: null, expected_close_date: null },
      ...{ is_archived: false, was_seen: false, visible_to: '3' as const, custom_fields: {} },
      ...set,
    },
    by,
  )
}

export function changeLead(account: Account, wanted: string, sent: unknown, by: Actor): Lead {
  const one = livingLead(account.state, wanted)
  const { custom_fields, ...set } = fields(account.state, checked(CHANGE, sent))
  const after = { ...one, ...set }
  if (after.person_id === null && after.organization_id === null)
    throw invalid('person_id', 'A lead must be linked to a person or an organization')
  account.change('leads', one, { ...set, custom_fields: { ...one.custom_fields, ...custom_fields } }, by)
  return one
}

/** "Related entities are transferred to the target entity. If successful, the lead is marked as deleted" (reference of v2). */
export function convertLead(account: Account, limits: Limits, wanted: string, where: object, by: Actor): number {
  const { state } = account
  const one = livingLead(state, wanted)
  const { title, owner_id, person_id, organization_id: org_id, custom_fields } = one
  // The ceiling counts both, and the lead that becomes a deal is one of them.
  const room = limits.deals === null ? limits : { ...limits, deals: limits.deals + 1 }
  const sent = given({ title, owner_id, person_id, org_id, custom_fields, ...where })
  const deal = addDeal(account, room, sent, { ...by, source: 'app' }, wanted)
  for (const activity of state.activities.filter(({ lead_id }) => lead_id === wanted))
    account.change('activities', activity, { lead_id: null, deal_id: deal.id }, by)
  for (const note of state.notes.filter(({ lead_id }) => lead_id === wanted))
    account.change('notes', note, { lead_id: null, deal_id: deal.id }, by)
  account.remove('leads', one, by)
  return deal.id
}

function listed({ account, state, query }: Request, isArchived: boolean): Reply {
  const { updated_since, ...asked } = query
  const sinceWhen = isArchived ? {} : checked(z.strictObject(since), given({ updated_since }))
  if (isArchived && updated_since !== undefined)
    throw invalid('updated_since', "Parameter 'updated_since' is not allowed for this request")
  const { start, limit, sort, ...wanted } = checked(LIST, asked)
  const [key = 'id', way = 'ASC'] = sort.split(' ')
  const sortedBy = (one: Lead): string => String(showLead(state, one)[key] ?? '')
  const all = account
    .records('leads', account.switches.staleMs)
    .filter(
      (one) =>
        !one.is_deleted &&
        one.is_archived === isArchived &&
        is(wanted.owner_id, one.owner_id) &&
        is(wanted.person_id, one.person_id) &&
        is(wanted.organization_id, one.organization_id) &&
        within(sinceWhen, one.update_time),
    )
    .sort((a, b) => (way === 'DESC' ? -1 : 1) * (sortedBy(a).localeCompare(sortedBy(b)) || a.id - b.id))
  const more = start + limit < all.length
  const pagination = { start, limit, more_items_in_collection: more, ...(more && { next_start: start + limit }) }
  return { data: all.slice(start, start + limit).map((one) => showLead(state, one)), additional_data: { pagination } }
}

export const LEADS: readonly Endpoint[] = [
  { method: 'GET', path: /^\/v1\/leads$/, tokens: 20, answer: (request) => listed(request, false) },
  { method: 'GET', path: /^\/v1\/leads\/archived$/, tokens: 20, answer: (request) => listed(request, true) },
  {
    method: 'GET',
    path: /^\/v1\/leads\/([0-9a-f-]{36})$/,
    tokens: 2,
    answer: ({ state, code }) => ({ data: showLead(state, livingLead(state, code)) }),
  },
  {
    method: 'POST',
    path: /^\/v1\/leads$/,
    tokens: 10,
    answer: ({ account, state, limits, body, by }) => ({
      status: 201,
      data: showLead(state, addLead(account, limits, body, by)),
    }),
  },
  {
    method: 'PATCH',
    path: /^\/v1\/leads\/([0-9a-f-]{36})$/,
    tokens: 10,
    answer: ({ account, state, code, body, by }) => ({ data: showLead(state, changeLead(account, code, body, by)) }),
  },
  {
    method: 'DELETE',
    path: /^\/v1\/leads\/([0-9a-f-]{36})$/,
    tokens: 6,
    answer: ({ account, state, code, by }) => {
      account.remove('leads', livingLead(state, code), by)
      return { data: { id: code } }
    },
  },
  {
    method: 'POST',
    path: /^\/v2\/leads\/([0-9a-f-]{36})\/convert\/deal$/,
    tokens: 40,
    answer: ({ account, limits, code, body, by }) => {
      convertLead(account, limits, code, checked(CONVERT, body), by)
      return { data: { conversion_id: randomUUID() } }
    },
  },
  { method: 'GET', path: /^\/v1\/leadLabels$/, tokens: 20, answer: ({ state }) => ({ data: state.leadLabels }) },
  {
    method: 'POST',
    path: /^\/v1\/leadLabels$/,
    tokens: 10,
    answer: ({ account, state, body }) => {
      const { name, color } = checked(LABEL, body)
      if (state.leadLabels.some((one) => one.name === name)) throw new Refusal(400, 'Label already exists')
      const made = { id: randomUUID(), name, color, add_time: account.time, update_time: account.time }
      state.leadLabels.push(made)
      return { status: 201, data: made }
    },
  },
]
