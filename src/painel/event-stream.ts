import { Readable } from 'node:stream'

/** How long a page waits before it asks again after a lost link, ms. */
const RETRY_MS = 3_000

/** What a page is told of a change. */
export interface State {
  readonly name: string
  readonly id: string
  readonly data: string
  /** Where this is what the page was told last, nothing is sent. */
  readonly compared: string
}

/**
 * Server-sent events to one page. Of what the page has not read yet only the newest state is kept: a slow reader misses states in
 * between, and costs no memory.
 */
export class EventStream extends Readable {
  /** Headers leave with the first byte. */
  #waiting: string[] = [`retry: ${RETRY_MS}\n\n`]
  #state: string | undefined
  #last = ''
  #isWanted = false
  #isOver = false

  /** The newest state, where it is another one than the page was told last. */
  state({ name, id, data, compared }: State): void {
    if (compared === this.#last || this.#isOver) return
    this.#last = compared
    this.#state = `id: ${id}\nevent: ${name}\ndata: ${data}\n\n`
    this.#flush()
  }

  /** That the link holds, and that the state is what the database says. */
  pulse(): void {
    if (this.#waiting.length > 0 || this.#isOver) return
    this.#waiting.push('event: pulso\ndata: {}\n\n')
    this.#flush()
  }

  /** The last thing that the page is told. */
  over(motivo: 'sessao' | 'desligando'): void {
    if (this.#isOver) return
    this.#waiting.push(`event: fim\ndata: ${JSON.stringify({ motivo })}\n\n`)
    this.#isOver = true
    this.#flush()
  }

  override _read(): void {
    this.#isWanted = true
    this.#flush()
  }

  #flush(): void {
    if (!this.#isWanted) return
    const next = this.#waiting.shift() ?? this.#state
    if (next === undefined) {
      if (this.#isOver) this.push(null)
      return
    }
    if (next === this.#state) this.#state = undefined
    this.#isWanted = false
    this.push(next)
  }
}
