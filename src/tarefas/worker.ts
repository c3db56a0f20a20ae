import { randomBytes } from 'node:crypto'
import type { Clock } from '../lib/clock.js'
import { describe, type Logger } from '../lib/logger.js'
import { perKey } from '../lib/per-key.js'
import { attempt, type Handler } from './attempt.js'
import { Breaker, backoff } from './backoff.js'
import { DueCursor } from './due.js'
import type { Tarefa } from './model.js'
import { keyOf, MOST_AT_ONCE, MOST_AT_ONCE_PER_ACCOUNT, partition, pickReady, type Ready } from './pick-ready.js'
import type { TarefaStore } from './store.js'

const POLL_MS = 1_000
/** Minimum gap between two looks: what comes in meanwhile is seen by one. */
const GAP_MS = 50
/** Minimum gap while all that is due is for accounts that take nothing now. */
const SHUT_GAP_MS = 250
/** Minimum gap as a multiple of the duration of the last look (at most POLL_MS), so that a slow database has time for the turns. */
const REST = 4
const MOST_ABANDONED = 64
/** How often leases that have ended are looked for. */
const ABANDONED_MS = 2_000
/** Longer than all calls of one handler together: at most six of ten seconds each, at Chatwoot. */
const LEASE_MS = 90_000
/** Work that waits behind another of its conversation is looked at again after this, unless that one's end makes it due. */
const BEHIND_MS = 2_000
const KEEP_TRIES = 3

export interface WorkerObserver {
  finished(tipo: string, resultado: 'feita' | 'repetida' | 'morta'): void
  /** Age of the oldest work that is due, ms; 0: none is. */
  oldest(ms: number): void
}

export interface WorkerOptions {
  readonly store: TarefaStore
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly observer: WorkerObserver
  /** By type of work; work of a type that is not here is left, since another release may know it. */
  readonly handlers: Readonly<Record<string, Handler>>
  /** The account of all this work; where absent, work belongs to the chat account that it names. */
  readonly account?: string
  /** How long until this account may be called again, ms; 0: now. */
  readonly limit: (canal: string) => number
  /** How long until any call is allowed, ms; the database is not asked for work until then. */
  readonly pausedMs?: () => number
}

export interface Worker {
  /** There is new work. */
  wake(): void
  /** How long the account of all this work is left alone after failures in a row, ms. */
  openMs(): number
  /** Starts no more; resolves when what is in flight has ended. */
  stop(): Promise<void>
}

/** Does the work of one queue: by lease, so that several processes share it; one after the other within a conversation. */
export function startWorker(options: WorkerOptions): Worker {
  const { store, clock, random, logger, observer, handlers, limit, pausedMs } = options
  /** Timers are told apart by their names. */
  const queue = `tarefas.${options.account ?? 'chat'}`
  /** By `keyOf`. */
  const inFlight = new Map<string, { readonly account: string; readonly done: Promise<void> }>()
  const breakerOf = perKey(() => new Breaker(clock))
  const cursor = new DueCursor(store, clock)
  let stopped = false
  let looking: Promise<void> | undefined
  let lookAgain = false
  let lastLook = Number.NEGATIVE_INFINITY
  let gap = GAP_MS
  let cancel = (): void => undefined
  let nextAbandoned = Number.NEGATIVE_INFINITY
  /** Of the oldest that was due at the last look. */
  let oldest: number | undefined
  let allShut = false

  const accountOf = (tarefa: Tarefa): string => options.account ?? tarefa.payload.canal ?? tarefa.tipo
  const later = (ms: number): Date => new Date(clock.now().getTime() + ms)

  async function look(): Promise<void> {
    const now = clock.now()
    const tellAge = (): void => observer.oldest(oldest === undefined ? 0 : now.getTime() - oldest)
    // The turns need the database: no query while no result of it could be started.
    if (cannotStart()) return tellAge()
    const due = [...(await abandoned(now)), ...(await cursor.next(roomLeft()))].filter(({ tipo }) => handlers[tipo])
    oldest = due.length === 0 ? undefined : Math.min(...due.map(({ criada_em }) => criada_em.getTime()))
    tellAge()
    const picked = stopped ? [] : pickReady(due, inFlight, accountOf)
    const conversations = await store.openOf(picked.flatMap(({ conversationKey }) => conversationKey ?? []))
    const waitOf = (account: string): number => breakerOf(account).waitMs() || limit(account)
    const { ready, behind, closed } = partition(picked, due, conversations, accountOf, waitOf)
    const [claimed] = await Promise.all([
      claim(ready),
      store.postpone(behind, later(BEHIND_MS)),
      ...closed.map(({ tarefas, waitMs }) => store.postpone(tarefas, later(waitMs))),
    ])
    const postponed = closed.flatMap(({ tarefas }) => tarefas)
    const dealtWith = new Set([...claimed.map(({ tarefa }) => tarefa), ...behind, ...postponed])
    cursor.keep(due.filter((one) => !dealtWith.has(one)))
    for (const one of claimed) start(one)
    allShut = claimed.length === 0 && closed.length > 0
  }

  const roomLeft = (): number =>
    (options.account === undefined ? MOST_AT_ONCE : MOST_AT_ONCE_PER_ACCOUNT) - inFlight.size

  function cannotStart(): boolean {
    if ((pausedMs?.() ?? 0) > 0 || roomLeft() <= 0) return true
    return options.account !== undefined && breakerOf(options.account).isOpen
  }

  async function abandoned(now: Date): Promise<Tarefa[]> {
    if (clock.elapsed() < nextAbandoned) return []
    nextAbandoned = clock.elapsed() + ABANDONED_MS
    return store.abandoned(now, MOST_ABANDONED)
  }

  /** Those that are ours now, each with its lease. */
  async function claim(ready: readonly Ready[]): Promise<(Ready & { readonly lease: string })[]> {
    if (ready.length === 0) return []
    const lease = randomBytes(9).toString('base64url')
    const tarefas = ready.map(({ tarefa }) => tarefa)
    const ours = await store.claim(tarefas, lease, clock.now(), later(LEASE_MS))
    return ready.filter(({ tarefa }) => ours.has(tarefa._id)).map((one) => ({ ...one, lease }))
  }

  function start({ tarefa, lease, hasNext }: Ready & { readonly lease: string }): void {
    const key = keyOf(tarefa)
    const done = work(tarefa, lease, hasNext)
      .catch((error: unknown) => logger.warn(describe(error), 'this work will be taken up again when its lease ends'))
      .finally(() => {
        inFlight.delete(key)
        wake()
      })
    inFlight.set(key, { account: accountOf(tarefa), done })
  }

  async function work(tarefa: Tarefa, lease: string, hasNext: boolean): Promise<void> {
    const { _id, tipo, conversationKey } = tarefa
    const handler = handlers[tipo]
    if (!handler) return
    const change = await attempt(tarefa, handler, { clock, random, logger, breaker: breakerOf(accountOf(tarefa)) })
    await keep(tarefa, lease, change)
    const { estado, motivo } = change
    observer.finished(tipo, estado === 'feita' || estado === 'morta' ? estado : 'repetida')
    if (estado === 'morta') logger.warn({ tarefa: _id, tipo, motivo }, 'work died')
    if (hasNext && conversationKey !== undefined && estado !== 'pendente') await advance(conversationKey)
  }

  /** Stores the outcome, in at most three tries; after the last the lease runs out, and the outcome counts as unknown. */
  async function keep(tarefa: Tarefa, lease: string, change: Partial<Tarefa>): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await store.release(tarefa, lease, change)
      } catch (error) {
        if (tries === KEEP_TRIES) throw error
        await clock.wait(backoff(tries, random))
      }
    }
  }

  /** Makes the next of this conversation due now, instead of when its postponement ends. */
  async function advance(conversationKey: string): Promise<void> {
    const [next] = (await store.openOf([conversationKey])).get(conversationKey) ?? []
    if (next?.estado === 'pendente' && next.tentativas === 0) await store.runNow(next, clock.now())
  }

  /** Looks now, or once the minimum gap since the last look has passed. */
  function wake(): void {
    if (stopped) return
    if (looking) {
      lookAgain = true
      return
    }
    cancel()
    const rest = lastLook + gap - clock.elapsed()
    if (rest > 0) {
      cancel = clock.after(rest, wake, `${queue}.gap`)
      return
    }
    const started = clock.elapsed()
    looking = look()
      .catch((error: unknown) => logger.warn(describe(error), 'the outbox will be looked at again'))
      .finally(() => {
        looking = undefined
        lastLook = clock.elapsed()
        gap = Math.max(allShut ? SHUT_GAP_MS : GAP_MS, Math.min(POLL_MS, REST * (lastLook - started)))
        cancel = clock.after(lookAgain ? gap : POLL_MS * (0.8 + random() * 0.4), wake, `${queue}.poll`)
        lookAgain = false
        if (stopped) cancel()
      })
  }
  wake()

  return {
    wake,
    openMs: () => (options.account === undefined ? 0 : breakerOf(options.account).openMs),
    stop: async () => {
      stopped = true
      cancel()
      await looking
      await Promise.all([...inFlight.values()].map(({ done }) => done))
    },
  }
}
