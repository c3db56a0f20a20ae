import { ActivityTypesApi, UsersApi } from 'pipedrive/v1'
import { DealFieldsApi, PipelinesApi, StagesApi } from 'pipedrive/v2'
import type { AccountCalls } from '../api.js'
import { Campos, Etapas, Eu, Funis, Opcoes, TiposDeAtividade, UmaEtapa, UmCampo, UmTipo, Usuarios } from '../schema.js'
import type { Wire } from './wire.js'

/** Costs in tokens: a list 10 (pipelines and stages 5, users and types 20), who we are 2, making something 5 (a type 10). */
export function accountCalls({ v1, v2, call, pages }: Wire): AccountCalls {
  const [users, types] = [new UsersApi(v1), new ActivityTypesApi(v1)]
  const [fields, pipelines, stages] = [new DealFieldsApi(v2), new PipelinesApi(v2), new StagesApi(v2)]
  return {
    me: async () => (await call(Eu, () => users.getCurrentUser())).data,
    users: async () => (await call(Usuarios, () => users.getUsers())).data,
    pipelines: () => pages(Funis, (page) => pipelines.getPipelines(page)),
    stages: () => pages(Etapas, (page) => stages.getStages(page)),
    addStage: async (name, pipeline_id) =>
      (await call(UmaEtapa, () => stages.addStage({ AddStageRequest: { name, pipeline_id } }))).data.id,
    dealFields: () => pages(Campos, (page) => fields.getDealFields(page)),
    addDealField: async (field_name) => {
      const AddDealFieldRequest = { field_name, field_type: 'varchar' as const }
      return (await call(UmCampo, () => fields.addDealField({ AddDealFieldRequest }))).data.field_code
    },
    addDealFieldOption: async (field_code, label) => {
      const AddDealFieldOptionsRequestInner = [{ label }]
      await call(Opcoes, () => fields.addDealFieldOptions({ field_code, AddDealFieldOptionsRequestInner }))
    },
    activityTypes: async () => (await call(TiposDeAtividade, () => types.getActivityTypes())).data ?? [],
    addActivityType: async (name) => {
      const AddActivityTypeRequest = { name, icon_key: 'call' as const }
      return (await call(UmTipo, () => types.addActivityType({ AddActivityTypeRequest }))).data.key_string
    },
  }
}
