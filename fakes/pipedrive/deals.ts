import { z } from 'zod'
import type { Account, Actor } from './account.js'
import { checkCustom, checkLabels, customFields, showCustom } from './custom.js'
import type { Limits } from './limits.js'
import { activeOwner, checked, type Endpoint, given, id, invalid, linked, notFound, Refusal } from './request.js'
import type { Negocio, State } from './state.js'

const body = z.strictObject({
  title: z.string().min(1),
  owner_id: id.optional(),
  person_id: id.nullable().optional(),
  org_id: id.nullable().optional(),
  pipeline_id: id.optional(),
  stage_id: id.optional(),
  value: z.number().optional(),
  currency: z.string().length(3).optional(),
  status: z.enum(['open', 'won', 'lost']).optional(),
  lost_reason: z.string().optional(),
  probability: z.number().min(0).max(100).optional(),
  is_archived: z.boolean().optional(),
  label_ids: z.array(id).optional(),
  visible_to: z.literal([1, 3, 5, 7]).optional(),
  expected_close_date: z.iso.date().optional(),
  custom_fields: customFields.optional(),
})
const change = body.partial()
type Sent = z.output<typeof change>

/** A deal as REST shows it. */
export function showDeal(state: State, one: Negocio, only?: readonly string[]): object {
  const { merged_to_id: _, ...rest } = one
  const system = { origin_id: null, channel: null, channel_id: null, arr: null, mrr: null, acv: null }
  return { ...rest, ...system, custom_fields: showCustom(state.fields, one.custom_fields, only) }
}

/** The stage decides the pipeline; a pipeline alone means its first stage. */
function place(state: State, { stage_id, pipeline_id }: Sent): Partial<Negocio> {
  if (stage_id === undefined && pipeline_id === undefined) return {}
  const stages = state.stages.filter((one) => pipeline_id === undefined || one.pipeline_id === pipeline_id)
  const first = stages.sort((a, b) => a.order_nr - b.order_nr)[0]
  const stage = stage_id === undefined ? first : stages.find((one) => one.id === stage_id)
  if (!stage) throw invalid(stage_id === undefined ? 'pipeline_id' : 'stage_id', 'no such stage in that pipeline')
  return { stage_id: stage.id, pipeline_id: stage.pipeline_id }
}

/** What a new status does to the times of a deal. A reason to have lost it needs it to be lost. */
export function statusChange(now: string, old: Negocio['status'] | undefined, sent: Sent): Partial<Negocio> {
  const status = sent.status ?? old
  if (sent.lost_reason !== undefined && status !== 'lost') throw invalid('lost_reason', 'only of a lost deal')
  if (sent.status === undefined || sent.status === old) return given({ lost_reason: sent.lost_reason })
  const closed = sent.status === 'open' ? null : now
  return {
    status: sent.status,
    lost_reason: sent.lost_reason ?? null,
    close_time: closed,
    won_time: sent.status === 'won' ? now : null,
    lost_time: sent.status === 'lost' ? now : null,
  }
}

function fields(account: Account, sent: Sent, old?: Negocio): Partial<Negocio> {
  const { state } = account
  const { custom_fields, person_id, org_id, status: _, lost_reason: __, stage_id, pipeline_id, ...rest } = sent
  checkLabels(state.fields, sent.label_ids)
  activeOwner(state, sent.owner_id)
  const where = place(state, given({ stage_id, pipeline_id }))
  const isMoved = old !== undefined && where.stage_id !== undefined && where.stage_id !== old.stage_id
  return {
    ...given(rest),
    ...where,
    ...(isMoved && { stage_change_time: account.time }),
    ...(person_id !== undefined && { person_id: linked('person_id', state.persons, person_id) }),
    ...(org_id !== undefined && { org_id: linked('org_id', state.organizations, org_id) }),
    ...statusChange(account.time, old?.status, sent),
    ...(custom_fields && {
      custom_fields: { ...old?.custom_fields, ...checkCustom(state, state.fields, custom_fields) },
    }),
  }
}

/** A plan counts closed deals and leads too; that a refusal may come without its code is the reason for the switch. */
export function checkRoom({ state, switches }: Account, limits: Limits): void {
  const count = [...state.deals, ...state.leads].filter((one) => !one.is_deleted).length
  if (limits.deals === null || count < limits.deals) return
  throw new Refusal(403, 'Deals limit reached', switches.omitCapCode ? undefined : 'feature_capping_deals_limit')
}

/** Makes a deal, by the API or by a person; a rule of automatic assignment takes it away at once. */
export function addDeal(
  account: Account,
  limits: Limits,
  sent: unknown,
  by: Actor,
  source_lead_id: string | null = null,
): Negocio {
  const { state } = account
  const { title, ...rest } = checked(body, sent)
  const set = fields(account, rest)
  const isOfNobody = set.person_id == null && set.org_id == null
  // "Requires a person or an organization" (reference of v1, which v2 does not take back).
  if (by.source === 'api' && isOfNobody) throw invalid('person_id', 'a deal needs a person or an organization')
  checkRoom(account, limits)
  const made = account.create(
    'deals',
    {
      title,
      owner_id: by.userId,
      creator_user_id: by.userId,
      person_id: null,
      org_id: null,
      ...{ stage_id: 1, pipeline_id: 1, ...place(state, { pipeline_id: state.pipelines[0]?.id }) },
      ...{ value: 0, currency: 'BRL', status: 'open', lost_reason: null, won_time: null, lost_time: null },
      ...{ close_time: null, stage_change_time: null, expected_close_date: null, probability: null },
      ...{ is_archived: false, visible_to: 3, label_ids: [], custom_fields: {}, source_lead_id },
      origin: by.source === 'api' ? 'API' : 'ManuallyCreated',
      ...set,
    },
    by,
  )
  const { assignTo } = account.switches
  if (assignTo !== null && assignTo !== made.owner_id) {
    const rule: Actor = { userId: by.userId, source: 'app' }
    account.afterwards(() => account.change('deals', made, { owner_id: assignTo }, rule))
  }
  return made
}

/** @throws a 404 for what is deleted, a 400 for what is archived */
export function changeDeal(account: Account, wanted: number, sent: unknown, by: Actor): Negocio {
  const one = account.state.deals.find((record) => record.id === wanted)
  if (!one || one.is_deleted) throw notFound('Deal')
  if (one.is_archived) throw new Refusal(400, 'Archived deals cannot be edited', 'ERR_DEAL_ARCHIVED')
  account.change('deals', one, fields(account, checked(change, sent), one), by)
  return one
}

export const DEAL_WRITES: readonly Endpoint[] = [
  {
    method: 'POST',
    path: /^\/v2\/deals$/,
    tokens: 5,
    answer: ({ account, state, limits, body: sent, by }) => ({
      data: showDeal(state, addDeal(account, limits, sent, by)),
    }),
  },
  {
    method: 'PATCH',
    path: /^\/v2\/deals\/(\d+)$/,
    tokens: 5,
    answer: ({ account, state, id: wanted, body: sent, by }) => ({
      data: showDeal(state, changeDeal(account, wanted, sent, by)),
    }),
  },
  {
    method: 'DELETE',
    path: /^\/v2\/deals\/(\d+)$/,
    tokens: 3,
    answer: ({ account, state, id: wanted, by }) => {
      const one = state.deals.find((record) => record.id === wanted && !record.is_deleted)
      if (!one) throw notFound('Deal')
      account.remove('deals', one, by)
      return { data: { id: wanted } }
    },
  },
]
