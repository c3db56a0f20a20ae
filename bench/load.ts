import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import autocannon, { type Options, type Request, type Result } from 'autocannon'

export interface Measured {
  /** Requests per second that were answered with success. */
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly failed: number
}

export const KEY = 'bench-key-0123456789'

/** A load of turns, each with a key of its own, on so many connections for so many seconds. */
export const loadOfTurns = (url: string, connections: number, seconds: number): Promise<Measured> =>
  loadOfRequests(`${url}/consultor/da-vez?idioma=pt`, connections, seconds, (id) => ({
    headers: { 'api-key': KEY, 'idempotency-key': id },
  }))

/** One request by its unique id. */
export type MakeRequest = (id: string, count: number) => Partial<Request>

/** A load of requests of which no two are the same. */
export async function loadOfRequests(
  url: string,
  connections: number,
  seconds: number,
  make: MakeRequest,
): Promise<Measured> {
  const run = randomBytes(6).toString('hex')
  let count = 0
  const times: number[] = []
  let failed = 0
  const options: Options = {
    url,
    connections,
    duration: seconds,
    requests: [
      {
        setupRequest: (request) => {
          count += 1
          return { ...request, ...make(`${run}-${count}`, count) }
        },
      },
    ],
  }
  const started = performance.now()
  const result = await new Promise<Result>((resolve, reject) => {
    const instance = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)))
    instance.on('response', (_client, status, _bytes, ms) => {
      if (status === 200) times.push(ms)
      else failed += 1
    })
  })
  return measured(times, performance.now() - started, failed + result.errors + result.timeouts)
}

/** So many operations in flight for so many seconds; with `everyMs`, each begins so long after the one before. */
export async function loadOf(
  operation: () => Promise<unknown>,
  inFlight: number,
  seconds: number,
  everyMs = 0,
): Promise<Measured> {
  const times: number[] = []
  let failed = 0
  const started = performance.now()
  const until = started + seconds * 1_000
  const one = async (): Promise<void> => {
    while (performance.now() < until) {
      const begun = performance.now()
      await operation().then(
        () => times.push(performance.now() - begun),
        () => {
          failed += 1
        },
      )
      const rest = everyMs - (performance.now() - begun)
      if (rest > 0) await wait(rest)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, one))
  return measured(times, performance.now() - started, failed)
}

export function measured(times: number[], elapsedMs: number, failed = 0): Measured {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { perSecond: (times.length / elapsedMs) * 1_000, p50: at(0.5), p99: at(0.99), failed }
}
