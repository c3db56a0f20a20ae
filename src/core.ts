import type { Connection } from 'mongoose'
import type { Registry } from 'prom-client'
import type { Config } from './config.js'
import type { Clock } from './lib/clock.js'
import type { Logger } from './lib/logger.js'
import type { Outbox } from './tarefas/outbox.js'
import type { WorkerObserver } from './tarefas/worker.js'
import type { VezService } from './vez/service.js'

/** What the service is started with. */
export interface ServiceOptions {
  readonly config: Config
  readonly connection: Connection
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  /** Name of the database engine. */
  readonly engine: string
  /** The environment's or the folder's key: scope admin. */
  readonly ownKey: string | undefined
  /** What opens the secrets that the database keeps; the first locks them. */
  readonly masterKeys: readonly string[]
  /** Of each call to Pipedrive, ms; 10 s when absent. */
  readonly pipedriveTimeoutMs?: number
}

/** What every part of the service works with; handed on as a whole. */
export interface Core extends ServiceOptions {
  readonly registry: Registry
  readonly vez: VezService
  readonly outbox: Outbox
  /** What a worker of this queue tells the metrics. */
  readonly workerObserver: (fila: 'chat' | 'pipedrive') => WorkerObserver
}
