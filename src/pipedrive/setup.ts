import { setup } from '../../integrations/pipedrive/setup.js'
import type { SetupDeps as Rest, SetupStep } from '../../integrations/pipedrive/setup-step.js'
import { applyPlan, type Followed, planWebhooks, type WebhookTarget } from '../../integrations/pipedrive/webhooks.js'
import type { Config } from '../config.js'
import type { Core } from '../core.js'
import { AppError } from '../lib/errors.js'
import { omitUndefined } from '../lib/omit.js'
import { StartError } from '../lib/start-error.js'
import type { Consultor } from '../vez/document.js'
import { type AjustesEmUso, allAjustes, settingsFor } from './ajustes.js'
import { type Connected, namedFields } from './connect.js'
import { ACCOUNT_COLLECTION, type Lease, readAccount, takeLease } from './model.js'
import { makeCredentials, readCredentials } from './webhook.js'

/** Renewed before each record that is made; between two there are only a few reads, each with its own time limit. ms. */
const LEASE_MS = 120_000

export type SetupDeps = Pick<Core, 'config' | 'connection' | 'clock' | 'masterKeys'> & Pick<Connected, 'pipedrive'>

type Consultores = ReadonlyMap<number, Consultor>

/** Those who work here, as far as Pipedrive needs them. */
export const working = (consultores: Consultores): Rest['consultores'] =>
  [...consultores]
    .filter(([, { ativo }]) => ativo)
    .map(([id, { nome, email, id_pipedrive }]) => ({ id, nome, email, id_pipedrive }))

/**
 * Sets the account up; `simular` only looks. One at a time, whichever replica does it.
 *
 * @param map gives a consultor a user; absent: users are only proposed
 * @throws AppError 409 while somebody else does it
 */
export async function runSetup(
  deps: SetupDeps,
  consultores: Consultores,
  simular: boolean,
  map?: Rest['map'],
): Promise<SetupStep[]> {
  const { config, connection, pipedrive } = deps
  const { lugar, atividade, tipoAtividade, etiqueta } = settingsFor(config)
  const lease = simular ? undefined : await takeSetupLease(deps)
  if (!simular && !lease) throw new AppError(409, 'Outra configuração está em curso: tente de novo em dois minutos')
  try {
    return await setup({
      pipedrive,
      simular,
      dominio: config.PIPEDRIVE_DOMINIO,
      lugar,
      tipoAtividade: atividade ? tipoAtividade : undefined,
      etiqueta,
      contas: toContas(await allAjustes(connection, config)),
      ...followedBy(config),
      campos: namedFields(config),
      map,
      target: await webhookTargetOf(deps, simular),
      consultores: working(consultores),
      atribuicao: (await readAccount(connection, 'atribuicao_automatica')) ?? undefined,
      before: async () => {
        await lease?.renew().catch(() => {
          throw new AppError(409, 'Outra configuração começou no meio desta')
        })
      },
    })
  } finally {
    // If this fails, the lease expires by itself.
    await lease?.release().catch(() => undefined)
  }
}

const followedBy = ({ PIPEDRIVE_CRIAR, PIPEDRIVE_DONO_CONHECIDO }: Config): Followed => ({
  leads: PIPEDRIVE_CRIAR === 'lead',
  donoConhecido: PIPEDRIVE_DONO_CONHECIDO === 'sim',
})

/** What accounts and their languages say of things that must be there. */
const toContas = (all: readonly AjustesEmUso[]): Rest['contas'] =>
  all.map(({ nome, ajustes, settings: { lugar, etiqueta, atividade, tipoAtividade } }) => ({
    nome,
    ...omitUndefined({
      lugar: ajustes.funil === undefined && ajustes.etapa === undefined ? undefined : lugar,
      etiqueta,
      tipoAtividade:
        atividade && (ajustes.tipo_atividade ?? ajustes.atividade) !== undefined ? tipoAtividade : undefined,
    }),
  }))

/**
 * Makes the webhooks that an earlier set-up made and that are gone or no longer alive (10 tokens when all is well).
 *
 * @returns how many were made; 0 also when no set-up made any, there is no public address, or a set-up is under way
 * @throws PipedriveFailure, or a StartError when the credentials do not open
 */
export async function ensureWebhooks(deps: SetupDeps): Promise<number> {
  const { config, pipedrive } = deps
  const url = config.API_URL
  if (url === undefined || !isCallable(url, config)) return 0
  const credentials = await readCredentials(deps)
  if (!credentials) return 0
  const target: WebhookTarget = { url, ...followedBy(config), ...credentials }
  if (planWebhooks(await pipedrive.webhooks(), target).missing.length === 0) return 0
  const lease = await takeSetupLease(deps)
  if (!lease) return 0
  try {
    // The process that had the lease before may have made them.
    const plan = planWebhooks(await pipedrive.webhooks(), target)
    await lease.renew()
    await applyPlan(pipedrive, plan)
    return plan.missing.length
  } finally {
    await lease.release().catch(() => undefined)
  }
}

/** Pipedrive takes public addresses only; a stand-in on this machine takes one of this machine. */
const isCallable = (url: string, { PIPEDRIVE_BASE_URL }: Config): boolean =>
  url.startsWith('https:') || PIPEDRIVE_BASE_URL !== undefined

/** The address and credentials of the webhooks, or why there are none yet. Makes the credentials unless `simular`. */
export async function webhookTargetOf(deps: SetupDeps, simular: boolean): Promise<Rest['target']> {
  const url = deps.config.API_URL
  const without = 'até lá só a conferência periódica traz o que muda no Pipedrive'
  if (url === undefined)
    return { situacao: 'aviso', detalhe: `Defina API_URL, o endereço público deste serviço; ${without}` }
  if (!isCallable(url, deps.config))
    return { situacao: 'aviso', detalhe: `API_URL precisa começar com https; ${without}` }
  try {
    const credentials = simular ? await readCredentials(deps) : await makeCredentials(deps)
    return credentials ? { url, ...followedBy(deps.config), ...credentials } : 'novo'
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return { situacao: 'erro', detalhe: error.message }
  }
}

/** Allows one set-up at a time: two at once would make each field twice. */
const takeSetupLease = ({ connection, clock }: SetupDeps): Promise<Lease | undefined> =>
  takeLease({ connection, clock, colecao: ACCOUNT_COLLECTION, id: 'setup', ms: LEASE_MS })
