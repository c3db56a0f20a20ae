import { randomBytes } from 'node:crypto'
import type { Clock } from '../lib/clock.js'
import { describe, type Logger } from '../lib/logger.js'
import { OutboundFailure } from '../lib/outbound.js'
import { Breaker, backoff } from './backoff.js'
import { DueCursor } from './due.js'
import type { Tarefa } from './model.js'
import type { TarefaStore } from './store.js'

const POLL_MS = 1_000
const MOST_AT_ONCE = 8
const MOST_AT_ONCE_PER_ACCOUNT = 4
const MOST_ABANDONED = 64
/** Looks are so far apart at least: what comes in between is seen together. */
const GAP_MS = 50
/** Longer than any handler's calls take together. */
const LEASE_MS = 60_000
const MAX_ATTEMPTS = 10
/** Whoever waits behind another of its thread is looked at again after this, should nobody wake it. */
const BEHIND_MS = 2_000
/** An account that takes nothing now is asked again after this, or later. */
const CLOSED_MS = 1_000
/** Leases that ended are looked for so often. */
const ABANDONED_MS = 2_000
const KEEP_TRIES = 3

/** What does one type of work. */
export interface Handler {
  /** Throws an OutboundFailure that says whether to repeat it. */
  readonly run: (tarefa: Tarefa) => Promise<void>
  /** It says how things shall be, so doing it twice is doing it once. */
  readonly repeatable: boolean
  /** Has it been done? For what is not repeatable; absent: nobody can tell, and it is not repeated. */
  readonly wasDone?: (tarefa: Tarefa) => Promise<boolean | undefined>
  /** Not worth doing after so long, ms. */
  readonly maxAgeMs: number
}

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
  /** By type of work; what nobody here can do is left for another release. */
  readonly handlers: Readonly<Record<string, Handler>>
  /** How long until this account may be called again, ms; 0: now. */
  readonly limit: (canal: string) => number
}

export interface Worker {
  /** There is new work. */
  wake(): void
  /** Starts no more; resolves when what is in flight has ended. */
  stop(): Promise<void>
}

/** Works the outbox off: by lease, so that several processes share it; one after the other within a conversation. */
export function startWorker(options: WorkerOptions): Worker {
  const { store, clock, random, logger, observer, handlers, limit } = options
  const inFlight = new Map<string, { readonly canal: string; readonly done: Promise<void> }>()
  const breakers = new Map<string, Breaker>()
  const cursor = new DueCursor(store, clock)
  let stopped = false
  let looking: Promise<void> | undefined
  let lookAgain = false
  let lastLook = Number.NEGATIVE_INFINITY
  let cancel = (): void => undefined
  let nextAbandoned = Number.NEGATIVE_INFINITY

  const later = (ms: number): Date => new Date(clock.now().getTime() + ms)
  const accountOf = (tarefa: Tarefa): string => tarefa.canal ?? tarefa.tipo

  function breakerOf(account: string): Breaker {
    const known = breakers.get(account)
    if (known) return known
    const made = new Breaker(clock)
    breakers.set(account, made)
    return made
  }

  async function look(): Promise<void> {
    const agora = clock.now()
    const due = [...(await abandoned(agora)), ...(await cursor.next())]
    const oldest = Math.min(...due.map(({ criada_em }) => criada_em.getTime()))
    observer.oldest(due.length === 0 ? 0 : agora.getTime() - oldest)
    /** Accounts that take nothing now: how long, and who waits for them. */
    const closed = new Map<string, { readonly ms: number; readonly waiting: Tarefa[] }>()
    const left: Tarefa[] = []
    for (const tarefa of due) {
      const known = closed.get(accountOf(tarefa))
      if (known) known.waiting.push(tarefa)
      else if (stopped || inFlight.size >= MOST_AT_ONCE) left.push(tarefa)
      else {
        const ms = await consider(tarefa)
        if (ms === undefined) left.push(tarefa)
        else if (ms > 0) closed.set(accountOf(tarefa), { ms, waiting: [tarefa] })
      }
    }
    cursor.keep(left)
    for (const { ms, waiting } of closed.values()) await store.postpone(waiting, later(Math.max(ms, CLOSED_MS)))
  }

  async function abandoned(agora: Date): Promise<Tarefa[]> {
    if (clock.elapsed() < nextAbandoned) return []
    nextAbandoned = clock.elapsed() + ABANDONED_MS
    return store.abandoned(agora, MOST_ABANDONED)
  }

  /** Starts it, if it is the first of its thread. Returns how long its account takes nothing, ms; `undefined`: not now. */
  async function consider(tarefa: Tarefa): Promise<number | undefined> {
    const thread = tarefa.fio ?? tarefa._id
    const account = accountOf(tarefa)
    if (!handlers[tarefa.tipo]) return 0
    if (inFlight.has(thread)) return undefined
    if ([...inFlight.values()].filter(({ canal }) => canal === account).length >= MOST_AT_ONCE_PER_ACCOUNT)
      return undefined
    const open = tarefa.fio === undefined ? [tarefa] : await store.openOf(tarefa.fio)
    if (open[0] && open[0]._id !== tarefa._id) {
      await store.postpone([tarefa], later(BEHIND_MS))
      return 0
    }
    const wait = breakerOf(account).waitMs() || limit(account)
    if (wait > 0) return wait
    const lease = randomBytes(9).toString('base64url')
    if (!(await store.claim(tarefa, lease, later(LEASE_MS)))) return 0
    const done = work(tarefa, lease, open.length > 1)
      .catch((error: unknown) => logger.warn(describe(error), 'this work will be taken up again when its lease ends'))
      .finally(() => {
        inFlight.delete(thread)
        wake()
      })
    inFlight.set(thread, { canal: account, done })
    return 0
  }

  async function work(tarefa: Tarefa, lease: string, hasNext: boolean): Promise<void> {
    const handler = handlers[tarefa.tipo]
    if (!handler) return
    const breaker = breakerOf(accountOf(tarefa))
    const change = await attempt(tarefa, handler, breaker)
    await keep(tarefa, lease, change)
    observer.finished(
      tarefa.tipo,
      change.estado === 'feita' ? 'feita' : change.estado === 'morta' ? 'morta' : 'repetida',
    )
    if (change.estado === 'morta')
      logger.warn({ tarefa: tarefa._id, tipo: tarefa.tipo, motivo: change.motivo }, 'work died')
    if (hasNext && tarefa.fio !== undefined && change.estado !== 'pendente') await advance(tarefa.fio)
  }

  /** What becomes of it: done, dead, or to be tried again. */
  async function attempt(tarefa: Tarefa, handler: Handler, breaker: Breaker): Promise<Partial<Tarefa>> {
    const dead = (motivo: string): Partial<Tarefa> => ({ estado: 'morta', motivo, encerrada_em: clock.now() })
    if (clock.now().getTime() - tarefa.criada_em.getTime() > handler.maxAgeMs) return dead('vencida')
    try {
      const inDoubt = tarefa.duvida === true || tarefa.estado === 'em_curso'
      if (inDoubt && !handler.repeatable) {
        const wasDone = await handler.wasDone?.(tarefa)
        if (wasDone === undefined) return dead('incerta')
        if (wasDone) return { estado: 'feita', duvida: false, encerrada_em: clock.now() }
      }
      await handler.run(tarefa)
      breaker.succeeded()
      return { estado: 'feita', duvida: false, encerrada_em: clock.now() }
    } catch (error) {
      const failure =
        error instanceof OutboundFailure ? error : new OutboundFailure('erro_interno', { unknown: !handler.repeatable })
      if (!(error instanceof OutboundFailure)) logger.error(describe(error), 'work failed in our own code')
      return failed(tarefa, handler, breaker, failure, dead)
    }
  }

  function failed(
    tarefa: Tarefa,
    handler: Handler,
    breaker: Breaker,
    { motivo, definitive, unknown, waitMs }: OutboundFailure,
    dead: (motivo: string) => Partial<Tarefa>,
  ): Partial<Tarefa> {
    if (definitive) {
      breaker.succeeded()
      return dead(motivo)
    }
    breaker.failed()
    if (unknown && !handler.repeatable && !handler.wasDone) return dead('incerta')
    if (tarefa.tentativas + 1 >= MAX_ATTEMPTS) return dead(unknown ? 'incerta' : `tentativas_esgotadas: ${motivo}`)
    const wait = Math.max(waitMs ?? 0, backoff(tarefa.tentativas, random))
    return { estado: 'pendente', motivo, vence_em: later(wait), duvida: tarefa.duvida === true || unknown }
  }

  /** Writes down what became of it; when that cannot be, the lease ends and the outcome counts as unknown. */
  async function keep(tarefa: Tarefa, lease: string, change: Partial<Tarefa>): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await store.release(tarefa, lease, change)
        return
      } catch (error) {
        if (tries === KEEP_TRIES) throw error
        await clock.wait(backoff(tries, random))
      }
    }
  }

  /** The next of this thread need not wait for the poll. */
  async function advance(fio: string): Promise<void> {
    const [next] = await store.openOf(fio)
    if (next?.estado === 'pendente' && next.tentativas === 0) await store.hasten(next, clock.now())
  }

  /** Looks now, or as soon as the last look is long enough ago. */
  function wake(): void {
    if (stopped) return
    if (looking) {
      lookAgain = true
      return
    }
    cancel()
    const rest = lastLook + GAP_MS - clock.elapsed()
    if (rest > 0) {
      cancel = clock.after(rest, wake)
      return
    }
    looking = look()
      .catch((error: unknown) => logger.warn(describe(error), 'the outbox will be looked at again'))
      .finally(() => {
        looking = undefined
        lastLook = clock.elapsed()
        cancel = clock.after(lookAgain ? GAP_MS : POLL_MS * (0.8 + random() * 0.4), wake)
        lookAgain = false
        if (stopped) cancel()
      })
  }
  wake()

  return {
    wake,
    stop: async () => {
      stopped = true
      cancel()
      await looking
      await Promise.all([...inFlight.values()].map(({ done }) => done))
    },
  }
}
