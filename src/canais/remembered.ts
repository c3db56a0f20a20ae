import { createHash } from 'node:crypto'
import type { ChatEvent, ChatReply } from '../../integrations/contract.js'
import type { Clock } from '../lib/clock.js'

const MAX_KEPT = 10_000
const KEPT_MS = 600_000

/**
 * What became of events whose request was answered before its end. When the platform repeats it, they are not decided again,
 * also those that took no turn and are therefore known by no key: so each repetition gets farther. Of this process only: another
 * one decides them again, which does no harm.
 */
export class Remembered {
  readonly #clock: Clock
  readonly #kept = new Map<string, { readonly reply: ChatReply; readonly at: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get(key: string | undefined): ChatReply | undefined {
    const found = key === undefined ? undefined : this.#kept.get(key)
    return found && this.#clock.elapsed() - found.at < KEPT_MS ? found.reply : undefined
  }

  set(key: string | undefined, reply: ChatReply): void {
    if (key === undefined) return
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined && this.#kept.size >= MAX_KEPT) this.#kept.delete(oldest)
    this.#kept.set(key, { reply, at: this.#clock.elapsed() })
  }

  forget(keys: readonly (string | undefined)[]): void {
    for (const key of keys) if (key !== undefined) this.#kept.delete(key)
  }
}

/** The same for the same event of an account; `undefined` where the platform gives no id, so that two alike may be two. */
export function eventKey(slug: string, event: ChatEvent): string | undefined {
  if (event.mensagem_id === undefined) return undefined
  return createHash('sha256')
    .update(JSON.stringify([slug, event]))
    .digest('base64url')
}
