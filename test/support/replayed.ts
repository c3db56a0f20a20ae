import type { Connection } from 'mongoose'
import { type Verification, verify } from '../../src/eventos/verify.js'
import { systemClock } from '../../src/lib/clock.js'
import { readVez } from '../../src/vez/commit/store.js'

/** What the product's own check says of the whole ledger, as `npm run verificar` does. */
export const replayed = async (connection: Connection): Promise<Verification> =>
  verify({ connection, clock: systemClock, letPass: async () => undefined, anew: true }, await readVez(connection))
