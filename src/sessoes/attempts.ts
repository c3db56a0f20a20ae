import { groupOf } from '../http/address.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'

/** Addresses that are remembered; past that all are forgotten. */
const MOST_ADDRESSES = 10_000

interface Options {
  readonly clock: Clock
  /** Failures that one address may have. */
  readonly most: number
  /** And all addresses together: many of them may be one person's. */
  readonly mostInAll: number
  /** In this time, ms. */
  readonly withinMs: number
}

/** Bounds how often an address may fail to sign in. What this process saw: nothing of it is stored. */
export class Attempts {
  readonly #options: Options
  #all = { since: Number.NEGATIVE_INFINITY, count: 0 }
  readonly #failed = new Map<string, { readonly since: number; count: number }>()

  constructor(options: Options) {
    this.#options = options
  }

  /** Before a secret is looked at: the right one is refused too, or it would be told by the answer. Throws 429. */
  check(address: string): void {
    const { clock, most, mostInAll, withinMs } = this.#options
    const own = this.#current(address)
    const isMany = this.#isCurrent(this.#all) && this.#all.count >= mostInAll
    const failed = own && own.count >= most ? own : isMany ? this.#all : undefined
    if (!failed) return
    const seconds = Math.max(1, Math.ceil((failed.since + withinMs - clock.elapsed()) / 1_000))
    throw new AppError(429, 'Muitas tentativas: espere alguns minutos e tente de novo', {
      headers: { 'Retry-After': String(seconds) },
      extra: { motivo: 'muitas_tentativas' },
    })
  }

  add(address: string): void {
    if (!this.#isCurrent(this.#all)) this.#all = { since: this.#options.clock.elapsed(), count: 0 }
    this.#all.count += 1
    const failed = this.#current(address)
    if (failed) {
      failed.count += 1
      return
    }
    if (this.#failed.size >= MOST_ADDRESSES) this.#failed.clear()
    this.#failed.set(groupOf(address), { since: this.#options.clock.elapsed(), count: 1 })
  }

  #current(address: string) {
    const failed = this.#failed.get(groupOf(address))
    return failed && this.#isCurrent(failed) ? failed : undefined
  }

  #isCurrent({ since }: { readonly since: number }): boolean {
    return this.#options.clock.elapsed() - since < this.#options.withinMs
  }
}
