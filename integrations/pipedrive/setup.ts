import { FIELD_KEY, findField, findLabel, findLabelField } from './account.js'
import { explain, PipedriveFailure, unlessRefused } from './failure.js'
import { CAMPOS, type Campo } from './mapping.js'
import { isSame } from './named.js'
import { isAdmin } from './schema.js'
import {
  found,
  make,
  type SetupConta,
  type SetupContext,
  type SetupDeps,
  type SetupStep,
  type StepResult,
  warning,
  wrong,
} from './setup-step.js'
import { mapUsers, users } from './setup-users.js'
import { findStage, type Place, type WantedPlace } from './stage.js'
import { applyPlan, countWebhooks, planWebhooks } from './webhooks.js'

/** Why a turn should first ask whose customer somebody is. */
export const DONO_CONHECIDO =
  'Defina PIPEDRIVE_DONO_CONHECIDO=sim: um cliente que já tem dono no Pipedrive vai a ele, sem que ele perca o lugar na fila'

/** What people have to check by hand: the API does not show the account's rules of automatic assignment. */
export const ATRIBUICAO_AUTOMATICA =
  'No Pipedrive, em Ferramentas e integrações → Atribuição automática, desligue as regras que valem para negócios criados pela API: elas trocam o dono que a vez escolheu'

/**
 * Finds or makes what an account must have: fields, stage, activity type, label, webhooks; and looks at what only people can put
 * right. Repeating it changes nothing. Nothing that exists is changed but webhooks of ours that no longer fit.
 *
 * @returns each step with how it went; a failure of Pipedrive is a step, and one that concerns everything is the last
 */
export async function setup(deps: SetupDeps): Promise<SetupStep[]> {
  const asked: SetupContext = {
    ...deps,
    me: memoized(() => deps.pipedrive.me()),
    fields: memoized(() => deps.pipedrive.dealFields()),
    users: memoized(() => deps.pipedrive.users()),
  }
  const steps: SetupStep[] = []
  for (const [passo, work, isNeeded] of stepsOf(deps)) {
    const { result, ends } = await attempt(() => work(asked))
    steps.push({ passo, ...result })
    if (ends || (isNeeded && result.situacao === 'erro')) break
  }
  return steps
}

function memoized<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  return () => {
    asked ??= ask()
    return asked
  }
}

type StepWork = readonly [passo: string, work: (deps: SetupContext) => Promise<StepResult>, isNeeded?: boolean]

const stepsOf = ({
  lugar,
  tipoAtividade,
  etiqueta,
  consultores,
  atribuicao,
  map,
  donoConhecido,
  contas,
}: SetupDeps): StepWork[] => [
  ['token', token, true],
  ['empresa', company, true],
  ...(['protocolo', 'consultor', 'canal', 'idioma'] as const).map(
    (campo): StepWork => [`campo ${CAMPOS[campo]}`, (deps) => field(deps, campo)],
  ),
  ...placeSteps([{ nome: '', lugar, tipoAtividade, etiqueta }, ...contas]),
  ['webhooks', webhooks],
  ...(map ? [['usuários pelo e-mail', (deps) => mapUsers(deps, consultores)] satisfies StepWork] : []),
  ['consultores', (deps) => users(deps, consultores)],
  ['atribuição automática', async () => automatic(atribuicao)],
  ['dono conhecido', async () => (donoConhecido ? found('PIPEDRIVE_DONO_CONHECIDO=sim') : warning(DONO_CONHECIDO))],
]

/** Of what several say alike there is one step. */
function placeSteps(contas: readonly SetupConta[]): StepWork[] {
  const seen = new Set<string>()
  const isFirst = (wanted: unknown): boolean => {
    const key = JSON.stringify(wanted).toLowerCase()
    return !seen.has(key) && seen.add(key).has(key)
  }
  return contas.flatMap(({ nome, lugar, tipoAtividade, etiqueta }) => {
    const of = nome === '' ? '' : ` (${nome})`
    const setting = (variable: string, field: string): string =>
      nome === '' ? `PIPEDRIVE_${variable}` : `pipedrive.${field} da conta ${nome}`
    const steps: StepWork[] = []
    if (lugar && isFirst({ lugar })) steps.push([`etapa${of}`, (deps) => stage(deps, lugar, setting('ETAPA', 'etapa'))])
    if (tipoAtividade !== undefined && isFirst({ tipoAtividade })) {
      const key = setting('TIPO_ATIVIDADE', 'tipo_atividade')
      steps.push([`tipo de atividade${of}`, (deps) => activityType(deps, tipoAtividade, key)])
    }
    if (etiqueta !== undefined && isFirst({ etiqueta })) steps.push([`etiqueta${of}`, (deps) => label(deps, etiqueta)])
    return steps
  })
}

async function attempt(work: () => Promise<StepResult>): Promise<{ result: StepResult; ends: boolean }> {
  try {
    return { result: await work(), ends: false }
  } catch (error) {
    if (!(error instanceof PipedriveFailure)) throw error
    return { result: wrong(explain(error)), ends: error.isEveryones }
  }
}

async function token({ me }: SetupContext): Promise<StepResult> {
  const owner = await me()
  const { id, name, active_flag } = owner
  const who = `usuário ${id}${name == null ? '' : ` (${name})`}`
  if (active_flag === false) return wrong(`O ${who} do token está desativado: use o token de um usuário ativo`)
  const admin = isAdmin(owner)
  if (admin === false)
    return wrong(`O ${who} do token não é administrador: sem isso não se criam campos nem webhooks. Nada foi alterado`)
  if (admin === undefined)
    return warning(`O token é do ${who}; o Pipedrive não diz se é administrador, e só um cria campos e webhooks`)
  return found(`O token é do ${who}, administrador`)
}

async function company({ me, dominio }: SetupContext): Promise<StepResult> {
  const { company_domain } = await me()
  if (dominio === undefined) return found(`A empresa é ${company_domain}; em PIPEDRIVE_DOMINIO ela fica conferida`)
  return company_domain === dominio
    ? found(`A empresa é ${company_domain}`)
    : wrong(`O token é da empresa ${company_domain}, e PIPEDRIVE_DOMINIO diz ${dominio}. Nada foi alterado`)
}

async function field(deps: SetupContext, which: Campo): Promise<StepResult> {
  const name = deps.campos[which] ?? CAMPOS[which]
  const { campo, sameName } = findField(await deps.fields(), which, deps.campos)
  if (campo && sameName.length > 1)
    return warning(`Há ${sameName.length} campos de negócio com o nome ${name}: o primeiro que serve vale`)
  if (campo) return found(`O campo ${campo.field_name} existe${campo.field_type === 'user' ? ', do tipo usuário' : ''}`)
  const setting = `PIPEDRIVE_CAMPO_${which.toUpperCase()}`
  const type = sameName[0]?.field_type
  if (type != null)
    return wrong(
      `O campo ${sameName[0]?.field_name} existe e é do tipo ${type}, que não guarda este texto: renomeie-o, ou nomeie outro em ${setting}, e rode de novo`,
    )
  if (FIELD_KEY.test(name)) return wrong(`Não há campo de negócio com a chave ${name}: corrija ${setting}`)
  return make(deps, `Campo de negócio ${name}, de texto`, () => deps.pipedrive.addDealField(name))
}

async function stage(deps: SetupDeps, wanted: WantedPlace, setting: string): Promise<StepResult> {
  const { pipedrive } = deps
  const { lugar, vaga, alhures, iguais } = await findStage(pipedrive, wanted)
  if (lugar) {
    const { etapa, funil } = lugar
    const where = `Os negócios começam na etapa ${etapa.name ?? etapa.id} (${etapa.id}) do funil ${funil?.name ?? etapa.pipeline_id}`
    const others = iguais > 1 ? `; há ${iguais} com este nome lá, e vale a primeira` : elsewhere(alhures, setting)
    return others === '' ? found(where) : warning(`${where}${others}`)
  }
  if (typeof wanted.etapa === 'number')
    return wrong(`A etapa ${wanted.etapa} não existe${inPipeline(wanted)}: corrija ${setting}`)
  if (alhures.length > 0)
    return wrong(`O funil ${vaga?.funil.name ?? 'padrão'} não tem a etapa ${vaga?.nome}${elsewhere(alhures, setting)}`)
  if (vaga)
    return make(deps, `Etapa ${vaga.nome}, no funil ${vaga.funil.name ?? vaga.funil.id}`, () =>
      pipedrive.addStage(vaga.nome, vaga.funil.id),
    )
  return wanted.funil === undefined
    ? wrong('A conta não tem funil com etapas: crie um no Pipedrive')
    : wrong(`Não há${inPipeline(wanted)} a etapa em que os negócios começariam: corrija ${setting}, ou crie-a lá`)
}

const inPipeline = ({ funil }: WantedPlace): string => (funil === undefined ? '' : ` no funil ${funil}`)

/** Of stages with the wanted name in other pipelines: how to name them. */
const elsewhere = (places: readonly Place[], setting: string): string =>
  places.length === 0
    ? ''
    : `; outro funil tem uma com este nome: para usá-la, defina ${setting} como ${places
        .map(({ etapa, funil }) => `${funil?.name ?? etapa.pipeline_id}/${etapa.name} ou ${etapa.id}`)
        .join(', ')}`

async function activityType(deps: SetupDeps, wanted: string, setting: string): Promise<StepResult> {
  const { pipedrive } = deps
  const types = await pipedrive.activityTypes()
  const known = types.find(({ key_string }) => key_string === wanted)
  if (known?.active_flag === false)
    return wrong(`O tipo de atividade ${wanted} está desativado no Pipedrive: reative-o`)
  if (known) return found(`O tipo de atividade ${wanted} existe`)
  const named = types.find(({ name }) => name === wanted)
  if (named) return wrong(otherKey(wanted, named.key_string, setting))
  let key = wanted
  const result = await make(deps, `Tipo de atividade ${wanted}`, async () => {
    key = await pipedrive.addActivityType(wanted)
  })
  return key === wanted ? result : wrong(otherKey(wanted, key, setting))
}

const otherKey = (wanted: string, key: string, setting: string): string =>
  `O tipo de atividade ${wanted} tem a chave ${key}: defina ${setting}=${key}`

async function label(deps: SetupContext, name: string): Promise<StepResult> {
  if (deps.leads) return leadLabel(deps, name)
  const campo = findLabelField(await deps.fields())
  if (!campo) return wrong('O campo das etiquetas de negócio não foi encontrado')
  if (findLabel(campo, name) !== undefined) return found(`A etiqueta ${name} existe`)
  const made = make(deps, `Etiqueta de negócio ${name}`, async () => {
    await deps.pipedrive.addDealFieldOption(campo.field_code, name)
  })
  // Only options of custom fields are documented to be added by the API (docs/vendors/pipedrive.md#the-field-of-labels).
  return (await made.catch(unlessRefused)) ?? wrong(ETIQUETA_RECUSADA(name))
}

/** Labels of leads are others than those of deals, and may be made. */
async function leadLabel(deps: SetupContext, name: string): Promise<StepResult> {
  const isThere = (await deps.pipedrive.leadLabels()).some((one) => isSame(one.name, name))
  if (isThere) return found(`A etiqueta de lead ${name} existe`)
  return make(deps, `Etiqueta de lead ${name}`, () => deps.pipedrive.addLeadLabel(name))
}

const ETIQUETA_RECUSADA = (name: string): string =>
  `A etiqueta ${name} não existe, e o Pipedrive não deixa criá-la pela API: crie-a lá, na lista de etiquetas de um negócio, e rode de novo. Até então os negócios ficam sem ela`

async function webhooks(deps: SetupDeps): Promise<StepResult> {
  const { target, pipedrive } = deps
  if (target === 'novo') return make(deps, `${countWebhooks(deps)} webhooks`, async () => undefined)
  if ('situacao' in target) return target
  const plan = planWebhooks(await pipedrive.webhooks(), target)
  const { missing, surplus, kept, foreign } = plan
  const rest = foreign > 0 ? `; ${foreign} de outra instalação ficam como estão` : ''
  if (missing.length + surplus.length === 0) return found(`Os ${kept.length} webhooks estão ativos${rest}`)
  return make(deps, `Webhooks: ${missing.length} a mais, ${surplus.length} antigos a menos${rest}`, () =>
    applyPlan(pipedrive, plan),
  )
}

function automatic(atribuicao: SetupDeps['atribuicao']): StepResult {
  if (!atribuicao) return warning(`A API não a mostra. ${ATRIBUICAO_AUTOMATICA}`)
  const { em: at, negocio_id } = atribuicao
  return warning(
    `Três negócios seguidos trocaram de dono logo depois de criados (o último, ${negocio_id}, em ${at.toISOString()}): provavelmente uma regra. ${ATRIBUICAO_AUTOMATICA}`,
  )
}
