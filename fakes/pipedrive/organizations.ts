import { z } from 'zod'
import {
  activeOwner,
  checked,
  checkTerm,
  type Endpoint,
  found,
  given,
  id,
  ids,
  idText,
  is,
  living,
  order,
  page,
  paging,
  searching,
  shown,
  since,
  within,
} from './request.js'

const body = z.strictObject({
  name: z.string().min(1),
  owner_id: id.optional(),
  visible_to: z.literal([1, 3, 5, 7]).optional(),
})
const LIST = z.strictObject({ ...paging, ...order, ...since, ids, owner_id: idText.optional() })
const SEARCH = z.strictObject({ ...searching, fields: z.literal('name').optional() })

export const ORGANIZATIONS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: /^\/v2\/organizations\/search$/,
    tokens: 20,
    isSearch: true,
    answer: ({ account, query }) => {
      const wanted = checked(SEARCH, query)
      checkTerm(wanted.term, wanted.exact_match ?? false)
      const term = wanted.term.toLowerCase()
      const all = account.records('organizations', account.switches.lagMs).filter((one) => {
        const name = one.name.toLowerCase()
        return !one.is_deleted && (wanted.exact_match ? name === term : name.includes(term))
      })
      return found(all, wanted, (one) => ({ id: one.id, type: 'organization', name: one.name }))
    },
  },
  {
    method: 'GET',
    path: /^\/v2\/organizations$/,
    tokens: 10,
    answer: ({ account, query }) => {
      const wanted = checked(LIST, query)
      const all = account
        .records('organizations', account.switches.staleMs)
        .filter(
          (one) =>
            !one.is_deleted &&
            (wanted.ids?.includes(one.id) ?? true) &&
            is(wanted.owner_id, one.owner_id) &&
            within(wanted, one.update_time),
        )
      return page(all, wanted, (one) => one)
    },
  },
  {
    method: 'GET',
    path: /^\/v2\/organizations\/(\d+)$/,
    tokens: 1,
    answer: ({ state, id: wanted, query }) => {
      checked(z.strictObject(shown), query)
      return { data: living(state.organizations, wanted) }
    },
  },
  {
    method: 'POST',
    path: /^\/v2\/organizations$/,
    tokens: 5,
    answer: ({ account, state, body: sent, by }) => {
      const { name, owner_id = by.userId, visible_to = 3 } = checked(body, sent)
      activeOwner(state, owner_id)
      return { data: account.create('organizations', { name, owner_id, visible_to }, by) }
    },
  },
  {
    method: 'PATCH',
    path: /^\/v2\/organizations\/(\d+)$/,
    tokens: 5,
    answer: ({ account, state, id: wanted, body: sent, by }) => {
      const one = living(state.organizations, wanted)
      const change = checked(body.partial(), sent)
      activeOwner(state, change.owner_id)
      account.change('organizations', one, given(change), by)
      return { data: one }
    },
  },
  {
    method: 'DELETE',
    path: /^\/v2\/organizations\/(\d+)$/,
    tokens: 3,
    answer: ({ account, state, id: wanted, by }) => {
      account.remove('organizations', living(state.organizations, wanted), by)
      return { data: { id: wanted } }
    },
  },
]
