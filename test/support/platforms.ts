import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** A call that reached the platform. */
export interface Recorded {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Parsed when it is JSON or a form. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
  readonly body: any
  readonly raw: string
}

/** How it answers: with a status and JSON, late, or by cutting the connection after it heard the call. */
export interface Reply {
  readonly status?: number
  readonly json?: unknown
  /** A page in the place of JSON. */
  readonly html?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cut?: boolean
  /** Answers only once this resolves. */
  readonly after?: Promise<unknown>
}

/** One server that stands for the outbound ends of all platforms; what it answers is taken from their documentation. */
export interface Platforms {
  readonly url: string
  readonly calls: readonly Recorded[]
  /** From now on. Returning `undefined` leaves it to the standard answer. */
  answer(reply: (call: Recorded) => Reply | undefined): void
  /** Forgets what was called and how to answer. */
  reset(): void
  end(): Promise<void>
}

export async function startPlatforms(): Promise<Platforms> {
  const calls: Recorded[] = []
  let reply: (call: Recorded) => Reply | undefined = () => undefined
  const server = createServer(async (request, response) => {
    const call = await record(request)
    calls.push(call)
    await send(response, reply(call) ?? standard(call))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    answer: (given) => {
      reply = given
    },
    reset: () => {
      calls.length = 0
      reply = () => undefined
    },
    end: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function record(request: IncomingMessage): Promise<Recorded> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const raw = Buffer.concat(chunks).toString('utf8')
  const type = request.headers['content-type'] ?? ''
  const body = type.includes('json')
    ? JSON.parse(raw || 'null')
    : type.includes('form')
      ? Object.fromEntries(new URLSearchParams(raw))
      : raw
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, one]) => [name, String(one)]))
  return { method: request.method ?? '', path: request.url ?? '', headers, body, raw }
}

async function send(response: ServerResponse, { status = 200, json = {}, html, headers = {}, cut, after }: Reply) {
  await after
  if (cut) {
    response.destroy()
    return
  }
  const type = html === undefined ? 'application/json' : 'text/html; charset=utf-8'
  response.writeHead(status, { 'content-type': type, ...headers })
  response.end(html ?? JSON.stringify(json))
}

/** What each platform answers when all is well. */
function standard({ path, body }: Recorded): Reply {
  if (path.includes('/message/sendText/'))
    return { status: 201, json: { key: { id: 'BAE5', remoteJid: body?.number } } }
  if (path.endsWith('/send-text')) return { json: { zaapId: 'z', messageId: 'm', id: 'm' } }
  if (path.endsWith('/messages') && body?.messaging_product) return { json: { messages: [{ id: 'wamid.out' }] } }
  if (path.endsWith('/Messages.json')) return { status: 201, json: { sid: 'SM1', status: 'queued' } }
  if (path.includes('/bot')) return { json: { ok: true, result: { message_id: 1, username: 'bot' } } }
  if (path.endsWith('/commands')) return { json: { method: 'set', status: 'success', id: body?.id } }
  if (path.includes('/fb/')) return { json: { status: 'success' } }
  if (path.includes('/api/v1/')) return { json: { success: true } }
  return { json: { success: true } }
}
