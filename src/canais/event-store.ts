import type { Connection } from 'mongoose'
import { LIMIT } from '../lib/mongo.js'
import type { EventEntry } from './event-entry.js'
import type { CanalGuardado } from './model.js'

export const MOST_EVENTS = 20
const HOUR_MS = 3_600_000
/** The current hour and those before it that are counted. */
const HOURS = 24

/** Which account: another one may later have the same slug. */
export interface AccountKey {
  readonly slug: string
  readonly criado_em: Date
}

/** Counts of whole hours: the hour (since 1970) → what the events counted as → how many. */
export type Hours = ReadonlyMap<number, ReadonlyMap<string, number>>

/** What is to be added to an account's document. */
export interface EventBatch extends AccountKey {
  readonly eventos: readonly EventEntry[]
  readonly hours: Hours
}

export interface Unwritten {
  readonly batch: EventBatch
  readonly error: unknown
}

interface EventDocument {
  /** The slug. */
  readonly _id: string
  readonly conta: Date
  readonly eventos: EventEntry[]
  /** `h<hour>` → counts. */
  readonly horas: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export const hourOf = (at: Date): number => Math.floor(at.getTime() / HOUR_MS)

/** Is this hour one of the last 24? */
export const isRecent = (hour: number, now: Date): boolean => hour > hourOf(now) - HOURS

const toKey = (hour: number): string => `h${hour}`
const toHour = (key: string): number => Number(key.slice(1))

/** The last events of each account and how many there were: one bounded document an account. */
export interface EventStore {
  /** Adds to the documents; what belongs to accounts that are gone is dropped. Returns the batches that were not written. */
  add(batches: readonly EventBatch[], now: Date): Promise<readonly Unwritten[]>
  read(account: AccountKey): Promise<{ readonly eventos: readonly EventEntry[]; readonly hours: Hours }>
  remove(slug: string): Promise<void>
}

export function eventStore(connection: Connection): EventStore {
  const collection = connection.collection<EventDocument>('canais_eventos')
  const accounts = connection.collection<CanalGuardado>('canais')

  async function addOne(batch: EventBatch, stored: EventDocument | undefined, now: Date): Promise<void> {
    const { slug, criado_em, eventos, hours } = batch
    if (stored && stored.conta.getTime() !== criado_em.getTime()) {
      await collection.deleteOne({ _id: slug, conta: stored.conta }, LIMIT)
    }
    const counts = [...hours].flatMap(([hour, counted]) =>
      isRecent(hour, now) ? [...counted].map(([name, count]) => [`horas.${toKey(hour)}.${name}`, count] as const) : [],
    )
    const old = Object.keys(stored?.horas ?? {}).filter((key) => !isRecent(toHour(key), now))
    await collection.updateOne(
      { _id: slug, conta: criado_em },
      {
        $push: { eventos: { $each: [...eventos], $slice: -MOST_EVENTS } },
        ...(counts.length > 0 && { $inc: Object.fromEntries(counts) }),
        ...(old.length > 0 && { $unset: Object.fromEntries(old.map((key) => [`horas.${key}`, '' as const])) }),
      },
      { upsert: true, ...LIMIT },
    )
  }

  return {
    async add(batches, now) {
      const _id = { $in: batches.map(({ slug }) => slug) }
      const [existing, stored] = await Promise.all([
        accounts.find({ _id }, { projection: { criado_em: 1 }, ...LIMIT }).toArray(),
        collection.find({ _id }, { projection: { conta: 1, horas: 1 }, ...LIMIT }).toArray(),
      ])
      const isThere = ({ slug, criado_em }: EventBatch): boolean =>
        existing.some((one) => one._id === slug && one.criado_em.getTime() === criado_em.getTime())
      const written = await Promise.all(
        batches.filter(isThere).map(async (batch) => {
          const before = stored.find((one) => one._id === batch.slug)
          return addOne(batch, before, now).then(
            () => [],
            (error: unknown) => [{ batch, error }],
          )
        }),
      )
      return written.flat()
    },
    async read({ slug, criado_em }) {
      const found = await collection.findOne({ _id: slug, conta: criado_em }, LIMIT)
      const hours = Object.entries(found?.horas ?? {}).map(
        ([key, counts]) => [toHour(key), new Map(Object.entries(counts))] as const,
      )
      return { eventos: found?.eventos ?? [], hours: new Map(hours) }
    },
    async remove(slug) {
      await collection.deleteOne({ _id: slug }, LIMIT)
    },
  }
}
