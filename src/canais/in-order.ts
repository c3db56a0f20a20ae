import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'

/**
 * Events of one request that are worked on at once. Each makes the write that decides it a little longer, and so the turn of
 * whoever stands in the same line: beside 6,000 messages a turn over REST takes 2.4 times as long as alone, with three at once 3.0
 * times, with five 4.0 times (docs/benchmarks.md).
 */
export const AT_ONCE = 2
/** Events after which whatever else waits has its turn: thousands of receipts need nothing that is waited for. */
const AT_A_TIME = 50
/** After so long a request is answered, ms: platforms wait some seconds, and come again. */
const ANSWER_MS = 8_000
const RETRY_AFTER_S = 5

/** What it is about, and which of them come one after the other. */
interface InOrder<E, R> {
  readonly clock: Clock
  readonly events: readonly E[]
  readonly threadOf: (event: E) => string
  readonly work: (event: E) => Promise<R>
}

/**
 * Works on the events of one request: those of one customer one after the other, several customers at once. One that could not
 * be made durable makes the whole answer a 503: the others are known by their keys when the platform repeats it. After 8 s it
 * throws a 503 as well: no more are begun then, and those that were begun go on.
 */
export async function inOrder<E, R>({ clock, events, threadOf, work }: InOrder<E, R>): Promise<R[]> {
  const threads = threadsOf(events, threadOf).values()
  const results: PromiseSettledResult<R>[] = []
  let open = true
  let worked = 0
  const worker = async (): Promise<void> => {
    for (const thread of threads) {
      for (const [index, event] of thread) {
        if (!open) return
        const [result] = await Promise.allSettled([work(event)])
        results[index] = result
        worked += 1
        if (worked % AT_A_TIME === 0) await setImmediate()
      }
    }
  }
  let cancel = (): void => undefined
  const late = new Promise<'late'>((resolve) => {
    cancel = clock.after(ANSWER_MS, () => resolve('late'), 'canais.answer')
  })
  const all = Promise.all(Array.from({ length: AT_ONCE }, worker))
  const isLate = (await Promise.race([all, late])) === 'late'
  open = false
  cancel()
  if (isLate) throw tooLate()
  return results.map((one) => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
}

/** The events by thread, each with its place; threads in the order in which they first come. */
function threadsOf<E>(events: readonly E[], threadOf: (event: E) => string): Map<string, [number, E][]> {
  const threads = new Map<string, [number, E][]>()
  for (const [index, event] of events.entries()) {
    const thread = threads.get(threadOf(event)) ?? []
    thread.push([index, event])
    threads.set(threadOf(event), thread)
  }
  return threads
}

const tooLate = (): AppError =>
  new AppError(503, 'Ainda não terminou; tente novamente', { headers: { 'Retry-After': String(RETRY_AFTER_S) } })
