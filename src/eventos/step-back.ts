import type { Clock } from '../lib/clock.js'
import type { VezService } from '../vez/service.js'
import type { HistorySource } from './history.js'

/** How long a read waits for the turns that are being decided, ms at most. */
const STEP_BACK_MS = 200
/** How long the database rests between two reads while turns are given, ms at most. */
const MAX_REST_MS = 250

/**
 * What readers of the whole ledger await before each read, one function a reader: that turns are decided first; and while turns are
 * given, that the database did nothing else for as long as the read before took. So most turns meet no read.
 */
export function stepBack(vez: Pick<VezService, 'letPass' | 'latest'>, clock: Clock): () => Promise<void> {
  let versao = vez.latest()?.versao
  let began = clock.elapsed()
  return async () => {
    const rest = Math.min(MAX_REST_MS, clock.elapsed() - began)
    const latest = vez.latest()?.versao
    if (latest !== versao) await clock.wait(rest)
    versao = latest
    await vez.letPass(STEP_BACK_MS)
    began = clock.elapsed()
  }
}

/** What a route that reads the whole ledger needs. */
export interface LedgerReader extends Pick<HistorySource, 'connection'> {
  readonly vez: VezService
  readonly clock: Clock
}

/** The ledger for one request that reads the whole of it: it steps back for turns. */
export const wholeLedger = ({ connection, vez, clock }: LedgerReader): HistorySource => ({
  connection,
  letPass: stepBack(vez, clock),
})
