import { randomBytes } from 'node:crypto'
import type { Connection } from 'mongoose'
import type { Clock } from '../lib/clock.js'
import { unavailable } from '../lib/errors.js'
import { repeat } from '../lib/repeat.js'
import { boundaryTimer } from './boundary-timer.js'
import { Sequencer, type SequencerObserver } from './commit/sequencer.js'
import { checkVez, type VezStore, vezStore } from './commit/store.js'
import { Drain, type DrainOptions, type DrainStore } from './copy/drain.js'
import type { Preferido, Vez } from './document.js'
import { Recounts } from './recounts.js'
import type { Command, CommandResult, TurnCommand } from './rules/commands.js'
import { decide } from './rules/decide.js'
import type { DecisionContext } from './rules/draft.js'
import type { Wanted } from './rules/eligibility.js'
import type { FindOpen } from './rules/limit.js'
import type { FindPrior } from './rules/prior-protocols.js'
import { type Upcoming, upcoming } from './rules/upcoming.js'
import { type WhyWaiting, whyWaiting } from './rules/why-waiting.js'

const TICK_MS = 1_000
/** How often it is looked whether turns have passed. */
const LOOK_MS = 2
/** Ticks between two fresh snapshots of an idle process; while someone waits, each tick reads one. */
const SLOW_TICKS = 5
/** Before everybody's open protocols are counted anew, the first time and from then on, ms. */
const FIRST_RECOUNT_MS = 100
const RECOUNT_MS = 3_600_000
/** Ticks between two times that everybody's hours are looked up again: an hour. */
const HOURS_TICKS = 3_600

/** Is told of batches and misses of the sequencer, and of copies of the drain. */
export type VezObserver = SequencerObserver &
  DrainOptions['observer'] & {
    /** Called about every five seconds with the newest snapshot. */
    seen(vez: Vez): void
  }

export interface VezOptions {
  readonly connection: Connection
  readonly clock: Clock
  readonly random: () => number
  readonly esperaIntervaloMs: number
  /** The time zone of hours that name none. */
  readonly fuso: string
  readonly findPrior: FindPrior
  readonly findOpen: FindOpen
  readonly beginLedger: VezStore['beginLedger']
  /** Where the drain copies to. */
  readonly copies: DrainStore
  readonly observer: VezObserver
}

/**
 * Whom a request should rather go to, by what somebody else knows; asked before the request enters the line. Never throws, and
 * resolves within 1.5 s.
 */
export type Prefer = (command: TurnCommand) => Promise<Preferido | undefined>

/** The turn as the rest of the program sees it. */
export interface VezService {
  readonly processId: string
  readonly submit: Sequencer['submit']
  /** A majority read that starts now. */
  readonly readFresh: () => Promise<Vez>
  /** The same, if another write than this one made it; else `undefined`, and the database sends nothing. */
  readonly readAfter: (writeId: string) => Promise<Vez | undefined>
  /** Resolves when the database answers a majority read of the turn; throws when it does not. Those who ask meanwhile share it. */
  readonly check: () => Promise<void>
  /** Did the last write of this process fail, and has none succeeded since? Until then it tries one a second. */
  readonly writesFail: () => boolean
  /** What would be answered now; takes nothing. */
  readonly preview: (command: Command) => Promise<CommandResult>
  /** The state of now, and whom so many such turns would go to; takes nothing. */
  readonly upcoming: (wanted: Wanted, count: number) => Promise<{ readonly vez: Vez; readonly next: Upcoming }>
  /** The state of now, and why a customer of it waits. */
  readonly whyWaiting: (id: string) => Promise<{ readonly vez: Vez; readonly why: WhyWaiting }>
  /**
   * To be called after each change of a protocol's status or responsável, with the old and the new one: their open protocols are
   * counted anew where a limit holds. Never throws. `after`: a snapshot whose read began after the change.
   */
  readonly recount: (ids: readonly number[], after: Vez) => Promise<void>
  /** The same of a change whose outcome is not known, or where nobody can wait for it. */
  readonly recountLater: (ids: readonly number[]) => void
  /** How many open protocols somebody has now, whether he exists or not; from 1,000 on at least so many. */
  readonly openOf: (id: number) => Promise<number>
  /** Copies all that is pending, so that a protocol can be changed where it stands. */
  readonly drainAll: () => Promise<void>
  readonly queueLength: () => number
  /** Resolves when no turn is being decided, or after this time, ms: for work that should not hold turns up. */
  readonly letPass: (maxMs: number) => Promise<void>
  /** The newest snapshot that was seen. Never answer from it: it may be stale. */
  readonly latest: () => Vez | undefined
  readonly forgetSnapshot: () => void
  /** Answers the queued requests, then copies and drops what is pending. */
  readonly stop: () => Promise<void>
}

/** Starts sequencer, drain and tick on a migrated database; copies first what an earlier process left. */
export async function startVez(options: VezOptions): Promise<VezService> {
  const { connection, clock, random, esperaIntervaloMs, fuso, observer } = options
  const processId = randomBytes(6).toString('base64url')
  const store = vezStore(connection, options)
  const sequencer: Sequencer = new Sequencer({
    store,
    clock,
    random,
    processId: processId,
    newWriteId: () => processId + randomBytes(9).toString('base64url'),
    esperaIntervaloMs,
    fuso,
    onSnapshot: (vez) => {
      drain.onSnapshot(vez)
      boundary.look(vez)
    },
    observer,
  })
  const tick = (fresco: boolean): Promise<unknown> => {
    // Nothing else may come to be written for hours: whether the database takes writes again is found out by one.
    const proves = sequencer.writesFail && { grava: true as const }
    return sequencer.submit({ tipo: 'tique', fresco, ...proves }).catch(() => undefined)
  }
  const boundary = boundaryTimer(clock, () => void tick(true))
  const drain = new Drain({
    store: options.copies,
    clock,
    random,
    processId: processId,
    readVez: store.read,
    onCopied: (drained, refused) => sequencer.drained(drained, refused),
    requestDrop: () => {
      if (sequencer.owesDrop) void tick(false)
    },
    observer,
  })
  await drain.drainAll()
  const checkHours = (): Promise<unknown> => sequencer.submit({ tipo: 'conferir_horarios' }).catch(() => undefined)
  await checkHours()

  /** For a decision that is not written. */
  const simulated = (): DecisionContext => ({ now: clock.now(), writeId: 'simulacao', esperaIntervaloMs, fuso })

  const letPass = async (maxMs: number): Promise<void> => {
    const end = clock.elapsed() + maxMs
    while (sequencer.isBusy && clock.elapsed() < end) await clock.wait(LOOK_MS)
  }
  const recounts = new Recounts({
    submit: (command) => sequencer.submit(command),
    readVez: store.read,
    findOpen: options.findOpen,
    letPass,
  })
  /**
   * A limit is in force when it is told: whom it is about is counted before, since without a limit nobody was, and once more
   * afterwards, since a change beside it may have found no limit yet.
   */
  const setLimit = async (command: Command, ids: readonly number[], isAlive?: () => boolean) => {
    await recounts.checkAll(ids)
    const result = await sequencer.submit(command, isAlive)
    await recounts.checkAll(ids).catch(() => recounts.later(ids))
    return result
  }

  let checking: Promise<void> | undefined
  let ticks = 0
  const stopTicks = repeat({
    name: 'vez.tick',
    clock,
    random,
    everyMs: TICK_MS,
    work: async () => {
      ticks += 1
      if (ticks % HOURS_TICKS === 0) await checkHours()
      if (sequencer.latest) boundary.look(sequencer.latest)
      const someoneWaits = (sequencer.latest?.espera.length ?? 0) > 0
      if (someoneWaits || sequencer.writesFail || ticks % SLOW_TICKS === 0) await tick(true)
      if (ticks % SLOW_TICKS !== 0) return
      if (sequencer.latest) observer.seen(sequencer.latest)
      await drain.drainAll()
      if (sequencer.latest) await recounts.tick(sequencer.latest)
    },
    // The drain has told its observer; the next tick tries again.
    onError: () => undefined,
  })

  const stopRecounts = repeat({
    name: 'vez.recount',
    clock,
    random,
    firstMs: FIRST_RECOUNT_MS,
    everyMs: RECOUNT_MS,
    work: () => recounts.all(),
    // Whoever the limit keeps out is counted at each slow tick too.
    onError: () => undefined,
  })

  return {
    processId: processId,
    submit: (command, isAlive) => {
      if (command.tipo === 'alterar' && command.mudanca.limite != null) return setLimit(command, [command.id], isAlive)
      if (command.tipo !== 'politica' || command.mudanca.limite == null) return sequencer.submit(command, isAlive)
      return store.read().then(({ consultores }) => setLimit(command, [...consultores.keys()], isAlive))
    },
    recount: (ids, after) => recounts.changed(ids, after),
    openOf: (id) => recounts.openOf(id),
    recountLater: (ids) => recounts.later(ids),
    readFresh: store.read,
    readAfter: async (writeId) => (await store.readAfter(writeId))?.vez,
    check: () => {
      checking ??= checkVez(connection).finally(() => {
        checking = undefined
      })
      return checking
    },
    writesFail: () => sequencer.writesFail,
    preview: async (command) => {
      const vez = await store.read()
      const known = await store.findPrior([command], vez)
      const [result] = decide(vez, [command], known, simulated()).results
      if (!result) throw unavailable()
      return result
    },
    upcoming: async (wanted, count) => {
      const vez = await store.read()
      return { vez, next: upcoming(vez, wanted, count, simulated()) }
    },
    whyWaiting: async (id) => {
      const vez = await store.read()
      return { vez, why: whyWaiting(vez, id, simulated()) }
    },
    drainAll: () => drain.drainAll(),
    queueLength: () => sequencer.queueLength,
    letPass,
    latest: () => sequencer.latest,
    forgetSnapshot: () => sequencer.forgetSnapshot(),
    stop: async () => {
      boundary.stop()
      await Promise.all([stopTicks(), stopRecounts()])
      await drain.drainAll().catch(() => undefined)
      await drain.stop()
      if (sequencer.owesDrop) await tick(false)
      await sequencer.close()
    },
  }
}
