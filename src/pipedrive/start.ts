import type Router from '@koa/router'
import { Counter, Gauge } from 'prom-client'
import { PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import type { Core } from '../core.js'
import type { Logger } from '../lib/logger.js'
import { type Protocolo, protocoloModel } from '../protocolos/model.js'
import { tarefaStore } from '../tarefas/store.js'
import { startWorker } from '../tarefas/worker.js'
import { MAX_PENDENTES } from '../vez/rules/draft.js'
import type { VezService } from '../vez/service.js'
import { connectPipedrive, reportAutomatic } from './connect.js'
import { giveWay } from './give-way.js'
import { pipedriveHandlers } from './handlers.js'
import { pipedriveInbound } from './inbound.js'
import { clienteModel } from './model.js'
import type { Follow } from './owed.js'
import { type Panel, pipedrivePanel } from './panel.js'
import { startReconciliation } from './reconcile.js'
import { ensureWebhooks } from './setup.js'
import { cachedCredentials, pipedriveWebhook } from './webhook.js'

/** This many protocols waiting to be copied mean that the database is busy with the turns. */
const MANY_PENDENTES = MAX_PENDENTES / 2

export interface PipedriveOptions {
  /** The chat conversation goes to whoever has the customer now: made durable before the change. */
  readonly reassign: (before: Protocolo) => Promise<void>
  readonly follow: Follow
}

/** The Pipedrive side of the service. */
export interface PipedriveService {
  readonly webhooks: Router
  /** Runs the reconciliation now. */
  readonly reconcile: () => Promise<void>
  readonly panel: Panel
  stop(): Promise<void>
}

/** Starts the worker that does what is owed to Pipedrive; `undefined` without a token. */
export function startPipedrive(core: Core, { reassign, follow }: PipedriveOptions): PipedriveService | undefined {
  const { config, connection, clock, random, logger, vez, registry, outbox } = core
  const token = config.PIPEDRIVE_API_TOKEN
  if (token === undefined) return undefined
  const connected = connectPipedrive(core, token)
  const { pipedrive, account, limits, situation } = connected
  situation.started()
  new Gauge({
    name: 'pipedrive_tokens_restantes',
    help: 'O que resta do orçamento do dia, como o Pipedrive disse por último',
    registers: [registry],
    collect() {
      if (limits.restante !== undefined) this.set(limits.restante)
    },
  })
  const onUserGone = async (usuario: number): Promise<void> => {
    logger.warn({ usuario }, 'this user of Pipedrive is gone: what was his is given to nobody')
    if (config.PIPEDRIVE_USUARIO_INATIVO === 'tirar') await takeOut(vez, usuario, logger)
  }
  const ensureCompany = async (): Promise<void> => {
    try {
      await account.ensureCompany(config.PIPEDRIVE_DOMINIO)
    } catch (error) {
      // The limits only see failed calls, and this failure is not one.
      if (error instanceof PipedriveFailure && error.falha === 'empresa') situation.failed(error)
      throw error
    }
  }
  const parts = {
    pipedrive,
    account,
    protocolos: protocoloModel(connection),
    clientes: clienteModel(connection),
    vez,
    clock,
    onUserGone,
  }
  const inbound = pipedriveInbound({
    ...parts,
    reassign,
    follow,
    onAutomatic: async (negocio_id) => {
      const isNew = await reportAutomatic(connection, { em: clock.now(), negocio_id })
      if (isNew)
        logger.error({ negocio: negocio_id }, 'a rule of automatic assignment gives our deals to somebody else')
    },
  })
  const handlers = pipedriveHandlers({
    ...parts,
    inbound,
    ensureCompany,
    settings: {
      negocioDeOutro: config.PIPEDRIVE_NEGOCIO_DE_OUTRO,
      atividadeMin: config.PIPEDRIVE_ATIVIDADE_MIN,
      tipoAtividade: config.PIPEDRIVE_TIPO_ATIVIDADE,
    },
  })
  const manners = giveWay(clock, () => (vez.latest()?.pendentes.length ?? 0) >= MANY_PENDENTES)
  const worker = startWorker({
    store: tarefaStore(connection, 'pipedrive'),
    clock,
    random,
    logger,
    observer: core.workerObserver('pipedrive'),
    handlers,
    account: 'pipedrive',
    limit: () => 0,
    pausedMs: () => limits.pausedMs() || manners(),
  })
  outbox.onNew('pipedrive', worker.wake)
  const reconciliation = startReconciliation({
    connection,
    pipedrive,
    inbound,
    clock,
    random,
    logger,
    intervalMs: config.PIPEDRIVE_RECONCILIAR_MIN * 60_000,
    ensureWebhooks: async () => {
      const made = await ensureWebhooks({ ...core, pipedrive })
      if (made > 0) logger.warn({ made }, 'webhooks of Pipedrive were gone and are made again')
    },
    ensureCompany,
    isPaused: () => limits.pausedMs() > 0,
  })
  const events = new Counter({
    name: 'pipedrive_eventos_total',
    help: 'Eventos que o Pipedrive enviou, por resultado',
    labelNames: ['resultado'],
    registers: [registry],
  })
  const webhooks = pipedriveWebhook({
    credentials: cachedCredentials(core, clock),
    clock,
    logger,
    insert: outbox.insert,
    received: (resultado) => events.inc({ resultado }),
  })
  const panel = pipedrivePanel({ ...core, ...connected })
  return {
    panel,
    webhooks,
    reconcile: () => reconciliation.run(),
    stop: async () => {
      await reconciliation.stop()
      await worker.stop()
      await situation.settled()
    },
  }
}

/**
 * Takes the consultores with this user out of the sequence until a person puts them back. Throws when that could not be
 * written.
 */
async function takeOut(vez: VezService, usuario: number, logger: Logger): Promise<void> {
  const fora_por = { motivo: 'usuario_do_pipedrive_inativo', id_pipedrive: usuario } as const
  for (const [id, { id_pipedrive, sequencial }] of (await vez.readFresh()).consultores) {
    if (id_pipedrive !== usuario || !sequencial) continue
    await vez.submit({ tipo: 'alterar', id, mudanca: { fora_por } })
    logger.warn({ consultor: id, usuario }, 'out of the sequence: the user of Pipedrive is gone')
  }
}
