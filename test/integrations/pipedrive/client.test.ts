import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Pipedrive } from '../../../integrations/pipedrive/client.js'
import { pipedriveClient } from '../../../integrations/pipedrive/client.js'
import { PipedriveFailure } from '../../../integrations/pipedrive/failure.js'
import type { Gate } from '../../../integrations/pipedrive/wire.js'

const TOKEN = 'secret-token-0123456789abcdef'
/** Only there to end a hang. */
const PATIENT_MS = 60_000
/** Of a call that is never answered. */
const SHORT_MS = 300

interface Heard {
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
}

const servers: Server[] = []
let heard: Heard[]
let failures: PipedriveFailure[]
let passed: number
let remaining: string | undefined

const gate: Gate = {
  enter: async () => undefined,
  heard: (header) => {
    remaining = header('x-daily-ratelimit-token-remaining')
  },
  failed: (failure) => void failures.push(failure),
  passed: () => {
    passed += 1
  },
}

beforeEach(() => {
  heard = []
  failures = []
  passed = 0
  remaining = undefined
})
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listen(answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    heard.push({ url: request.url, headers: request.headers })
    request.resume()
    answer(response)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
}

const client = (url: string, timeoutMs = PATIENT_MS): Pipedrive =>
  pipedriveClient({ token: TOKEN, base: `${url}/api`, gate, timeoutMs })

const json =
  (status: number, body: unknown, headers = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

/** The failure, in which nothing tells of the token. */
async function failureOf(work: Promise<unknown>): Promise<PipedriveFailure> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown) => thrown,
  )
  if (!(error instanceof PipedriveFailure)) throw new Error(`not ours: ${inspect(error)}`)
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(TOKEN)
  expect(JSON.stringify(error)).not.toContain(TOKEN)
  return error
}

describe('a call', () => {
  it('carries the token in its header only, and answers what our schema knows', async () => {
    const url = await listen(
      json(
        200,
        { success: true, data: { id: 7, name: 'Clara', more: 1 } },
        { 'x-daily-ratelimit-token-remaining': '41' },
      ),
    )
    expect(await client(url).person(7)).toEqual({ id: 7, name: 'Clara' })
    expect(heard).toMatchObject([{ url: '/api/v2/persons/7', headers: { 'x-api-token': TOKEN } }])
    expect(heard[0]?.url).not.toContain(TOKEN)
    expect(remaining).toBe('41')
    expect(passed).toBe(1)
  })

  it('asks no proxy, whatever the environment says', async () => {
    const url = await listen(json(200, { success: true, data: { id: 7 } }))
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'ALL_PROXY', 'all_proxy']
    const before = names.map((name) => process.env[name])
    for (const name of names) process.env[name] = 'http://127.0.0.1:1'
    try {
      expect(await client(url).person(7)).toEqual({ id: 7 })
    } finally {
      for (const [place, name] of names.entries()) {
        const value = before[place]
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    }
  })

  it('goes through a proxy by CONNECT alone, so that it hears no token; one that refuses or is not there is told apart', async () => {
    const asked: string[] = []
    const proxy = createServer((_request, response) => void response.writeHead(407).end())
    proxy.on('connect', ({ url, headers }, socket) => {
      asked.push(`${url} ${JSON.stringify(headers)}`)
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    })
    servers.push(proxy)
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const address = proxy.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const through = (where: string) =>
      pipedriveClient({ token: TOKEN, base: 'https://exemplo.pipedrive.com/api', gate, proxy: where })
    const failure = await failureOf(through(`http://eu:se%40nha@127.0.0.1:${port}`).person(7))
    expect(failure).toMatchObject({ falha: 'nao_enviado' })
    expect(asked).toEqual([expect.stringMatching(/^exemplo\.pipedrive\.com:443 /)])
    expect(asked[0]).toContain(Buffer.from('eu:se@nha').toString('base64'))
    expect(asked[0]).not.toContain(TOKEN)
    expect(await failureOf(through('http://127.0.0.1:1').person(7))).toMatchObject({ falha: 'nao_enviado' })
  })

  it.each([301, 302, 303, 307, 308])('follows no %i: the other host never hears the token', async (status) => {
    const other = await listen(json(200, { success: true, data: { id: 7 } }))
    const url = await listen(
      (response) => void response.writeHead(status, { location: `${other}/api/v2/persons/7` }).end(),
    )
    expect(await failureOf(client(url).person(7))).toMatchObject({ falha: 'indisponivel', status })
    expect(heard).toHaveLength(1)
  })

  it('marks what it makes just before it leaves, and lets nothing leave without', async () => {
    const url = await listen(json(200, { success: true, data: { id: 7 } }))
    const lost = new Error('lost')
    const mark = (): Promise<void> => Promise.reject(lost)
    await expect(client(url).addPerson({ name: 'Clara' }, mark)).rejects.toBe(lost)
    expect(heard).toEqual([])
  })
})

describe('within its limit of time ends', () => {
  it.each([
    ['silence', (): void => undefined],
    [
      'an answer that comes drop by drop',
      (response: ServerResponse): void => {
        response.writeHead(200, { 'content-type': 'application/json' })
        const timer = setInterval(() => response.write(' '), SHORT_MS / 6)
        response.on('close', () => clearInterval(timer))
      },
    ],
  ])('%s', async (_name, answer) => {
    expect(await failureOf(client(await listen(answer), SHORT_MS).person(7))).toMatchObject({ falha: 'sem_resposta' })
  })
})

describe('an answer that is none', () => {
  const whole = JSON.stringify({ success: true, data: { id: 7, name: 'Clara' } })
  it.each([
    ['half of the JSON', (response: ServerResponse) => void response.writeHead(200).end(whole.slice(0, 20))],
    [
      'less than it promised',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': whole.length }).write(whole.slice(0, 20))
        setTimeout(() => response.destroy(), 20)
      },
    ],
    ['a page with 200', (response: ServerResponse) => void response.writeHead(200).end('<html></html>')],
    ['nothing with 200', (response: ServerResponse) => void response.writeHead(200).end()],
    ['success: false with 200', json(200, { success: false, error: 'no' })],
    ['another shape', json(200, { success: true, data: { id: 'seven' } })],
    ['no data', json(200, { success: true, data: null })],
  ])('%s: nobody knows what became of it', async (_name, answer) => {
    const failure = await failureOf(client(await listen(answer)).person(7))
    expect(failure).toMatchObject({ falha: 'sem_resposta', isUndone: false })
    expect(passed).toBe(0)
  })

  it('is no empty list either', async () => {
    const empty = client(await listen((response) => void response.writeHead(200).end()))
    for (const list of [
      empty.notesOf({ deal_id: 1 }),
      empty.activitiesOf({ deal_id: 1 }),
      empty.dealsSince(new Date(0)),
      empty.users(),
    ]) {
      expect(await failureOf(list)).toMatchObject({ falha: 'sem_resposta' })
    }
    const none = client(await listen(json(200, { success: true, data: null })))
    expect(await none.notesOf({ deal_id: 1 })).toEqual([])
  })
})

describe('a failure is our own', () => {
  it('with status, code and what the headers say', async () => {
    const body = { success: false, error: `what ${TOKEN} said`, code: 'ERR_SCHEMA_VALIDATION_FAILED' }
    const url = await listen(json(400, body))
    const refused = await failureOf(client(url).person(7))
    expect(refused).toMatchObject({ falha: 'recusada', status: 400, code: 'ERR_SCHEMA_VALIDATION_FAILED' })
    expect(refused.message).toBe('recusada (400)')
    const busy = await listen(json(429, { success: false }, { 'x-ratelimit-reset': '3' }))
    expect(await failureOf(client(busy).person(7))).toMatchObject({ falha: 'limite', status: 429, waitMs: 3_000 })
    expect(failures).toHaveLength(2)
  })

  it.each([`ERR ${TOKEN}`, TOKEN, '+5511987654321', 'a'.repeat(65), 7, null])(
    'whose code is kept only when it is one: %j is none',
    async (code) => {
      const failure = await failureOf(client(await listen(json(422, { success: false, code }))).person(7))
      expect(failure).toMatchObject({ falha: 'recusada', status: 422 })
      expect(failure.code).toBeUndefined()
    },
  )

  it('when nobody listens: nothing left', async () => {
    const failure = await failureOf(client('http://127.0.0.1:1').person(7))
    expect(failure).toMatchObject({ falha: 'nao_enviado', isUndone: true })
  })

  it('when the connection breaks: it may have arrived', async () => {
    const url = await listen((response) => void response.destroy())
    expect(await failureOf(client(url).person(7))).toMatchObject({ falha: 'sem_resposta', isUndone: false })
  })
})

describe('a list', () => {
  it.each([null, undefined, ''])('ends where the cursor is %j, after all of its pages', async (end) => {
    const url = await listen((response) => {
      const isLast = heard.length === 2
      const next_cursor = isLast ? end : 'next'
      json(200, { success: true, data: [{ id: heard.length }], additional_data: { next_cursor } })(response)
    })
    expect(await client(url).activitiesOf({ deal_id: 3 })).toEqual([{ id: 1 }, { id: 2 }])
    expect(heard[1]?.url).toContain('cursor=next')
  })

  it('of hits in one field may be bare', async () => {
    const nested = await listen(json(200, { success: true, data: { items: [{ item: { id: 5 } }] } }))
    const bare = await listen(json(200, { success: true, data: [{ id: 5 }] }))
    for (const url of [nested, bare]) expect(await client(url).dealsByField('f', '#00001')).toEqual([5])
  })
})
