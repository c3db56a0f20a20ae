import { mongo } from 'mongoose'
import type { Clock } from '../../lib/clock.js'
import type { EngineProcess } from './engine-process.js'

/** Between two looks, ms; jittered. */
const LOOK_MS = 1_000
/** So many reads in a row that fail while the engine answers pings: it will not read again. */
const FAILED_READS = 3
/** A read that is not answered for so long, while pings are, counts as failed for good, ms: a busy machine needs many seconds. */
const SILENT_MS = 30_000
const CONNECT_MS = 5_000

/** The server is not failing, but changing its state: not primary (yet), recovering, shutting down. */
const STATE_CHANGES: ReadonlySet<unknown> = new Set([91, 189, 10_107, 11_600, 11_602, 13_435, 13_436])

/**
 * Resolves with `true` once a running engine answers pings but no reads, as one does whose disk was full: it stays so for ever,
 * also when there is space again. `false`: it has ended by itself, or is to end. Its connection is closed by then: an engine that
 * is told to end while one comes in waits for the end of that one.
 *
 * @param toEnd resolves when the engine is told to end
 */
export async function stopsReading(
  engine: EngineProcess,
  uri: string,
  clock: Clock,
  random: () => number,
  toEnd: Promise<void>,
): Promise<boolean> {
  const client = new mongo.MongoClient(uri, {
    directConnection: true,
    maxPoolSize: 1,
    serverSelectionTimeoutMS: CONNECT_MS,
    connectTimeoutMS: CONNECT_MS,
    socketTimeoutMS: SILENT_MS,
  })
  let isOver = false
  let tell = (): void => undefined
  void Promise.race([engine.ended, toEnd]).then(() => {
    isOver = true
    tell()
  })
  /** What the work gives, or nothing once it is over. No race with the end: each would be kept as long as the engine runs. */
  const unlessOver = <T>(work: Promise<T>): Promise<T | undefined> =>
    new Promise((resolve) => {
      tell = () => resolve(undefined)
      if (isOver) tell()
      void work.then(resolve)
    })
  try {
    let failed = 0
    while (!isOver) {
      const read = await unlessOver(look(client))
      failed = read === 'failed' ? failed + 1 : 0
      if (read === 'silent' || failed === FAILED_READS) return !engine.hasEnded()
      await unlessOver(pause(clock, LOOK_MS * (0.5 + random())))
    }
    return false
  } finally {
    await client.close()
  }
}

/** A majority read of nothing: it goes through the engine's storage, and costs it no document. */
async function look(client: mongo.MongoClient): Promise<'read' | 'failed' | 'silent'> {
  try {
    const options = { readConcern: new mongo.ReadConcern('majority'), projection: { _id: 1 } }
    await client.db().collection<{ _id: string }>('counters').findOne({ _id: '' }, options)
    return 'read'
  } catch (error) {
    if (STATE_CHANGES.has(Object(error).code) || !(await pings(client))) return 'read'
    if (error instanceof mongo.MongoNetworkTimeoutError) return 'silent'
    return error instanceof mongo.MongoServerError ? 'failed' : 'read'
  }
}

const pings = (client: mongo.MongoClient): Promise<boolean> =>
  client
    .db()
    .command({ ping: 1 })
    .then(
      () => true,
      () => false,
    )

/** Keeps no process alive, as `clock.wait` would. */
const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.after(ms, resolve, 'database.look'))
