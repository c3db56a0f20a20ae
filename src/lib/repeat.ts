import type { Clock } from './clock.js'

export interface Repetition {
  /** Of its timer, `room.what`. */
  readonly name: string
  readonly clock: Clock
  readonly random: () => number
  /** Before the first run, ms; as `everyMs` when absent. */
  readonly firstMs?: number
  /** From the end of one run to the begin of the next, ms. */
  readonly everyMs: number
  /** Each wait is up to this part shorter or longer, so that replicas do not run in step; 0.1 when absent. */
  readonly jitter?: number
  readonly work: () => Promise<void>
  /** A run that failed; the next one comes at its time all the same. */
  readonly onError: (error: unknown) => void
}

/**
 * Does something again and again, one run at a time.
 *
 * @returns ends it: resolves when the run in flight has ended
 */
export function repeat(options: Repetition): () => Promise<void> {
  const { name, clock, random, everyMs, firstMs = everyMs, jitter = 0.1, work, onError } = options
  let running: Promise<void> = Promise.resolve()
  let cancel = (): void => undefined
  let stopped = false
  const run = async (): Promise<void> => {
    try {
      await work()
    } catch (error) {
      onError(error)
    }
    if (!stopped) schedule(everyMs)
  }
  const begin = (): void => {
    running = run()
  }
  const schedule = (ms: number): void => {
    cancel = clock.after(ms * (1 + jitter * (2 * random() - 1)), begin, name)
  }
  schedule(firstMs)
  return async () => {
    stopped = true
    cancel()
    await running
  }
}
