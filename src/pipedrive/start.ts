import type Router from '@koa/router'
import type { Connection } from 'mongoose'
import { Counter, Gauge, type Registry } from 'prom-client'
import { PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import type { Config } from '../config.js'
import type { Clock } from '../lib/clock.js'
import type { Logger } from '../lib/logger.js'
import { type Protocolo, protocoloModel } from '../protocolos/model.js'
import { tarefaModel } from '../tarefas/model.js'
import { tarefaStore } from '../tarefas/store.js'
import { startWorker, type WorkerObserver } from '../tarefas/worker.js'
import { MAX_PENDENTES } from '../vez/draft.js'
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
  readonly config: Config
  readonly connection: Connection
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly vez: VezService
  readonly registry: Registry
  readonly observer: WorkerObserver
  /** Makes durable, before the change, that the chat conversation is handed to the new responsável. */
  readonly reassign: (before: Protocolo) => Promise<void>
  readonly follow: Follow
  /** Keys that decrypt the webhook's credentials; the first one encrypts them. */
  readonly masterKeys: readonly string[]
  /** Of each call, ms; 10 s when absent. */
  readonly pipedriveTimeoutMs?: number
}

/** The Pipedrive side of the service. */
export interface PipedriveService {
  /** There may be new work. */
  readonly wake: () => void
  readonly webhooks: Router
  /** Runs the reconciliation now. */
  readonly reconcile: () => Promise<void>
  readonly panel: Panel
  stop(): Promise<void>
}

/** Starts the worker that does what is owed to Pipedrive; `undefined` without a token. */
export function startPipedrive(options: PipedriveOptions): PipedriveService | undefined {
  const { config, connection, clock, random, logger, vez, registry, observer, reassign, follow } = options
  const token = config.PIPEDRIVE_API_TOKEN
  if (token === undefined) return undefined
  const connected = connectPipedrive(options, token)
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
  const store = tarefaStore(tarefaModel(connection), 'pipedrive')
  const manners = giveWay(clock, () => (vez.seen()?.pendentes.length ?? 0) >= MANY_PENDENTES)
  const worker = startWorker({
    store,
    clock,
    random,
    logger,
    observer,
    handlers,
    account: 'pipedrive',
    limit: () => 0,
    pausedMs: () => limits.pausedMs() || manners(),
  })
  const reconciliation = startReconciliation({
    connection,
    pipedrive,
    inbound,
    clock,
    random,
    logger,
    intervalMs: config.PIPEDRIVE_RECONCILIAR_MIN * 60_000,
    ensureWebhooks: async () => {
      const made = await ensureWebhooks({ ...options, pipedrive })
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
    credentials: cachedCredentials(options, clock),
    clock,
    logger,
    insert: async (tarefa) => {
      await store.insert(tarefa)
      worker.wake()
    },
    received: (resultado) => events.inc({ resultado }),
  })
  const panel = pipedrivePanel({ ...options, ...connected })
  return {
    wake: () => worker.wake(),
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
  for (const [id, { id_pipedrive, sequencial }] of (await vez.fresh()).consultores) {
    if (id_pipedrive !== usuario || !sequencial) continue
    await vez.submit({ tipo: 'alterar', id, mudanca: { fora_por } })
    logger.warn({ consultor: id, usuario }, 'out of the sequence: the user of Pipedrive is gone')
  }
}
