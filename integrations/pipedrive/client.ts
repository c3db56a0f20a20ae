import { NotesApi, UsersApi, Configuration as V1Configuration } from 'pipedrive/v1'
import {
  ActivitiesApi,
  Configuration,
  DealFieldsApi,
  DealsApi,
  ItemSearchApi,
  PersonsApi,
  PipelinesApi,
  StagesApi,
} from 'pipedrive/v2'
import type { z } from 'zod'
import type { ContactWay, NewActivity, NewDeal, Pipedrive } from './api.js'
import { failureOf, PipedriveFailure } from './failure.js'
import {
  Achados,
  AchadosPorCampo,
  Atividades,
  Campos,
  Etapas,
  Eu,
  Funis,
  Negocios,
  Notas,
  Pessoas,
  UmaAtividade,
  UmaNota,
  UmaPessoa,
  UmCampo,
  UmNegocio,
  Usuarios,
} from './schema.js'

const TIMEOUT_MS = 10_000
/** Twenty times the largest page. */
const MAX_BYTES = 32_000_000
const PAGE = 500
const MOST_PAGES = 20
const NOT_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'CERT_HAS_EXPIRED']

/** What a call must ask first, and what it tells afterwards. */
export interface Gate {
  /** Resolves when the call may leave; throws when nobody may call now. */
  enter(isSearch: boolean): Promise<void>
  /** Headers of an answer, by lower-case name. */
  heard(header: (name: string) => string | undefined, isSearch: boolean): void
  failed(failure: PipedriveFailure): void
  passed(): void
}

export interface ClientOptions {
  readonly token: string
  /** `https://<company>.pipedrive.com/api`, or a loopback host: without a slash at its end. */
  readonly base: string
  readonly gate: Gate
  readonly timeoutMs?: number
}

type Header = (name: string) => string | undefined

/** The JSON of an answer, or our own error: thrown here it passes the client's interceptor untouched (reference 1.4). */
function transform(heard: (header: Header) => void) {
  return (text: unknown, headers: unknown, status?: number): unknown => {
    const header: Header = (name) => {
      const value: unknown = Object(headers)[name]
      return typeof value === 'string' ? value : undefined
    }
    heard(header)
    // Nothing at all is an answer only where the status says so: a list that did not come is not an empty list.
    const isEmpty = typeof text !== 'string' || text === ''
    const body = isEmpty ? { success: status === 204, data: null } : parse(text)
    const isJson = typeof body === 'object' && body !== null
    const { success, code }: { success?: unknown; code?: unknown } = Object(body)
    const failure = failureOf({
      status: status ?? 0,
      isJson: isJson && (success !== false || (status ?? 0) >= 300),
      code: typeof code === 'string' ? code : undefined,
      header,
    })
    if (failure) throw failure
    return body
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whatever else is thrown is the network's: it holds the token, and nothing of it is kept. */
function unanswered(error: unknown): PipedriveFailure {
  if (error instanceof PipedriveFailure) return error
  const { code }: { code?: unknown } = Object(error)
  return new PipedriveFailure(NOT_SENT.includes(String(code)) ? 'nao_enviado' : 'sem_resposta')
}

/** The official client, wrapped once: a time limit, no proxy, no redirects, no token in an error, answers by our own schema. */
export function pipedriveClient({ token, base, gate, timeoutMs = TIMEOUT_MS }: ClientOptions): Pipedrive {
  const configure = <C extends object>(configuration: C, heard: (header: Header) => void): C =>
    Object.assign(configuration, {
      baseOptions: {
        timeout: timeoutMs,
        // Read for each call: the limit above is for silence only, and an answer may come drop by drop.
        get signal() {
          return AbortSignal.timeout(timeoutMs)
        },
        maxContentLength: MAX_BYTES,
        proxy: false,
        maxRedirects: 0,
        validateStatus: () => true,
        transformResponse: [transform(heard)],
      },
    })
  const heard = (header: Header): void => gate.heard(header, false)
  const v2 = configure(new Configuration({ apiKey: token, basePath: `${base}/v2` }), heard)
  const v1 = configure(new V1Configuration({ apiKey: token, basePath: `${base}/v1` }), heard)
  const searching = configure(new Configuration({ apiKey: token, basePath: `${base}/v2` }), (header) =>
    gate.heard(header, true),
  )
  const [persons, deals, activities] = [new PersonsApi(v2), new DealsApi(v2), new ActivitiesApi(v2)]
  const [dealFields, pipelines, stages] = [new DealFieldsApi(v2), new PipelinesApi(v2), new StagesApi(v2)]
  const [searchPersons, searchItems] = [new PersonsApi(searching), new ItemSearchApi(searching)]
  const [notes, users] = [new NotesApi(v1), new UsersApi(v1)]

  async function call<T>(schema: z.ZodType<T>, work: () => Promise<unknown>, more: More = {}): Promise<T> {
    await gate.enter(more.isSearch ?? false)
    await more.mark?.()
    const answer = await work().catch((error: unknown) => {
      const failure = unanswered(error)
      gate.failed(failure)
      throw failure
    })
    const parsed = schema.safeParse(answer)
    if (!parsed.success) throw new PipedriveFailure('sem_resposta', 200, { code: 'formato' })
    gate.passed()
    return parsed.data
  }
  /** All that a list has, as far as a bound. */
  async function pages<T>(schema: z.ZodType<Lista<T>>, work: (page: Page) => Promise<unknown>): Promise<T[]> {
    const all: T[] = []
    let cursor: string | null | undefined
    for (let count = 0; count < MOST_PAGES; count += 1) {
      const page = { limit: PAGE, ...(cursor != null && { cursor }) }
      const { data, additional_data } = await call(schema, () => work(page))
      all.push(...data)
      cursor = additional_data?.next_cursor
      if (cursor == null || cursor === '') break
    }
    return all
  }
  const ids = ({ data }: z.output<typeof Achados | typeof AchadosPorCampo>): number[] =>
    data.items.map(({ item }) => item.id)
  const copies = (ways: readonly ContactWay[]) => ways.map((one) => ({ ...one }))
  const isSearch = true

  return {
    me: async () => (await call(Eu, () => users.getCurrentUser())).data,
    users: async () => (await call(Usuarios, () => users.getUsers())).data,
    pipelines: () => pages(Funis, (page) => pipelines.getPipelines(page)),
    stages: () => pages(Etapas, (page) => stages.getStages(page)),
    dealFields: () => pages(Campos, (page) => dealFields.getDealFields(page)),
    addDealField: async (field_name) => {
      const AddDealFieldRequest = { field_name, field_type: 'varchar' as const }
      return (await call(UmCampo, () => dealFields.addDealField({ AddDealFieldRequest }))).data.field_code
    },
    searchPersons: async (term, fields) =>
      ids(await call(Achados, () => searchPersons.searchPersons({ term, fields, limit: 100 }), { isSearch })),
    person: async (id) => (await call(UmaPessoa, () => persons.getPerson({ id }))).data,
    personsSince: (since) => pages(Pessoas, (page) => persons.getPersons({ updated_since: toSeconds(since), ...page })),
    addPerson: async ({ phones, emails, ...rest }, mark) => {
      const ways = { ...(phones && { phones: copies(phones) }), ...(emails && { emails: copies(emails) }) }
      const AddPersonRequest = { ...rest, ...ways }
      return (await call(UmaPessoa, () => persons.addPerson({ AddPersonRequest }), { mark })).data.id
    },
    setPhones: async (id, phones) => {
      const UpdatePersonRequest = { phones: copies(phones) }
      await call(UmaPessoa, () => persons.updatePerson({ id, UpdatePersonRequest }))
    },
    openDeals: async (person_id, pipeline_id) => {
      const order = { sort_by: 'update_time', sort_direction: 'desc' } as const
      return (await call(Negocios, () => deals.getDeals({ person_id, pipeline_id, status: 'open', ...order }))).data
    },
    dealsSince: (since, filter = {}) =>
      pages(Negocios, (page) => deals.getDeals({ updated_since: toSeconds(since), ...filter, ...page })),
    deal: async (id) => (await call(UmNegocio, () => deals.getDeal({ id }))).data,
    dealsByField: async (field, term) =>
      ids(
        await call(
          AchadosPorCampo,
          () => searchItems.searchItemByField({ term, entity_type: 'deal', field, match: 'exact' }),
          { isSearch },
        ),
      ),
    addDeal: async (deal: NewDeal, mark) =>
      (await call(UmNegocio, () => deals.addDeal({ AddDealRequest: { ...deal } }), { mark })).data.id,
    updateDeal: async (id, change) =>
      (await call(UmNegocio, () => deals.updateDeal({ id, UpdateDealRequest: { ...change } }))).data,
    activitiesOf: (deal_id) => pages(Atividades, (page) => activities.getActivities({ deal_id, ...page })),
    activitiesSince: (since) =>
      pages(Atividades, (page) => activities.getActivities({ updated_since: toSeconds(since), ...page })),
    activity: async (id) => (await call(UmaAtividade, () => activities.getActivity({ id }))).data,
    updateActivity: async (id, change) =>
      (await call(UmaAtividade, () => activities.updateActivity({ id, AddActivityRequest: { ...change } }))).data,
    addActivity: async (activity: NewActivity, mark) => {
      const { person_id, ...rest } = activity
      const participants = person_id === undefined ? {} : { participants: [{ person_id, primary: true }] }
      const AddActivityRequest = { ...rest, ...participants }
      return (await call(UmaAtividade, () => activities.addActivity({ AddActivityRequest }), { mark })).data.id
    },
    notesOf: async (deal_id) => (await call(Notas, () => notes.getNotes({ deal_id, limit: 500 }))).data ?? [],
    addNote: async (deal_id, content, mark) =>
      (await call(UmaNota, () => notes.addNote({ AddNoteRequest: { content, deal_id } }), { mark })).data.id,
  }
}

interface Lista<T> {
  readonly data: T[]
  readonly additional_data?: { readonly next_cursor?: string | null | undefined } | null | undefined
}

interface Page {
  readonly limit: number
  readonly cursor?: string
}

interface More {
  readonly isSearch?: boolean
  /** Called when the call is just about to leave. */
  readonly mark?: (() => Promise<void>) | undefined
}

/** v2 reads RFC 3339 without fractions. */
const toSeconds = (instant: Date): string => instant.toISOString().replace(/\.\d+Z$/, 'Z')
