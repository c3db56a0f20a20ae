import { explain, inWords, PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import type { Budget } from '../../integrations/pipedrive/limits.js'
import { type EuDoPipedrive, isAdmin } from '../../integrations/pipedrive/schema.js'
import { ATRIBUICAO_AUTOMATICA, DONO_CONHECIDO } from '../../integrations/pipedrive/setup.js'
import { sharedUsers, withoutUser } from '../../integrations/pipedrive/setup-users.js'
import { ourWebhooks } from '../../integrations/pipedrive/webhooks.js'
import { cached } from '../lib/cached.js'
import { AppError } from '../lib/errors.js'
import { omitUndefined } from '../lib/omit.js'
import type { VezService } from '../vez/service.js'
import type { Connected } from './connect.js'
import { inUse } from './in-use.js'
import { readAccount } from './model.js'
import { countQueue } from './queue.js'
import type { Estado, Panel } from './routes.js'
import { runSetup, type SetupDeps, webhookTargetOf, working } from './setup.js'
import type { Known } from './situation.js'

/** Reloading the page must not use up the budget: it costs at most 10 tokens in five minutes, 22 in an hour and 40 in six hours. */
const WEBHOOKS_MS = 300_000
const ACCOUNT_MS = 3_600_000
const FAILED_MS = 60_000
const FALHAS_SEGUIDAS = 'cinco chamadas seguidas falharam: tenta-se de novo em meio minuto'

export interface PanelDeps extends SetupDeps, Pick<Connected, 'account' | 'limits' | 'situation'> {
  /** Without the line of turns nothing of a consultor is changed. */
  readonly vez: Pick<VezService, 'readFresh'> & Partial<Pick<VezService, 'submit'>>
  /** How long this process makes no call after failures in a row, ms. */
  readonly openMs?: () => number
}

/** Answers even when Pipedrive does not: a part that could not be read says why. */
export function pipedrivePanel(deps: PanelDeps): Panel {
  const { pipedrive, account, limits, situation, connection, clock, config, vez } = deps
  const me = cached(clock, ACCOUNT_MS, () => pipedrive.me(), FAILED_MS)
  const users = cached(clock, ACCOUNT_MS, () => pipedrive.users(), FAILED_MS)
  const webhooks = cached(clock, WEBHOOKS_MS, () => pipedrive.webhooks(), FAILED_MS)
  const used = cached(clock, WEBHOOKS_MS, () => inUse(deps), FAILED_MS)
  const consultores = async () => (await vez.readFresh()).consultores

  return {
    async setup({ simular, mapear }) {
      // What goes wrong is written down before the answer leaves: the command ends right after it.
      const work = runSetup(deps, await consultores(), simular, mapear ? giveUser : undefined)
      const passos = await work.finally(() => situation.settled())
      if (simular) return passos
      // The set-up has changed the account, so nothing cached is used.
      for (const one of [account, me, users, webhooks, used]) one.forget()
      if (passos.some(({ passo, situacao }) => passo === 'etapa' && situacao !== 'erro')) situation.resumed('etapa')
      return passos
    },
    async look() {
      const [owner, lacking, ours, em_uso] = await Promise.all([
        orWhy(me.get()),
        orWhy(withoutUsers()),
        orWhy(ourHooks()),
        orWhy(used.get()),
      ])
      const [known, reconciliacao, atribuicao] = await Promise.all([
        // Failures of the calls above are included.
        situation.settled().then(() => situation.read()),
        readAccount(connection, 'reconciliacao'),
        readAccount(connection, 'atribuicao_automatica'),
      ])
      const pausas = pausesOf(known.pausas, deps.openMs?.() ?? 0, clock.now())
      return {
        ligado: true,
        conta: companyOf(config.PIPEDRIVE_DOMINIO, owner),
        usuario: 'motivo' in owner ? owner : { id: owner.id, nome: owner.name ?? null, admin: isAdmin(owner) ?? null },
        orcamento: latestBudget(limits.budget, known.orcamento),
        pausa: pausas[0] ?? null,
        pausas,
        fila: await countQueue(connection, clock),
        ultimo_erro: known.ultimo_erro ? { ...known.ultimo_erro, motivo: inWords(known.ultimo_erro.falha) } : null,
        ultima_sincronizacao: known.ultima_sincronizacao ?? null,
        em_uso,
        webhooks: ours,
        consultores_sem_usuario: lacking,
        recomendacoes: config.PIPEDRIVE_DONO_CONHECIDO === 'sim' ? [] : [DONO_CONHECIDO],
        usuarios_repetidos: sharedUsers(working(await consultores())).map(({ usuario, consultores: those }) => ({
          id_pipedrive: usuario,
          consultores: those.map(({ id, nome }) => ({ consultor_id: id, nome })),
        })),
        reconciliado_em: reconciliacao?.concordou_em ?? null,
        atribuicao_automatica: atribuicao
          ? { em: atribuicao.em, negocio_id: atribuicao.negocio_id, o_que_fazer: ATRIBUICAO_AUTOMATICA }
          : null,
      }
    },
  }

  async function giveUser({ id }: { readonly id: number }, id_pipedrive: number): Promise<void> {
    if (!vez.submit)
      throw new AppError(409, 'Para gravar os usuários o serviço precisa estar no ar: inicie-o e rode de novo')
    await vez.submit({ tipo: 'alterar', id, mudanca: { id_pipedrive }, autor: { por: 'pipedrive' } })
  }

  async function withoutUsers() {
    const [all, roster] = await Promise.all([users.get(), consultores()])
    return withoutUser(working(roster), all).map(({ consultor: { id, nome, id_pipedrive }, sugestao }) => ({
      consultor_id: id,
      nome,
      id_pipedrive: id_pipedrive ?? null,
      sugestao: sugestao ?? null,
    }))
  }

  async function ourHooks() {
    const target = await webhookTargetOf(deps, true)
    if (target === 'novo') return { motivo: 'Rode npm run pipedrive:setup: os webhooks ainda não foram feitos' }
    if ('situacao' in target) return { motivo: target.detalhe }
    return ourWebhooks(await webhooks.get(), target).map((hook) => ({
      id: hook.id,
      objeto: hook.event_object,
      acao: hook.event_action,
      ativo: hook.is_active !== false,
      ultimo_status: hook.last_http_status ?? null,
    }))
  }
}

/** What stops all calls first; of those the one that holds longest. */
function pausesOf(pausas: Known['pausas'], openMs: number, now: Date): NonNullable<Estado['pausas']> {
  const open = openMs > 0 ? [{ falha: 'falhas_seguidas', ate: new Date(now.getTime() + openMs) }] : []
  const shown = [...pausas, ...open].map(({ falha, ate }) => ({
    falha,
    motivo: falha === 'falhas_seguidas' ? FALHAS_SEGUIDAS : inWords(falha),
    ate,
    alcance: falha === 'limite_do_plano' ? ('negocios_novos' as const) : ('tudo' as const),
  }))
  const rank = ({ alcance }: { alcance: string }): number => (alcance === 'tudo' ? 0 : 1)
  return shown.sort((a, b) => rank(a) - rank(b) || b.ate.getTime() - a.ate.getTime())
}

/** Of what this process and all processes heard last. */
function latestBudget(own: Budget | undefined, shared: Budget | undefined): Estado['orcamento'] {
  const found = own && shared && shared.em > own.em ? shared : (own ?? shared)
  return found ? { restante: found.restante, limite: found.limite ?? null, em: found.em } : null
}

/** What Pipedrive says, or why it could not be read. */
const orWhy = <T>(asked: Promise<T>): Promise<T | { motivo: string }> =>
  asked.catch((error: unknown) => {
    if (!(error instanceof PipedriveFailure)) throw error
    return { motivo: explain(error) }
  })

function companyOf(dominio: string | undefined, owner: EuDoPipedrive | { motivo: string }): Estado['conta'] {
  if ('motivo' in owner) return dominio === undefined ? null : { dominio }
  return { dominio: owner.company_domain, ...omitUndefined({ nome: owner.company_name ?? undefined }) }
}
