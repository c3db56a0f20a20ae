import { z } from 'zod'
import { invalid } from './request.js'
import type { Campo, State } from './state.js'

/** Keys of 40 hex digits; at the top level of a body they are unknown keys. */
export const customFields = z.record(z.string().regex(/^[0-9a-f]{40}$/, 'not a key of a custom field'), z.unknown())

const day = z.iso.date()
const hour = z.string().regex(/^\d\d:\d\d(:\d\d)?$/)
const option = z.int().min(1)

/** The shape of each type (developer docs, custom fields in v2). */
const SHAPES: Readonly<Record<string, z.ZodType>> = {
  varchar: z.string().max(255),
  varchar_auto: z.string().max(255),
  text: z.string(),
  phone: z.string(),
  double: z.number(),
  monetary: z.strictObject({ value: z.number(), currency: z.string() }),
  enum: option,
  set: z.array(option).min(1),
  user: option,
  org: option,
  people: option,
  date: day,
  time: z.strictObject({ value: hour, timezone_id: z.int().optional() }),
  daterange: z.strictObject({ value: day, until: day }),
  timerange: z.strictObject({ value: hour, until: hour, timezone_id: z.int().optional() }),
  address: z.strictObject({ value: z.string() }),
}

export const FIELD_TYPES = Object.keys(SHAPES)

/** What was given for the fields of one kind: each known and of its type; `null` clears. */
export function checkCustom(
  state: State,
  fields: readonly Campo[],
  values: Readonly<Record<string, unknown>> | undefined,
): Record<string, unknown> {
  for (const [code, value] of Object.entries(values ?? {})) {
    const field = fields.find((one) => one.field_code === code && one.is_custom_field)
    if (!field) throw invalid(`custom_fields.${code}`, `Parameter '${code}' is not allowed for this request`)
    if (value === null) continue
    const parsed = SHAPES[field.field_type]?.safeParse(value)
    if (!parsed?.success) throw invalid(`custom_fields.${code}`, `not a value of ${field.field_type}`)
    if (!isKnown(state, field, value)) throw invalid(`custom_fields.${code}`, 'no such option or record')
  }
  return { ...values }
}

function isKnown(state: State, field: Campo, value: unknown): boolean {
  const chosen = Array.isArray(value) ? value : [value]
  if (field.options) return chosen.every((one) => field.options?.some((known) => known.id === one))
  if (field.field_type === 'user') return state.users.some((one) => one.id === value)
  if (field.field_type === 'people') return state.persons.some((one) => one.id === value)
  if (field.field_type === 'org') return state.organizations.some((one) => one.id === value)
  return true
}

/** Every custom field that the account has now, `null` where nothing was ever filled in. */
export function showCustom(
  fields: readonly Campo[],
  values: Readonly<Record<string, unknown>>,
  only?: readonly string[],
): Record<string, unknown> {
  const codes = fields.filter((one) => one.is_custom_field).map((one) => one.field_code)
  return Object.fromEntries(
    codes.filter((code) => only === undefined || only.includes(code)).map((code) => [code, values[code] ?? null]),
  )
}

export function checkLabels(fields: readonly Campo[], given: readonly number[] | undefined): void {
  const options = fields.find((one) => one.field_code === 'label_ids')?.options ?? []
  const wrong = given?.find((label) => !options.some((one) => one.id === label))
  if (wrong !== undefined) throw invalid('label_ids', `no such label: ${wrong}`)
}
