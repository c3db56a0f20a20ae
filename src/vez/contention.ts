import type { Clock } from '../lib/clock.js'
import type { Vez } from './state.js'

/** Another process that wrote so recently may be writing now. */
const RIVAL_MS = 10_000
/** One that passes its requests on has seldom something to write itself. */
const PASSING_MS = 250
/** Its last request so long ago: it passes on no more. */
const STILL_PASSING_MS = 1_000
/** Processes that got into each other's way are taken to go on doing so for this long. */
const CONTENDED_MS = 10_000
/** More names than a service has processes. */
const MAX_PASSING = 64

/** The process that writes for all. */
export interface Writer {
  readonly processo: string
  readonly onde: readonly string[]
}

/** Who else writes the one document, as its images tell, and whether we get into each other's way. */
export class Contention {
  readonly #clock: Clock
  readonly #processo: string
  /** Monotonic ms. */
  #met = Number.NEGATIVE_INFINITY
  readonly #passing = new Map<string, { readonly at: number; readonly waits: boolean }>()

  constructor(clock: Clock, processo: string) {
    this.#clock = clock
    this.#processo = processo
  }

  /** Another process wrote between two of our writes, or would by now if we still wrote. */
  meet(): void {
    this.#met = this.#clock.elapsed()
  }

  /** This process has just passed a request on to us. `waits`: others of its own still wait for a write. */
  passedBy(processo: string, waits = false): void {
    this.#passing.delete(processo)
    this.#passing.set(processo, { at: this.#clock.elapsed(), waits })
    const [oldest] = this.#passing.keys()
    if (this.#passing.size > MAX_PASSING && oldest !== undefined) this.#passing.delete(oldest)
  }

  /** May somebody else be writing now? */
  hasRivals(vez: Vez): boolean {
    const now = this.#clock.now().getTime()
    const names = new Set([...Object.keys(vez.autores), ...this.#passing.keys()])
    names.delete(this.#processo)
    return [...names].some((name) => {
      const wrote = now - (vez.autores[name]?.em.getTime() ?? Number.NEGATIVE_INFINITY)
      const { at = Number.NEGATIVE_INFINITY, waits = false } = this.#passing.get(name) ?? {}
      const passed = this.#clock.elapsed() - at
      if (passed < STILL_PASSING_MS) return waits || wrote < PASSING_MS
      // Who has passed on and does so no more writes itself, perhaps in vain as yet.
      return wrote < RIVAL_MS || passed < RIVAL_MS
    })
  }

  /**
   * Who should write for all: while processes contend, the lowest name among those that write. Absent: this process itself.
   *
   * @param vez the newest image that was seen
   */
  writer(vez: Vez): Writer | undefined {
    if (this.#clock.elapsed() - this.#met > CONTENDED_MS) return undefined
    const now = this.#clock.now().getTime()
    const [first] = Object.entries(vez.autores)
      .filter(([, { em }]) => now - em.getTime() < RIVAL_MS)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    if (!first) return undefined
    const [processo, { onde }] = first
    return processo < this.#processo && onde !== undefined ? { processo, onde } : undefined
  }
}
