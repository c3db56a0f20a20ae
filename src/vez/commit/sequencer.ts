import type { Clock } from '../../lib/clock.js'
import { unavailable } from '../../lib/errors.js'
import { isInLedger, type Vez } from '../document.js'
import type { Command, CommandResult } from '../rules/commands.js'
import { type Decision, decide, isReplay } from '../rules/decide.js'
import { InflightWrites } from './inflight-writes.js'
import { type QueuedRequest, RequestQueue } from './request-queue.js'
import type { VezStore } from './store.js'
import { signWrite, toUpdate } from './update.js'
import { WriteClaims } from './write-claims.js'

/** Requests that one write decides. */
const MAX_BATCH = 128
/** A process claims the next write after so many lost ones in a row. */
const LOST_TO_CLAIM = 2
/** While `pendentes` is full: how long to wait for the drain before looking again, ms. */
const ROOM_WAIT_MS = 100
/** Longest wait after an unknown outcome, ms. */
const MAX_PAUSE_MS = 1_000

export interface SequencerOptions {
  readonly store: VezStore
  readonly clock: Clock
  readonly random: () => number
  /** Unique for each start of a process. */
  readonly processId: string
  readonly newWriteId: () => string
  readonly esperaIntervaloMs: number
  readonly fuso?: string
  /** Called with each snapshot that is known to be committed. */
  readonly onSnapshot: (vez: Vez) => void
  readonly observer: SequencerObserver
}

export interface SequencerObserver {
  batch(size: number, decision: Decision, ms: number): void
  miss(inARow: number, outcome: 'lost' | 'unknown'): void
}

interface Snapshot {
  readonly vez: Vez
  /** When its read started, monotonic ms; -∞ for one that follows from our own write: it was never read. */
  readonly readAt: number
}

/**
 * The only writer of `vez`. Turns and roster commands wait in one queue, in arrival order; one write is in flight, and the next
 * one takes all that have queued up meanwhile. Without a timer: when idle, a request is written at once.
 */
export class Sequencer {
  readonly #options: SequencerOptions
  readonly #queue: RequestQueue
  readonly #inflight: InflightWrites
  readonly #claims: WriteClaims
  #snapshot: Snapshot | undefined
  #latest: Vez | undefined
  #running: Promise<void> | undefined
  #failures = 0
  /** How long the last read took, and the last write with its look-up and decision, ms. */
  #readMs = 0
  #writeMs = 0
  #writesFail = false
  #closed = false
  #roomMade: () => void = () => undefined

  constructor(options: SequencerOptions) {
    this.#options = options
    this.#queue = new RequestQueue(options.clock)
    this.#inflight = new InflightWrites(options.processId)
    this.#claims = new WriteClaims(options.clock, options.processId)
  }

  get queueLength(): number {
    return this.#queue.length
  }

  /** Is a request in the line, or in a write? */
  get isBusy(): boolean {
    return this.#running !== undefined
  }

  /** Did the last write fail, and has none succeeded since? A write that somebody else was ahead of says nothing. */
  get writesFail(): boolean {
    return this.#writesFail
  }

  /** The newest snapshot that was seen. Never answer from it: it may be stale. */
  get latest(): Vez | undefined {
    return this.#latest
  }

  /**
   * Resolves with the result once it is durable. Throws 503 when the queue is full or the deadline has passed: a retry with the
   * same key finds out what became of the first try.
   *
   * @param isAlive false when the client has gone: a request whose batch has not started is dropped then
   */
  submit(command: Command, isAlive: () => boolean = () => true): Promise<CommandResult> {
    if (this.#closed) return Promise.reject(unavailable())
    const answer = this.#queue.enqueue(command, isAlive)
    this.#running ??= this.#run()
    return answer
  }

  /** The drain saw these copies acknowledged, and these refused: the next write drops the former and marks the latter. */
  drained(ids: Iterable<string>, refused: ReadonlyMap<string, string>): void {
    this.#inflight.drained(ids, refused)
    this.#roomMade()
  }

  get owesDrop(): boolean {
    return this.#inflight.hasDrainResult
  }

  /** After a lost connection: the server that answers next may have another history. */
  forgetSnapshot(): void {
    this.#snapshot = undefined
  }

  /** Takes no more requests; resolves when the queued ones are answered. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  async #run(): Promise<void> {
    await Promise.resolve()
    while (this.#queue.length > 0) await this.#round()
    this.#running = undefined
  }

  /** One batch, from the queue to its answers. Requests that got none are first in the queue again. */
  async #round(): Promise<void> {
    const { clock, random, observer } = this.#options
    await this.#letOthersFirst()
    await this.#queue.admitArriving(MAX_BATCH)
    const batch = this.#queue.take(MAX_BATCH)
    try {
      await this.#attempt(batch)
    } catch {
      this.#snapshot = undefined
      this.#failures += 1
      observer.miss(this.#failures, 'unknown')
      await clock.wait(random() * Math.min(MAX_PAUSE_MS, 2 ** this.#failures * 10))
    }
    this.#queue.requeue(batch)
  }

  async #attempt(closed: readonly QueuedRequest[]): Promise<void> {
    let snapshot = this.#snapshotFor(closed) ?? (await this.#read())
    const started = this.#options.clock.elapsed()
    const batch = closed.filter((one) => one.isOpen())
    if (batch.length === 0) return
    let decision = await this.#decide(snapshot, batch)
    if (!decision.changed && !decision.results.every(isReplay) && !isFresh(snapshot, batch)) {
      snapshot = await this.#read()
      decision = await this.#decide(snapshot, batch)
    }
    if (decision.changed) await this.#commit(snapshot, decision, batch, started)
    else deliver(batch, decision.results)
    if (decision.results.length < batch.length) await this.#waitForRoom()
  }

  /** The cached snapshot, unless a tick asks for one that was read after it arrived. */
  #snapshotFor(batch: readonly QueuedRequest[]): Snapshot | undefined {
    const asked = batch.filter(({ command }) => command.tipo === 'tique' && command.fresco)
    return this.#snapshot && isFresh(this.#snapshot, asked) ? this.#snapshot : undefined
  }

  /** The look-up starts after the snapshot was read: a protocol that is missing in both did not exist at that version. */
  async #decide({ vez }: Snapshot, batch: readonly QueuedRequest[]): Promise<Decision> {
    const { store, clock, newWriteId, esperaIntervaloMs, fuso } = this.#options
    const commands = batch.map(({ command }) => command)
    const prior = await store.findPrior(commands, vez)
    const context = { now: clock.now(), writeId: newWriteId(), esperaIntervaloMs, ...(fuso !== undefined && { fuso }) }
    return decide(vez, commands, prior, context, this.#inflight.drainResult)
  }

  async #commit(
    snapshot: Snapshot,
    decision: Decision,
    batch: readonly QueuedRequest[],
    started: number,
  ): Promise<void> {
    const { store, clock, processId, observer } = this.#options
    if (!isInLedger(snapshot.vez)) await store.beginLedger(snapshot.vez)
    const vez = signWrite(decision.vez, processId, clock.now())
    const at = clock.elapsed()
    this.#snapshot = undefined
    this.#inflight.add({
      writeId: vez.previousWriteId,
      guard: snapshot.vez.versao,
      at,
      answer: () => deliver(batch, decision.results),
    })
    const update = toUpdate(snapshot.vez, vez, processId, this.#claims.change(this.#attemptMs))
    const claims = await store.commit(snapshot.vez, update).catch((error) => {
      this.#writesFail = true
      throw error
    })
    this.#writeMs = clock.elapsed() - started
    if (claims) {
      this.#failures = 0
      this.#writesFail = false
      this.#claims.wrote(claims)
      this.#know({ vez, readAt: Number.NEGATIVE_INFINITY })
      observer.batch(batch.length, decision, clock.elapsed() - started)
      return
    }
    this.#failures += 1
    observer.miss(this.#failures, 'lost')
    // A claim that cannot be written only costs this process some more misses.
    const claim = this.#failures < LOST_TO_CLAIM ? undefined : this.#claims.lost(this.#attemptMs)
    await Promise.all([this.#read(), claim && store.claim(processId, claim).catch(() => undefined)])
  }

  /** Other processes have claimed the next write: waits until they have written, or their time has passed. */
  async #letOthersFirst(): Promise<void> {
    const { clock, store } = this.#options
    for (let ms = this.#claims.waitMs; ms !== undefined && this.#snapshot; ms = this.#claims.waitMs) {
      // Taken before the wait: a lost connection drops the snapshot meanwhile.
      const { previousWriteId } = this.#snapshot.vez
      await clock.wait(ms)
      const readAt = clock.elapsed()
      const found = await store.readAfter(previousWriteId).catch(() => undefined)
      if (!found) continue
      this.#know({ vez: found.vez, readAt })
      this.#claims.looked(found.claims)
    }
  }

  /** How long an attempt takes when it begins with a read, ms. */
  get #attemptMs(): number {
    return this.#readMs + this.#writeMs
  }

  /** Reads a fresh snapshot; a miss and an unknown outcome both go on from here. */
  async #read(): Promise<Snapshot> {
    this.#snapshot = undefined
    const readAt = this.#options.clock.elapsed()
    const snapshot = { vez: await this.#options.store.read(), readAt }
    this.#readMs = this.#options.clock.elapsed() - readAt
    this.#know(snapshot)
    return snapshot
  }

  /** A new snapshot tells which of our in-flight writes happened: their answers leave. */
  #know(snapshot: Snapshot): void {
    this.#inflight.resolve(snapshot.vez, this.#options.clock.elapsed())
    this.#snapshot = snapshot
    this.#latest = snapshot.vez
    this.#options.onSnapshot(snapshot.vez)
  }

  /** `pendentes` is full: wait until the drain has copied something. */
  #waitForRoom(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ROOM_WAIT_MS, resolve, 'vez.room')
      this.#roomMade = () => {
        cancel()
        resolve()
      }
    })
  }
}

/** Did the read of this snapshot start after all of these had arrived? */
const isFresh = (snapshot: Snapshot, batch: readonly QueuedRequest[]): boolean =>
  batch.every(({ arrivedAt }) => arrivedAt <= snapshot.readAt)

function deliver(batch: readonly QueuedRequest[], results: readonly CommandResult[]): void {
  for (const [index, result] of results.entries()) batch[index]?.answer(result)
}
