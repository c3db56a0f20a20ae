import type { ChatEvent, ChatReply } from '../../integrations/contract.js'
import type { Core } from '../core.js'
import { describe } from '../lib/logger.js'
import { countedAs, type EventEntry, entryOf, type RequestRefusal, refusedEntry } from './event-entry.js'
import {
  type AccountKey,
  type EventBatch,
  type EventStore,
  type Hours,
  hourOf,
  isRecent,
  MOST_EVENTS,
} from './event-store.js'

/** Minimum gap between two writes of this process. */
const FLUSH_MS = 5_000
/** A failed write is repeated after up to this part more. */
const JITTER = 0.2

interface Buffered extends AccountKey {
  eventos: EventEntry[]
  readonly hours: Map<number, Map<string, number>>
}

/** The last events of an account, the newest first, and what those of the last 24 hours counted as. */
export interface EventReport {
  readonly eventos: readonly EventEntry[]
  readonly ultimas_24h: Readonly<Record<string, number>>
}

/**
 * Why events took no turn: what became of each event of an account. Kept in memory (20 entries and the counts of 24 hours an
 * account) and written in batches, so that no turn waits for it and a flood costs no writes. A write whose outcome is unknown is
 * repeated, and may then count twice.
 */
export class EventLog {
  readonly #store: EventStore
  readonly #core: Pick<Core, 'clock' | 'random' | 'logger'>
  #buffers = new Map<string, Buffered>()
  /** Writes and reads take turns, so that a reader sees each event once. */
  #last: Promise<unknown> = Promise.resolve()
  #cancel: (() => void) | undefined
  #stopped = false

  constructor(store: EventStore, core: Pick<Core, 'clock' | 'random' | 'logger'>) {
    this.#store = store
    this.#core = core
  }

  took(account: AccountKey, event: ChatEvent, reply: Pick<ChatReply, 'situacao' | 'motivo'>): void {
    this.#add(account, entryOf(event, reply, this.#core.clock.now()))
  }

  refused(account: AccountKey, motivo: RequestRefusal): void {
    this.#add(account, refusedEntry(motivo, this.#core.clock.now()))
  }

  /** What all processes have written, and what this one has not written yet. */
  read(account: AccountKey): Promise<EventReport> {
    return this.#inTurn(async () => {
      const stored = await this.#store.read(account)
      const mine = this.#buffers.get(account.slug)
      const buffered = mine && isSame(mine, account) ? mine : undefined
      const eventos = [...stored.eventos, ...(buffered?.eventos ?? [])]
      return {
        // Reversed first: of two in the same millisecond the later one is the newer.
        eventos: eventos
          .toReversed()
          .toSorted((a, b) => b.em.getTime() - a.em.getTime())
          .slice(0, MOST_EVENTS),
        ultimas_24h: sum([stored.hours, buffered?.hours ?? new Map()], this.#core.clock.now()),
      }
    })
  }

  /** The account is gone. Never throws: what stays is not shown to another account of this slug. */
  forget(slug: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#buffers.delete(slug)
      await this.#store.remove(slug).catch((error: unknown) => {
        this.#core.logger.warn(describe(error), 'the events of a removed account stay')
      })
    })
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    await this.#inTurn(() => this.#flush())
  }

  #add({ slug, criado_em }: AccountKey, entry: EventEntry): void {
    const known = this.#buffers.get(slug)
    const buffer =
      known && isSame(known, { slug, criado_em }) ? known : { slug, criado_em, eventos: [], hours: new Map() }
    this.#buffers.set(slug, buffer)
    keep(buffer, [entry], new Map([[hourOf(entry.em), new Map([[countedAs(entry), 1]])]]), entry.em)
    this.#schedule(FLUSH_MS)
  }

  #schedule(ms: number): void {
    if (this.#cancel || this.#stopped) return
    const { clock } = this.#core
    const flush = (): void => {
      void this.#inTurn(() => this.#flush()).then(() => {
        this.#cancel = undefined
        if (this.#buffers.size > 0) this.#schedule(FLUSH_MS * (1 + JITTER * this.#core.random()))
      })
    }
    this.#cancel = clock.after(ms, flush, 'canais.events')
  }

  /** Never throws: what could not be written is kept for the next time. */
  async #flush(): Promise<void> {
    const batches = [...this.#buffers.values()]
    if (batches.length === 0) return
    this.#buffers = new Map()
    const now = this.#core.clock.now()
    const failed = await this.#store
      .add(batches, now)
      .catch((error: unknown) => batches.map((batch) => ({ batch, error })))
    const [first] = failed
    if (first) this.#core.logger.warn(describe(first.error), 'the events of accounts will be written later')
    for (const { batch } of failed) this.#putBack(batch, now)
  }

  #putBack(batch: EventBatch, now: Date): void {
    const since = this.#buffers.get(batch.slug)
    if (since && !isSame(since, batch)) return
    const buffer: Buffered = { slug: batch.slug, criado_em: batch.criado_em, eventos: [], hours: new Map() }
    keep(buffer, batch.eventos, batch.hours, now)
    if (since) keep(buffer, since.eventos, since.hours, now)
    this.#buffers.set(batch.slug, buffer)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => undefined)
    return mine
  }
}

const isSame = (a: AccountKey, b: AccountKey): boolean => a.criado_em.getTime() === b.criado_em.getTime()

/** Adds to a buffer, which stays bounded. */
function keep(buffer: Buffered, eventos: readonly EventEntry[], hours: Hours, now: Date): void {
  buffer.eventos = [...buffer.eventos, ...eventos].slice(-MOST_EVENTS)
  for (const [hour, counts] of hours) {
    const mine = buffer.hours.get(hour) ?? new Map<string, number>()
    buffer.hours.set(hour, mine)
    for (const [name, count] of counts) mine.set(name, (mine.get(name) ?? 0) + count)
  }
  for (const hour of buffer.hours.keys()) if (!isRecent(hour, now)) buffer.hours.delete(hour)
}

function sum(all: readonly Hours[], now: Date): Record<string, number> {
  const total = new Map<string, number>()
  for (const hours of all) {
    for (const [hour, counts] of hours) {
      if (!isRecent(hour, now)) continue
      for (const [name, count] of counts) total.set(name, (total.get(name) ?? 0) + count)
    }
  }
  return Object.fromEntries([...total].toSorted(([, a], [, b]) => b - a))
}
