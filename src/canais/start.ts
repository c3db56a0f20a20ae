import type Router from '@koa/router'
import { Counter } from 'prom-client'
import type { Core } from '../core.js'
import { type HttpClient, httpClient } from '../lib/http-client.js'
import { omitUndefined } from '../lib/omit.js'
import { perKey } from '../lib/per-key.js'
import { secretBox } from '../lib/secret-box.js'
import { TokenBucket } from '../lib/token-bucket.js'
import { type Protocolo, protocoloModel } from '../protocolos/model.js'
import { newTarefa, ofConversation } from '../tarefas/model.js'
import { tarefaStore } from '../tarefas/store.js'
import { startWorker } from '../tarefas/worker.js'
import { type Contas, startContas } from './accounts.js'
import { canSend } from './ask.js'
import { chatHandlers } from './deliver.js'
import type { ReceiveDeps } from './deps.js'
import { Manage } from './manage.js'
import { canalModel } from './model.js'
import { startRounds } from './rounds.js'
import { webhookRouter } from './webhook.js'

/** Delay of an assignment: it is stored before the change of the protocol that it is about, and must come after it. */
const SETTLE_MS = 2_000
/** Rate limit of calls to the platform of one account. */
const CALLS_PER_SECOND = 5
const CALLS_BURST = 20

export interface ChatOptions {
  /** The types of work that a turn with this contact owes besides. */
  readonly owed: ReceiveDeps['owed']
  /** What people change at the platform changes at Pipedrive too: made durable before the change. */
  readonly follow: ReceiveDeps['follow']
}

/** The chat side of the service: accounts, webhooks in, work out. */
export interface Chat {
  readonly contas: Contas
  readonly manage: Manage
  readonly webhooks: Router
  readonly http: HttpClient
  /** Who is there at the platforms, and what their webhooks lost: now, instead of at its time. */
  readonly runRounds: () => Promise<void>
  /** The conversation goes to whoever has the customer now: made durable before the change. */
  readonly reassign: (before: Protocolo) => Promise<void>
  stop(): Promise<void>
}

/** Reads the accounts and starts the worker of the outbox. Throws a StartError when the accounts' secrets do not open. */
export async function startChat(core: Core, { owed, follow }: ChatOptions): Promise<Chat> {
  const { config, connection, clock, random, logger, masterKeys, vez, registry, outbox } = core
  const canais = canalModel(connection)
  const protocolos = protocoloModel(connection)
  const http = httpClient(config.DESTINOS_INTERNOS)
  const [first, ...rest] = masterKeys
  const box = first === undefined ? undefined : secretBox([first, ...rest])
  const contas = await startContas({ canais, clock, random, logger, box })
  const received = new Counter({
    name: 'webhook_eventos_total',
    help: 'Eventos recebidos, por plataforma e situação',
    labelNames: ['plataforma', 'situacao'],
    registers: [registry],
  })

  const bucketOf = perKey(() => new TokenBucket(clock, CALLS_PER_SECOND, CALLS_BURST))
  const worker = startWorker({
    store: tarefaStore(connection, 'chat'),
    clock,
    random,
    logger,
    observer: core.workerObserver('chat'),
    handlers: chatHandlers({ contas, vez, protocolos, clock, http, follow }),
    limit: (canal) => bucketOf(canal).take(),
  })
  outbox.onNew('chat', worker.wake)

  const emailOf: ReceiveDeps['emailOf'] = (slug, agent) => rounds.emailOf(slug, agent)
  const deps: ReceiveDeps = { vez, owed, follow, protocolos, clock, outbox, emailOf }
  const rounds = startRounds({ deps, contas, canais, clock, random, logger, http })
  const webhooks = webhookRouter({
    ...deps,
    contas,
    logger,
    url: config.API_URL,
    observer: { received: (plataforma, situacao) => received.inc({ plataforma, situacao }) },
  })

  return {
    contas,
    manage: new Manage({ canais, contas, clock, box, url: config.API_URL }),
    webhooks,
    http,
    runRounds: () => rounds.run(),
    reassign: async ({ n, rev, canal: slug = '', conversa, idioma, contato }) => {
      const canal = contas.get(slug)
      if (!canal?.adapter.assign || !canSend(canal) || conversa === undefined) return
      const now = clock.now()
      const about = ofConversation(omitUndefined({ canal: slug, conversa, idioma, contato }))
      await outbox.insert(
        newTarefa({
          origin: `protocolo:${n}:${rev}:${now.getTime()}`,
          tipo: 'reatribuir',
          payload: { ...about.payload, protocolo: n },
          conversationKey: about.conversationKey,
          now,
          delayMs: SETTLE_MS,
        }),
      )
    },
    stop: async () => {
      await rounds.stop()
      await worker.stop()
      await contas.stop()
    },
  }
}
