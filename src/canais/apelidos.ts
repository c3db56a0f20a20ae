import type { Connection } from 'mongoose'
import { type Cached, cached } from '../lib/cached.js'
import type { Clock } from '../lib/clock.js'
import { isDuplicateKey, LIMIT } from '../lib/mongo.js'

/** How old what a process knows may be, ms. */
const FRESH_MS = 1_000
/** Ids that are kept of one phone. */
const MAX_PER_PHONE = 4
/** After so long an id is dropped whose phone is no consultor's any more, ms. */
const UNUSED_MS = 86_400_000

/** An id by which a consultor's phone may write without being told. */
interface Apelido {
  /** As contacts have it: with the account's slug before it. */
  readonly _id: string
  readonly telefone: string
  readonly em: Date
}

/** The ids of consultores beside their phones: few, durable, and the same for all processes within a second. */
export class Apelidos {
  readonly #collection
  readonly #clock: Clock
  readonly #known: Cached<ReadonlyMap<string, Apelido>>

  constructor(connection: Connection, clock: Clock) {
    this.#collection = connection.collection<Apelido>('apelidos')
    this.#clock = clock
    this.#known = cached(clock, FRESH_MS, async () => {
      const all = await this.#collection.find({}, LIMIT).toArray()
      return new Map(all.map((one) => [one._id, one]))
    })
  }

  /** The phone that one of these ids came with. */
  async phoneOf(ids: readonly string[]): Promise<string | undefined> {
    const known = await this.#known.get()
    return ids.map((id) => known.get(id)?.telefone).find((one) => one !== undefined)
  }

  /** @param isUsed is this phone a consultor's? */
  async learn(ids: readonly string[], telefone: string, isUsed: (telefone: string) => boolean): Promise<void> {
    const known = await this.#known.get()
    const added = ids.filter((id) => known.get(id)?.telefone !== telefone).slice(0, MAX_PER_PHONE)
    if (added.length === 0) return
    const em = this.#clock.now()
    for (const _id of added) {
      await this.#collection
        .updateOne({ _id }, { $set: { telefone, em } }, { upsert: true, ...LIMIT })
        .catch((error: unknown) => {
          // Another process has learnt it at the same moment.
          if (!isDuplicateKey(error)) throw error
        })
    }
    const others = [...known.values()].filter(({ _id }) => !added.includes(_id))
    const his = others.filter((one) => one.telefone === telefone).sort((one, other) => +other.em - +one.em)
    const unused = others.filter((one) => +em - +one.em > UNUSED_MS && !isUsed(one.telefone))
    await this.#remove([...his.slice(MAX_PER_PHONE - added.length), ...unused].map(({ _id }) => _id))
    this.#known.forget()
  }

  /** These are somebody else's. */
  async forget(ids: readonly string[]): Promise<void> {
    const known = await this.#known.get()
    await this.#remove(ids.filter((id) => known.has(id)))
  }

  async #remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    await this.#collection.deleteMany({ _id: { $in: [...ids] } }, LIMIT)
    this.#known.forget()
  }
}
