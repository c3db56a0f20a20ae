import type { Clock } from '../lib/clock.js'
import { unavailable } from '../lib/errors.js'
import type { Pedido, Resposta } from './ask.js'
import { type Claim, type Claims, WriteClaims } from './claims.js'
import type { Vez } from './document.js'
import type { Known } from './known.js'
import { Line, type Waiting } from './line.js'
import { type Decision, decide, isReplay } from './queue.js'
import { Settlement } from './settlement.js'
import { sign, toUpdate, type Update } from './update.js'

const MAX_BATCH = 128
/** Who loses so many writes in a row claims the next. */
const LOST_TO_CLAIM = 2
const ROOM_WAIT_MS = 100
const MAX_PAUSE_MS = 1_000

/** The one document, as the sequencer needs it. */
export interface VezStore {
  /** A majority read that starts now. Throws when it cannot be had. */
  read(): Promise<Vez>
  /** What `protocolos` knows now of these requests' keys and contacts. */
  known(pedidos: readonly Pedido[]): Promise<Known>
  /** The same with the claims on it, if it was made by another write than this; nothing of it is sent otherwise. */
  readAfter(writeId: string): Promise<{ readonly vez: Vez; readonly claims: Claims } | undefined>
  /** The claims that stood on the document: written. `undefined`: somebody else was first. Throws: the outcome is unknown. */
  commit(guard: Vez, update: Update): Promise<Claims | undefined>
  /** Puts a claim of this process on the document, without a guard and without raising `versao`: it is no part of the image. */
  claim(processo: string, claim: Claim): Promise<void>
}

export interface SequencerOptions {
  readonly store: VezStore
  readonly clock: Clock
  readonly random: () => number
  /** A name for this process that no other ever had. */
  readonly processo: string
  readonly newWriteId: () => string
  readonly esperaIntervaloMs: number
  /** Hears each image that is known to be committed, as soon as it is. */
  readonly onImage: (vez: Vez) => void
  readonly observer: SequencerObserver
}

export interface SequencerObserver {
  batch(size: number, decision: Decision, ms: number): void
  miss(inARow: number, outcome: 'lost' | 'unknown'): void
}

interface Image {
  readonly vez: Vez
  /** When its read started, monotonic ms; an image that follows from our own write was never read. */
  readonly readAt: number
}

/**
 * The only writer of `vez`. Turns and roster commands wait in one line; one write is in flight, and the next takes all that
 * wait. There is no timer: idle means at once.
 */
export class Sequencer {
  readonly #options: SequencerOptions
  readonly #line: Line
  readonly #settlement: Settlement
  readonly #claims: WriteClaims
  #image: Image | undefined
  #seen: Vez | undefined
  #running: Promise<void> | undefined
  #failures = 0
  /** How long the last read took, and the last write with its look-up and decision, ms. */
  #readMs = 0
  #writeMs = 0
  #closed = false
  #roomMade: () => void = () => undefined

  constructor(options: SequencerOptions) {
    this.#options = options
    this.#line = new Line(options.clock)
    this.#settlement = new Settlement(options.processo)
    this.#claims = new WriteClaims(options.clock, options.processo)
  }

  get waiting(): number {
    return this.#line.length
  }

  /** The newest image that was seen; to look at, never to answer from. */
  get seen(): Vez | undefined {
    return this.#seen
  }

  /**
   * Resolves with the answer once it is durable. Throws 503 when the line is full, the time has passed or the database does
   * not answer: a repetition with the same key finds out what became of it.
   *
   * @param isAlive false when the client has gone: a request whose batch has not started is dropped then
   */
  submit(pedido: Pedido, isAlive: () => boolean = () => true): Promise<Resposta> {
    if (this.#closed) return Promise.reject(unavailable())
    const answer = this.#line.join(pedido, isAlive)
    this.#running ??= this.#run()
    return answer
  }

  /** The drain saw these copies acknowledged, and these refused: the next write drops the former and marks the latter. */
  drained(ids: Iterable<string>, refused: ReadonlyMap<string, string>): void {
    this.#settlement.drained(ids, refused)
    this.#roomMade()
  }

  get owesDrop(): boolean {
    return this.#settlement.owesDrop
  }

  /** A connection was lost: what was known may be another history by now. */
  forgetImage(): void {
    this.#image = undefined
  }

  /** Takes no more requests; resolves when those that wait have their answer. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  async #run(): Promise<void> {
    await Promise.resolve()
    while (this.#line.length > 0) await this.#round()
    this.#running = undefined
  }

  /** One batch, from the line to its answers. Whoever got none is first in the line again. */
  async #round(): Promise<void> {
    const { clock, random, observer } = this.#options
    await this.#letOthersFirst()
    await this.#line.letIn(MAX_BATCH)
    const batch = this.#line.take(MAX_BATCH)
    try {
      await this.#attempt(batch)
    } catch {
      this.#image = undefined
      this.#failures += 1
      observer.miss(this.#failures, 'unknown')
      await clock.wait(random() * Math.min(MAX_PAUSE_MS, 2 ** this.#failures * 10))
    }
    this.#line.putBack(batch)
  }

  async #attempt(closed: readonly Waiting[]): Promise<void> {
    let image = this.#imageFor(closed) ?? (await this.#read())
    const started = this.#options.clock.elapsed()
    const batch = closed.filter((one) => one.isOpen())
    if (batch.length === 0) return
    let decision = await this.#decide(image, batch)
    if (!decision.changed && !decision.respostas.every(isReplay) && !isFresh(image, batch)) {
      image = await this.#read()
      decision = await this.#decide(image, batch)
    }
    if (decision.changed) await this.#commit(image, decision, batch, started)
    else answer(batch, decision.respostas)
    if (decision.respostas.length < batch.length) await this.#waitForRoom()
  }

  /** The cached image, unless a request asks for one that is newer than itself. */
  #imageFor(batch: readonly Waiting[]): Image | undefined {
    const asked = batch.filter(({ pedido }) => pedido.tipo === 'tique' && pedido.fresco)
    return this.#image && isFresh(this.#image, asked) ? this.#image : undefined
  }

  /** Image, look-up, decision and guard belong together: the look-up starts when the image is there. */
  async #decide({ vez }: Image, batch: readonly Waiting[]): Promise<Decision> {
    const { store, clock, newWriteId, esperaIntervaloMs } = this.#options
    const pedidos = batch.map(({ pedido }) => pedido)
    const known = await store.known(pedidos)
    const moment = { now: clock.now(), writeId: newWriteId(), espera_intervalo_ms: esperaIntervaloMs }
    return decide(vez, pedidos, known, moment, this.#settlement.owed)
  }

  async #commit(image: Image, decision: Decision, batch: readonly Waiting[], started: number): Promise<void> {
    const { store, clock, processo, observer } = this.#options
    const vez = sign(decision.vez, processo, clock.now())
    const at = clock.elapsed()
    this.#image = undefined
    this.#settlement.open({
      writeId: vez.previousWriteId,
      guard: image.vez.versao,
      at,
      answer: () => answer(batch, decision.respostas),
    })
    const claims = await store.commit(
      image.vez,
      toUpdate(image.vez, vez, processo, this.#claims.change(this.#attemptMs)),
    )
    this.#writeMs = clock.elapsed() - started
    if (claims) {
      this.#failures = 0
      this.#claims.wrote(claims)
      this.#know({ vez, readAt: Number.NEGATIVE_INFINITY })
      observer.batch(batch.length, decision, clock.elapsed() - started)
      return
    }
    this.#failures += 1
    observer.miss(this.#failures, 'lost')
    const claim = this.#failures < LOST_TO_CLAIM ? undefined : this.#claims.lost(this.#attemptMs)
    await Promise.all([this.#read(), claim && store.claim(processo, claim).catch(() => undefined)])
  }

  /** Other processes have claimed the next write: waits until they have written, or their time has passed. */
  async #letOthersFirst(): Promise<void> {
    const { clock, store } = this.#options
    for (let ms = this.#claims.waitMs; ms !== undefined && this.#image; ms = this.#claims.waitMs) {
      await clock.wait(ms)
      const readAt = clock.elapsed()
      const found = await store.readAfter(this.#image.vez.previousWriteId).catch(() => undefined)
      if (!found) continue
      this.#know({ vez: found.vez, readAt })
      this.#claims.looked(found.claims)
    }
  }

  /** How long an attempt takes that begins with a read, ms. */
  get #attemptMs(): number {
    return this.#readMs + this.#writeMs
  }

  /** The path to a new image, also after a miss or an unknown outcome. */
  async #read(): Promise<Image> {
    this.#image = undefined
    const readAt = this.#options.clock.elapsed()
    const image = { vez: await this.#options.store.read(), readAt }
    this.#readMs = this.#options.clock.elapsed() - readAt
    this.#know(image)
    return image
  }

  /** A new image tells which of our open writes happened: their answers leave. */
  #know(image: Image): void {
    this.#settlement.settle(image.vez, this.#options.clock.elapsed())
    this.#image = image
    this.#seen = image.vez
    this.#options.onImage(image.vez)
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

/** Did this image's read start after all of these had arrived? */
const isFresh = (image: Image, batch: readonly Waiting[]): boolean =>
  batch.every(({ arrived }) => arrived <= image.readAt)

function answer(batch: readonly Waiting[], respostas: readonly Resposta[]): void {
  for (const [index, resposta] of respostas.entries()) batch[index]?.answer(resposta)
}
