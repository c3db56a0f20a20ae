import { groupOf } from '../http/address.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import { TokenBucket } from '../lib/token-bucket.js'

const MINUTE_MS = 60_000
/** Failures that an address may have in a minute before its unknown keys are looked up at a rate. */
const FREE = 20
const PER_SECOND = 5
/** Addresses that are remembered; past that all are forgotten, which only makes guessing slower to notice. */
const MOST_ADDRESSES = 10_000

interface Failing {
  readonly since: number
  count: number
  readonly bucket: TokenBucket
}

/** Slows down an address that tries one key after the other. */
export class Failures {
  readonly #clock: Clock
  readonly #failing = new Map<string, Failing>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Before an unknown key is looked at. Throws 429 when this address has failed too often of late. */
  check(address: string): void {
    const failing = this.#current(address)
    if (!failing || failing.count < FREE) return
    const wait = failing.bucket.take()
    if (wait === 0) return
    const headers = { 'Retry-After': String(Math.ceil(wait / 1_000)) }
    throw new AppError(429, 'Muitas tentativas com uma API Key errada; tente novamente', { headers })
  }

  /** A key of this address was nobody's. */
  add(address: string): void {
    const failing = this.#current(address)
    if (failing) {
      failing.count += 1
      return
    }
    if (this.#failing.size >= MOST_ADDRESSES) this.#failing.clear()
    const bucket = new TokenBucket(this.#clock, PER_SECOND, PER_SECOND)
    this.#failing.set(groupOf(address), { since: this.#clock.elapsed(), count: 1, bucket })
  }

  #current(address: string): Failing | undefined {
    const failing = this.#failing.get(groupOf(address))
    return failing && this.#clock.elapsed() - failing.since < MINUTE_MS ? failing : undefined
  }
}
