import { z } from 'zod'
import { linkedLead } from './leads.js'
import {
  activeOwner,
  bool,
  checked,
  type Endpoint,
  given,
  id,
  ids,
  idText,
  invalid,
  is,
  linked,
  living,
  order,
  page,
  paging,
  type Request,
  since,
  within,
} from './request.js'
import type { Atividade } from './state.js'

const hour = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, 'must be HH:MM or HH:MM:SS')
const body = z.strictObject({
  subject: z.string().optional(),
  type: z.string().optional(),
  owner_id: id.optional(),
  deal_id: id.nullable().optional(),
  lead_id: z.uuid().optional(),
  org_id: id.nullable().optional(),
  due_date: z.iso.date().optional(),
  due_time: hour.optional(),
  duration: z
    .string()
    .regex(/^\d{2,3}:[0-5]\d(:[0-5]\d)?$/, 'must be HH:MM or HH:MM:SS')
    .optional(),
  done: z.boolean().optional(),
  busy: z.boolean().optional(),
  note: z.string().max(100_000).optional(),
  public_description: z.string().optional(),
  priority: z.int().optional(),
  participants: z.array(z.strictObject({ person_id: id, primary: z.boolean().optional() })).optional(),
})

const LIST = z.strictObject({
  ...paging,
  ...since,
  ids,
  sort_by: z.enum(['id', 'update_time', 'add_time']).optional(),
  sort_direction: order.sort_direction,
  owner_id: idText.optional(),
  deal_id: idText.optional(),
  lead_id: z.uuid().optional(),
  person_id: idText.optional(),
  org_id: idText.optional(),
  done: bool.optional(),
  include_fields: z.string().optional(),
})

/** The primary participant is the person. */
export const personOf = (one: Pick<Atividade, 'participants'>): number | null =>
  (one.participants.find(({ primary }) => primary) ?? one.participants[0])?.person_id ?? null

/** An activity as REST shows it: the person is read-only. */
export function showActivity(one: Atividade): object {
  const { merged_to_id: _, ...rest } = one
  return { ...rest, person_id: personOf(one), project_id: null, location: null, attendees: null }
}

function fields({ account, state, body: sent }: Request, old?: Atividade): Partial<Atividade> {
  const { participants, deal_id, lead_id, org_id, ...rest } = checked(body, sent)
  activeOwner(state, rest.owner_id)
  if (rest.type !== undefined && !state.activityTypes.some((one) => one.key_string === rest.type)) {
    throw invalid('type', 'no such activity type')
  }
  for (const { person_id } of participants ?? []) linked('participants', state.persons, person_id)
  const isTurned = rest.done !== undefined && rest.done !== (old?.done ?? false)
  return {
    ...given(rest),
    ...(deal_id !== undefined && { deal_id: linked('deal_id', state.deals, deal_id) }),
    ...(lead_id !== undefined && { lead_id: linkedLead(state, lead_id) }),
    ...(org_id !== undefined && { org_id: linked('org_id', state.organizations, org_id) }),
    ...(participants && {
      participants: participants.map(({ person_id, primary = false }) => ({ person_id, primary })),
    }),
    ...(isTurned && { marked_as_done_time: rest.done ? account.time : null }),
  }
}

export const ACTIVITIES: readonly Endpoint[] = [
  {
    method: 'GET',
    path: /^\/v2\/activities$/,
    tokens: 10,
    answer: ({ account, query }) => {
      const wanted = checked(LIST, query)
      const all = account
        .records('activities', account.switches.staleMs)
        .filter(
          (one) =>
            !one.is_deleted &&
            (wanted.ids?.includes(one.id) ?? true) &&
            is(wanted.owner_id, one.owner_id) &&
            is(wanted.deal_id, one.deal_id) &&
            is(wanted.lead_id, one.lead_id) &&
            is(wanted.org_id, one.org_id) &&
            is(wanted.done, one.done) &&
            is(wanted.person_id, personOf(one)) &&
            within(wanted, one.update_time),
        )
      return page(all, wanted, showActivity)
    },
  },
  {
    method: 'GET',
    path: /^\/v2\/activities\/(\d+)$/,
    tokens: 1,
    answer: ({ state, id: wanted, query }) => {
      checked(z.strictObject({ include_fields: z.string().optional() }), query)
      return { data: showActivity(living(state.activities, wanted)) }
    },
  },
  {
    method: 'POST',
    path: /^\/v2\/activities$/,
    tokens: 5,
    answer: (request) => {
      const { account, by } = request
      const defaults = {
        ...{ subject: 'Call', type: 'call', owner_id: by.userId, creator_user_id: by.userId },
        ...{
          deal_id: null,
          lead_id: null,
          org_id: null,
          participants: [],
          due_date: null,
          due_time: null,
          duration: null,
        },
        ...{ busy: false, done: false, marked_as_done_time: null, note: null },
        ...{ public_description: null, priority: null },
      }
      return { data: showActivity(account.create('activities', { ...defaults, ...fields(request) }, by)) }
    },
  },
  {
    method: 'PATCH',
    path: /^\/v2\/activities\/(\d+)$/,
    tokens: 5,
    answer: (request) => {
      const { account, state, id: wanted, by } = request
      const one = living(state.activities, wanted)
      account.change('activities', one, fields(request, one), by)
      return { data: showActivity(one) }
    },
  },
  {
    method: 'DELETE',
    path: /^\/v2\/activities\/(\d+)$/,
    tokens: 3,
    answer: ({ account, state, id: wanted, by }) => {
      account.remove('activities', living(state.activities, wanted), by)
      return { data: { id: wanted } }
    },
  },
]
