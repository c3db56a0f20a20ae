import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FakePipedrive } from '../../../fakes/pipedrive/fake.js'
import { startFakePipedrive, TOKEN } from '../../../fakes/pipedrive/server.js'
import type { Clock } from '../../../src/lib/clock.js'

export const START = Date.UTC(2026, 10, 25, 12, 0, 0)

/** Stands still: only the fake's own clock moves it. */
const still: Clock = {
  now: () => new Date(START),
  elapsed: () => 0,
  wait: () => new Promise(() => undefined),
  after: () => () => undefined,
}

export const startStill = (): Promise<FakePipedrive> => startFakePipedrive({ clock: still })

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The JSON's parts; `undefined` where it has none. */
  readonly data: unknown
  readonly additional_data: unknown
  readonly error: unknown
  readonly code: unknown
}

type Parts = Partial<Pick<Answer, 'data' | 'additional_data' | 'error' | 'code'>>

function parts(text: string): Parts {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

/** One call as a client makes it; `path` with `/api/v2` or another beginning. */
export async function call(
  fake: FakePipedrive,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { 'x-api-token': TOKEN },
): Promise<Answer> {
  const isBareDeal = method === 'POST' && path === '/api/v2/deals' && !/"(person|org)_id"/.test(JSON.stringify(body))
  const whole = isBareDeal ? { ...Object(body), org_id: somebody(fake) } : body
  const sent = body === undefined ? {} : { body: JSON.stringify(whole) }
  const answer = await fetch(`${fake.url}${path}`, { method, headers, redirect: 'manual', ...sent })
  const text = await answer.text()
  const { data, additional_data, error, code } = parts(text)
  return { status: answer.status, headers: answer.headers, text, data, additional_data, error, code }
}

/** An organization that nobody is told of: a deal needs one, or a person. */
function somebody({ state }: FakePipedrive): number {
  const at = new Date(START).toISOString()
  const stamps = { add_time: at, update_time: at, is_deleted: false }
  if (!state.organizations.some(({ id }) => id === 50))
    state.organizations.push({ id: 50, name: 'Alguém', owner_id: 1, visible_to: 3, ...stamps })
  return 50
}

/** The id that a call gave. */
export async function made(fake: FakePipedrive, path: string, body: unknown): Promise<number> {
  const { data, status, text } = await call(fake, 'POST', path, body)
  const { id }: { id?: unknown } = Object(data)
  if (status >= 300 || typeof id !== 'number') throw new Error(`${status} ${text}`)
  return id
}

/** The code of a new field of deals. */
export async function newField(fake: FakePipedrive, body: object): Promise<string> {
  const { data, text } = await call(fake, 'POST', '/api/v2/dealFields', body)
  const { field_code }: { field_code?: unknown } = Object(data)
  if (typeof field_code !== 'string') throw new Error(text)
  return field_code
}

export interface Heard {
  readonly authorization: string | undefined
  readonly body: {
    readonly meta: Readonly<Record<string, unknown>>
    readonly data: Readonly<Record<string, unknown>> | null
    readonly previous: Readonly<Record<string, unknown>> | null
  }
}

export interface Receiver {
  readonly url: string
  readonly heard: Heard[]
  /** What it says next; `null`: nothing, ever. */
  answer: number | null
  end(): Promise<void>
}

/** Whoever hears the webhooks. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const { authorization } = request.headers
    receiver.heard.push({ authorization, body: JSON.parse(Buffer.concat(chunks).toString()) })
    const { answer } = receiver
    if (answer !== null) response.writeHead(answer, answer === 302 ? { location: '/elsewhere' } : {}).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    heard: [],
    answer: 200,
    end: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}

/** A subscription to all that happens, with Basic credentials. */
export const subscribe = (fake: FakePipedrive, url: string, more: object = {}): Promise<number> =>
  made(fake, '/api/v1/webhooks', {
    ...{ name: 'tudo', subscription_url: url, event_action: '*', event_object: '*', version: '2.0' },
    ...{ http_auth_user: 'vez', http_auth_password: 'segredo-de-teste' },
    ...more,
  })
