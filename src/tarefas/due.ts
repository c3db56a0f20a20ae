import type { Clock } from '../lib/clock.js'
import type { Tarefa } from './model.js'
import type { TarefaStore } from './store.js'

const MOST = 64
const FEW = 8
/** Candidates fetched for each that could be started: some wait behind others, some for their account. */
const SPARE = 4
const MOST_SLICES = 8
const MIN_WIDTH_MS = 20
const MAX_WIDTH_MS = 3_600_000
/** Each look begins so much earlier than the last one ended: clocks of processes differ, and the drain copies late. */
const MARGIN_MS = 5_000
const DEEP_EVERY_MS = 10_000

/**
 * Finds what is due, oldest first, at a cost that does not grow with the number of waiting rows: it goes on from its last
 * position in narrow slices of `vence_em`. Every ten seconds one query covers all that is older, for rows that came later
 * than the margin.
 */
export class DueCursor {
  readonly #store: Pick<TarefaStore, 'due'>
  readonly #clock: Clock
  #from: number
  #width = MAX_WIDTH_MS
  #nextDeep = Number.NEGATIVE_INFINITY

  constructor(store: Pick<TarefaStore, 'due'>, clock: Clock) {
    this.#store = store
    this.#clock = clock
    this.#from = clock.now().getTime() - MARGIN_MS
  }

  /**
   * Some of what is due now. What the caller neither starts nor postpones it must hand to `keep`.
   *
   * @param room how many could be started
   */
  async next(room: number): Promise<Tarefa[]> {
    const most = Math.min(MOST, Math.max(FEW, room * SPARE))
    const now = this.#clock.now().getTime()
    const late = await this.#deep()
    const found: Tarefa[] = []
    for (let slice = 0; slice < MOST_SLICES && this.#from <= now && found.length < most; slice += 1) {
      const to = Math.min(now, this.#from + this.#width)
      const part = await this.#store.due(new Date(this.#from), new Date(to), most)
      found.push(...part)
      if (part.length >= most) {
        this.#width = Math.max(MIN_WIDTH_MS, this.#width / 4)
        break
      }
      if (part.length <= most / SPARE) this.#width = Math.min(MAX_WIDTH_MS, this.#width * 2)
      this.#from = to + 1
    }
    this.#from = Math.min(this.#from, now - MARGIN_MS)
    const all = new Map([...late, ...found].map((one) => [one._id, one]))
    const due = (one: Tarefa): number => one.vence_em.getTime()
    return [...all.values()].sort((a, b) => due(a) - due(b) || (a.sequence ?? 0) - (b.sequence ?? 0))
  }

  /** These are still to be done: the next look begins with them. */
  keep(left: readonly Tarefa[]): void {
    for (const { vence_em } of left) this.#from = Math.min(this.#from, vence_em.getTime())
  }

  async #deep(): Promise<Tarefa[]> {
    if (this.#clock.elapsed() < this.#nextDeep) return []
    this.#nextDeep = this.#clock.elapsed() + DEEP_EVERY_MS
    return this.#store.due(new Date(0), new Date(this.#from), MOST)
  }
}
