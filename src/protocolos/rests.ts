import type { Clock } from '../lib/clock.js'
import type { VezService } from '../vez/service.js'

/** How long the database rests after a list, ms at most. */
const MAX_REST_MS = 250

/**
 * The lists of this process, whoever asks for them: where turns were given during one, the next begins only once the database has
 * rested for as long as that one took. Who lists again and again takes no more than half of the time, and most turns meet no list.
 */
export class Rests {
  readonly #vez: Pick<VezService, 'latest'>
  readonly #clock: Pick<Clock, 'elapsed' | 'wait'>
  #until = Number.NEGATIVE_INFINITY

  constructor(vez: Pick<VezService, 'latest'>, clock: Pick<Clock, 'elapsed' | 'wait'>) {
    this.#vez = vez
    this.#clock = clock
  }

  /** What the list comes to, or throws. */
  async around<T>(list: () => Promise<T>): Promise<T> {
    const rest = this.#until - this.#clock.elapsed()
    if (rest > 0) await this.#clock.wait(rest)
    const [began, versao] = [this.#clock.elapsed(), this.#vez.latest()?.versao]
    try {
      return await list()
    } finally {
      const now = this.#clock.elapsed()
      if (this.#vez.latest()?.versao !== versao) this.#until = now + Math.min(MAX_REST_MS, now - began)
    }
  }
}
