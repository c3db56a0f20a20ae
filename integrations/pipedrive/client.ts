import {
  ActivityTypesApi,
  type AddLeadRequest,
  type AddWebhookRequest,
  LeadLabelsApi,
  LeadsApi,
  NotesApi,
  type UpdateLeadRequest,
  UsersApi,
  WebhooksApi,
} from 'pipedrive/v1'
import type { AddActivityRequest, AddDealRequest, AddPersonRequest, UpdateDealRequest } from 'pipedrive/v2'
import {
  ActivitiesApi,
  DealFieldsApi,
  DealsApi,
  ItemSearchApi,
  OrganizationsApi,
  PersonsApi,
  PipelinesApi,
  StagesApi,
} from 'pipedrive/v2'
import { z } from 'zod'
import * as schema from './schema.js'
import { type ClientOptions, type Mark, type Wire, wireOf } from './wire.js'

/**
 * What of Pipedrive we use: the official client, wrapped once: a time limit, no redirects, a proxy only by CONNECT, no token in an error,
 * answers by our own schema. Every call throws a PipedriveFailure. Costs in tokens are the account's
 * (docs/vendors/pipedrive.md#costs-and-limits).
 */
export type Pipedrive = ReturnType<typeof pipedriveClient>

export function pipedriveClient(options: ClientOptions) {
  const wire = wireOf(options)
  return {
    ...accountCalls(wire),
    ...personCalls(wire),
    ...dealCalls(wire),
    ...leadCalls(wire),
    ...activityCalls(wire),
    ...webhookCalls(wire),
  }
}

/** Sorted by change, the latest last. */
const byChange = { sort_by: 'update_time', sort_direction: 'asc' } as const

/** v2 reads RFC 3339 without fractions. */
const toSeconds = (instant: Date): string => instant.toISOString().replace(/\.\d+Z$/, 'Z')

/**
 * The account's settings and users. Costs in tokens: a list 10 (pipelines and stages 5, users and types 20), who we are 2,
 * making something 5 (a type 10).
 */
function accountCalls({ v1, v2, call, pages }: Wire) {
  const [users, types] = [new UsersApi(v1), new ActivityTypesApi(v1)]
  const [fields, pipelines, stages] = [new DealFieldsApi(v2), new PipelinesApi(v2), new StagesApi(v2)]
  return {
    me: () => call(schema.TokenOwner, () => users.getCurrentUser()),
    users: () => call(schema.Usuarios, () => users.getUsers()),
    pipelines: () => pages(schema.Funil, (page) => pipelines.getPipelines(page)),
    stages: () => pages(schema.Etapa, (page) => stages.getStages(page)),
    /** Answers the stage's id. */
    addStage: async (name: string, pipeline_id: number) =>
      (await call(schema.Etapa, () => stages.addStage({ AddStageRequest: { name, pipeline_id } }))).id,
    dealFields: () => pages(schema.Campo, (page) => fields.getDealFields(page)),
    /** A text field; answers its code. */
    addDealField: async (field_name: string) => {
      const AddDealFieldRequest = { field_name, field_type: 'varchar' as const }
      return (await call(schema.Campo, () => fields.addDealField({ AddDealFieldRequest }))).field_code
    },
    addDealFieldOption: (field_code: string, label: string) => {
      const AddDealFieldOptionsRequestInner = [{ label }]
      return call(z.unknown(), () => fields.addDealFieldOptions({ field_code, AddDealFieldOptionsRequestInner }))
    },
    activityTypes: () => call(schema.Tipos, () => types.getActivityTypes()),
    /** Answers its key, which Pipedrive derives from the name. */
    addActivityType: async (name: string) => {
      const AddActivityTypeRequest = { name, icon_key: 'call' as const }
      return (await call(schema.Tipo, () => types.addActivityType({ AddActivityTypeRequest }))).key_string
    },
  }
}

/** Costs in tokens: a search 20, a list 10, making or changing 5, reading 1. */
function personCalls({ v2, call, pages }: Wire) {
  const [persons, organizations] = [new PersonsApi(v2), new OrganizationsApi(v2)]
  return {
    organization: (id: number) => call(schema.Organizacao, () => organizations.getOrganization({ id })),
    /** From the search index, which lags behind the records. A telephone is found by a part, all else whole. */
    searchPersons: (term: string, fields: 'phone' | 'email' | 'name') =>
      call(
        schema.PersonHits,
        () => persons.searchPersons({ term, fields, limit: 100, ...(fields !== 'phone' && { exact_match: true }) }),
        { isSearch: true },
      ),
    person: (id: number) => call(schema.Pessoa, () => persons.getPerson({ id })),
    personsSince: (since: Date) =>
      pages(schema.Pessoa, (page) => persons.getPersons({ updated_since: toSeconds(since), ...page })),
    addPerson: async (AddPersonRequest: AddPersonRequest, mark: Mark) =>
      (await call(schema.Pessoa, () => persons.addPerson({ AddPersonRequest }), { mark })).id,
    giveTo: (id: number, owner_id: number) =>
      call(schema.Pessoa, () => persons.updatePerson({ id, UpdatePersonRequest: { owner_id } })),
    /** Replaces the whole list. */
    setPhones: (id: number, phones: NonNullable<AddPersonRequest['phones']>) =>
      call(schema.Pessoa, () => persons.updatePerson({ id, UpdatePersonRequest: { phones } })),
  }
}

/**
 * Deals, and the notes on them. Costs in tokens: a search 20, a list 10 (notes 20), making or changing 5 (a note 10),
 * reading 1.
 */
function dealCalls({ v1, v2, call, pages }: Wire) {
  const [deals, search, notes] = [new DealsApi(v2), new ItemSearchApi(v2), new NotesApi(v1)]
  return {
    /** Sorted by change, the latest first. */
    openDeals: (person_id: number, pipeline_id: number) => {
      const order = { sort_by: 'update_time', sort_direction: 'desc' } as const
      return call(z.array(schema.Negocio), () => deals.getDeals({ person_id, pipeline_id, status: 'open', ...order }))
    },
    /** In whatever pipeline; `undefined` when the person has none. */
    newestOpenDeal: async (person_id: number) => {
      const order = { sort_by: 'add_time', sort_direction: 'desc', limit: 1 } as const
      const wanted = { person_id, status: 'open', ...order } as const
      return (await call(z.array(schema.Negocio), () => deals.getDeals(wanted)))[0]
    },
    /** Deals changed since then, in all states but deleted unless one is named. */
    dealsSince: (since: Date, filter: { readonly person_id?: number; readonly status?: 'deleted' } = {}) =>
      pages(schema.Negocio, (page) =>
        deals.getDeals({ updated_since: toSeconds(since), ...byChange, ...filter, ...page }),
      ),
    /** Other lists leave archived ones out. */
    archivedSince: (since: Date) =>
      pages(schema.Negocio, (page) =>
        deals.getArchivedDeals({ updated_since: toSeconds(since), ...byChange, ...page }),
      ),
    deal: (id: number) => call(schema.Negocio, () => deals.getDeal({ id })),
    dealsByField: (field: string, term: string) => {
      const wanted = { term, entity_type: 'deal', field, match: 'exact' } as const
      return call(schema.FieldSearchHits, () => search.searchItemByField(wanted), { isSearch: true })
    },
    /** Answers the whole deal. */
    addDeal: (AddDealRequest: AddDealRequest, mark: Mark) =>
      call(schema.Negocio, () => deals.addDeal({ AddDealRequest }), { mark, makes: 'negocio' }),
    /** Changes only the fields given. Answers the whole deal after the change. */
    updateDeal: (id: number, UpdateDealRequest: UpdateDealRequest) =>
      call(schema.Negocio, () => deals.updateDeal({ id, UpdateDealRequest })),
    /** Of a person, in whatever pipeline and state, the latest change first. */
    dealsOf: (person_id: number) => {
      const order = { sort_by: 'update_time', sort_direction: 'desc', limit: 500 } as const
      return call(z.array(schema.Negocio), () => deals.getDeals({ person_id, ...order }))
    },
    notesOf: (target: Target) => call(schema.Notas, () => notes.getNotes({ ...target, limit: 500 })),
    addNote: async (target: Target, content: string, mark: Mark) =>
      (await call(schema.Nota, () => notes.addNote({ AddNoteRequest: { content, ...target } }), { mark })).id,
  }
}

/** What an activity or a note is about. */
export type Target = { readonly deal_id: number } | { readonly lead_id: string }

/** Custom fields stand beside the others, by their keys (docs/vendors/pipedrive.md#leads). */
type Custom = Readonly<Record<string, unknown>>
/** Most leads that are read of one list. */
export const MOST_LEADS = 500

/** Leads exist in v1 only. Costs in tokens: a list 20, making or changing 10, reading 2. */
function leadCalls({ v1, call }: Wire) {
  const [leads, labels] = [new LeadsApi(v1), new LeadLabelsApi(v1)]
  // The client's type has the names of fields only, the reference has each with its direction.
  const latest = { limit: MOST_LEADS, sort: 'update_time DESC' as 'update_time' }
  return {
    /** Those that are not archived, the oldest first. */
    leadsOf: (person_id: number) => call(schema.Leads, () => leads.getLeads({ person_id, limit: MOST_LEADS })),
    archivedLeadsOf: (person_id: number) =>
      call(schema.Leads, () => leads.getArchivedLeads({ person_id, limit: MOST_LEADS })),
    /** The same of all persons, changed since then. */
    leadsSince: (since: Date) =>
      call(schema.Leads, () =>
        leads.getLeads({ updated_since: toSeconds(since), limit: MOST_LEADS, sort: 'update_time' }),
      ),
    /** Those that are not archived, the latest change first. */
    latestLeads: () => call(schema.Leads, () => leads.getLeads(latest)),
    /** The latest change first; there is no filter by time. */
    archivedLeads: () => call(schema.Leads, () => leads.getArchivedLeads(latest)),
    lead: (id: string) => call(schema.Lead, () => leads.getLead({ id })),
    /** Answers the whole lead. */
    addLead: (AddLeadRequest: AddLeadRequest & Custom, mark: Mark) =>
      call(schema.Lead, () => leads.addLead({ AddLeadRequest }), { mark, makes: 'negocio' }),
    /** Changes only the fields given. Answers the whole lead after the change. */
    updateLead: (id: string, UpdateLeadRequest: UpdateLeadRequest & Custom) =>
      call(schema.Lead, () => leads.updateLead({ id, UpdateLeadRequest })),
    leadLabels: () => call(schema.EtiquetasDeLead, () => labels.getLeadLabels()),
    addLeadLabel: (name: string) =>
      call(schema.EtiquetaDeLead, () => labels.addLeadLabel({ AddLeadLabelRequest: { name, color: 'blue' } })),
  }
}

/** Costs in tokens: a list 10, making or changing 5, reading 1. */
function activityCalls({ v2, call, pages }: Wire) {
  const activities = new ActivitiesApi(v2)
  return {
    activitiesOf: (target: Target) =>
      pages(schema.Atividade, (page) => activities.getActivities({ ...target, ...page })),
    activitiesSince: (since: Date) =>
      pages(schema.Atividade, (page) =>
        activities.getActivities({ updated_since: toSeconds(since), ...byChange, ...page }),
      ),
    activity: (id: number) => call(schema.Atividade, () => activities.getActivity({ id })),
    /** Changes only the fields given. Answers the whole activity after the change. */
    updateActivity: (id: number, AddActivityRequest: AddActivityRequest) =>
      call(schema.Atividade, () => activities.updateActivity({ id, AddActivityRequest })),
    /** Answers the whole activity. */
    addActivity: (AddActivityRequest: AddActivityRequest, mark: Mark) =>
      call(schema.Atividade, () => activities.addActivity({ AddActivityRequest }), { mark }),
  }
}

/** Costs in tokens: the list 10, making one 10, deleting one 6. */
function webhookCalls({ v1, call }: Wire) {
  const webhooks = new WebhooksApi(v1)
  return {
    /** All of the account, of other applications too. */
    webhooks: () => call(schema.Ganchos, () => webhooks.getWebhooks()),
    /** Makes one of version 2 and answers its id. A webhook cannot be changed afterwards. */
    addWebhook: async (webhook: AddWebhookRequest) => {
      // Accounts made before March 2025 send version 1 unless version 2 is asked for.
      const AddWebhookRequest = { ...webhook, version: '2.0' as const }
      return (await call(schema.Gancho, () => webhooks.addWebhook({ AddWebhookRequest }))).id
    },
    deleteWebhook: (id: number) => call(z.unknown(), () => webhooks.deleteWebhook({ id })),
  }
}
