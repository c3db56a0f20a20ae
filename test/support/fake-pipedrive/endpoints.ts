import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Campo, State } from './state.js'

/** What a call says back: 200 unless it says otherwise. */
export interface Reply {
  readonly status?: number
  readonly data: unknown
  readonly additional_data?: unknown
}

/** Refuses a call in the shape that the API has for it. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string | undefined
  constructor(status: number, error: string, code?: string) {
    super(error)
    this.status = status
    this.code = code
  }
}

export interface Request {
  readonly state: State
  /** Of the path. */
  readonly id: number
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
  /** ISO, with ms. */
  readonly now: Date
  /** Records younger than this are not yet in the search index. */
  readonly lagMs: number
}

export interface Endpoint {
  readonly method: string
  readonly path: RegExp
  readonly tokens: number
  readonly isSearch?: boolean
  readonly answer: (request: Request) => Reply
}

const id = z.int().min(1)
const hash = z.record(z.string().regex(/^[0-9a-f]{40}$/), z.unknown())
const contact = z.strictObject({ value: z.string(), label: z.string().optional(), primary: z.boolean().optional() })

const person = z.strictObject({
  name: z.string().min(1),
  owner_id: id.optional(),
  org_id: id.optional(),
  phones: z.array(contact).optional(),
  emails: z.array(contact).optional(),
  visible_to: z.int().optional(),
  label_ids: z.array(id).optional(),
  custom_fields: hash.optional(),
})

const deal = z.strictObject({
  title: z.string().min(1),
  owner_id: id.optional(),
  person_id: id.optional(),
  org_id: id.optional(),
  pipeline_id: id.optional(),
  stage_id: id.optional(),
  value: z.number().optional(),
  currency: z.string().optional(),
  status: z.enum(['open', 'won', 'lost']).optional(),
  lost_reason: z.string().optional(),
  label_ids: z.array(id).optional(),
  visible_to: z.int().optional(),
  expected_close_date: z.string().optional(),
  custom_fields: hash.optional(),
})

const activity = z.strictObject({
  subject: z.string().optional(),
  type: z.enum(['call', 'meeting', 'task', 'deadline', 'email', 'lunch']).optional(),
  owner_id: id.optional(),
  deal_id: id.optional(),
  org_id: id.optional(),
  due_date: z.iso.date().optional(),
  due_time: z
    .string()
    .regex(/^\d\d:\d\d(:\d\d)?$/)
    .optional(),
  duration: z.string().optional(),
  done: z.boolean().optional(),
  busy: z.boolean().optional(),
  note: z.string().optional(),
  public_description: z.string().optional(),
  priority: z.int().optional(),
  participants: z.array(z.strictObject({ person_id: id, primary: z.boolean().optional() })).optional(),
})

const flag = z.union([z.literal(0), z.literal(1)])
const note = z.strictObject({
  content: z.string().min(1),
  deal_id: id.optional(),
  person_id: id.optional(),
  user_id: id.optional(),
  pinned_to_deal_flag: flag.optional(),
  add_time: z.string().optional(),
})

const field = z.strictObject({ field_name: z.string().min(1), field_type: z.enum(['varchar', 'text', 'enum', 'user']) })

function checked<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const name = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.')
  const text =
    issue?.code === 'unrecognized_keys' ? `Parameter '${name}' is not allowed for this request` : 'is invalid'
  throw new Refusal(400, `Validation failed: ${name}: ${text}`, 'ERR_SCHEMA_VALIDATION_FAILED')
}

/** Only these names, each a text of digits where a number is meant. */
function query(request: Request, names: readonly string[], most = 500): Readonly<Record<string, string>> {
  for (const name of Object.keys(request.query)) {
    if (!names.includes(name)) throw new Refusal(400, `Parameter '${name}' is not allowed for this request`)
  }
  if (Number(request.query.limit ?? 100) > most) throw new Refusal(400, 'limit is too high')
  return request.query
}

const time = (now: Date): string => now.toISOString().replace(/\.\d+Z$/, 'Z')

function find<T extends { id: number }>(list: readonly T[], wanted: number): T {
  const found = list.find((one) => one.id === wanted)
  if (!found) throw new Refusal(404, 'Not found')
  return found
}

function newId(state: State): number {
  state.next += 1
  return state.next
}

function activeOwner(state: State, owner: number | undefined): number {
  if (owner === undefined) return 1
  if (!state.users.some((one) => one.id === owner && one.active_flag)) throw new Refusal(400, 'owner_id is invalid')
  return owner
}

function livingPerson(state: State, wanted: number | undefined): number | null {
  if (wanted === undefined) return null
  if (!state.persons.some((one) => one.id === wanted && !one.is_deleted)) throw new Refusal(400, 'person_id is invalid')
  return wanted
}

function knownFields(state: State, fields: Record<string, unknown> | undefined): Record<string, unknown> {
  for (const [code, value] of Object.entries(fields ?? {})) {
    const known = state.fields.find(({ field_code }) => field_code === code)
    if (!known || (known.field_type === 'varchar' && typeof value !== 'string' && value !== null)) {
      throw new Refusal(400, `Validation failed: custom_fields.${code}`, 'ERR_SCHEMA_VALIDATION_FAILED')
    }
  }
  return fields ?? {}
}

const contacts = (given: readonly z.output<typeof contact>[] | undefined) =>
  (given ?? []).map(({ value, label = 'work', primary }, place) => ({ value, label, primary: primary ?? place === 0 }))

/** The list starts after the cursor, which is the last id in base64. */
function page<T extends { id: number }>(all: readonly T[], given: Readonly<Record<string, string>>): Reply {
  const limit = Number(given.limit ?? 100)
  const after = given.cursor === undefined ? undefined : Number(Buffer.from(given.cursor, 'base64').toString())
  if (after !== undefined && !Number.isInteger(after)) throw new Refusal(400, 'cursor is invalid')
  const start = after === undefined ? 0 : all.findIndex((one) => one.id === after) + 1
  const data = all.slice(start, start + limit)
  const last = data.at(-1)
  const more = start + limit < all.length && last
  return { data, additional_data: { next_cursor: more ? Buffer.from(String(last.id)).toString('base64') : null } }
}

const found = (items: readonly unknown[]): Reply => ({
  data: { items: items.map((item) => ({ result_score: 1, item })) },
  additional_data: { next_cursor: null },
})

const indexed = ({ now, lagMs }: Request, add_time: string): boolean => now.getTime() - Date.parse(add_time) >= lagMs

const since = (given: Readonly<Record<string, string>>, at: string): boolean =>
  given.updated_since === undefined || at >= given.updated_since

const digits = (text: string): string => text.replace(/\D/g, '')

const SEARCH = ['term', 'fields', 'exact_match', 'organization_id', 'person_id', 'status', 'limit', 'cursor']
const DEALS = [
  ...['person_id', 'owner_id', 'pipeline_id', 'stage_id', 'status', 'updated_since', 'updated_until', 'ids'],
  ...['sort_by', 'sort_direction', 'custom_fields', 'limit', 'cursor'],
]
const ACTIVITIES = [
  'deal_id',
  'owner_id',
  'done',
  'updated_since',
  'ids',
  'sort_by',
  'sort_direction',
  'limit',
  'cursor',
]

const PERSONS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: /^\/v2\/persons\/search$/,
    tokens: 20,
    isSearch: true,
    answer: (request) => {
      const { term = '', fields } = query(request, SEARCH, 100)
      if (term.length < 2) throw new Refusal(400, 'term is too short')
      const hits = request.state.persons.filter((one) => {
        if (one.is_deleted || !indexed(request, one.add_time)) return false
        const phone = digits(term) !== '' && one.phones.some(({ value }) => digits(value).includes(digits(term)))
        const mail = one.emails.some(({ value }) => value.toLowerCase() === term.toLowerCase())
        return fields === 'email' ? mail : phone
      })
      const text = (list: readonly { value: string }[]): string[] => list.map(({ value }) => value)
      return found(hits.map((one) => ({ id: one.id, type: 'person', name: one.name, phones: text(one.phones) })))
    },
  },
  {
    method: 'GET',
    path: /^\/v2\/persons$/,
    tokens: 10,
    answer: (request) => {
      const given = query(request, ['ids', 'owner_id', 'org_id', 'updated_since', 'sort_by', 'limit', 'cursor'])
      const { persons } = request.state
      return page(
        persons.filter((one) => !one.is_deleted && since(given, one.update_time)),
        given,
      )
    },
  },
  {
    method: 'GET',
    path: /^\/v2\/persons\/(\d+)$/,
    tokens: 1,
    answer: ({ state, id: wanted }) => {
      const one = find(state.persons, wanted)
      if (one.is_deleted) throw new Refusal(404, 'Not found')
      return { data: one }
    },
  },
  {
    method: 'POST',
    path: /^\/v2\/persons$/,
    tokens: 5,
    answer: ({ state, body, now }) => {
      const { name, owner_id, phones, emails } = checked(person, body)
      const made = {
        id: newId(state),
        name,
        owner_id: activeOwner(state, owner_id),
        phones: contacts(phones),
        emails: contacts(emails),
        update_time: time(now),
        add_time: now.toISOString(),
        is_deleted: false,
      }
      state.persons.push(made)
      return { data: made }
    },
  },
  {
    method: 'PATCH',
    path: /^\/v2\/persons\/(\d+)$/,
    tokens: 5,
    answer: ({ state, id: wanted, body, now }) => {
      const one = find(state.persons, wanted)
      const { name, phones, emails } = checked(person.partial(), body)
      if (name !== undefined) one.name = name
      if (phones) one.phones = contacts(phones)
      if (emails) one.emails = contacts(emails)
      one.update_time = time(now)
      return { data: one }
    },
  },
]

const DEAL: readonly Endpoint[] = [
  {
    method: 'GET',
    path: /^\/v2\/deals$/,
    tokens: 10,
    answer: (request) => {
      const given = query(request, DEALS)
      const is = (name: string, value: unknown): boolean => given[name] === undefined || given[name] === String(value)
      const all = request.state.deals.filter(
        (one) =>
          is('person_id', one.person_id) &&
          is('owner_id', one.owner_id) &&
          is('pipeline_id', one.pipeline_id) &&
          is('status', one.status) &&
          one.status !== 'deleted' &&
          since(given, one.update_time),
      )
      if (given.sort_by === 'update_time') all.sort((a, b) => (a.update_time < b.update_time ? -1 : 1))
      return page(given.sort_direction === 'desc' ? all.reverse() : all, given)
    },
  },
  {
    method: 'GET',
    path: /^\/v2\/deals\/(\d+)$/,
    tokens: 1,
    answer: ({ state, id: wanted }) => ({ data: find(state.deals, wanted) }),
  },
  {
    method: 'GET',
    path: /^\/v2\/itemSearch\/field$/,
    tokens: 20,
    isSearch: true,
    answer: (request) => {
      const { term = '', field: code = '' } = query(request, [
        'term',
        'entity_type',
        'field',
        'match',
        'limit',
        'cursor',
      ])
      const hits = request.state.deals.filter(
        (one) => one.status !== 'deleted' && one.custom_fields[code] === term && indexed(request, one.add_time),
      )
      return found(hits.map(({ id: hit, title }) => ({ id: hit, title, type: 'deal' })))
    },
  },
  {
    method: 'POST',
    path: /^\/v2\/deals$/,
    tokens: 5,
    answer: ({ state, body, now }) => {
      const given = checked(deal, body)
      const stage_id = given.stage_id ?? 1
      const stage = state.stages.find((one) => one.id === stage_id)
      if (!stage) throw new Refusal(400, 'stage_id is invalid')
      const made = {
        id: newId(state),
        title: given.title,
        owner_id: activeOwner(state, given.owner_id),
        person_id: livingPerson(state, given.person_id),
        stage_id,
        pipeline_id: stage.pipeline_id,
        status: 'open' as const,
        origin: 'API' as const,
        custom_fields: knownFields(state, given.custom_fields),
        update_time: time(now),
        add_time: now.toISOString(),
      }
      state.deals.push(made)
      return { data: made }
    },
  },
  {
    method: 'PATCH',
    path: /^\/v2\/deals\/(\d+)$/,
    tokens: 5,
    answer: ({ state, id: wanted, body, now }) => {
      const one = find(state.deals, wanted)
      if (one.status === 'deleted') throw new Refusal(404, 'Not found')
      const given = checked(deal.partial(), body)
      if (given.owner_id !== undefined) one.owner_id = activeOwner(state, given.owner_id)
      if (given.title !== undefined) one.title = given.title
      if (given.status !== undefined) one.status = given.status
      Object.assign(one.custom_fields, knownFields(state, given.custom_fields))
      one.update_time = time(now)
      return { data: one }
    },
  },
]

const ACTIVITY: readonly Endpoint[] = [
  {
    method: 'GET',
    path: /^\/v2\/activities$/,
    tokens: 10,
    answer: (request) => {
      const given = query(request, ACTIVITIES)
      const all = request.state.activities.filter(
        (one) =>
          (given.deal_id === undefined || String(one.deal_id) === given.deal_id) && since(given, one.update_time),
      )
      return page(all, given)
    },
  },
  {
    method: 'POST',
    path: /^\/v2\/activities$/,
    tokens: 5,
    answer: ({ state, body, now }) => {
      const given = checked(activity, body)
      for (const { person_id } of given.participants ?? []) livingPerson(state, person_id)
      if (given.deal_id !== undefined) find(state.deals, given.deal_id)
      const made = {
        id: newId(state),
        subject: given.subject ?? 'Call',
        type: given.type ?? 'call',
        owner_id: activeOwner(state, given.owner_id),
        deal_id: given.deal_id ?? null,
        participants: (given.participants ?? []).map(({ person_id, primary = false }) => ({ person_id, primary })),
        due_date: given.due_date ?? '',
        due_time: given.due_time ?? '',
        done: given.done ?? false,
        marked_as_done_time: null,
        update_time: time(now),
        add_time: now.toISOString(),
      }
      state.activities.push(made)
      return { data: made }
    },
  },
  {
    method: 'PATCH',
    path: /^\/v2\/activities\/(\d+)$/,
    tokens: 5,
    answer: ({ state, id: wanted, body, now }) => {
      const one = find(state.activities, wanted)
      const { done, owner_id } = checked(activity, body)
      if (done !== undefined) Object.assign(one, { done, marked_as_done_time: done ? time(now) : null })
      if (owner_id !== undefined) one.owner_id = activeOwner(state, owner_id)
      one.update_time = time(now)
      return { data: one }
    },
  },
]

const OTHERS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: /^\/v2\/dealFields$/,
    tokens: 10,
    answer: (request) => {
      query(request, ['limit', 'cursor', 'include_fields'])
      return { data: request.state.fields, additional_data: { next_cursor: null } }
    },
  },
  {
    method: 'POST',
    path: /^\/v2\/dealFields$/,
    tokens: 5,
    answer: ({ state, body }) => {
      const made: Campo = {
        ...checked(field, body),
        field_code: randomBytes(20).toString('hex'),
        is_custom_field: true,
      }
      state.fields.push(made)
      return { data: made }
    },
  },
  {
    method: 'GET',
    path: /^\/v2\/pipelines$/,
    tokens: 5,
    answer: ({ state }) => ({ data: state.pipelines, additional_data: { next_cursor: null } }),
  },
  {
    method: 'GET',
    path: /^\/v2\/stages$/,
    tokens: 5,
    answer: ({ state }) => ({ data: state.stages, additional_data: { next_cursor: null } }),
  },
  { method: 'GET', path: /^\/v1\/users$/, tokens: 20, answer: ({ state }) => ({ data: state.users }) },
  {
    method: 'GET',
    path: /^\/v1\/users\/me$/,
    tokens: 2,
    answer: ({ state }) => ({
      data: { ...state.users[0], company_id: 77, company_domain: 'exemplo', timezone_name: 'America/Sao_Paulo' },
    }),
  },
  {
    method: 'GET',
    path: /^\/v1\/notes$/,
    tokens: 20,
    answer: (request) => {
      const { deal_id } = query(request, ['deal_id', 'start', 'limit'])
      const data = request.state.notes.filter((one) => String(one.deal_id) === deal_id)
      return { data, additional_data: { pagination: { start: 0, limit: 100, more_items_in_collection: false } } }
    },
  },
  {
    method: 'POST',
    path: /^\/v1\/notes$/,
    tokens: 10,
    answer: ({ state, body, now }) => {
      const { content, deal_id } = checked(note, body)
      if (deal_id === undefined) throw new Refusal(400, 'One of deal_id, person_id is required')
      find(state.deals, deal_id)
      const clean = content.replace(/<script[\s\S]*?<\/script>|\son\w+="[^"]*"/gi, '')
      const made = { id: newId(state), content: clean, deal_id, update_time: time(now) }
      state.notes.push(made)
      return { data: made }
    },
  },
]

export const ENDPOINTS: readonly Endpoint[] = [...PERSONS, ...DEAL, ...ACTIVITY, ...OTHERS]
