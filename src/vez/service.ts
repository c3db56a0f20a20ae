import { randomBytes } from 'node:crypto'
import type { Connection } from 'mongoose'
import type { Clock } from '../lib/clock.js'
import { unavailable } from '../lib/errors.js'
import { repeat } from '../lib/repeat.js'
import type { Pedido, Resposta } from './ask.js'
import type { Vez } from './document.js'
import { Drain, type DrainOptions, type DrainStore } from './drain.js'
import type { FindPrior } from './known.js'
import { decide } from './queue.js'
import { Sequencer, type SequencerObserver } from './sequencer.js'
import { vezStore } from './store.js'

const TICK_MS = 1_000
/** An idle process looks at a fresh image every so many ticks; while someone waits, at each. */
const SLOW_TICKS = 5

/** Hears what happens: batches and misses of the sequencer, copies of the drain. */
export type VezObserver = SequencerObserver &
  DrainOptions['observer'] & {
    /** Now and then: the document as it is. */
    seen(vez: Vez): void
  }

export interface VezOptions {
  readonly connection: Connection
  readonly clock: Clock
  readonly random: () => number
  readonly esperaIntervaloMs: number
  readonly findPrior: FindPrior
  /** Where the drain copies to. */
  readonly copies: DrainStore
  readonly observer: VezObserver
}

/** The turn as the rest of the program sees it. */
export interface VezService {
  readonly processo: string
  readonly submit: Sequencer['submit']
  /** A majority read that starts now. */
  readonly fresh: () => Promise<Vez>
  /** What would be answered now; takes nothing. */
  readonly simulate: (pedido: Pedido) => Promise<Resposta>
  /** Copies all that is pending, so that a protocol can be changed where it stands. */
  readonly sweep: () => Promise<void>
  readonly waiting: () => number
  /** The newest image that was seen; to look at, never to answer from. */
  readonly seen: () => Vez | undefined
  readonly forgetImage: () => void
  /** Answers those who wait, copies and drops what is owed. */
  readonly stop: () => Promise<void>
}

/** Starts sequencer, drain and tick on a migrated database; copies first what an earlier process left. */
export async function startVez(options: VezOptions): Promise<VezService> {
  const { connection, clock, random, esperaIntervaloMs, observer } = options
  const processo = randomBytes(6).toString('base64url')
  const store = vezStore(connection, options.findPrior)
  const sequencer: Sequencer = new Sequencer({
    store,
    clock,
    random,
    processo,
    newWriteId: () => processo + randomBytes(9).toString('base64url'),
    esperaIntervaloMs,
    onImage: (vez) => drain.look(vez),
    observer,
  })
  const tick = (fresco: boolean): Promise<unknown> => sequencer.submit({ tipo: 'tique', fresco }).catch(() => undefined)
  const drain = new Drain({
    store: options.copies,
    clock,
    random,
    processo,
    readVez: store.read,
    report: (drained, refused) => sequencer.drained(drained, refused),
    requestDrop: () => {
      if (sequencer.owesDrop) void tick(false)
    },
    observer,
  })
  await drain.sweep()

  let ticks = 0
  const stopTicks = repeat({
    name: 'vez.tick',
    clock,
    random,
    everyMs: TICK_MS,
    work: async () => {
      ticks += 1
      const someoneWaits = (sequencer.seen?.espera.length ?? 0) > 0
      if (someoneWaits || ticks % SLOW_TICKS === 0) await tick(true)
      if (ticks % SLOW_TICKS !== 0) return
      if (sequencer.seen) observer.seen(sequencer.seen)
      await drain.sweep()
    },
    // The drain has told its observer; the next tick tries again.
    onError: () => undefined,
  })

  return {
    processo,
    submit: (pedido, isAlive) => sequencer.submit(pedido, isAlive),
    fresh: store.read,
    simulate: async (pedido) => {
      const vez = await store.read()
      const known = await store.known([pedido])
      const moment = { now: clock.now(), writeId: 'simulacao', espera_intervalo_ms: esperaIntervaloMs }
      const [resposta] = decide(vez, [pedido], known, moment).respostas
      if (!resposta) throw unavailable()
      return resposta
    },
    sweep: () => drain.sweep(),
    waiting: () => sequencer.waiting,
    seen: () => sequencer.seen,
    forgetImage: () => sequencer.forgetImage(),
    stop: async () => {
      await stopTicks()
      await drain.sweep().catch(() => undefined)
      await drain.stop()
      if (sequencer.owesDrop) await tick(false)
      await sequencer.close()
    },
  }
}
