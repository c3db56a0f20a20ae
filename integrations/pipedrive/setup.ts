import { findField, findLabel, findLabelField, isActiveUser } from './account.js'
import type { Pipedrive } from './client.js'
import { explain, PipedriveFailure, unlessRefused } from './failure.js'
import { CAMPOS } from './mapping.js'
import { isAdmin, type UsuarioDoPipedrive } from './schema.js'
import { findStage, type Place } from './stage.js'
import { applyPlan, planWebhooks, WEBHOOK_COUNT, type WebhookTarget } from './webhooks.js'

/** One step of the set-up and its result, for people (Portuguese). It never holds a secret. */
export interface SetupStep {
  readonly passo: string
  /** `faria`: it would have been made. `aviso`: it works without, but somebody should look. */
  readonly situacao: 'ok' | 'feito' | 'faria' | 'aviso' | 'erro'
  readonly detalhe: string
}

export interface SetupConsultor {
  readonly id: number
  readonly nome: string
  readonly email?: string | undefined
  readonly id_pipedrive?: number | undefined
}

export interface SetupDeps {
  readonly pipedrive: Pipedrive
  /** Reads only. */
  readonly simular: boolean
  /** Of the account that is expected. */
  readonly dominio: string | undefined
  /** Id or name of the stage where new deals begin. */
  readonly etapa: number | string | undefined
  /** Key of an activity type. */
  readonly tipoAtividade: string
  /** Name of the label of our deals. */
  readonly etiqueta: string | undefined
  /** Whether a turn asks whose customer somebody is. */
  readonly donoConhecido: boolean
  /** Where the webhooks shall go; `novo`: all of them are yet to be made; else why there can be none. */
  readonly target: WebhookTarget | 'novo' | StepResult
  readonly consultores: readonly SetupConsultor[]
  /** The last of several deals in a row that were given to somebody else right after they were made. */
  readonly atribuicao: { readonly em: Date; readonly negocio_id: number } | undefined
  /** Called before anything is made there; throws when it may not be. */
  readonly before: () => Promise<void>
}

export type StepResult = Omit<SetupStep, 'passo'>

/** Why a turn should first ask whose customer somebody is. */
export const DONO_CONHECIDO =
  'Defina PIPEDRIVE_DONO_CONHECIDO=sim: um cliente que já tem dono no Pipedrive vai a ele, sem que ele perca o lugar na fila'

/** What people have to check by hand: the API does not show the account's rules of automatic assignment. */
export const ATRIBUICAO_AUTOMATICA =
  'No Pipedrive, em Ferramentas e integrações → Atribuição automática, desligue as regras que valem para negócios criados pela API: elas trocam o dono que a vez escolheu'

const found = (detalhe: string): StepResult => ({ situacao: 'ok', detalhe })
const warning = (detalhe: string): StepResult => ({ situacao: 'aviso', detalhe })
const wrong = (detalhe: string): StepResult => ({ situacao: 'erro', detalhe })

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
  }
  const steps: SetupStep[] = []
  for (const [passo, work, isNeeded] of stepsOf(deps)) {
    const { result, ends } = await attempt(() => work(asked))
    steps.push({ passo, ...result })
    if (ends || (isNeeded && result.situacao === 'erro')) break
  }
  return steps
}

/** What several steps read; each is read once. */
interface SetupContext extends SetupDeps {
  readonly me: Pipedrive['me']
  readonly fields: Pipedrive['dealFields']
}

function memoized<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  return () => {
    asked ??= ask()
    return asked
  }
}

type StepWork = readonly [passo: string, work: (deps: SetupContext) => Promise<StepResult>, isNeeded?: boolean]

const stepsOf = ({ etiqueta, consultores, atribuicao, donoConhecido }: SetupDeps): StepWork[] => [
  ['token', token, true],
  ['empresa', company, true],
  ...Object.values(CAMPOS).map((name): StepWork => [`campo ${name}`, (deps) => field(deps, name)]),
  ['etapa', stage],
  ['tipo de atividade', activityType],
  ...(etiqueta === undefined ? [] : [['etiqueta', (deps) => label(deps, etiqueta)] satisfies StepWork]),
  ['webhooks', webhooks],
  ['consultores', (deps) => users(deps, consultores)],
  ['atribuição automática', async () => automatic(atribuicao)],
  ['dono conhecido', async () => (donoConhecido ? found('PIPEDRIVE_DONO_CONHECIDO=sim') : warning(DONO_CONHECIDO))],
]

async function attempt(work: () => Promise<StepResult>): Promise<{ result: StepResult; ends: boolean }> {
  try {
    return { result: await work(), ends: false }
  } catch (error) {
    if (!(error instanceof PipedriveFailure)) throw error
    return { result: wrong(explain(error)), ends: error.isEveryones }
  }
}

async function make(
  { simular, before }: SetupDeps,
  detalhe: string,
  work: () => Promise<unknown>,
): Promise<StepResult> {
  if (simular) return { situacao: 'faria', detalhe }
  await before()
  await work()
  return { situacao: 'feito', detalhe }
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

async function field(deps: SetupContext, name: string): Promise<StepResult> {
  const { campo, sameName } = findField(await deps.fields(), name)
  if (campo && sameName.length > 1)
    return warning(`Há ${sameName.length} campos de negócio com o nome ${name}: o primeiro de texto vale`)
  if (campo) return found(`O campo ${name} existe`)
  const type = sameName[0]?.field_type
  if (type != null)
    return wrong(`O campo ${name} existe e é do tipo ${type}, que não guarda este texto: renomeie-o e rode de novo`)
  return make(deps, `Campo de negócio ${name}, de texto`, () => deps.pipedrive.addDealField(name))
}

async function stage(deps: SetupDeps): Promise<StepResult> {
  const { pipedrive, etapa: wanted } = deps
  const { lugar, vaga, alhures, iguais } = await findStage(pipedrive, wanted)
  if (lugar) {
    const { etapa, funil } = lugar
    const where = `Os negócios começam na etapa ${etapa.name ?? etapa.id} (${etapa.id}) do funil ${funil?.name ?? etapa.pipeline_id}`
    const others = iguais > 1 ? `; há ${iguais} com este nome lá, e vale a primeira` : elsewhere(alhures)
    return others === '' ? found(where) : warning(`${where}${others}`)
  }
  if (typeof wanted === 'number') return wrong(`A etapa ${wanted} não existe: corrija PIPEDRIVE_ETAPA`)
  if (alhures.length > 0)
    return wrong(`O funil ${vaga?.funil.name ?? 'padrão'} não tem a etapa ${vaga?.nome}${elsewhere(alhures)}`)
  if (vaga)
    return make(deps, `Etapa ${vaga.nome}, no funil ${vaga.funil.name ?? vaga.funil.id}`, () =>
      pipedrive.addStage(vaga.nome, vaga.funil.id),
    )
  return wrong('A conta não tem funil com etapas: crie um no Pipedrive')
}

/** Of stages with the wanted name in other pipelines: how to name them. */
const elsewhere = (places: readonly Place[]): string =>
  places.length === 0
    ? ''
    : `; outro funil tem uma com este nome: para usá-la, defina PIPEDRIVE_ETAPA como ${places
        .map(({ etapa, funil }) => `${funil?.name ?? etapa.pipeline_id}/${etapa.name} ou ${etapa.id}`)
        .join(', ')}`

async function activityType(deps: SetupDeps): Promise<StepResult> {
  const { pipedrive, tipoAtividade: wanted } = deps
  const types = await pipedrive.activityTypes()
  const known = types.find(({ key_string }) => key_string === wanted)
  if (known?.active_flag === false)
    return wrong(`O tipo de atividade ${wanted} está desativado no Pipedrive: reative-o`)
  if (known) return found(`O tipo de atividade ${wanted} existe`)
  const named = types.find(({ name }) => name === wanted)
  if (named) return wrong(otherKey(wanted, named.key_string))
  let key = wanted
  const result = await make(deps, `Tipo de atividade ${wanted}`, async () => {
    key = await pipedrive.addActivityType(wanted)
  })
  return key === wanted ? result : wrong(otherKey(wanted, key))
}

const otherKey = (wanted: string, key: string): string =>
  `O tipo de atividade ${wanted} tem a chave ${key}: defina PIPEDRIVE_TIPO_ATIVIDADE=${key}`

async function label(deps: SetupContext, name: string): Promise<StepResult> {
  const campo = findLabelField(await deps.fields())
  if (!campo) return wrong('O campo das etiquetas de negócio não foi encontrado')
  if (findLabel(campo, name) !== undefined) return found(`A etiqueta ${name} existe`)
  const made = make(deps, `Etiqueta de negócio ${name}`, async () => {
    await deps.pipedrive.addDealFieldOption(campo.field_code, name)
  })
  // Only options of custom fields are documented to be added by the API (docs/vendors/pipedrive.md#the-field-of-labels).
  return (await made.catch(unlessRefused)) ?? wrong(ETIQUETA_RECUSADA(name))
}

const ETIQUETA_RECUSADA = (name: string): string =>
  `A etiqueta ${name} não existe, e o Pipedrive não deixa criá-la pela API: crie-a lá, na lista de etiquetas de um negócio, e rode de novo. Até então os negócios ficam sem ela`

async function webhooks(deps: SetupDeps): Promise<StepResult> {
  const { target, pipedrive } = deps
  if (target === 'novo') return make(deps, `${WEBHOOK_COUNT} webhooks`, async () => undefined)
  if ('situacao' in target) return target
  const plan = planWebhooks(await pipedrive.webhooks(), target)
  const { missing, surplus, kept, foreign } = plan
  const rest = foreign > 0 ? `; ${foreign} de outra instalação ficam como estão` : ''
  if (missing.length + surplus.length === 0) return found(`Os ${kept.length} webhooks estão ativos${rest}`)
  return make(deps, `Webhooks: ${missing.length} a mais, ${surplus.length} antigos a menos${rest}`, () =>
    applyPlan(pipedrive, plan),
  )
}

/** The consultores without an active user, whose deals would have no owner, each with the user of the same e-mail address. */
export function withoutUser<C extends SetupConsultor>(
  consultores: readonly C[],
  users: readonly UsuarioDoPipedrive[],
): { readonly consultor: C; readonly sugestao: number | undefined }[] {
  const idOf = (email: string | undefined): number | undefined =>
    email === undefined
      ? undefined
      : users.find((one) => one.email?.toLowerCase() === email.toLowerCase() && isActiveUser([one], one.id))?.id
  return consultores
    .filter(({ id_pipedrive }) => id_pipedrive === undefined || !isActiveUser(users, id_pipedrive))
    .map((consultor) => ({ consultor, sugestao: idOf(consultor.email) }))
}

async function users({ pipedrive }: SetupDeps, consultores: readonly SetupConsultor[]): Promise<StepResult> {
  const lacking = withoutUser(consultores, await pipedrive.users())
  if (lacking.length === 0) return found(`Os ${consultores.length} consultores têm um usuário ativo`)
  const lines = lacking.map(({ consultor: { id, nome, id_pipedrive }, sugestao }) => {
    const why = id_pipedrive === undefined ? 'sem id_pipedrive' : `o usuário ${id_pipedrive} não está ativo`
    return `${nome} (${id}): ${why}${sugestao === undefined ? '' : `; pelo e-mail seria ${sugestao}`}`
  })
  return warning(`Negócios deles ficam com o usuário do token. ${lines.join('. ')}`)
}

function automatic(atribuicao: SetupDeps['atribuicao']): StepResult {
  if (!atribuicao) return warning(`A API não a mostra. ${ATRIBUICAO_AUTOMATICA}`)
  const { em: at, negocio_id } = atribuicao
  return warning(
    `Três negócios seguidos trocaram de dono logo depois de criados (o último, ${negocio_id}, em ${at.toISOString()}): provavelmente uma regra. ${ATRIBUICAO_AUTOMATICA}`,
  )
}
