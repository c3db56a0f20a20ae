import type { Connection } from 'mongoose'
import { Gauge, type Registry } from 'prom-client'
import { Account } from '../../integrations/pipedrive/account.js'
import { pipedriveClient } from '../../integrations/pipedrive/client.js'
import { Limits } from '../../integrations/pipedrive/limits.js'
import type { Config } from '../config.js'
import type { Clock } from '../lib/clock.js'
import type { Logger } from '../lib/logger.js'
import { protocoloModel } from '../protocolos/model.js'
import { DO_PIPEDRIVE, tarefaModel } from '../tarefas/model.js'
import { tarefaStore } from '../tarefas/store.js'
import { startWorker, type WorkerObserver } from '../tarefas/worker.js'
import type { VezService } from '../vez/service.js'
import type { Contato } from '../vez/state.js'
import { pipedriveHandlers } from './handlers.js'
import { clienteModel } from './model.js'

export interface PipedriveOptions {
  readonly config: Config
  readonly connection: Connection
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly vez: VezService
  readonly registry: Registry
  readonly observer: WorkerObserver
  /** Of each call, ms; 10 s when absent. */
  readonly pipedriveTimeoutMs?: number
}

/** The Pipedrive side of the service. */
export interface PipedriveService {
  /** There may be new work. */
  readonly wake: () => void
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
  const limits = new Limits(clock, random, ({ falha, ate }) => {
    logger.warn({ falha, ate: ate.toISOString() }, 'Pipedrive is left alone until then')
  })
  const { pipedriveTimeoutMs: timeoutMs } = options
  const gate = limits
  const pipedrive = pipedriveClient({
    token,
    base: baseOf(config),
    gate,
    ...(timeoutMs !== undefined && { timeoutMs }),
  })
  const account = new Account(pipedrive, clock, config.PIPEDRIVE_ETAPA)
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
      if (config.PIPEDRIVE_USUARIO_INATIVO === 'tirar') await takeOut(vez, usuario, logger)
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
  return { wake: () => worker.wake(), stop: () => worker.stop() }
}

/** Out of the sequence with whoever has this user, until a person puts him back. Throws when that could not be written. */
async function takeOut(vez: VezService, usuario: number, logger: Logger): Promise<void> {
  const fora_por = { motivo: 'usuario_do_pipedrive_inativo', id_pipedrive: usuario } as const
  for (const [id, { id_pipedrive, sequencial }] of (await vez.fresh()).consultores) {
    if (id_pipedrive !== usuario || !sequencial) continue
    await vez.submit({ tipo: 'alterar', id, mudanca: { fora_por } })
    logger.warn({ consultor: id, usuario }, 'out of the sequence: the user of Pipedrive is gone')
  }
}

/** Where the API is: the company's own host, or the common one while nobody has named the company. */
function baseOf({ PIPEDRIVE_BASE_URL, PIPEDRIVE_DOMINIO = 'api' }: Config): string {
  return `${PIPEDRIVE_BASE_URL ?? `https://${PIPEDRIVE_DOMINIO}.pipedrive.com`}/api`
}
