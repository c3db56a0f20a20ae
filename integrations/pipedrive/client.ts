import { NotesApi, UsersApi, Configuration as V1Configuration } from 'pipedrive/v1'
import { ActivitiesApi, Configuration, DealFieldsApi, DealsApi, ItemSearchApi, PersonsApi } from 'pipedrive/v2'
import type { z } from 'zod'
import { failureOf, PipedriveFailure } from './failure.js'
import {
  Achados,
  Atividades,
  Campos,
  Eu,
  type NegocioDoPipedrive,
  Negocios,
  Notas,
  type PessoaDoPipedrive,
  UmaAtividade,
  UmaNota,
  UmaPessoa,
  UmCampo,
  UmNegocio,
  Usuarios,
} from './schema.js'

const TIMEOUT_MS = 10_000

export interface PipedriveOptions {
  readonly token: string
  /** `https://<company>.pipedrive.com/api`, or a loopback host: without a slash at its end. */
  readonly base: string
  /** Each call waits here for its turn: how many tokens it costs, and whether it is a search. */
  readonly limit: (tokens: number, isSearch: boolean) => Promise<void>
}

/** What of Pipedrive we use, with our own errors and parsed answers. */
export interface Pipedrive {
  me(): Promise<{ id: number; company_domain: string }>
  users(): Promise<
    readonly { id: number; email?: string | null | undefined; active_flag?: boolean | null | undefined }[]
  >
  dealFields(): Promise<readonly { field_name: string; field_code: string }[]>
  addDealField(name: string): Promise<string>
  searchPersons(term: string, field: 'phone' | 'email'): Promise<readonly number[]>
  person(id: number): Promise<PessoaDoPipedrive>
  addPerson(person: NewPerson): Promise<number>
  setPhones(id: number, phones: readonly Phone[]): Promise<void>
  openDeals(person: number): Promise<readonly NegocioDoPipedrive[]>
  deal(id: number): Promise<NegocioDoPipedrive>
  dealsByField(code: string, value: string): Promise<readonly number[]>
  addDeal(deal: NewDeal): Promise<number>
  updateDeal(id: number, change: Partial<NewDeal>): Promise<void>
  activitiesOf(deal: number): Promise<readonly { id: number; subject?: string | null | undefined }[]>
  addActivity(activity: NewActivity): Promise<number>
  notesOf(deal: number): Promise<readonly { id: number; content?: string | null | undefined }[]>
  addNote(deal: number, content: string): Promise<number>
}

export interface Phone {
  readonly value: string
  readonly label?: string
  readonly primary?: boolean
}

export interface NewPerson {
  readonly name: string
  readonly owner_id?: number
  readonly phones?: readonly Phone[]
}

export interface NewDeal {
  readonly title?: string
  readonly owner_id?: number
  readonly person_id?: number
  readonly custom_fields?: Readonly<Record<string, string>>
}

export interface NewActivity {
  readonly subject: string
  readonly type: string
  readonly deal_id: number
  readonly owner_id?: number
  readonly person_id?: number
  readonly due_date: string
  readonly due_time: string
}

/** The JSON of an answer, or our own error: thrown here it passes the client's interceptor untouched (reference 1.4). */
function transform(text: unknown, headers: unknown, status?: number): unknown {
  const header = (name: string): string | undefined => {
    const value: unknown = Object(headers)[name]
    return typeof value === 'string' ? value : undefined
  }
  const body = typeof text === 'string' && text !== '' ? parse(text) : { success: true, data: null }
  const isJson = typeof body === 'object' && body !== null
  const { success, code } = Object(body) as { success?: unknown; code?: unknown }
  const failure = failureOf({
    status: status ?? 0,
    isJson: isJson && success !== false,
    code: typeof code === 'string' ? code : undefined,
    header,
  })
  if (failure) throw failure
  return body
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
  const { code } = Object(error) as { code?: unknown }
  const notSent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'CERT_HAS_EXPIRED']
  return new PipedriveFailure(notSent.includes(String(code)) ? 'nao_enviado' : 'sem_resposta')
}

/** The official client, wrapped once: a time limit, no proxy, no redirects, no token in an error, answers by our own schema. */
export function pipedriveClient({ token, base, limit }: PipedriveOptions): Pipedrive {
  const baseOptions = {
    timeout: TIMEOUT_MS,
    proxy: false,
    maxRedirects: 0,
    validateStatus: () => true,
    transformResponse: [transform],
  }
  const v2 = Object.assign(new Configuration({ apiKey: token, basePath: `${base}/v2` }), { baseOptions })
  const v1 = Object.assign(new V1Configuration({ apiKey: token, basePath: `${base}/v1` }), { baseOptions })
  const [persons, deals, activities] = [new PersonsApi(v2), new DealsApi(v2), new ActivitiesApi(v2)]
  const [dealFields, search] = [new DealFieldsApi(v2), new ItemSearchApi(v2)]
  const [notes, users] = [new NotesApi(v1), new UsersApi(v1)]

  async function call<T>(
    tokens: number,
    schema: z.ZodType<T>,
    work: () => Promise<unknown>,
    isSearch = false,
  ): Promise<T> {
    await limit(tokens, isSearch)
    const answer = await work().catch((error: unknown) => {
      throw unanswered(error)
    })
    const parsed = schema.safeParse(answer)
    if (!parsed.success) throw new PipedriveFailure('sem_resposta', 200, { code: 'formato' })
    return parsed.data
  }
  const ids = ({ data }: z.output<typeof Achados>): number[] => data.items.map(({ item }) => item.id)

  return {
    me: async () => (await call(2, Eu, () => users.getCurrentUser())).data,
    users: async () => (await call(20, Usuarios, () => users.getUsers())).data,
    dealFields: async () => (await call(10, Campos, () => dealFields.getDealFields({ limit: 500 }))).data,
    addDealField: async (field_name) => {
      const AddDealFieldRequest = { field_name, field_type: 'varchar' as const }
      return (await call(5, UmCampo, () => dealFields.addDealField({ AddDealFieldRequest }))).data.field_code
    },
    searchPersons: async (term, fields) =>
      ids(await call(20, Achados, () => persons.searchPersons({ term, fields, limit: 100 }), true)),
    person: async (id) => (await call(1, UmaPessoa, () => persons.getPerson({ id }))).data,
    addPerson: async ({ phones, ...rest }) => {
      const AddPersonRequest = { ...rest, ...(phones && { phones: phones.map((one) => ({ ...one })) }) }
      return (await call(5, UmaPessoa, () => persons.addPerson({ AddPersonRequest }))).data.id
    },
    setPhones: async (id, phones) => {
      const UpdatePersonRequest = { phones: phones.map((one) => ({ ...one })) }
      await call(5, UmaPessoa, () => persons.updatePerson({ id, UpdatePersonRequest }))
    },
    openDeals: async (person_id) =>
      (
        await call(10, Negocios, () =>
          deals.getDeals({ person_id, status: 'open', sort_by: 'update_time', sort_direction: 'desc' }),
        )
      ).data,
    deal: async (id) => (await call(1, UmNegocio, () => deals.getDeal({ id }))).data,
    dealsByField: async (field, term) =>
      ids(
        await call(
          20,
          Achados,
          () => search.searchItemByField({ term, entity_type: 'deal', field, match: 'exact' }),
          true,
        ),
      ),
    addDeal: async ({ title = '', ...rest }) => {
      const AddDealRequest = { title, ...rest }
      return (await call(5, UmNegocio, () => deals.addDeal({ AddDealRequest }))).data.id
    },
    updateDeal: async (id, change) => {
      await call(5, UmNegocio, () => deals.updateDeal({ id, UpdateDealRequest: { ...change } }))
    },
    activitiesOf: async (deal_id) =>
      (await call(10, Atividades, () => activities.getActivities({ deal_id, limit: 100 }))).data,
    addActivity: async ({ person_id, ...rest }) => {
      const participants = person_id === undefined ? {} : { participants: [{ person_id, primary: true }] }
      return (
        await call(5, UmaAtividade, () => activities.addActivity({ AddActivityRequest: { ...rest, ...participants } }))
      ).data.id
    },
    notesOf: async (deal_id) => (await call(20, Notas, () => notes.getNotes({ deal_id, limit: 100 }))).data ?? [],
    addNote: async (deal_id, content) =>
      (await call(10, UmaNota, () => notes.addNote({ AddNoteRequest: { content, deal_id } }))).data.id,
  }
}
