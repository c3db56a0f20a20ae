import { z } from 'zod'
import { v1Time } from './clock.js'
import { activeOwner, checked, type Endpoint, id, notFound, Refusal } from './request.js'
import { COMPANY, type Gancho } from './state.js'

const MOST = 40
const OBJECTS = [
  ...['activity', 'deal', 'lead', 'note', 'organization', 'person', 'pipeline', 'product', 'stage', 'user', '*'],
  ...['board', 'phase', 'project', 'task', 'deal_product', 'deal_installment'],
]
const NEW = z.strictObject({
  subscription_url: z.string(),
  event_action: z.enum(['create', 'change', 'delete', '*']),
  event_object: z.enum(OBJECTS),
  name: z.string().min(1),
  user_id: id.optional(),
  http_auth_user: z.string().nullable().optional(),
  http_auth_password: z.string().nullable().optional(),
  version: z.enum(['1.0', '2.0']).default('2.0'),
})

/** What the service says of a subscription; how it counts failures is its own affair. */
export function showWebhook(one: Gancho): object {
  const { strikes: _, banned_until: __, failing_since: ___, ...rest } = one
  const removed = { remove_time: null, remove_reason: null }
  return { ...rest, company_id: COMPANY.id, admin_id: one.owner_id, type: 'general', ...removed }
}

function checkUrl(text: string): void {
  const isWeb = URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)
  if (isWeb) return
  const errors = { subscription_url: ['Subscription URL is not valid'] }
  throw new Refusal(400, 'Bad subscription URL', undefined, { status: 'error', success: false, errors })
}

export const WEBHOOKS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: /^\/v1\/webhooks$/,
    tokens: 10,
    answer: ({ state }) => ({ data: state.webhooks.map(showWebhook) }),
  },
  {
    method: 'POST',
    path: /^\/v1\/webhooks$/,
    tokens: 10,
    answer: ({ account, state, body, by }) => {
      const sent = checked(NEW, body)
      checkUrl(sent.subscription_url)
      const { user_id = by.userId, http_auth_user = null, http_auth_password = null, ...rest } = sent
      activeOwner(state, user_id, 'user_id')
      if (state.webhooks.filter((one) => one.owner_id === by.userId).length >= MOST) {
        throw new Refusal(422, 'Webhook limit reached')
      }
      const made: Gancho = {
        id: account.newId(),
        ...rest,
        ...{ user_id, owner_id: by.userId, http_auth_user, http_auth_password },
        ...{ is_active: 1, add_time: v1Time(account.time), last_delivery_time: null, last_http_status: null },
        ...{ strikes: 0, banned_until: null, failing_since: null },
      }
      state.webhooks.push(made)
      return { status: 201, data: showWebhook(made) }
    },
  },
  {
    method: 'DELETE',
    path: /^\/v1\/webhooks\/(\d+)$/,
    tokens: 6,
    answer: ({ state, id: wanted }) => {
      if (!state.webhooks.some((one) => one.id === wanted)) throw notFound('Webhook')
      state.webhooks = state.webhooks.filter((one) => one.id !== wanted)
      return { data: null }
    },
  },
]
