import type { Connection } from 'mongoose'
import { mongo } from 'mongoose'
import type { Pipedrive } from '../../integrations/pipedrive/api.js'
import type { Clock } from '../lib/clock.js'
import { describe, type Logger } from '../lib/logger.js'
import type { Look } from './look.js'
import { conta } from './model.js'

const MAX_TIME_MS = 3_000
const DUPLICATE_KEY = 11_000
/** Clocks differ, and a list may be behind. */
const MARGIN_MS = 120_000
/** What costs a list more is looked at so often only: deleted deals, users, our webhooks. */
const RARE_MS = 3_600_000
/** The turn of this process comes again within this part of the interval. */
const LOOK_PART = 4

export interface ReconcileDeps {
  readonly connection: Connection
  readonly pipedrive: Pipedrive
  readonly look: Look
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  /** 0: never by itself. */
  readonly intervalMs: number
  /** Makes a webhook again that is not there any more. */
  readonly ensureWebhooks: () => Promise<void>
  /** Nobody calls now. */
  readonly isPaused: () => boolean
}

export interface Reconciliation {
  /** Now, instead of at its time. */
  run(): Promise<void>
  stop(): Promise<void>
}

/**
 * What webhooks lose (a ban loses all of half an hour: reference 3) is found by lists of what changed since the last look, with
 * a margin. One process does it for all.
 */
export function startReconciliation(deps: ReconcileDeps): Reconciliation {
  const { connection, pipedrive, look, clock, random, logger, intervalMs, isPaused } = deps
  const known = conta(connection, 'reconciliacao')
  let running: Promise<void> = Promise.resolve()
  let cancel = (): void => undefined
  let stopped = false

  /** Whoever gets it looks, for all replicas. */
  async function take(): Promise<boolean> {
    const agora = clock.now()
    const lease_ate = new Date(agora.getTime() + intervalMs)
    const { matchedCount } = await known.updateOne(
      { _id: 'reconciliacao', lease_ate: { $lte: agora } },
      { $set: { lease_ate } },
      { maxTimeMS: MAX_TIME_MS },
    )
    if (matchedCount === 1) return true
    try {
      await known.insertOne({ _id: 'reconciliacao', lease_ate })
      return true
    } catch (error) {
      if (error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY) return false
      throw error
    }
  }

  async function reconcile(): Promise<void> {
    const before = await known.findOne({ _id: 'reconciliacao' }, { maxTimeMS: MAX_TIME_MS })
    const began = clock.now()
    const since = new Date((before?.ate ?? began).getTime() - MARGIN_MS)
    const rarely = began.getTime() - (before?.raras_em?.getTime() ?? 0) >= RARE_MS
    await look.deals(await pipedrive.dealsSince(since))
    await look.activities(await pipedrive.activitiesSince(since))
    if (rarely) {
      const last = before?.raras_em?.getTime() ?? since.getTime() + MARGIN_MS
      await look.deals(await pipedrive.dealsSince(new Date(last - MARGIN_MS), { status: 'deleted' }))
      await look.users()
      await deps.ensureWebhooks()
    }
    await known.updateOne(
      { _id: 'reconciliacao' },
      {
        $set: { ate: began, concordou_em: clock.now(), ...(rarely && { raras_em: began }) },
        $setOnInsert: { lease_ate: began },
      },
      { upsert: true, maxTimeMS: MAX_TIME_MS },
    )
  }

  async function onTime(): Promise<void> {
    try {
      if (!isPaused() && (await take())) await reconcile()
    } catch (error) {
      logger.warn(describe(error), 'the reconciliation with Pipedrive will be tried again')
    }
  }

  function schedule(): void {
    if (stopped || intervalMs === 0) return
    cancel = clock.after((intervalMs / LOOK_PART) * (0.8 + random() * 0.4), () => {
      running = onTime().then(schedule)
    })
  }
  schedule()

  return {
    run: reconcile,
    stop: async () => {
      stopped = true
      cancel()
      await running
      cancel()
    },
  }
}
