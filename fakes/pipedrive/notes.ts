import { z } from 'zod'
import { v1Time } from './clock.js'
import { linkedLead } from './leads.js'
import {
  activeOwner,
  checked,
  type Endpoint,
  given,
  id,
  idText,
  is,
  linked,
  living,
  Refusal,
  type Request,
  since,
  within,
} from './request.js'
import type { Nota } from './state.js'

const flag = z.union([z.literal(0), z.literal(1)]).transform(Boolean)
const CHANGE = z.strictObject({
  content: z.string().min(1).optional(),
  deal_id: id.optional(),
  lead_id: z.uuid().optional(),
  person_id: id.optional(),
  org_id: id.optional(),
  user_id: id.optional(),
  pinned_to_deal_flag: flag.optional(),
  pinned_to_person_flag: flag.optional(),
})
const NEW = CHANGE.extend({ content: z.string().min(1), add_time: z.string().optional() })
const LIST = z.strictObject({
  start: z.string().regex(/^\d+$/).transform(Number).default(0),
  limit: idText.refine((value) => value <= 500, 'must not be more than 500').default(100),
  sort: z
    .enum(['id ASC', 'id DESC', 'add_time ASC', 'add_time DESC', 'update_time ASC', 'update_time DESC'])
    .optional(),
  deal_id: idText.optional(),
  lead_id: z.uuid().optional(),
  person_id: idText.optional(),
  org_id: idText.optional(),
  user_id: idText.optional(),
  updated_since: since.updated_since,
})

/** Scripts and handlers do not survive the service's own sanitiser. */
const sanitised = (html: string): string =>
  html
    .replace(/<(script|style|iframe)\b[\s\S]*?(<\/\1\s*>|$)/gi, '')
    .replace(/\son\w+\s*=\s*("[^"]*"|'[^']*'|[^\s>]*)/gi, '')
    .replace(/javascript:/gi, '')

/** v1: times without a zone, booleans where it took 0 and 1. */
export function showNote(one: Nota): object {
  const { merged_to_id: _, is_deleted, owner_id, add_time, update_time, ...rest } = one
  const times = { add_time: v1Time(add_time), update_time: v1Time(update_time) }
  return { ...rest, ...times, user_id: owner_id, last_update_user_id: null, active_flag: !is_deleted }
}

function fields({ state }: Request, sent: z.output<typeof CHANGE>): Partial<Nota> {
  const { content, user_id, deal_id, lead_id, person_id, org_id, ...flags } = sent
  linked('deal_id', state.deals, deal_id)
  linkedLead(state, lead_id)
  linked('person_id', state.persons, person_id)
  linked('org_id', state.organizations, org_id)
  const owner_id = activeOwner(state, user_id, 'user_id')
  return given({ ...flags, deal_id, lead_id, person_id, org_id, owner_id, content: content && sanitised(content) })
}

export const NOTES: readonly Endpoint[] = [
  {
    method: 'GET',
    path: /^\/v1\/notes$/,
    tokens: 20,
    answer: ({ account, query }) => {
      const { start, limit, sort = 'id ASC', ...wanted } = checked(LIST, query)
      const [key, way] = sort.split(' ')
      const value = (one: Nota): string =>
        key === 'add_time' ? one.add_time : key === 'update_time' ? one.update_time : ''
      const all = account
        .records('notes', account.switches.staleMs)
        .filter(
          (one) =>
            !one.is_deleted &&
            is(wanted.deal_id, one.deal_id) &&
            is(wanted.lead_id, one.lead_id) &&
            is(wanted.person_id, one.person_id) &&
            is(wanted.org_id, one.org_id) &&
            is(wanted.user_id, one.owner_id) &&
            within(wanted, one.update_time),
        )
        .sort((a, b) => (way === 'DESC' ? -1 : 1) * (value(a).localeCompare(value(b)) || a.id - b.id))
      const more = start + limit < all.length
      const pagination = { start, limit, more_items_in_collection: more, ...(more && { next_start: start + limit }) }
      return { data: all.slice(start, start + limit).map(showNote), additional_data: { pagination } }
    },
  },
  {
    method: 'GET',
    path: /^\/v1\/notes\/(\d+)$/,
    tokens: 2,
    answer: ({ state, id: wanted }) => ({ data: showNote(living(state.notes, wanted)) }),
  },
  {
    method: 'POST',
    path: /^\/v1\/notes$/,
    tokens: 10,
    answer: (request) => {
      const { account, body, by } = request
      const { content, add_time: _, ...sent } = checked(NEW, body)
      const { deal_id, lead_id, person_id, org_id } = sent
      if ([deal_id, lead_id, person_id, org_id].every((one) => one === undefined)) {
        throw new Refusal(400, 'One of deal_id, lead_id, person_id, org_id is required')
      }
      const links = { deal_id: null, lead_id: null, person_id: null, org_id: null }
      const pins = { pinned_to_deal_flag: false, pinned_to_person_flag: false }
      const made = { owner_id: by.userId, ...links, ...pins, ...fields(request, sent), content: sanitised(content) }
      return { data: showNote(account.create('notes', made, by)) }
    },
  },
  {
    method: 'PUT',
    path: /^\/v1\/notes\/(\d+)$/,
    tokens: 10,
    answer: (request) => {
      const one = living(request.state.notes, request.id)
      request.account.change('notes', one, fields(request, checked(CHANGE, request.body)), request.by)
      return { data: showNote(one) }
    },
  },
  {
    method: 'DELETE',
    path: /^\/v1\/notes\/(\d+)$/,
    tokens: 6,
    answer: ({ account, state, id: wanted, by }) => {
      account.remove('notes', living(state.notes, wanted), by)
      return { data: true }
    },
  },
]
