import type { Clock } from '../lib/clock.js'
import { AppError, unavailable } from '../lib/errors.js'
import { describe, type Logger } from '../lib/logger.js'
import { LIMIT } from '../lib/mongo.js'
import { repeat } from '../lib/repeat.js'
import type { Protocolo, ProtocoloModel } from '../protocolos/model.js'
import { pendingOf } from '../protocolos/reader.js'
import type { Vez } from '../vez/document.js'
import type { VezService } from '../vez/service.js'
import { EventStream, type State } from './event-stream.js'
import { TakenOuts } from './fora.js'
import { toEu } from './meu.js'
import type { Eu } from './schema/eu.js'
import type { Vez as View } from './schema/vez.js'
import { MOST_TURNS, type Seen, seenOf, toView } from './snapshot.js'

/** Between two looks at the database, ms: a change shows within this and the time of a read. */
const LOOK_MS = 1_000
const PULSE_MS = 15_000
/** A state that was read longer ago than this is not called the present one, ms. */
const STALE_MS = 5_000
const RECHECK_MS = 60_000
const MOST_STREAMS = 200
const MOST_A_SESSION = 6

/** What a page looks at. */
export type Viewer =
  | { readonly tipo: 'gestor' | 'parede'; readonly sessao: string }
  | { readonly tipo: 'consultor'; readonly sessao: string; readonly consultor_id: number }

interface Options {
  readonly vez: Pick<VezService, 'readFresh' | 'readAfter'>
  readonly protocolos: ProtocoloModel
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly esperaIntervaloMs: number
}

interface Open {
  readonly viewer: Viewer
  readonly stream: EventStream
}

/**
 * Tells pages of each change, whoever made it and in whatever process: one small read a second while somebody looks, none
 * otherwise.
 */
export class Hub {
  readonly #options: Options
  readonly #takenOuts: TakenOuts
  readonly #open = new Set<Open>()
  #seen: Seen | undefined
  /** The last protocols by their number. */
  #last = new Map<number, Protocolo>()
  #lookedAt = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | undefined
  #stopLooking: (() => Promise<void>) | undefined
  #isOver = false
  readonly #views = new WeakMap<Seen, { gestor?: State; parede?: State }>()

  constructor(options: Options) {
    this.#options = options
    this.#takenOuts = new TakenOuts(options.protocolos.db)
  }

  /** What a page would be told now: a read that begins now. */
  async now(): Promise<Seen> {
    const { vez } = this.#options
    return this.#toSeen(await vez.readFresh())
  }

  /**
   * A stream of states for a page.
   *
   * @param isHeld whether its session still is; asked once a minute
   * @throws 503 or 429 where there are too many, and during the shutdown
   */
  subscribe(viewer: Viewer, isHeld: () => Promise<boolean>): EventStream {
    if (this.#isOver || this.#open.size >= MOST_STREAMS) throw unavailable()
    const own = [...this.#open].filter((one) => one.viewer.sessao === viewer.sessao)
    if (own.length >= MOST_A_SESSION)
      throw new AppError(429, 'Esta página está aberta em muitas abas: feche algumas', {
        headers: { 'Retry-After': '10' },
      })
    const { clock, random } = this.#options
    const stream = new EventStream()
    const open = { viewer, stream }
    this.#open.add(open)
    const repeated = { clock, random, jitter: 0, onError: () => undefined }
    const stopPulse = repeat({
      ...repeated,
      name: 'painel.pulse',
      everyMs: PULSE_MS,
      work: async () => {
        if (this.#isFresh) stream.pulse()
      },
    })
    const stopRecheck = repeat({
      ...repeated,
      name: 'painel.recheck',
      everyMs: RECHECK_MS,
      work: async () => {
        if (!(await isHeld())) stream.over('sessao')
      },
    })
    stream.once('close', () => {
      this.#open.delete(open)
      void stopPulse()
      void stopRecheck()
      if (this.#open.size === 0) void this.#sleep()
    })
    if (this.#seen && this.#isFresh) this.#tell(open, this.#seen)
    this.#wake()
    return stream
  }

  /** Tells every page that the service ends, and ends its stream: an open one would hold the shutdown up. */
  end(): void {
    this.#isOver = true
    for (const { stream } of this.#open) stream.over('desligando')
  }

  async stop(): Promise<void> {
    this.end()
    for (const { stream } of this.#open) stream.destroy()
    await this.#sleep()
  }

  get #isFresh(): boolean {
    return this.#options.clock.elapsed() - this.#lookedAt < STALE_MS
  }

  #wake(): void {
    if (this.#stopLooking) return
    const { clock, random, logger } = this.#options
    this.#stopLooking = repeat({
      name: 'painel.look',
      clock,
      random,
      firstMs: 0,
      everyMs: LOOK_MS,
      work: () => this.#look(),
      onError: (error) => logger.warn(describe(error), 'the pages are not told of changes for now'),
    })
  }

  async #sleep(): Promise<void> {
    const stop = this.#stopLooking
    this.#stopLooking = undefined
    this.#seen = undefined
    await stop?.()
  }

  /** One look at a time: what is told never goes back. */
  #look(): Promise<void> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #lookNow(): Promise<void> {
    const { vez, clock } = this.#options
    const begun = clock.elapsed()
    const known = this.#seen?.vez
    const found = known ? await vez.readAfter(known.previousWriteId) : await vez.readFresh()
    this.#lookedAt = begun
    if (!found) return
    const seen = await this.#toSeen(found)
    if (this.#open.size === 0) return
    this.#seen = seen
    for (const one of this.#open) this.#tell(one, seen)
  }

  async #toSeen(vez: Vez): Promise<Seen> {
    const { clock, esperaIntervaloMs } = this.#options
    const [last, takenOut] = [await this.#lastOf(vez), await this.#takenOuts.of(vez)]
    return seenOf(vez, last, clock.now(), esperaIntervaloMs, takenOut)
  }

  /** The last protocols: mostly they stand in the snapshot, or were seen before. */
  async #lastOf(vez: Vez): Promise<Protocolo[]> {
    // After a restore a number may be given again.
    if (this.#last.has(vez.seq + 1)) this.#last.clear()
    const wanted = Array.from({ length: Math.min(MOST_TURNS, vez.seq) }, (_, index) => vez.seq - index)
    const pending = new Map(pendingOf(vez).map((one) => [one.n, one]))
    const known = wanted.flatMap((n) => pending.get(n) ?? this.#last.get(n) ?? [])
    const unknown = wanted.filter((n) => !pending.has(n) && !this.#last.has(n))
    const read =
      unknown.length === 0
        ? []
        : await this.#options.protocolos.find({ _id: { $in: unknown } }, null, LIMIT).lean<Protocolo[]>()
    const all = [...known, ...read].sort((one, other) => other.n - one.n)
    this.#last = new Map(all.map((one) => [one.n, one]))
    return all
  }

  #tell({ viewer, stream }: Open, seen: Seen): void {
    const told = viewer.tipo === 'consultor' ? euOf(seen, viewer.consultor_id) : this.#viewOf(seen, viewer.tipo)
    if (told) stream.state(told)
    else stream.over('sessao')
  }

  /** The same for all pages of a kind. */
  #viewOf(seen: Seen, tipo: 'gestor' | 'parede'): State {
    const known = this.#views.get(seen) ?? {}
    this.#views.set(seen, known)
    known[tipo] ??= stateOf('vez', toView(seen, { customers: tipo === 'gestor' }))
    return known[tipo]
  }
}

const euOf = (seen: Seen, id: number): State | undefined => {
  const eu = toEu(seen, id)
  return eu && stateOf('eu', eu)
}

/** What changes with each write, or with time alone, is not compared. */
function stateOf(name: 'vez' | 'eu', view: View | Eu): State {
  const { agora: _, marca: id, ...rest } = view
  const compared = 'versao' in rest ? { ...rest, versao: undefined } : rest
  return { name, id, data: JSON.stringify(view), compared: JSON.stringify(compared) }
}
