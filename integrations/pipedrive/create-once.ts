import { PipedriveFailure } from './failure.js'
import type { Sync, SyncState, SyncStep } from './sync-state.js'
import type { Mark } from './wire.js'

/**
 * Wait after an unknown outcome before looking for the record: longer than a call takes, and longer than the index was
 * seen to lag.
 */
const SETTLE_MS = 60_000
/** Margin of the search: clocks differ, and lists filter by whole seconds. */
const MARGIN_MS = 120_000

export interface Creation<T> {
  /** Looks for a record that an earlier attempt may have made since then. */
  readonly find: (since: Date) => Promise<T | undefined>
  readonly make: (mark: Mark) => Promise<T>
}

/**
 * Makes a record, unless an earlier attempt may have made it and it is found: Pipedrive knows no idempotency key
 * (docs/vendors/pipedrive.md#no-idempotency-key).
 *
 * @returns what is known of it, as its id
 * @throws PipedriveFailure; `a_conferir` while it is too early to look
 */
export async function createOnce<T = number>(
  { store, now }: Sync,
  { marca }: SyncState,
  passo: SyncStep,
  { find, make }: Creation<T>,
): Promise<T> {
  if (marca?.passo === passo) {
    const waitMs = marca.em.getTime() + SETTLE_MS - now().getTime()
    if (waitMs > 0) throw new PipedriveFailure('sem_resposta', 0, { code: 'a_conferir', waitMs })
    const found = await find(new Date(marca.em.getTime() - MARGIN_MS))
    if (found !== undefined) return found
  }
  try {
    return await make(() => store.mark(passo))
  } catch (error) {
    if (error instanceof PipedriveFailure && error.isUndone) await store.keep({ marca: undefined })
    throw error
  }
}
