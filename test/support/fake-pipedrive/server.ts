import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { ENDPOINTS, Refusal, type Reply } from './endpoints.js'
import { type Fault, Faults, type How } from './faults.js'
import { type Limits, Windows } from './limits.js'
import { newState, type State } from './state.js'

export const TOKEN = 'fake-token-0123456789abcdef0123456789abcdef'

export interface Call {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly tokens: number
}

/** A stand-in for one Pipedrive account, written from its documentation; what it does not know it refuses and records. */
export interface FakePipedrive {
  /** For `PIPEDRIVE_BASE_URL`. */
  readonly url: string
  readonly state: State
  readonly limits: Limits
  readonly calls: readonly Call[]
  /** Calls that it knows nothing of. */
  readonly unplanned: readonly string[]
  readonly faultsLeft: () => number
  fault(fault: Fault): void
  /** The search index is so far behind. */
  lag(ms: number): void
  /** Whether it lets nobody in but who has this token. */
  token(known: string): void
  reset(): void
  end(): Promise<void>
}

const DAILY = 1_000_000

/** @param now the account's clock */
export async function startFakePipedrive(now: () => Date = () => new Date()): Promise<FakePipedrive> {
  const state = newState()
  const limits: Limits = { burst: 20, search: 10, daily: DAILY, dailyLimit: DAILY }
  const faults = new Faults()
  const calls: Call[] = []
  const unplanned: string[] = []
  let windows = new Windows()
  let known = TOKEN
  let lagMs = 0
  const server = createServer((request, response) => {
    void serve(request, response)
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://here')
    const method = request.method ?? ''
    const path = url.pathname.replace(/^\/api/, '')
    const body = await read(request)
    const how = faults.next(method, path)
    if (how === 'cortar_antes') return void response.destroy()
    const planned = typeof how === 'object' || how === 'redirecionar' ? undefined : how
    const { status, text, tokens, headers } =
      how !== undefined && planned === undefined ? broken(how) : decide(method, path, url, request, body)
    calls.push({ method, path, status, tokens })
    response.on('error', () => undefined)
    await send(response, status, text, { ...rates(), ...headers }, planned)
  }

  function decide(method: string, path: string, url: URL, request: IncomingMessage, body: string) {
    const refused = (status: number, error: string, code?: string, headers = {}) => {
      const text = JSON.stringify({ success: false, error, ...(code !== undefined && { code }), data: null })
      return { status, text, tokens: 0, headers }
    }
    if (request.headers['x-api-token'] !== known || url.searchParams.has('api_token')) {
      return refused(401, 'unauthorized access')
    }
    const endpoint = ENDPOINTS.find((one) => one.method === method && one.path.test(path))
    if (!endpoint) {
      unplanned.push(`${method} ${path}`)
      return refused(404, 'Unknown method')
    }
    if (limits.daily < endpoint.tokens) {
      return refused(429, 'Request over limit', undefined, { 'x-daily-ratelimit-token-remaining': '0' })
    }
    if (windows.enter(now().getTime(), endpoint.isSearch ?? false, limits)) {
      return refused(429, 'Request over limit', undefined, { 'x-ratelimit-reset': '2' })
    }
    limits.daily -= endpoint.tokens
    try {
      const id = Number(endpoint.path.exec(path)?.[1])
      const query = Object.fromEntries(url.searchParams)
      const reply: Reply = endpoint.answer({ state, id, query, body: parse(body), now: now(), lagMs })
      const text = JSON.stringify({ success: true, data: reply.data, additional_data: reply.additional_data })
      return { status: reply.status ?? 200, text, tokens: endpoint.tokens, headers: {} }
    } catch (error) {
      if (error instanceof Refusal) return refused(error.status, error.message, error.code)
      throw error
    }
  }

  const rates = (): Record<string, string> => ({
    'x-correlation-id': randomUUID(),
    'x-ratelimit-limit': String(limits.burst),
    'x-ratelimit-remaining': String(windows.left(limits.burst)),
    'x-ratelimit-reset': '2',
    'x-daily-ratelimit-token-limit': String(limits.dailyLimit),
    'x-daily-ratelimit-token-remaining': String(limits.daily),
  })

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    state,
    limits,
    calls,
    unplanned,
    faultsLeft: () => faults.left,
    fault: (fault) => faults.add(fault),
    lag: (ms) => {
      lagMs = ms
    },
    token: (given) => {
      known = given
    },
    reset: () => {
      Object.assign(state, newState())
      Object.assign(limits, { burst: 20, search: 10, daily: DAILY })
      faults.reset()
      calls.length = 0
      unplanned.length = 0
      windows = new Windows()
      known = TOKEN
      lagMs = 0
    },
    end: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, 'Bad JSON')
  }
}

function broken(how: How) {
  if (typeof how === 'object') {
    return { status: how.status, text: how.body ?? '', tokens: 0, headers: { ...how.headers } }
  }
  return { status: 302, text: '', tokens: 0, headers: { location: 'http://127.0.0.1:1/elsewhere' } }
}

/** Answers, or breaks off after the work was done. */
async function send(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string>,
  how: How | undefined,
): Promise<void> {
  if (how === 'cortar_depois') return void response.destroy()
  // The connection stays open and nothing comes: whoever waits has his own limit.
  if (how === 'demorar') return
  response.writeHead(status, { 'content-type': how === 'html' ? 'text/html' : 'application/json', ...headers })
  if (how === 'metade') response.end(text.slice(0, text.length / 2))
  else response.end(how === 'html' ? '<html><body>Just a moment</body></html>' : how === 'vazio' ? '' : text)
}
