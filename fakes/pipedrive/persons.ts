import { z } from 'zod'
import { checkCustom, checkLabels, customFields, showCustom } from './custom.js'
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
  invalid,
  is,
  linked,
  living,
  order,
  page,
  paging,
  Refusal,
  searching,
  shown,
  since,
  within,
} from './request.js'
import type { Contato, Pessoa, State } from './state.js'
import type { Switches } from './switches.js'

const contact = z.strictObject({ value: z.string(), label: z.string().optional(), primary: z.boolean().optional() })

const body = z.strictObject({
  name: z.string().min(1),
  owner_id: id.optional(),
  org_id: id.optional(),
  phones: z.array(contact).optional(),
  emails: z.array(contact).optional(),
  visible_to: z.literal([1, 3, 5, 7]).optional(),
  label_ids: z.array(id).optional(),
  marketing_status: z.enum(['no_consent', 'unsubscribed', 'subscribed', 'archived']).optional(),
  custom_fields: customFields.optional(),
})
const change = body.partial()

/** Of contact sync, which this account has not. */
const SYNCED = ['job_title', 'notes', 'im', 'birthday', 'postal_address']

const LIST = z.strictObject({
  ...paging,
  ...order,
  ...since,
  ...shown,
  ids,
  owner_id: idText.optional(),
  org_id: idText.optional(),
  deal_id: idText.optional(),
})
const SEARCHED = ['phone', 'email', 'name', 'notes', 'custom_fields'] as const
const SEARCH = z.strictObject({
  ...searching,
  fields: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(SEARCHED)))
    .optional(),
  organization_id: idText.optional(),
  include_fields: z.string().optional(),
})

function refuseSynced(sent: unknown): void {
  const name = SYNCED.find((one) => one in Object(sent))
  if (name !== undefined) throw new Refusal(403, `${name} needs contact sync`, 'ERR_FORBIDDEN')
}

/** The label is `work` unless said, the first becomes primary. */
const contacts = (sent: readonly z.output<typeof contact>[]): Contato[] => {
  const hasPrimary = sent.some((one) => one.primary)
  return sent.map(({ value, label = 'work', primary }, place) => ({
    value,
    label,
    primary: primary ?? (!hasPrimary && place === 0),
  }))
}

function fields(state: State, sent: z.output<typeof change>, old: Readonly<Record<string, unknown>>) {
  const { phones, emails, custom_fields, ...rest } = sent
  checkLabels(state.personFields, sent.label_ids)
  linked('org_id', state.organizations, sent.org_id)
  activeOwner(state, sent.owner_id)
  return given({
    ...rest,
    phones: phones && contacts(phones),
    emails: emails && contacts(emails),
    custom_fields: custom_fields && { ...old, ...checkCustom(state, state.personFields, custom_fields) },
  })
}

/** A person as REST shows it. */
export function showPerson(state: State, one: Pessoa, only?: readonly string[]): object {
  const { merged_to_id: _, ...rest } = one
  const [first_name = '', ...others] = one.name.split(' ')
  const last_name = others.join(' ') || null
  return { ...rest, first_name, last_name, custom_fields: showCustom(state.personFields, one.custom_fields, only) }
}

const digits = (text: string): string => text.replace(/\D/g, '')

/**
 * How the service cuts numbers into words is not documented: each number in the text is found by its beginning and, unless
 * switched off, by its end; a run of digits within it is not. Punctuation counts for nothing.
 */
function isFound(written: string, term: string, search: Switches['phoneSearch']): boolean {
  const wanted = digits(term)
  return written.split(/[/;,|]/).some((part) => {
    const number = digits(part)
    return number.startsWith(wanted) || (search === 'inicio_ou_fim' && number.endsWith(wanted))
  })
}

function hits(
  one: Pessoa,
  field: (typeof SEARCHED)[number],
  term: string,
  isExact: boolean,
  search: Switches['phoneSearch'],
): boolean {
  const text = (value: string): boolean =>
    isExact ? value.toLowerCase() === term.toLowerCase() : value.toLowerCase().includes(term.toLowerCase())
  if (field === 'name') return text(one.name)
  if (field === 'email') return one.emails.some(({ value }) => text(value))
  if (field === 'custom_fields')
    return Object.values(one.custom_fields).some((value) => typeof value === 'string' && text(value))
  if (field === 'notes' || digits(term) === '') return false
  return one.phones.some(({ value }) => (isExact ? digits(value) === digits(term) : isFound(value, term, search)))
}

export const PERSONS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: /^\/v2\/persons\/search$/,
    tokens: 20,
    isSearch: true,
    answer: ({ account, query }) => {
      const wanted = checked(SEARCH, query)
      const isExact = wanted.exact_match ?? false
      checkTerm(wanted.term, isExact)
      const all = account.records('persons', account.switches.lagMs).filter((one) => {
        if (one.is_deleted || !is(wanted.organization_id, one.org_id)) return false
        return (wanted.fields ?? SEARCHED).some((field) =>
          hits(one, field, wanted.term, isExact, account.switches.phoneSearch),
        )
      })
      const texts = (list: readonly Contato[]): string[] => list.map(({ value }) => value)
      return found(all, wanted, (one) => ({
        id: one.id,
        type: 'person',
        name: one.name,
        phones: texts(one.phones),
        emails: texts(one.emails),
        primary_email: one.emails.find(({ primary }) => primary)?.value ?? null,
        visible_to: one.visible_to,
        owner: { id: one.owner_id },
        organization: one.org_id === null ? null : { id: one.org_id },
        custom_fields: Object.values(one.custom_fields).filter((value) => typeof value === 'string'),
        notes: [],
      }))
    },
  },
  {
    method: 'GET',
    path: /^\/v2\/persons$/,
    tokens: 10,
    answer: ({ account, state, query }) => {
      const wanted = checked(LIST, query)
      const ofDeal = wanted.deal_id && state.deals.find((one) => one.id === wanted.deal_id)?.person_id
      const all = account
        .records('persons', account.switches.staleMs)
        .filter(
          (one) =>
            !one.is_deleted &&
            (wanted.ids?.includes(one.id) ?? true) &&
            is(wanted.owner_id, one.owner_id) &&
            is(wanted.org_id, one.org_id) &&
            (wanted.deal_id === undefined || one.id === ofDeal) &&
            within(wanted, one.update_time),
        )
      return page(all, wanted, (one) => showPerson(state, one, wanted.custom_fields))
    },
  },
  {
    method: 'GET',
    path: /^\/v2\/persons\/(\d+)$/,
    tokens: 1,
    answer: ({ state, id: wanted, query }) => {
      const { custom_fields } = checked(z.strictObject(shown), query)
      return { data: showPerson(state, living(state.persons, wanted), custom_fields) }
    },
  },
  {
    method: 'POST',
    path: /^\/v2\/persons$/,
    tokens: 5,
    answer: ({ account, state, body: sent, by }) => {
      refuseSynced(sent)
      const { name, ...rest } = checked(body, sent)
      if (name.trim() === '') throw invalid('name', 'must not be empty')
      const defaults = { owner_id: by.userId, org_id: null, phones: [], emails: [], visible_to: 3, label_ids: [] }
      const more = { marketing_status: 'no_consent', custom_fields: {} }
      const made = account.create('persons', { name, ...defaults, ...more, ...fields(state, rest, {}) }, by)
      return { data: showPerson(state, made) }
    },
  },
  {
    method: 'PATCH',
    path: /^\/v2\/persons\/(\d+)$/,
    tokens: 5,
    answer: ({ account, state, id: wanted, body: sent, by }) => {
      const one = living(state.persons, wanted)
      refuseSynced(sent)
      account.change('persons', one, fields(state, checked(change, sent), one.custom_fields), by)
      return { data: showPerson(state, one) }
    },
  },
  {
    method: 'DELETE',
    path: /^\/v2\/persons\/(\d+)$/,
    tokens: 3,
    answer: ({ account, state, id: wanted, by }) => {
      account.remove('persons', living(state.persons, wanted), by)
      return { data: { id: wanted } }
    },
  },
]
