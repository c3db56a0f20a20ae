import type { Connection } from 'mongoose'
import { Registry } from 'prom-client'
import { createApp } from './app.js'
import { startChat } from './canais/start.js'
import { chaveModel } from './chaves/model.js'
import type { Config } from './config.js'
import type { Core, ServiceOptions } from './core.js'
import { onConnectionLost } from './database/connect.js'
import { copyEventos, eventoCollection, writeRoster } from './eventos/model.js'
import { addressReader } from './http/address.js'
import { localTime } from './lib/local-time.js'
import { describe } from './lib/logger.js'
import { createMetrics } from './lib/metrics.js'
import { LIMIT } from './lib/mongo.js'
import { repeat } from './lib/repeat.js'
import { StartError } from './lib/start-error.js'
import { startPainel } from './painel/start.js'
import { followInPipedrive, owedToPipedrive } from './pipedrive/owed.js'
import { endContinued } from './protocolos/continuation.js'
import { copyProtocolos } from './protocolos/copy.js'
import { Digests } from './protocolos/digests.js'
import { protocoloModel } from './protocolos/model.js'
import { openProtocolos } from './protocolos/open.js'
import { priorProtocolos } from './protocolos/prior.js'
import { applyRetention } from './protocolos/retention.js'
import type { BeforeChanged } from './protocolos/routes.js'
import { copyTarefas } from './tarefas/copy.js'
import { tarefaCollection } from './tarefas/model.js'
import { workerObservers } from './tarefas/observer.js'
import { createOutbox } from './tarefas/outbox.js'
import { counters } from './vez/commit/store.js'
import { look, vezObserver } from './vez/observer.js'
import { type Prefer, startVez, type VezOptions, type VezService } from './vez/service.js'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const FIRST_DIGESTS_MS = 2_000
const DIGESTS_MS = 10_000
/** How long the digests wait for turns before each read, at most. */
const DIGEST_STEP_BACK_MS = 200

/** Everything between a connected database and a listening port. */
export interface Service {
  readonly callback: ReturnType<ReturnType<typeof createApp>['callback']>
  /** Who is there at the chat platforms, and what their webhooks lost: now, instead of at its time. */
  readonly runRounds: () => Promise<void>
  /** What Pipedrive's webhooks lost: now, instead of at its time. */
  readonly reconcile: () => Promise<void>
  /** From now on `/ready` says no. */
  leave(): void
  /** Ends rounds and workers, answers the requests that wait, and copies what is pending. */
  stop(): Promise<void>
}

/**
 * Starts the turn and its workers, and makes the application. Throws a StartError when the database cannot be used: then
 * nothing is left running.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, connection, clock, random, logger, engine, ownKey } = options
  await requireKey(config, connection, ownKey)
  const importados = await importedCount(connection)
  const registry = new Registry()
  const outbox = createOutbox(connection)
  const observer = vezObserver(registry, logger)
  let turns: VezService | undefined
  const vez = await startVez({
    connection,
    clock,
    random,
    esperaIntervaloMs: config.ESPERA_INTERVALO_S * 1_000,
    // What the start itself copies is counted with everybody right after it.
    ...copiesOf(connection, (people) => turns?.recountLater(people)),
    fuso: config.FUSO,
    observer: {
      ...observer,
      copied(count, lagMs, tipos) {
        observer.copied(count, lagMs, tipos)
        outbox.copied(tipos)
      },
    },
  })
  turns = vez
  const core: Core = { ...options, registry, vez, outbox, workerObserver: workerObservers(registry) }
  const owed = owedToPipedrive(config)
  const follow = followInPipedrive(config, clock, outbox)
  // Pipedrive starts after the chat platforms, whose conversations it hands over.
  let preferred: Prefer | undefined
  const prefer: Prefer = async (command) => preferred?.(command)
  const chat = await startChat(core, { owed, follow, prefer }).catch(async (error) => {
    await vez.stop()
    throw error
  })
  const token = config.PIPEDRIVE_API_TOKEN
  // Loaded only with a token: Pipedrive's client takes about a quarter of the CPU time of a start.
  const pipedrive =
    token === undefined
      ? undefined
      : (await import('./pipedrive/start.js')).startPipedrive(core, token, { reassign: chat.reassign, follow })
  if (config.PIPEDRIVE_DONO_CONHECIDO === 'sim') preferred = pipedrive?.prefer
  onConnectionLost(connection, vez.forgetSnapshot)
  const metrics = createMetrics(registry, engine, () => look(vez))
  let up = true
  const isUp = (): boolean => up
  const protocolos = protocoloModel(connection)
  const digests = new Digests({ protocolos, clock, letPass: () => vez.letPass(DIGEST_STEP_BACK_MS) })
  const beforeChanged: BeforeChanged = async (before, moves) => {
    const { responsavel_id } = moves
    if (responsavel_id != null && responsavel_id !== before.responsavel_id) await chat.reassign(before)
    await follow(before, moves)
  }
  const addressOf = addressReader(config.PROXY_CONFIAVEL)
  const time = localTime(config.FUSO)
  const painel = startPainel({
    ...core,
    protocolos,
    lists: { vez, protocolos, clock, importados, digests, time },
    time,
    chat,
    pipedrive: pipedrive?.panel,
    beforeChanged,
    addressOf,
  })
  const parts = { metrics, importados, digests, isUp, chat, owed, prefer, pipedrive, beforeChanged, painel, addressOf }
  const app = createApp(core, parts)
  const stopDigests = repeat({
    name: 'protocolos.digests',
    clock,
    random,
    firstMs: FIRST_DIGESTS_MS,
    everyMs: DIGESTS_MS,
    work: async () => digests.build(await vez.readFresh(), isUp),
    onError: (error) => logger.warn(describe(error), 'the digests of protocols will be tried again'),
  })
  const stopRetention = repeat({
    name: 'protocolos.retention',
    clock,
    random,
    firstMs: MINUTE_MS,
    everyMs: HOUR_MS,
    work: async () => {
      await applyRetention({ protocolos, outbox, vez, clock, dias: config.RETENCAO_DIAS })
      await outbox.forget(clock.now())
    },
    onError: (error) => logger.warn(describe(error), 'the retention will be tried again'),
  })
  return {
    callback: app.callback(),
    runRounds: chat.runRounds,
    reconcile: async () => pipedrive?.reconcile(),
    leave: () => {
      up = false
      painel.leave()
    },
    stop: async () => {
      up = false
      await Promise.all([stopRetention(), stopDigests(), painel.stop()])
      await chat.stop()
      await pipedrive?.stop()
      await vez.stop()
    },
  }
}

/**
 * Where the turn looks earlier protocols up, and where its drain copies to.
 *
 * @param onEnded told of the responsáveis of protocols that a copy has ended
 */
export function copiesOf(
  connection: Connection,
  onEnded: (people: readonly number[]) => void = () => undefined,
): Pick<VezOptions, 'findPrior' | 'findOpen' | 'beginLedger' | 'copies'> {
  const protocolos = protocoloModel(connection)
  const tarefas = tarefaCollection(connection)
  const eventos = eventoCollection(connection)
  return {
    findPrior: priorProtocolos(protocolos),
    findOpen: openProtocolos(protocolos),
    beginLedger: (vez) => writeRoster(eventos, vez),
    copies: {
      insertProtocolos: (entries) => copyProtocolos(protocolos, entries),
      endContinued: (entries) => endContinued(protocolos, entries, onEnded),
      insertTarefas: (entries) => copyTarefas(tarefas, entries),
      insertEventos: (entries) => copyEventos(eventos, entries),
    },
  }
}

/** In production somebody must be able to call: the environment's key, or one of the database. */
async function requireKey(config: Config, connection: Connection, ownKey: string | undefined): Promise<void> {
  if (!config.production || ownKey !== undefined) return
  const found = await chaveModel(connection).findOne({ ativa: true, escopos: 'admin' }, null, LIMIT).lean()
  if (!found) {
    throw new StartError(
      'Em produção é preciso uma chave: defina AUTHENTICATION_API_KEY ou AUTHENTICATION_API_KEY_FILE (16 caracteres ou mais).',
    )
  }
}

/** How many protocols the import wrote. */
async function importedCount(connection: Connection): Promise<number> {
  const found = await counters(connection).findOne<{ total: number }>({ _id: 'importacao' }, LIMIT)
  return found?.total ?? 0
}
