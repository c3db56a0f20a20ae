import { setImmediate } from 'node:timers/promises'
import { mongo } from 'mongoose'
import { isDuplicateKey, LIMIT } from '../lib/mongo.js'
import type { Vez } from '../vez/document.js'
import { type Digest, type DigestRow, digestOf, fromDigest, numbersOf, toDigest } from './digest.js'
import type { Filter } from './filter.js'
import { pendingOf, type Reader } from './reader.js'
import { NOTHING_PENDING, walk } from './walk.js'

/** Digests that are read by one query, some 20 kB each. */
const CHUNK = 20
/** Digests that are kept in memory, the last read of them: 12 MB. */
const KEPT = 512
/** How long the database rests after each read of the work, ms at most: a process that starts on a large database has much of it. */
const MAX_REST_MS = 100

type Span = Pick<Digest, '_id' | 'de' | 'ate'>
type Columns = Pick<Digest, 'nomes' | 'colunas'>

/** Digests, both included. */
export interface DigestRun {
  readonly first: number
  readonly last: number
}

/**
 * The digests of protocols: what lists and reports read instead of a thousand documents each. A digest is made once, when all
 * its protocols have been copied, by whichever process is first, and is never changed.
 */
export class Digests {
  readonly #reader: Reader
  readonly #known = new Map<number, Span>()
  /** What has been read of them, the longest unused first. */
  readonly #kept = new Map<number, Columns>()
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

  /** The instant of each one's earliest protocol. */
  starts(): number[] {
    return [...this.#known.values()].map(({ de }) => de.getTime())
  }

  /** The numbers of a range by digest, in runs that follow each other in time as they do by number. */
  runs(from: number, to: number, { desde, ate }: Pick<Filter, 'desde' | 'ate'>): DigestRun[] {
    const runs: (DigestRun & { readonly ate: number })[] = []
    for (let digest = digestOf(from); digest <= digestOf(to); digest += 1) {
      const span = this.#known.get(digest)
      if (span && ((desde && span.ate < desde) || (ate && span.de >= ate))) continue
      const before = runs.at(-1)?.ate ?? Number.NEGATIVE_INFINITY
      let run = { first: digest, last: digest, ate: Math.max(before, span?.ate.getTime() ?? before) }
      // One that a clock dated before others, which have lower numbers: they are put in order together.
      for (let last = runs.at(-1); span && last && last.ate >= span.de.getTime(); last = runs.at(-1)) {
        runs.pop()
        run = { ...run, first: last.first }
      }
      runs.push(run)
    }
    return runs
  }

  /** Their rows, in the order asked for; `undefined` for one that is not there any more. */
  async *read(
    digests: readonly number[],
  ): AsyncGenerator<readonly [digest: number, rows: readonly DigestRow[] | undefined]> {
    for await (const [digest, columns] of this.columns(digests)) yield [digest, columns && fromDigest(columns)]
  }

  /** The same as they are stored. */
  async *columns(digests: readonly number[]): AsyncGenerator<readonly [digest: number, columns: Columns | undefined]> {
    for (let start = 0; start < digests.length; start += CHUNK) {
      const chunk = digests.slice(start, start + CHUNK)
      const unread = chunk.filter((one) => this.has(one) && !this.#kept.has(one))
      if (unread.length > 0) await this.#load(unread)
      // Many that are kept already would hold up all else.
      else await setImmediate()
      for (const digest of chunk) {
        const columns = this.#kept.get(digest)
        if (columns) this.#keep(digest, columns)
        else this.#known.delete(digest)
        yield [digest, columns]
      }
    }
  }

  async #load(digests: readonly number[]): Promise<void> {
    await this.#reader.letPass()
    const found = await this.#collection.find({ _id: { $in: [...digests] } }, LIMIT).toArray()
    for (const { _id, de, ate, nomes, colunas } of found) {
      this.#known.set(_id, { _id, de, ate })
      this.#keep(_id, { nomes, colunas: bytesOf(colunas) })
    }
  }

  #keep(digest: number, columns: Columns): void {
    this.#kept.delete(digest)
    this.#kept.set(digest, columns)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest)
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
    for (let start = 0; start < missing.length && goesOn(); start += CHUNK) {
      await this.#load(missing.slice(start, start + CHUNK))
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
    this.#known.set(digest, { _id: made._id, de: made.de, ate: made.ate })
  }

  get #collection() {
    return this.#reader.protocolos.db.collection<Digest>('protocolos_resumos')
  }
}

/** As the driver hands bytes out. */
const bytesOf = (stored: unknown): Buffer =>
  stored instanceof mongo.Binary ? Buffer.from(stored.buffer) : Buffer.from([])
