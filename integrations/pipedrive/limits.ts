import type { Clock } from '../../src/lib/clock.js'
import { omitUndefined } from '../../src/lib/omit.js'
import { TokenBucket } from '../../src/lib/token-bucket.js'
import { type FailureKind, type Header, PipedriveFailure } from './failure.js'
import { PlanCap } from './plan-cap.js'
import type { Capped, Gate } from './wire.js'

/** Calls a second: below the smallest plan's 20 in two seconds, and below every plan's 10 searches, for any window. */
const PER_SECOND = 8
const BURST = 3
const SEARCHES_PER_SECOND = 4
const SEARCHES_BURST = 1
const MAX_WAIT_MS = 8_000
const MIN_LIMIT_MS = 2_000
/** How long a ban by Cloudflare is respected, ms: its length is not documented. */
const BAN_MS = 300_000
const TOKEN_MS = 900_000
const HOUR_MS = 3_600_000
const MOST_DOUBLINGS = 11

/** Why calls are paused, and until when. A full plan pauses only calls that make such a record. */
export interface Pause {
  readonly falha: FailureKind
  readonly ate: Date
}

/** The company's tokens of the day. */
export interface Budget {
  readonly restante: number
  /** Of a whole day, where the answer said so. */
  readonly limite?: number
  /** When that was said. */
  readonly em: Date
}

/** Is told of each new pause, of one that ended early, of the budget by each answer that names it, and of each failed call. */
export interface LimitsListener {
  paused(pausa: Pause): void
  resumed(falha: FailureKind): void
  budget(left: Budget): void
  failed(failure: PipedriveFailure): void
}

/**
 * The rate limiter of one account: burst and search windows, daily budget, and pauses after a ban, a bad token, an empty
 * budget or a full plan.
 */
export class Limits implements Gate {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #listener: LimitsListener
  readonly #calls: TokenBucket
  readonly #searches: TokenBucket
  readonly #cap: PlanCap
  #pausa: Pause | undefined
  #budget: Budget | undefined
  /** How many 429 answers came in a row. */
  #refused = 0

  constructor(clock: Clock, random: () => number, listener: LimitsListener) {
    this.#clock = clock
    this.#random = random
    this.#listener = listener
    this.#calls = new TokenBucket(clock, PER_SECOND, BURST)
    this.#searches = new TokenBucket(clock, SEARCHES_PER_SECOND, SEARCHES_BURST)
    this.#cap = new PlanCap(clock, random)
  }

  /** Tokens of the day that are left, as the last answer said. */
  get restante(): number | undefined {
    return this.#budget?.restante
  }

  get budget(): Budget | undefined {
    return this.#budget
  }

  get pausa(): Pause | undefined {
    return this.pausedMs() > 0 ? this.#pausa : undefined
  }

  pausedMs(): number {
    return this.#pausa === undefined ? 0 : Math.max(0, this.#pausa.ate.getTime() - this.#clock.now().getTime())
  }

  /** Throws while the plan takes no more of these, so that nothing is read for a record that cannot be made. */
  ensureRoom(makes: Capped): void {
    const waitMs = this.#cap.fullMs(makes)
    if (waitMs > 0) throw new PipedriveFailure('limite_do_plano', 0, { waitMs })
  }

  /** A person has put something right: what only people can end is tried again now. */
  retry(): void {
    this.#cap.retry()
    if (this.#pausa?.falha !== 'token') return
    this.#pausa = undefined
    this.#listener.resumed('token')
  }

  async enter(isSearch: boolean, makes?: Capped): Promise<void> {
    if (makes !== undefined) this.ensureRoom(makes)
    const until = this.#clock.elapsed() + MAX_WAIT_MS
    for (const bucket of isSearch ? [this.#searches, this.#calls] : [this.#calls]) {
      for (let wait = bucket.take(); wait > 0; wait = bucket.take()) {
        if (this.#clock.elapsed() + wait > until) throw new PipedriveFailure('limite', 0, { waitMs: wait })
        await this.#clock.wait(wait)
      }
    }
    const paused = this.pausedMs()
    if (paused > 0 && this.#pausa) throw new PipedriveFailure(this.#pausa.falha, 0, { waitMs: paused })
    if (makes !== undefined) this.#cap.enter(makes)
  }

  heard(header: Header): void {
    const count = (name: string): number | undefined => {
      const said = header(name)
      return said !== undefined && /^\d+$/.test(said) ? Number(said) : undefined
    }
    const restante = count('x-daily-ratelimit-token-remaining')
    if (restante === undefined) return
    const limite = count('x-daily-ratelimit-token-limit')
    this.#budget = { restante, ...omitUndefined({ limite }), em: this.#clock.now() }
    this.#listener.budget(this.#budget)
  }

  passed(made?: Capped): void {
    this.#refused = 0
    if (made !== undefined && this.#cap.passed(made)) this.#listener.resumed('limite_do_plano')
  }

  failed(failure: PipedriveFailure, made?: Capped): void {
    const { falha, status, waitMs = 0 } = failure
    const now = this.#clock.now().getTime()
    if (falha === 'limite') {
      // The wait doubles each time: whoever goes on calling is banned, and an empty budget is not always named as such.
      const least = Math.min(HOUR_MS, MIN_LIMIT_MS * 2 ** this.#refused)
      this.#refused = Math.min(this.#refused + 1, MOST_DOUBLINGS)
      this.#pause(falha, Math.max(waitMs, least) * (1 + this.#random() / 2))
    }
    if (falha === 'limite_do_plano' && made !== undefined)
      this.#listener.paused({ falha, ate: this.#cap.refused(made) })
    if (falha === 'banido' || (status === 403 && falha === 'recusada' && this.#refused > 0))
      this.#pause('banido', BAN_MS * (1 + this.#random() / 2))
    if (falha === 'token') this.#pause(falha, TOKEN_MS)
    // The budget is reset at midnight of an unknown time zone, so it is tried again after each full hour.
    if (falha === 'sem_orcamento') this.#pause(falha, HOUR_MS - (now % HOUR_MS) + this.#random() * 60_000)
    this.#listener.failed(failure)
  }

  #pause(falha: FailureKind, ms: number): void {
    const ate = new Date(this.#clock.now().getTime() + ms)
    if (this.#pausa && this.#pausa.ate >= ate) return
    this.#pausa = { falha, ate }
    this.#listener.paused(this.#pausa)
  }
}
