import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { StartError } from '../lib/start-error.js'

const IN_FLIGHT_MS = 6_000
/** For a request to come in whole, head and body. An answer may take as long as it needs. */
const RECEIVE_MS = 30_000
/**
 * How long an idle connection is kept: longer than a proxy keeps its end (Traefik 90 s, others 60 s), or it may send the next
 * request into one that is being closed, and answer 502.
 */
const IDLE_MS = 95_000
/** How often that is looked at, as a part of the limit. */
const CHECKS = 6
const LOOK_MS = 25

export interface Listening {
  readonly port: number
  /** From now on this one answers; until then everybody gets a 503. */
  serve(listener: RequestListener): void
  /** Takes no more connections; resolves when those in flight are answered, or after 6 s. */
  close(): Promise<void>
}

const notYet: RequestListener = (_request, response) => {
  response.writeHead(503, { 'Content-Type': 'application/json; charset=utf-8', 'Retry-After': '1' })
  response.end(JSON.stringify({ detail: 'O serviço está começando; tente novamente' }))
}

/**
 * Takes the port before anything slow is started. Throws a StartError when that cannot be.
 *
 * @param receiveMs for a request to come in whole: then the connection is answered 408 and closed
 */
export async function listen(host: string, port: number, receiveMs = RECEIVE_MS): Promise<Listening> {
  let current = notYet
  const limits = {
    requestTimeout: receiveMs,
    headersTimeout: receiveMs,
    keepAliveTimeout: IDLE_MS,
    connectionsCheckingInterval: Math.ceil(receiveMs / CHECKS),
  }
  const answers = new WeakMap<Duplex, ServerResponse>()
  const server = createServer(limits, (request, response) => {
    answers.set(request.socket, response)
    current(request, response)
  })
  server.on('clientError', (error, socket) => refuse(error, socket, answers.get(socket)))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(refused(error, host, port)))
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    serve: (listener) => {
      current = listener
    },
    close: () => close(server),
  }
}

/** What came is no HTTP, too long or too slow: said before the connection is closed, but never inside of an answer. */
function refuse(error: unknown, socket: Duplex, last: ServerResponse | undefined): void {
  const isAnswering = last?.headersSent && !last.writableFinished
  if (!socket.writable || isAnswering) return void socket.destroy()
  const [status, detail] = REFUSALS[String(Object(error).code)] ?? [
    '400 Bad Request',
    'A requisição não é HTTP/1.1 válido',
  ]
  const body = JSON.stringify({ detail })
  const head = [
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  socket.end(`HTTP/1.1 ${[status, ...head].join('\r\n')}\r\n\r\n${body}`)
}

const REFUSALS: Readonly<Record<string, readonly [status: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'Cabeçalhos grandes demais: envie menos de 16 kB'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'A requisição demorou demais para chegar: envie-a de novo'],
}

function refused(error: unknown, host: string, port: number): StartError {
  const { code } = Object(error)
  if (code === 'EADDRINUSE')
    return new StartError(`A porta ${port} já está em uso. Pare o outro programa ou escolha outra: PORT=8001 npm start`)
  if (code === 'EACCES')
    return new StartError(`Sem permissão para a porta ${port}. Escolha uma acima de 1023 com PORT.`)
  return new StartError(`Não foi possível escutar em ${host}:${port}. Confira HOST e PORT.`)
}

/** Connections that are kept alive go as soon as they are idle. */
async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const idle = setInterval(() => server.closeIdleConnections(), LOOK_MS)
  const limit = setTimeout(() => server.closeAllConnections(), IN_FLIGHT_MS)
  await closed
  clearInterval(idle)
  clearTimeout(limit)
}
