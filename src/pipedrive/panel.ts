import type { Connection } from 'mongoose'
import { explain, PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import type { EuDoPipedrive } from '../../integrations/pipedrive/schema.js'
import { ATRIBUICAO_AUTOMATICA, withoutUser } from '../../integrations/pipedrive/setup.js'
import { ourWebhooks } from '../../integrations/pipedrive/webhooks.js'
import { cached } from '../lib/cached.js'
import type { Clock } from '../lib/clock.js'
import { LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import { slices } from '../lib/slices.js'
import type { Tarefa } from '../tarefas/model.js'
import type { VezService } from '../vez/service.js'
import type { Connected } from './connect.js'
import { readAccount } from './model.js'
import type { Estado, Panel } from './routes.js'
import { runSetup, type SetupDeps, webhookTargetOf, working } from './setup.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** What ended is forgotten after 30 days; what waits is due within a day. */
const KEPT_MS = 32 * DAY_MS
const AHEAD_MS = DAY_MS
/** Tarefas of a state are counted up to this number. */
const MOST_COUNTED = 2_000
/** Reloading the page must not use up the budget: it costs at most 10 tokens in five minutes and 22 in an hour. */
const WEBHOOKS_MS = 300_000
const ACCOUNT_MS = HOUR_MS
const FAILED_MS = 60_000

export interface PanelDeps extends SetupDeps, Pick<Connected, 'account' | 'limits' | 'situation'> {
  readonly vez: Pick<VezService, 'readFresh'>
}

/** Answers even when Pipedrive does not: a part that could not be read says why. */
export function pipedrivePanel(deps: PanelDeps): Panel {
  const { pipedrive, account, limits, situation, connection, clock, config, vez } = deps
  const me = cached(clock, ACCOUNT_MS, () => pipedrive.me(), FAILED_MS)
  const users = cached(clock, ACCOUNT_MS, () => pipedrive.users(), FAILED_MS)
  const webhooks = cached(clock, WEBHOOKS_MS, () => pipedrive.webhooks(), FAILED_MS)
  const consultores = async () => (await vez.readFresh()).consultores

  return {
    async setup(simular) {
      // What goes wrong is written down before the answer leaves: the command ends right after it.
      const passos = await runSetup(deps, await consultores(), simular).finally(() => situation.settled())
      if (simular) return passos
      // The set-up has changed the account, so nothing cached is used.
      for (const one of [account, me, users, webhooks]) one.forget()
      return passos
    },
    async look() {
      const [owner, lacking, ours] = await Promise.all([orWhy(me.get()), orWhy(withoutUsers()), orWhy(ourHooks())])
      const [{ pausa, ultimo_erro }, reconciliacao, atribuicao] = await Promise.all([
        // Failures of the calls above are included.
        situation.settled().then(() => situation.read()),
        readAccount(connection, 'reconciliacao'),
        readAccount(connection, 'atribuicao_automatica'),
      ])
      return {
        ligado: true,
        conta: companyOf(config.PIPEDRIVE_DOMINIO, owner),
        usuario: 'motivo' in owner ? owner : { id: owner.id, nome: owner.name ?? null, admin: owner.is_admin ?? null },
        orcamento: limits.restante === undefined ? null : { restante: limits.restante },
        pausa: pausa ? { falha: pausa.falha, ate: pausa.ate.toISOString() } : null,
        fila: await countQueue(connection, clock),
        ultimo_erro: ultimo_erro ? { em: ultimo_erro.em.toISOString(), falha: ultimo_erro.falha } : null,
        webhooks: ours,
        consultores_sem_usuario: lacking,
        reconciliado_em: reconciliacao?.concordou_em?.toISOString() ?? null,
        atribuicao_automatica: atribuicao
          ? { em: atribuicao.em.toISOString(), negocio_id: atribuicao.negocio_id, o_que_fazer: ATRIBUICAO_AUTOMATICA }
          : null,
      }
    },
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

/** Counts waiting, running and dead work along the index, up to a limit. */
async function countQueue(connection: Connection, clock: Clock): Promise<Estado['fila']> {
  // One after the other: a look at this page must not take the database from the turns.
  const pendentes = await countTarefas(connection, clock, 'pendente')
  const em_curso = await countTarefas(connection, clock, 'em_curso')
  const mortas = await countTarefas(connection, clock, 'morta')
  const limitada = [pendentes, em_curso, mortas].some(({ capped }) => capped)
  return { pendentes: pendentes.count, em_curso: em_curso.count, mortas: mortas.count, limitada }
}

async function countTarefas(connection: Connection, clock: Clock, estado: Tarefa['estado']) {
  const now = clock.now().getTime()
  const range = { from: now - KEPT_MS, to: now + AHEAD_MS, descending: true, width: AHEAD_MS + HOUR_MS }
  const find = (low: number, high: number, limit: number) =>
    connection
      .collection<Tarefa>('tarefas')
      .find(
        { fila: 'pipedrive', estado, vence_em: { $gte: new Date(low), $lte: new Date(high) } },
        { projection: { _id: 1 }, ...LIMIT },
      )
      .limit(limit)
      .toArray()
  let count = 0
  for await (const { found } of slices(range, find)) {
    count += found.length
    if (count >= MOST_COUNTED) return { count, capped: true }
  }
  return { count, capped: false }
}
