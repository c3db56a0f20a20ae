import type { Clock } from '../lib/clock.js'
import type { Contention } from './contention.js'
import type { Vez } from './state.js'

const MAX_PATIENCE_MS = 100
const PATIENCE_ROUNDS = 3
const MAX_SKIPPED = 8

interface CourtesyOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly contention: Contention
  /** Looks whether somebody else has written after this mark; true: yes, and the image that they made is known now. */
  readonly look: (marca: string) => Promise<boolean>
}

/**
 * Between processes on one document: the winner of a write, who knows its new image without reading, would win the next as
 * well, and the others would starve. So it lets them write first. Nobody there: no courtesy. Nobody came when it was given:
 * the next is some rounds away.
 */
export class Courtesy {
  readonly #options: CourtesyOptions
  #lastRoundMs = 5
  #lastWritten = Number.NEGATIVE_INFINITY
  /** Rounds until the next courtesy, and how many the last one was worth. */
  #skips = 0
  #backoff = 0

  constructor(options: CourtesyOptions) {
    this.#options = options
  }

  /** How long a write took with all that belongs to it, ms. */
  get lastRoundMs(): number {
    return this.#lastRoundMs
  }

  /** A round that began at `started` (monotonic ms) has just been written. */
  wrote(started: number): void {
    this.#lastWritten = this.#options.clock.elapsed()
    this.#lastRoundMs = this.#lastWritten - started
  }

  /** The nth write in a row was lost: somebody writes at the same time as we do, if we have just written or try again and again. */
  lost(inARow: number): void {
    if (inARow > 1 || this.#hasJustWritten()) this.#options.contention.meet()
  }

  /** Is it time to let others go first? To be asked once a round: it counts. */
  isOwed(vez: Vez): boolean {
    if (!this.#hasJustWritten() || !this.#options.contention.hasRivals(vez)) return false
    this.#skips -= 1
    return this.#skips < 0
  }

  /** Waits until another process has written after `mine`, or for some rounds of its own. */
  async makeWay(mine: string): Promise<void> {
    const { clock, random, look, contention } = this.#options
    const deadline = clock.elapsed() + this.#patienceMs()
    let came = false
    while (!came && clock.elapsed() < deadline) {
      await clock.wait(this.#lastRoundMs * (0.1 + random() / 5))
      came = await look(mine)
    }
    if (came) contention.meet()
    this.#backoff = came ? 0 : Math.min(MAX_SKIPPED, Math.max(1, this.#backoff * 2))
    this.#skips = this.#backoff
  }

  #hasJustWritten = (): boolean => this.#options.clock.elapsed() - this.#lastWritten < this.#patienceMs()

  #patienceMs = (): number => Math.min(MAX_PATIENCE_MS, PATIENCE_ROUNDS * this.#lastRoundMs)
}
