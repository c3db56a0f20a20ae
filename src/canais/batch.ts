import type { ChatEvent, ChatReply } from '../../integrations/contract.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import { perKey } from '../lib/per-key.js'
import { TokenBucket } from '../lib/token-bucket.js'
import { inOrder } from './in-order.js'
import { eventKey, Remembered } from './remembered.js'

/** Events of one account. */
const PER_SECOND = 500
const BURST = 1_000

/** The events of a request, as an account may send them. */
export class Batches {
  readonly #clock: Clock
  readonly #bucketOf: (slug: string) => TokenBucket
  readonly #remembered: Remembered

  constructor(clock: Clock) {
    this.#clock = clock
    this.#bucketOf = perKey(() => new TokenBucket(clock, PER_SECOND, BURST))
    this.#remembered = new Remembered(clock)
  }

  /** Throws 429 while the account has sent more than it may. A large request is taken all the same: the next one waits for it. */
  admit(slug: string): void {
    const wait = this.#bucketOf(slug).waitMs()
    if (wait === 0) return
    const headers = { 'Retry-After': String(Math.ceil(wait / 1_000)) }
    throw new AppError(429, 'Muitas mensagens desta conta; tente novamente', { headers })
  }

  /** Takes the events of one request in order. Throws 503 when one could not be made durable, or when they take too long. */
  async take(
    slug: string,
    events: readonly ChatEvent[],
    work: (event: ChatEvent) => Promise<ChatReply>,
  ): Promise<readonly ChatReply[]> {
    const remembered = this.#remembered
    const keyed = events.map((event) => ({ event, key: eventKey(slug, event) }))
    const charged = keyed.filter(({ key }) => remembered.get(key) === undefined).length
    const bucket = this.#bucketOf(slug)
    bucket.charge(charged)
    let begun = 0
    try {
      const replies = await inOrder({
        clock: this.#clock,
        events: keyed,
        threadOf: ({ event }) => event.conversa ?? '',
        work: async ({ event, key }) => {
          const known = remembered.get(key)
          if (known) return known
          begun += 1
          const reply = await work(event)
          remembered.set(key, reply)
          return reply
        },
      })
      remembered.forget(keyed.map(({ key }) => key))
      return replies
    } finally {
      // What was not begun is charged when it comes again.
      bucket.charge(begun - charged)
    }
  }
}
