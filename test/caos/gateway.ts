import { createServer, type IncomingMessage } from 'node:http'
import type { ServiceProcess } from '../support/processes.js'

/** Of a request that no service takes. */
const PATIENCE_MS = 60_000
const PAUSE_MS = 150
/** Of a request that hangs: the next one may go to another service. */
const HANGS_MS = 12_000
/** Part of all requests that reach both services at once. */
const DOUBLED = 0.1

/** What stands before the services: it hands each webhook to any of them, until one has taken it. */
export interface Gateway {
  readonly url: string
  end(): Promise<void>
}

export async function startGateway(running: () => ServiceProcess[], random: () => number): Promise<Gateway> {
  async function forward(to: ServiceProcess, request: IncomingMessage, body: Buffer): Promise<number> {
    const headers = Object.entries(request.headers).flatMap(([name, value]) =>
      /^(content-type|x-)/.test(name) && typeof value === 'string' ? [[name, value] as const] : [],
    )
    const signal = AbortSignal.timeout(HANGS_MS)
    const init = { method: 'POST', headers: Object.fromEntries(headers), body: new Uint8Array(body), signal }
    const answer = await fetch(to.url + (request.url ?? ''), init).catch(() => undefined)
    await answer?.arrayBuffer().catch(() => undefined)
    return answer?.status ?? 503
  }

  async function take(request: IncomingMessage, body: Buffer): Promise<number> {
    const until = performance.now() + PATIENCE_MS
    while (performance.now() < until) {
      const all = running()
      const chosen = random() < DOUBLED ? all : all.slice(Math.floor(random() * all.length)).slice(0, 1)
      const statuses = await Promise.all(chosen.map((one) => forward(one, request, body)))
      const status = Math.min(...statuses)
      if (status < 500 && status !== 429) return status
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
    return 503
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    response.writeHead(await take(request, Buffer.concat(chunks))).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    end: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
