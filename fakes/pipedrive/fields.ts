import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { FIELD_TYPES } from './custom.js'
import { checked, type Endpoint, given, id, invalid, notFound, page, paging, Refusal, type Request } from './request.js'
import type { Campo, State } from './state.js'

type List = 'fields' | 'personFields'

const WITH_OPTIONS = ['enum', 'set']
const labels = z.array(z.strictObject({ label: z.string().min(1) })).min(1)
const settings = {
  ui_visibility: z.record(z.string(), z.unknown()).optional(),
  important_fields: z.record(z.string(), z.unknown()).optional(),
  required_fields: z.record(z.string(), z.unknown()).optional(),
}
const NEW = z.strictObject({
  field_name: z.string().min(1),
  field_type: z.enum(FIELD_TYPES),
  options: labels.optional(),
  description: z.string().nullable().optional(),
  ...settings,
})
const CHANGE = z.strictObject({
  field_name: z.string().min(1).optional(),
  description: z.string().nullable().optional(),
  ...settings,
})
const QUERY = z.strictObject({ ...paging, include_fields: z.string().optional() })
const RENAMED = z.array(z.strictObject({ id, label: z.string().min(1) })).min(1)
const GONE = z.array(z.strictObject({ id })).min(1)

function field(list: readonly Campo[], code: string): Campo {
  const one = list.find(({ field_code }) => field_code === code)
  if (!one) throw notFound('Field')
  return one
}

/** The fields that the account came with are not ours to change. */
function custom(list: readonly Campo[], code: string): Campo {
  const one = field(list, code)
  if (!one.is_custom_field) throw invalid('field_code', 'Only custom fields can be changed')
  return one
}

/** Of custom fields only: "adds new options to a deal custom field" (reference of v2). */
function optionsOf(list: readonly Campo[], code: string): { id: number; label: string }[] {
  const { options } = custom(list, code)
  if (!options) throw invalid('field_code', 'the field has no options')
  return options
}

/** The ceiling is the account's: fields of deals and of persons together. The code's exact name is not documented. */
function checkCeiling(state: State, most: number): void {
  const all = [...state.fields, ...state.personFields].filter((one) => one.is_custom_field)
  if (all.length >= most) throw new Refusal(403, 'Custom fields limit reached', 'feature_capping_custom_fields_limit')
}

function add({ account, state, limits, body }: Request, list: List): Campo {
  const { field_name, field_type, options, description = null } = checked(NEW, body)
  const hasOptions = WITH_OPTIONS.includes(field_type)
  if (hasOptions !== (options !== undefined)) throw invalid('options', hasOptions ? 'Required' : 'not of this type')
  checkCeiling(state, limits.customFields)
  const made: Campo = {
    field_code: randomBytes(20).toString('hex'),
    field_name,
    field_type,
    is_custom_field: true,
    description,
    options: options?.map(({ label }) => ({ id: account.newId(), label })) ?? null,
  }
  state[list].push(made)
  return made
}

function endpoints(name: string, list: List): readonly Endpoint[] {
  const all = new RegExp(`^/v2/${name}$`)
  const one = new RegExp(`^/v2/${name}/([a-z0-9_]+)$`)
  const options = new RegExp(`^/v2/${name}/([a-z0-9_]+)/options$`)
  return [
    {
      method: 'GET',
      path: all,
      tokens: 10,
      answer: ({ state, query }) =>
        page(
          state[list].map((value, place) => ({ id: place + 1, value })),
          checked(QUERY, query),
          ({ value }) => value,
        ),
    },
    {
      method: 'GET',
      path: one,
      tokens: 1,
      answer: ({ state, code, query }) => {
        checked(QUERY.pick({ include_fields: true }), query)
        return { data: field(state[list], code) }
      },
    },
    { method: 'POST', path: all, tokens: 5, answer: (request) => ({ data: add(request, list) }) },
    {
      method: 'PATCH',
      path: one,
      tokens: 5,
      answer: ({ state, code, body }) => {
        const { field_name, description } = checked(CHANGE, body)
        return { data: Object.assign(custom(state[list], code), given({ field_name, description })) }
      },
    },
    {
      method: 'DELETE',
      path: one,
      tokens: 3,
      answer: ({ state, code }) => {
        const { field_code } = custom(state[list], code)
        state[list] = state[list].filter((other) => other.field_code !== code)
        return { data: { field_code } }
      },
    },
    {
      method: 'POST',
      path: options,
      tokens: 5,
      answer: ({ account, state, code, body }) => {
        const known = optionsOf(state[list], code)
        const made = checked(labels, body).map(({ label }) => ({ id: account.newId(), label }))
        known.push(...made)
        return { data: made }
      },
    },
    {
      method: 'PATCH',
      path: options,
      tokens: 5,
      answer: ({ state, code, body }) => {
        const known = optionsOf(state[list], code)
        const data = checked(RENAMED, body).map((change) => {
          const option = known.find((other) => other.id === change.id)
          if (!option) throw notFound('Option')
          return Object.assign(option, change)
        })
        return { data }
      },
    },
    {
      method: 'DELETE',
      path: options,
      tokens: 3,
      answer: ({ state, code, body }) => {
        const gone = checked(GONE, body).map((wanted) => wanted.id)
        const known = optionsOf(state[list], code)
        const data = known.filter((option) => gone.includes(option.id))
        known.splice(0, known.length, ...known.filter((option) => !gone.includes(option.id)))
        return { data }
      },
    },
  ]
}

export const FIELDS: readonly Endpoint[] = [
  ...endpoints('dealFields', 'fields'),
  ...endpoints('personFields', 'personFields'),
]
