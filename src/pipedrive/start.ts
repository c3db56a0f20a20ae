import type Router from '@koa/router'
import { Gauge } from 'prom-client'
import type { Core } from '../core.js'
import { tarefaStore } from '../tarefas/store.js'
import { startWorker } from '../tarefas/worker.js'
import type { Prefer } from '../vez/service.js'
import { pipedriveCore } from './connect.js'
import { pipedriveHandlers } from './handlers.js'
import { type InboundOptions, pipedriveInbound } from './inbound.js'
import { pipedrivePanel } from './panel.js'
import { preferredByPipedrive } from './preferred.js'
import { startReconciliation } from './reconcile.js'
import type { Panel } from './routes.js'
import { cachedCredentials, pipedriveWebhook } from './webhook.js'

/** The Pipedrive side of the service. */
export interface PipedriveService {
  readonly webhooks: Router
  /** Runs the reconciliation now. */
  readonly reconcile: () => Promise<void>
  readonly panel: Panel
  readonly prefer: Prefer
  stop(): Promise<void>
}

/** Starts the worker that does what is owed to Pipedrive, in the account of this token. */
export function startPipedrive(base: Core, token: string, options: InboundOptions): PipedriveService {
  const core = pipedriveCore(base, token)
  const { connection, clock, random, logger, registry, outbox, limits, situation } = core
  situation.started()
  new Gauge({
    name: 'pipedrive_tokens_restantes',
    help: 'O que resta do orçamento do dia, como o Pipedrive disse por último',
    registers: [registry],
    collect() {
      if (limits.restante !== undefined) this.set(limits.restante)
    },
  })
  const inbound = pipedriveInbound(core, options)
  const worker = startWorker({
    store: tarefaStore(connection, 'pipedrive'),
    clock,
    random,
    logger,
    observer: core.workerObserver('pipedrive'),
    handlers: pipedriveHandlers(core, inbound),
    account: 'pipedrive',
    limit: () => 0,
    pausedMs: () => limits.pausedMs(),
  })
  outbox.onNew('pipedrive', worker.wake)
  outbox.onRepeat('pipedrive', () => limits.retry())
  const reconciliation = startReconciliation(core, inbound)
  return {
    panel: pipedrivePanel({ ...core, openMs: worker.openMs }),
    prefer: preferredByPipedrive(core),
    webhooks: pipedriveWebhook(core, cachedCredentials(core)),
    reconcile: reconciliation.run,
    stop: async () => {
      await reconciliation.stop()
      await worker.stop()
      await situation.settled()
    },
  }
}
