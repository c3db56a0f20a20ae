import type { Connection } from 'mongoose'
import { Gauge, type Registry } from 'prom-client'
import type { Config } from '../config.js'
import type { Clock } from '../lib/clock.js'
import type { Logger } from '../lib/logger.js'
import { protocoloModel } from '../protocolos/model.js'
import { DO_PIPEDRIVE, tarefaModel } from '../tarefas/model.js'
import { tarefaStore } from '../tarefas/store.js'
import { startWorker, type WorkerObserver } from '../tarefas/worker.js'
import type { VezService } from '../vez/service.js'
import type { Contato } from '../vez/state.js'
import { connectPipedrive } from './connect.js'
import { pipedriveHandlers } from './handlers.js'
import { clienteModel } from './model.js'
import { type Panel, pipedrivePanel } from './panel.js'

export interface PipedriveOptions {
  readonly config: Config
  readonly connection: Connection
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly vez: VezService
  readonly registry: Registry
  readonly observer: WorkerObserver
  /** What opens the credentials of the webhook; the first locks them. */
  readonly masterKeys: readonly string[]
  /** Of each call, ms; 10 s when absent. */
  readonly pipedriveTimeoutMs?: number
}

/** The Pipedrive side of the service. */
export interface PipedriveService {
  /** There may be new work. */
  readonly wake: () => void
  readonly panel: Panel
  stop(): Promise<void>
}

/** The types of work that a turn or a protocol owes to Pipedrive. */
export function owedToPipedrive(config: Config): (contato: Contato | undefined) => readonly string[] {
  const { PIPEDRIVE_API_TOKEN, PIPEDRIVE_SEM_CONTATO } = config
  if (PIPEDRIVE_API_TOKEN === undefined) return () => []
  return (contato) => (contato || PIPEDRIVE_SEM_CONTATO === 'negocio' ? [DO_PIPEDRIVE] : [])
}

/** Starts the worker that does what is owed to Pipedrive; `undefined` without a token. */
export function startPipedrive(options: PipedriveOptions): PipedriveService | undefined {
  const { config, connection, clock, random, logger, vez, registry, observer } = options
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
  const handlers = pipedriveHandlers({
    pipedrive,
    account,
    settings: {
      negocioDeOutro: config.PIPEDRIVE_NEGOCIO_DE_OUTRO,
      atividadeMin: config.PIPEDRIVE_ATIVIDADE_MIN,
      tipoAtividade: config.PIPEDRIVE_TIPO_ATIVIDADE,
    },
    protocolos: protocoloModel(connection),
    clientes: clienteModel(connection),
    vez,
    clock,
    onUserGone: async (usuario) => {
      logger.warn({ usuario }, 'this user of Pipedrive is gone: what was his is given to nobody')
    },
  })
  const worker = startWorker({
    store: tarefaStore(tarefaModel(connection), Object.keys(handlers)),
    clock,
    random,
    logger,
    observer,
    handlers,
    limit: () => 0,
    pausedMs: () => limits.pausedMs(),
  })
  const panel = pipedrivePanel({ ...options, ...connected, tipos: Object.keys(handlers) })
  return {
    wake: () => worker.wake(),
    panel,
    stop: async () => {
      await worker.stop()
      await situation.settled()
    },
  }
}
