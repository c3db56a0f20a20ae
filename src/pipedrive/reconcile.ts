import { MOST_LEADS } from '../../integrations/pipedrive/client.js'
import { MOST_LISTED } from '../../integrations/pipedrive/wire.js'
import { describe } from '../lib/logger.js'
import { LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import { repeat } from '../lib/repeat.js'
import type { PipedriveCore } from './connect.js'
import type { Inbound } from './inbound.js'
import { missingLeads } from './missing-leads.js'
import { ACCOUNT_COLLECTION, accountDocuments, readAccount, takeLease } from './model.js'
import { ensureWebhooks } from './setup.js'

/** Overlap with the last read, ms: clocks differ, and lists lag behind. */
const MARGIN_MS = 120_000
/** What needs further lists is read only this often, ms: deleted and archived deals, archived and deleted leads, users, our webhooks. */
const RARE_MS = 3_600_000
/** Each process tries this many times an interval to take the lease. */
const LOOK_PART = 4

/**
 * What webhooks lose (a ban loses all of half an hour: docs/vendors/pipedrive.md#lost-events) is found in lists of what
 * changed since the last read, with an overlap. One process does it for all.
 */
export function startReconciliation(core: PipedriveCore, inbound: Inbound) {
  const { config, connection, pipedrive, clock, random, logger, limits } = core
  const intervalMs = config.PIPEDRIVE_RECONCILIAR_MIN * 60_000
  const known = accountDocuments(connection, 'reconciliacao')
  const started = clock.now()

  /** The lease is held until the next run, so that one replica runs for all. */
  const take = () => takeLease({ connection, clock, colecao: ACCOUNT_COLLECTION, id: 'reconciliacao', ms: intervalMs })

  /**
   * Up to when the last run has read. Before the first run: the time of the first start, stored so that a restart does
   * not move it.
   */
  async function lastLook() {
    const before = await readAccount(connection, 'reconciliacao')
    if (before?.ate) return { ate: before.ate, raras_em: before.raras_em }
    await known.updateOne(
      { _id: 'reconciliacao' },
      { $set: { ate: started }, $setOnInsert: { lease: '', lease_ate: started } },
      { upsert: true, ...LIMIT },
    )
    return { ate: started, raras_em: undefined }
  }

  async function reconcile(): Promise<void> {
    const before = await lastLook()
    await core.ensureCompany()
    const began = clock.now()
    const since = new Date(before.ate.getTime() - MARGIN_MS)
    const rarely = began.getTime() - (before.raras_em?.getTime() ?? 0) >= RARE_MS
    const deals = await pipedrive.dealsSince(since)
    const activities = await pipedrive.activitiesSince(since)
    const leads = config.PIPEDRIVE_CRIAR === 'lead' ? await pipedrive.leadsSince(since) : []
    await inbound.deals(deals)
    await inbound.activities(activities)
    if (config.PIPEDRIVE_CRIAR === 'lead') {
      await inbound.leads(leads)
      if (rarely) {
        await inbound.leads(await pipedrive.archivedLeads())
        for (const lead_id of await missingLeads(core))
          await inbound.event({ chave: '', objeto: 'lead', id: 0, lead_id, excluido: false })
      }
    }
    const ate = new Date(Math.min(endOf(deals, began), endOf(activities, began), endOf(leads, began, MOST_LEADS)))
    if (rarely) {
      const last = (before.raras_em ?? before.ate).getTime()
      await inbound.deals(await pipedrive.dealsSince(new Date(last - MARGIN_MS), { status: 'deleted' }))
      await inbound.deals(await pipedrive.archivedSince(new Date(last - MARGIN_MS)))
      await inbound.users()
      if (config.PIPEDRIVE_DONO_CONHECIDO === 'sim')
        await inbound.persons(await pipedrive.personsSince(new Date(last - MARGIN_MS)))
    }
    await known.updateOne(
      { _id: 'reconciliacao' },
      { $set: omitUndefined({ ate, concordou_em: clock.now(), raras_em: rarely ? began : undefined }) },
      LIMIT,
    )
    // Last, since it may fail every time (the account's limit of webhooks) and must not hold up the rest.
    if (rarely) await mendWebhooks()
  }

  async function mendWebhooks(): Promise<void> {
    const made = await ensureWebhooks(core)
    if (made > 0) logger.warn({ made }, 'webhooks of Pipedrive were gone and are made again')
  }

  const onTime = (): (() => Promise<void>) =>
    repeat({
      name: 'pipedrive.reconcile',
      clock,
      random,
      everyMs: intervalMs / LOOK_PART,
      jitter: 0.2,
      work: async () => {
        if (limits.pausedMs() === 0 && (await take())) await reconcile()
      },
      onError: (error) => logger.warn(describe(error), 'the reconciliation with Pipedrive will be tried again'),
    })

  return {
    /** Now, instead of at its time. */
    run: reconcile,
    stop: intervalMs === 0 ? async () => undefined : onTime(),
  }
}

/** Up to when a list reaches: now, unless it was cut at its limit. */
function endOf(
  list: readonly { readonly update_time?: string | null | undefined }[],
  now: Date,
  most = MOST_LISTED,
): number {
  const last = list.length < most ? undefined : list.at(-1)?.update_time
  return last == null ? now.getTime() : Math.min(now.getTime(), Date.parse(last))
}
