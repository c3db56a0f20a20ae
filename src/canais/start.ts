import type Router from '@koa/router'
import type { Connection } from 'mongoose'
import { Counter, type Registry } from 'prom-client'
import type { Config } from '../config.js'
import { Bucket } from '../lib/bucket.js'
import type { Clock } from '../lib/clock.js'
import { type HttpClient, httpClient } from '../lib/http-client.js'
import type { Logger } from '../lib/logger.js'
import { secretBox } from '../lib/secret-box.js'
import { type Protocolo, protocoloModel } from '../protocolos/model.js'
import { ofConversation, tarefaId, tarefaModel, toFio, toOrdem } from '../tarefas/model.js'
import { tarefaStore } from '../tarefas/store.js'
import { startWorker, type WorkerObserver } from '../tarefas/worker.js'
import type { Contato } from '../vez/document.js'
import type { VezService } from '../vez/service.js'
import { type Contas, startContas } from './accounts.js'
import { canSend } from './ask.js'
import { chatHandlers } from './deliver.js'
import type { ReceiveDeps } from './deps.js'
import { Manage } from './manage.js'
import { canalModel } from './model.js'
import { startRounds } from './rounds.js'
import { webhookRouter } from './webhook.js'

const TOLD_MS = 600_000
/** An assignment waits so long for the change that it is about. */
const SETTLE_MS = 2_000
/** Calls a second that an account's platform is asked to take, and how many at once. */
const CALLS_PER_SECOND = 5
const CALLS_BURST = 20

export interface ChatOptions {
  readonly config: Pick<Config, 'API_URL' | 'DESTINOS_INTERNOS'>
  readonly connection: Connection
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly masterKeys: readonly string[]
  readonly vez: VezService
  readonly registry: Registry
  readonly observer: WorkerObserver
  /** The types of work that a turn with this contact owes besides. */
  readonly owed: (contato: Contato) => readonly string[]
  /** What people change at the platform changes at Pipedrive too: made durable before the change. */
  readonly follow: ReceiveDeps['follow']
}

/** The chat side of the service: accounts, webhooks in, work out. */
export interface Chat {
  readonly contas: Contas
  readonly manage: Manage
  readonly webhooks: Router
  readonly http: HttpClient
  /** There may be new work. */
  readonly wake: () => void
  /** Who is there at the platforms, and what their webhooks lost: now, instead of at its time. */
  readonly runRounds: () => Promise<void>
  /** Forgets work that ended long ago. */
  readonly forget: () => Promise<number>
  /** The conversation goes to whoever has the customer now: made durable before the change. */
  readonly reassign: (before: Protocolo) => Promise<void>
  stop(): Promise<void>
}

/** Reads the accounts and starts the worker of the outbox. Throws a StartError when the accounts' secrets do not open. */
export async function startChat(options: ChatOptions): Promise<Chat> {
  const { config, connection, clock, random, logger, masterKeys, vez, registry, observer, owed, follow } = options
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

  const buckets = new Map<string, Bucket>()
  const limit = (canal: string): number => {
    const known = buckets.get(canal) ?? new Bucket(clock, CALLS_PER_SECOND, CALLS_BURST)
    buckets.set(canal, known)
    return known.take()
  }
  const handlers = chatHandlers({ contas, vez, protocolos, clock, http, follow })
  const store = tarefaStore(tarefaModel(connection), 'chat')
  const worker = startWorker({ store, clock, random, logger, observer, handlers, limit })
  const wake = (): void => worker.wake()

  const deps: ReceiveDeps = {
    vez,
    owed,
    follow,
    protocolos,
    clock,
    emailOf: (slug, agent) => rounds.emailOf(slug, agent),
    insertTarefa: async (tarefa) => {
      await store.insert(tarefa)
      wake()
    },
    wasMade: async ({ _id }) => store.has(_id),
    toldLately: async ({ slug }, conversa, tipo) => {
      const since = clock.now().getTime() - TOLD_MS
      const made = await store.allOf(toFio(slug, conversa))
      return made.some((one) => one.tipo === tipo && one.criada_em.getTime() > since)
    },
  }
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
    wake,
    runRounds: () => rounds.run(),
    forget: () => store.forget(clock.now()),
    reassign: async ({ n, rev, canal: slug = '', conversa, idioma, contato }) => {
      const canal = contas.get(slug)
      if (!canal?.adapter.assign || !canSend(canal) || conversa === undefined) return
      const em = clock.now()
      await store.insert({
        _id: tarefaId(`protocolo:${n}:${rev}:${em.getTime()}`, 'reatribuir'),
        tipo: 'reatribuir',
        fila: 'chat',
        estado: 'pendente',
        protocolo: n,
        criada_em: em,
        vence_em: new Date(em.getTime() + SETTLE_MS),
        ordem: toOrdem(em),
        tentativas: 0,
        ...ofConversation({
          canal: slug,
          conversa,
          ...(idioma !== undefined && { idioma }),
          ...(contato !== undefined && { contato }),
        }),
      })
    },
    stop: async () => {
      await rounds.stop()
      await worker.stop()
      await contas.stop()
    },
  }
}
