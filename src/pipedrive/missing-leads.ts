import { LIMIT } from '../lib/mongo.js'
import type { PipedriveCore } from './connect.js'

/** Leads that are read in one round; each costs 2 tokens, and 10 more where it is gone. */
export const MOST_READ = 20
/** Leads of our customers that are compared in one round. */
const MOST_KNOWN = 2_000
const HOUR_MS = 3_600_000
/** From the first to behind the last of all UUIDs. */
const UUIDS = { $gte: '0', $lte: 'g' }

/**
 * Leads of our customers that the account's latest ones are not among: no list tells which were deleted
 * (docs/vendors/pipedrive.md#leads). They are old, or gone: only reading each shows that.
 */
export async function missingLeads(
  { clientes, pipedrive, clock }: Pick<PipedriveCore, 'clientes' | 'pipedrive' | 'clock'>,
  round = Math.floor(clock.now().getTime() / HOUR_MS),
): Promise<string[]> {
  const options = { projection: { lead_id: 1 }, limit: MOST_KNOWN, ...LIMIT }
  const known = await clientes.find({ lead_id: UUIDS }, options).toArray()
  if (known.length === 0) return []
  const living = new Set((await pipedrive.latestLeads()).map(({ id }) => id))
  const missing = new Set(known.flatMap(({ lead_id }) => (lead_id === undefined ? [] : [lead_id])))
  for (const id of living) missing.delete(id)
  return inTurn([...missing].sort(), round)
}

/** Some of them, and the next ones in the next round. */
export function inTurn<T>(all: readonly T[], round: number): T[] {
  const start = all.length === 0 ? 0 : (round * MOST_READ) % all.length
  return [...all.slice(start), ...all.slice(0, start)].slice(0, MOST_READ)
}
