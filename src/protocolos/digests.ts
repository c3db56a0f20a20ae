import { mongo } from 'mongoose'
import { isDuplicateKey, LIMIT } from '../lib/mongo.js'
import type { Vez } from '../vez/document.js'
import { type Digest, type DigestRow, digestOf, fromDigest, numbersOf, toDigest } from './digest.js'
import { pendingOf, type Reader } from './reader.js'
import { NOTHING_PENDING, walk } from './walk.js'

/** Digests that are read by one query, some 20 kB each. */
const CHUNK = 20
/** Digests whose time is read by one query. */
const SPANS = 100
/** How long the database rests after each read of the work, ms at most: a process that starts on a large database has much of it. */
const MAX_REST_MS = 100

type Span = Pick<Digest, '_id' | 'de' | 'ate'>

/**
 * The digests of protocols: what lists and reports read instead of a thousand documents each. A digest is made once, when all
 * its protocols have been copied, by whichever process is first, and is never changed.
 */
export class Digests {
  readonly #reader: Reader
  readonly #known = new Map<number, Span>()
  #isChecked = false

  constructor(reader: Reader) {
    this.#reader = reader
  }

  has(digest: number): boolean {
    return this.#known.has(digest)
  }

  /** How many of these numbers' digests there are not. */
  missing(from: number, to: number): number {
    let count = 0
    for (let digest = digestOf(from); digest <= digestOf(to); digest += 1) if (!this.has(digest)) count += 1
    return from > to ? 0 : count
  }

  /** Those that hold a protocol of this time, both included. */
  within(from: number, to: number): number[] {
    return [...this.#known.values()]
      .filter(({ de, ate }) => ate.getTime() >= from && de.getTime() <= to)
      .map(({ _id }) => _id)
  }

  /** Their rows, in the order asked for; `undefined` for one that is not there any more. */
  async *read(
    digests: readonly number[],
  ): AsyncGenerator<readonly [digest: number, rows: readonly DigestRow[] | undefined]> {
    for (let start = 0; start < digests.length; start += CHUNK) {
      await this.#reader.letPass()
      const chunk = digests.slice(start, start + CHUNK)
      const found = await this.#collection.find({ _id: { $in: chunk } }, LIMIT).toArray()
      const byId = new Map(found.map((one) => [one._id, one]))
      for (const digest of chunk) {
        const one = byId.get(digest)
        if (!one) this.#known.delete(digest)
        yield [digest, one && fromDigest({ ...one, colunas: bytesOf(one.colunas) })]
      }
    }
  }

  /**
   * Makes those that are missing, the newest first.
   *
   * @param vez a snapshot; of what it still holds in `pendentes` nothing is made
   * @param goesOn false ends the work early
   */
  async build(vez: Vez, goesOn: () => boolean): Promise<void> {
    const last = digestOf(vez.seq + 1) - 1
    const open = new Set(pendingOf(vez).map(({ n }) => digestOf(n)))
    if (!this.#isChecked) {
      // Of a sequence that a restore has put back: its numbers are given again, to others.
      await this.#collection.deleteMany({ _id: { $gt: last } }, LIMIT)
      this.#isChecked = true
    }
    const missing = Array.from({ length: last + 1 }, (_, index) => last - index).filter(
      (one) => !this.has(one) && !open.has(one),
    )
    for (let start = 0; start < missing.length && goesOn(); start += SPANS) {
      const chunk = missing.slice(start, start + SPANS)
      const spans = { projection: { de: 1, ate: 1 }, ...LIMIT }
      const there = await this.#collection.find({ _id: { $in: chunk } }, spans).toArray()
      for (const one of there) this.#known.set(one._id, one)
    }
    for (const digest of missing) {
      if (!goesOn()) return
      if (!this.has(digest)) await this.#make(digest, goesOn)
    }
  }

  async #make(digest: number, goesOn: () => boolean): Promise<void> {
    const { protocolos, clock, letPass } = this.#reader
    const range = {
      along: 'n',
      ...numbersOf(digest),
      equals: [{}],
      descending: false,
      pending: NOTHING_PENDING,
    } as const
    const rows: DigestRow[] = []
    let began = clock.elapsed()
    for await (const found of walk(protocolos, range)) {
      rows.push(...found)
      if (!goesOn()) return
      await clock.wait(Math.min(MAX_REST_MS, clock.elapsed() - began))
      await letPass()
      began = clock.elapsed()
    }
    const made = toDigest(digest, rows)
    await this.#collection.insertOne(made, LIMIT).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error
    })
    this.#known.set(digest, made)
  }

  get #collection() {
    return this.#reader.protocolos.db.collection<Digest>('protocolos_resumos')
  }
}

/** As the driver hands bytes out. */
const bytesOf = (stored: unknown): Buffer =>
  stored instanceof mongo.Binary ? Buffer.from(stored.buffer) : Buffer.from([])
