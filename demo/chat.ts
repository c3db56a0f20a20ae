import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { parseJson } from '../src/lib/json.js'
import { isStandardWebhook, signStandardWebhook } from '../src/lib/signature.js'
import { type Api, Consultor, Espera, Fila } from './api.js'
import { PAGE } from './chat-page.js'
import { type Conversa, Conversations, Resposta, Retorno } from './conversations.js'
import type { Cliente } from './customers.js'
import { DemoFailure } from './failure.js'
import type { StoryClock } from './story-clock.js'

const MOST_BYTES = 100_000
const LIMIT_MS = 30_000
const MOST_HEARD = 1_000

const Escrito = z.strictObject({
  cliente: z.string().optional(),
  nome: z.string().trim().min(1).max(80).optional(),
  telefone: z.string().trim().max(32).optional(),
  idioma: z.enum(['pt-BR', 'en', 'es']).optional(),
  texto: z.string().trim().min(1).max(1_000),
})
const Presenca = z.strictObject({ id: z.int(), online: z.boolean() })

/** A chat whose customers are all in one page: it writes for them, and shows what the service answers. */
export interface Chat {
  readonly url: string
  /** Where the service sends what comes later. */
  readonly retornoUrl: string
  /** The account that the service made for this chat. */
  connect(webhookUrl: string, segredo: string): void
  /** @param id of the message: the same one again is the platform's retry, which shows nothing */
  write(cliente: Cliente, texto: string, id?: string): Promise<Resposta>
  conversa(cliente: Cliente): Conversa | undefined
  /** Until now people could only watch. */
  openToAll(): void
  end(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly json: unknown
}

/** @param port a free one */
export async function startChat(
  port: number,
  api: Api,
  clock: StoryClock,
  paginas: Readonly<Record<string, string>>,
): Promise<Chat> {
  const url = `http://127.0.0.1:${port}`
  const conversations = new Conversations(() => clock.now())
  /** Ids of callbacks, so that one that is repeated is shown once. */
  const heard = new Set<string>()
  /** Ids of messages that the story repeats. */
  const written = new Set<string>()
  let account: { readonly webhookUrl: string; readonly segredo: string } | undefined
  let isOpen = false

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.writeHead(502).end())
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET' && request.url === '/') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE)
      return
    }
    const { status, json } = await answer(request).catch(refused)
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(json))
  }

  async function answer(request: IncomingMessage): Promise<Answer> {
    const call = `${request.method} ${request.url}`
    if (call === 'GET /estado') return { status: 200, json: await estado() }
    // What a page elsewhere may send without asking first is no JSON.
    if (!request.headers['content-type']?.startsWith('application/json')) return { status: 415, json: {} }
    const body = await read(request)
    if (call === 'POST /retorno') return callback(request, body)
    if (call !== 'POST /escrever' && call !== 'POST /presenca') return { status: 404, json: {} }
    if (!isOpen) return { status: 409, json: { detail: 'A história ainda está sendo contada.' } }
    const json = parseJson(body.toString('utf8'))
    return { status: 200, json: await (call === 'POST /escrever' ? typed(json) : presence(json)) }
  }

  async function estado(): Promise<object> {
    const [consultores, fila, espera] = await Promise.all([
      api.call(z.array(Consultor), 'GET', '/consultores'),
      api.call(Fila, 'GET', '/vez'),
      api.call(Espera, 'GET', '/espera'),
    ])
    return { aberto: isOpen, paginas, consultores, idiomas: fila.idiomas, espera, conversas: conversations.all }
  }

  async function typed(json: unknown): Promise<Resposta> {
    const { cliente: id, nome, telefone, idioma = 'pt-BR', texto } = Escrito.parse(json)
    const known = id === undefined ? undefined : conversations.all.find((one) => one.cliente.id === id)?.cliente
    const novo = { id: randomUUID(), nome: nome ?? 'Cliente', telefone: telefone ?? '', idioma }
    return write(known ?? novo, texto)
  }

  async function presence(json: unknown): Promise<unknown> {
    const { id, online } = Presenca.parse(json)
    return api.call(z.unknown(), 'PUT', `/consultor/${id}/connection?status=${online}`)
  }

  async function callback({ headers }: IncomingMessage, body: Buffer): Promise<Answer> {
    const [id, timestamp, signature] = ['id', 'timestamp', 'signature'].map((name) => {
      const value = headers[`webhook-${name}`]
      return typeof value === 'string' ? value : undefined
    })
    const signed = { id, timestamp, signature }
    const secrets = account ? [account.segredo] : []
    const isOurs = [clock.now(), clock.asBefore()].some((now) => isStandardWebhook(signed, secrets, body, now))
    if (!isOurs || id === undefined) return { status: 401, json: {} }
    const retorno = Retorno.safeParse(parseJson(body.toString('utf8')))
    if (!retorno.success) return { status: 400, json: {} }
    if (!heard.has(id)) conversations.heard(retorno.data)
    heard.add(id)
    const [oldest] = heard
    if (heard.size > MOST_HEARD && oldest !== undefined) heard.delete(oldest)
    return { status: 200, json: {} }
  }

  async function write(cliente: Cliente, texto: string, id?: string): Promise<Resposta> {
    const isRetry = id !== undefined && written.has(id)
    if (id !== undefined) written.add(id)
    if (!isRetry) conversations.wrote(cliente, texto)
    const resposta = await post(id ?? randomUUID(), { contato: toContato(cliente), conversa: cliente.id, texto })
    if (!isRetry) conversations.answered(cliente, resposta)
    return resposta
  }

  async function post(id: string, evento: object): Promise<Resposta> {
    if (!account) throw new DemoFailure('O chat ainda não tem conta no serviço.')
    const body = JSON.stringify({ id, ...evento })
    const headers = signStandardWebhook(account.segredo, id, clock.now(), body)
    const response = await fetch(account.webhookUrl, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(LIMIT_MS),
    }).catch(() => undefined)
    const parsed = Resposta.safeParse(await response?.json().catch(() => undefined))
    if (parsed.success) return parsed.data
    throw new DemoFailure(`O webhook do chat foi respondido com ${response?.status ?? 'nada'}.`)
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', () => reject(new DemoFailure(`O chat não consegue a porta ${port}: tente de novo.`)))
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `${url}/`,
    retornoUrl: `${url}/retorno`,
    connect: (webhookUrl, segredo) => {
      account = { webhookUrl, segredo }
    },
    write,
    conversa: ({ id }) => conversations.of(id),
    openToAll: () => {
      isOpen = true
    },
    end: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const toContato = ({ id, nome, telefone, idioma }: Cliente): object => ({
  ...{ id, nome, idioma },
  ...(telefone !== '' && { telefone }),
})

/** What is wrong with what a person sent, or with the service. */
function refused(error: unknown): Answer {
  if (error instanceof z.ZodError) return { status: 422, json: { detail: 'Preencha o nome e a mensagem.' } }
  if (error instanceof DemoFailure) return { status: 502, json: { detail: error.message } }
  throw error
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const part = Buffer.from(chunk)
    bytes += part.length
    if (bytes > MOST_BYTES) throw new DemoFailure('Mensagem grande demais.')
    chunks.push(part)
  }
  return Buffer.concat(chunks)
}
