/**
 * Coalesces calls: while one round of work runs, what is added waits, and the next round does it all at once. There is no timer:
 * when idle, a round starts at once. When a round fails, each call of it fails.
 */
export class Coalescer<T> {
  readonly #work: (all: readonly T[]) => Promise<void>
  #waiting: { readonly one: T; readonly done: () => void; readonly failed: (error: unknown) => void }[] = []
  #running = false

  constructor(work: (all: readonly T[]) => Promise<void>) {
    this.#work = work
  }

  /** Resolves when the round that carried this one is done. */
  add(one: T): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ one, done, failed })
      if (!this.#running) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#waiting.length > 0) {
      const round = this.#waiting
      this.#waiting = []
      try {
        await this.#work(round.map(({ one }) => one))
        for (const { done } of round) done()
      } catch (error) {
        for (const { failed } of round) failed(error)
      }
    }
    this.#running = false
  }
}
