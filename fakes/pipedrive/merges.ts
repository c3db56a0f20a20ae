import { z } from 'zod'
import type { Account, Actor } from './account.js'
import { showDeal } from './deals.js'
import { showPerson } from './persons.js'
import { checked, type Endpoint, id, invalid, living, Refusal, type Request } from './request.js'
import type { Contato, Negocio, Pessoa } from './state.js'

const BODY = z.strictObject({ merge_with_id: id })

const joined = (kept: readonly Contato[], more: readonly Contato[]): Contato[] => [
  ...kept,
  ...more
    .filter(({ value }) => !kept.some((one) => one.value === value))
    .map((one) => ({ ...one, primary: kept.length === 0 && one.primary })),
]

function pair<T extends { id: number; is_deleted: boolean }>(all: readonly T[], from: number, into: number): [T, T] {
  if (from === into) throw invalid('merge_with_id', 'cannot merge with itself')
  return [living(all, from), living(all, into)]
}

/** Filled fields of the one that stays win. */
const customOf = (kept: Record<string, unknown>, gone: Record<string, unknown>): Record<string, unknown> => ({
  ...gone,
  ...Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== null)),
})

/** The person in `into` stays and gets the other's links; heard as a delete and a change. */
export function mergePersons(account: Account, from: number, into: number, by: Actor): Pessoa {
  const { state } = account
  const [gone, kept] = pair(state.persons, from, into)
  for (const deal of state.deals) if (deal.person_id === from) deal.person_id = into
  for (const note of state.notes) if (note.person_id === from) note.person_id = into
  for (const { participants } of state.activities) {
    for (const one of participants) if (one.person_id === from) one.person_id = into
  }
  account.remove('persons', gone, by, { merged_to_id: into })
  const change = {
    phones: joined(kept.phones, gone.phones),
    emails: joined(kept.emails, gone.emails),
    custom_fields: customOf(kept.custom_fields, gone.custom_fields),
  }
  account.change('persons', kept, change, by, { merged_from_id: from })
  return kept
}

/** The deal in `into` stays and gets the other's activities and notes; heard as a delete and a change. */
export function mergeDeals(account: Account, from: number, into: number, by: Actor): Negocio {
  const { state } = account
  const [gone, kept] = pair(state.deals, from, into)
  for (const one of [...state.activities, ...state.notes]) if (one.deal_id === from) one.deal_id = into
  account.remove('deals', gone, by, { merged_to_id: into })
  const change = {
    person_id: kept.person_id ?? gone.person_id,
    custom_fields: customOf(kept.custom_fields, gone.custom_fields),
  }
  account.change('deals', kept, change, by, { merged_from_id: from })
  return kept
}

const into = ({ body }: Request): number => checked(BODY, body).merge_with_id

export const MERGES: readonly Endpoint[] = [
  {
    method: 'PUT',
    path: /^\/v1\/persons\/(\d+)\/merge$/,
    tokens: 40,
    answer: (request) => {
      const kept = mergePersons(request.account, request.id, into(request), request.by)
      return { data: { ...showPerson(request.state, kept), merge_what_id: request.id } }
    },
  },
  {
    method: 'PUT',
    path: /^\/v1\/deals\/(\d+)\/merge$/,
    tokens: 40,
    answer: (request) => {
      const kept = mergeDeals(request.account, request.id, into(request), request.by)
      return { data: { ...showDeal(request.state, kept), merge_what_id: request.id } }
    },
  },
]

const gone = (method: string): Endpoint => ({
  method,
  path: /^\/v1\/(deals|persons|activities)(\/.*)?$/,
  tokens: 0,
  answer: () => {
    throw new Refusal(410, 'This endpoint is gone: use /api/v2')
  },
})

/** Out of support since 1 August 2026: whoever calls them shall notice. */
export const GONE: readonly Endpoint[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map(gone)
