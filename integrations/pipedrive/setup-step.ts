import type { Pipedrive } from './client.js'
import type { NamedFields } from './mapping.js'
import type { WantedPlace } from './stage.js'
import type { Followed, WebhookTarget } from './webhooks.js'

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

/** What a chat account, or one of its languages, says otherwise than the environment; what is absent is as there. */
export interface SetupConta {
  /** For people, as `vendas` or `vendas, es`. */
  readonly nome: string
  readonly lugar?: WantedPlace | undefined
  readonly tipoAtividade?: string | undefined
  readonly etiqueta?: string | undefined
}

export interface SetupDeps extends Followed {
  readonly pipedrive: Pipedrive
  /** Reads only. */
  readonly simular: boolean
  /** Of the account that is expected. */
  readonly dominio: string | undefined
  readonly lugar: WantedPlace
  /** Key of an activity type; absent: no activities are made. */
  readonly tipoAtividade: string | undefined
  /** Name of the label of our deals. */
  readonly etiqueta: string | undefined
  /** What chat accounts say otherwise. */
  readonly contas: readonly SetupConta[]
  /** Fields of the account that are used as ours. */
  readonly campos: NamedFields
  /** Where the webhooks shall go; `novo`: all of them are yet to be made; else why there can be none. */
  readonly target: WebhookTarget | 'novo' | StepResult
  readonly consultores: readonly SetupConsultor[]
  /** Gives a consultor this user; absent: users are only proposed. */
  readonly map?: ((consultor: SetupConsultor, usuario: number) => Promise<void>) | undefined
  /** The last of several deals in a row that were given to somebody else right after they were made. */
  readonly atribuicao: { readonly em: Date; readonly negocio_id: number } | undefined
  /** Called before anything is made there; throws when it may not be. */
  readonly before: () => Promise<void>
}

export type StepResult = Omit<SetupStep, 'passo'>

export const found = (detalhe: string): StepResult => ({ situacao: 'ok', detalhe })
export const warning = (detalhe: string): StepResult => ({ situacao: 'aviso', detalhe })
export const wrong = (detalhe: string): StepResult => ({ situacao: 'erro', detalhe })

/** What several steps read; each is read once. */
export interface SetupContext extends SetupDeps {
  readonly me: Pipedrive['me']
  readonly fields: Pipedrive['dealFields']
  readonly users: Pipedrive['users']
}

/** Makes something there, or says that it would. */
export async function make(
  { simular, before }: SetupDeps,
  detalhe: string,
  work: () => Promise<unknown>,
): Promise<StepResult> {
  if (simular) return { situacao: 'faria', detalhe }
  await before()
  await work()
  return { situacao: 'feito', detalhe }
}
