import type { Clock } from '../lib/clock.js'
import { unavailable } from '../lib/errors.js'
import type { Pedido, Resposta } from './ask.js'
import type { Known } from './known.js'
import { Line, type Waiting } from './line.js'
import { type Decision, decide, isReplay } from './queue.js'
import { Settlement } from './settlement.js'
import type { Vez } from './state.js'
import { sign, toUpdate, type Update } from './update.js'

const MAX_BATCH = 128
const MAX_FAILURES = 20
/** Another process that wrote so recently may be writing now. */
const RIVAL_MS = 10_000
const MAX_COURTESY_MS = 100
const MAX_SKIPPED = 8
const COURTESY_ROUNDS = 3
const ROOM_WAIT_MS = 100
const MAX_PAUSE_MS = 1_000

/** The one document, as the sequencer needs it. */
export interface VezStore {
  /** A majority read that starts now. Throws when it cannot be had. */
  read(): Promise<Vez>
  /** What `protocolos` knows now of these requests' keys and contacts. */
  known(pedidos: readonly Pedido[]): Promise<Known>
  /** The mark of the last write, and nothing else: cheaper than an image. */
  marca(): Promise<string>
  /** True: written. False: somebody else was first. Throws: the outcome is unknown. */
  commit(guard: Vez, update: Update): Promise<boolean>
}

export interface SequencerOptions {
  readonly store: VezStore
  readonly clock: Clock
  readonly random: () => number
  /** A name for this process that no other ever had. */
  readonly processo: string
  readonly newLote: () => string
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
  #image: Image | undefined
  #seen: Vez | undefined
  #running: Promise<void> | undefined
  #failures = 0
  #lastRoundMs = 5
  #lastWritten = Number.NEGATIVE_INFINITY
  /** Rounds until the next courtesy, and how many the last one was worth. */
  #skips = 0
  #backoff = 0
  #closed = false
  #roomMade: () => void = () => undefined

  constructor(options: SequencerOptions) {
    this.#options = options
    this.#line = new Line(options.clock)
    this.#settlement = new Settlement(options.processo)
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
    const owesCourtesy = this.#owesCourtesy()
    if (owesCourtesy) await this.#makeWay().catch(() => this.forgetImage())
    const batch = this.#line.take(MAX_BATCH)
    try {
      await this.#attempt(batch)
    } catch {
      this.#image = undefined
      this.#failures += 1
      observer.miss(this.#failures, 'unknown')
      await clock.wait(random() * Math.min(MAX_PAUSE_MS, 2 ** this.#failures * 10))
    }
    if (this.#failures > MAX_FAILURES) {
      for (const one of batch) one.refuse(unavailable())
      this.#failures = 0
    }
    this.#line.putBack(batch)
  }

  async #attempt(closed: readonly Waiting[]): Promise<void> {
    const started = this.#options.clock.elapsed()
    let image = this.#imageFor(closed) ?? (await this.#read())
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
    const { store, clock, newLote, esperaIntervaloMs } = this.#options
    const pedidos = batch.map(({ pedido }) => pedido)
    const known = await store.known(pedidos)
    const moment = { agora: clock.now(), lote: newLote(), espera_intervalo_ms: esperaIntervaloMs }
    return decide(vez, pedidos, known, moment, this.#settlement.owed)
  }

  async #commit(image: Image, decision: Decision, batch: readonly Waiting[], started: number): Promise<void> {
    const { store, clock, processo, random, observer } = this.#options
    const vez = sign(decision.vez, processo, clock.now())
    const at = clock.elapsed()
    this.#image = undefined
    this.#settlement.open({
      lote: vez.marca,
      guard: image.vez.versao,
      at,
      answer: () => answer(batch, decision.respostas),
    })
    const written = await store.commit(image.vez, toUpdate(image.vez, vez))
    if (written) {
      this.#failures = 0
      this.#lastWritten = clock.elapsed()
      this.#lastRoundMs = this.#lastWritten - started
      this.#know({ vez, readAt: Number.NEGATIVE_INFINITY })
      observer.batch(batch.length, decision, clock.elapsed() - started)
      return
    }
    this.#failures += 1
    observer.miss(this.#failures, 'lost')
    if (this.#failures > 1) await clock.wait(random() * this.#lastRoundMs)
    await this.#read()
  }

  /**
   * Is it time to let other processes write first? Without that the winner of a write, who knows its new image without
   * reading, wins the next as well, and the others starve. Nobody there: no courtesy. Nobody came when it was given: the
   * next is some rounds away.
   */
  #owesCourtesy(): boolean {
    const { clock, processo } = this.#options
    if (!this.#image || clock.elapsed() - this.#lastWritten >= this.#patienceMs()) return false
    const recently = clock.now().getTime() - RIVAL_MS
    const authors = Object.entries(this.#image.vez.autores)
    if (!authors.some(([name, { em }]) => name !== processo && em.getTime() > recently)) return false
    this.#skips -= 1
    return this.#skips < 0
  }

  #patienceMs = (): number => Math.min(MAX_COURTESY_MS, COURTESY_ROUNDS * this.#lastRoundMs)

  /** Waits until another process has written, or for some rounds of its own; then reads what there is. */
  async #makeWay(): Promise<void> {
    const { clock, random, store } = this.#options
    const mine = this.#image?.vez.marca
    const deadline = clock.elapsed() + this.#patienceMs()
    let came = false
    while (!came && clock.elapsed() < deadline) {
      await clock.wait(this.#lastRoundMs * (0.1 + random() / 5))
      came = (await store.marca()) !== mine
    }
    this.#backoff = came ? 0 : Math.min(MAX_SKIPPED, Math.max(1, this.#backoff * 2))
    this.#skips = this.#backoff
    if (came) await this.#read()
  }

  /** The one path to a new image, also after a miss or an unknown outcome. */
  async #read(): Promise<Image> {
    this.#image = undefined
    const readAt = this.#options.clock.elapsed()
    const image = { vez: await this.#options.store.read(), readAt }
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
      const cancel = this.#options.clock.after(ROOM_WAIT_MS, resolve)
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
