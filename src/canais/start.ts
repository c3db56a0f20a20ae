import type Router from '@koa/router'
import type { Core } from '../core.js'
import type { AnyRoute } from '../http/route.js'
import { httpClient } from '../lib/http-client.js'
import { describe } from '../lib/logger.js'
import { omitUndefined } from '../lib/omit.js'
import { perKey } from '../lib/per-key.js'
import { repeat } from '../lib/repeat.js'
import { secretBox } from '../lib/secret-box.js'
import { TokenBucket } from '../lib/token-bucket.js'
import { type Protocolo, protocoloModel } from '../protocolos/model.js'
import { newTarefa, ofConversation } from '../tarefas/model.js'
import { tarefaStore } from '../tarefas/store.js'
import { startWorker } from '../tarefas/worker.js'
import { type Canal, startContas } from './accounts.js'
import { Apelidos } from './apelidos.js'
import { canSend } from './ask.js'
import { chatHandlers } from './deliver.js'
import type { ChatDeps } from './deps.js'
import { EventLog, type EventReport } from './event-log.js'
import { eventStore } from './event-store.js'
import { syncHours } from './hours.js'
import { canalModel } from './model.js'
import { startRounds } from './rounds.js'
import { canalRoutes } from './routes.js'
import { textPhone } from './text-phone.js'
import { webhookRouter } from './webhook.js'

/** Delay of an assignment: it is stored before the change of the protocol that it is about, and must come after it. */
const SETTLE_MS = 2_000
/** Rate limit of calls to the platform of one account. */
const CALLS_PER_SECOND = 5
const CALLS_BURST = 20
/** How often it is looked whether the turn knows the accounts' hours. */
const HOURS_MS = 5_000

/** The chat side of the service: accounts, webhooks in, work out. */
export interface Chat {
  readonly routes: readonly AnyRoute[]
  readonly webhooks: Router
  /** Who is there at the platforms, and what their webhooks lost: now, instead of at its time. */
  readonly runRounds: () => Promise<void>
  /** The conversation goes to whoever has the customer now: made durable before the change. */
  readonly reassign: (before: Protocolo) => Promise<void>
  readonly accountOf: (slug: string) => Canal | undefined
  readonly accounts: () => readonly Canal[]
  /** The last events of an account, and what those of 24 hours counted as. */
  readonly eventsOf: (canal: Canal) => Promise<EventReport>
  /** Writes to a telephone by an account. Throws an AppError that says what is wrong. */
  readonly textPhone: (slug: string, telefone: string, text: string) => Promise<void>
  stop(): Promise<void>
}

/** Reads the accounts and starts the worker of the outbox. Throws a StartError when the accounts' secrets do not open. */
export async function startChat(
  core: Core,
  { owed, follow, prefer }: Pick<ChatDeps, 'owed' | 'follow' | 'prefer'>,
): Promise<Chat> {
  const { config, connection, clock, masterKeys, outbox } = core
  const canais = canalModel(connection)
  const [first, ...rest] = masterKeys
  const box = first === undefined ? undefined : secretBox([first, ...rest])
  const contas = await startContas({ ...core, canais, box })
  const events = new EventLog(eventStore(connection), core)
  const deps: ChatDeps = {
    ...core,
    protocolos: protocoloModel(connection),
    canais,
    contas,
    apelidos: new Apelidos(connection, clock),
    box,
    http: httpClient(config.DESTINOS_INTERNOS),
    events,
    owed,
    prefer,
    follow,
    emailOf: (slug, agent) => rounds.emailOf(slug, agent),
  }
  await syncHours(deps)
  const stopHours = repeat({
    name: 'canais.hours',
    clock,
    random: core.random,
    everyMs: HOURS_MS,
    work: () => syncHours(deps),
    onError: (error) => core.logger.warn(describe(error), 'the hours of the accounts will be looked at again'),
  })
  const bucketOf = perKey(() => new TokenBucket(clock, CALLS_PER_SECOND, CALLS_BURST))
  const worker = startWorker({
    ...core,
    store: tarefaStore(connection, 'chat'),
    observer: core.workerObserver('chat'),
    handlers: chatHandlers(deps),
    limit: (canal) => bucketOf(canal).take(),
  })
  outbox.onNew('chat', worker.wake)
  const rounds = startRounds(deps)
  return {
    routes: canalRoutes(deps),
    webhooks: webhookRouter(deps),
    runRounds: rounds.run,
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
    accountOf: contas.get,
    accounts: contas.all,
    eventsOf: (canal) => events.read(canal),
    textPhone: (slug, telefone, text) => textPhone(deps, slug, telefone, text),
    stop: async () => {
      await stopHours()
      await rounds.stop()
      await worker.stop()
      await events.stop()
      await contas.stop()
    },
  }
}
