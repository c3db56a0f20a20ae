import type { Connection } from 'mongoose'
import { LONG_LIMIT } from '../lib/mongo.js'
import { StartError } from '../lib/start-error.js'
import { counters } from '../vez/commit/store.js'

/**
 * How far protocols can be ahead of a `vez` that was restored: as many as `pendentes` holds
 * (docs/guarantees.md#after-a-restore).
 */
const AHEAD = 256

const protocolos = (connection: Connection) => connection.collection<{ _id: number }>('protocolos')

export async function hasProtocolos(connection: Connection): Promise<boolean> {
  return (await protocolos(connection).findOne({}, { projection: { _id: 1 }, ...LONG_LIMIT })) !== null
}

/**
 * Refuses a database whose `vez` is missing, or lower than its protocols: numbers would be given twice. A number beyond `seq`
 * may have been given while we looked, so `vez` is read again before it is called a fault.
 */
export async function checkSequence(connection: Connection): Promise<void> {
  const seq = await readSeq(connection)
  if (seq === undefined) {
    throw new StartError('O banco tem protocolos mas não o documento vez. Rode npm run reparar e comece de novo.')
  }
  const ahead = Array.from({ length: AHEAD }, (_, index) => seq + 1 + index)
  const found = await protocolos(connection)
    .find({ _id: { $in: ahead } }, { projection: { _id: 1 }, ...LONG_LIMIT })
    .toArray()
  const highest = Math.max(0, ...found.map(({ _id }) => _id))
  if (highest > seq && ((await readSeq(connection)) ?? 0) < highest) {
    throw new StartError(
      `O documento vez está atrás dos protocolos (número ${highest}), como depois de uma restauração. Rode npm run reparar e comece de novo.`,
    )
  }
}

async function readSeq(connection: Connection): Promise<number | undefined> {
  const found = await counters(connection).findOne<{ seq: number }>(
    { _id: 'vez' },
    { projection: { seq: 1 }, ...LONG_LIMIT },
  )
  return found?.seq
}
