import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { Relay } from '../../src/replicas/relay.js'
import { Contention } from '../../src/vez/contention.js'
import { emptyVez, type Vez } from '../../src/vez/state.js'
import { until } from '../support/until.js'

const WRITER = 'a'
const DOWN_AT_MOST_MS = 3_600
const PASSAGE = { method: 'GET', path: '/consultor/da-vez?idioma=pt', headers: { 'api-key': 'k' } }
const never = (): void => undefined

let ahead: number
let server: Server
let asked: string[]
let answer: (request: IncomingMessage, response: ServerResponse) => void
let results: string[]
let busy: boolean
let relay: Relay
let onde: string[]

const named = (response: ServerResponse, status: number, name = WRITER): ServerResponse =>
  response.writeHead(status, { 'x-vez-processo': name })

beforeEach(async () => {
  ahead = 0
  asked = []
  results = []
  busy = false
  answer = (_request, response) => named(response, 200).end('{"ok":true}')
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (request.url === '/health') named(response, 200).end()
    else answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onde = [`127.0.0.1:${Object(server.address()).port}`]
  relay = relayTo()
})

afterEach(async () => {
  relay.stop()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function relayTo(enabled = true): Relay {
  const clock = { ...systemClock, elapsed: () => systemClock.elapsed() + ahead }
  const contention = new Contention(clock, 'b')
  contention.meet()
  const seen = (): Vez => ({ ...emptyVez('m'), autores: { [WRITER]: { lote: 'x', em: new Date(), onde } } })
  const vez = { processo: 'b', contention, seen, isBusy: () => busy }
  return new Relay({ vez, enabled, clock, random: () => 1, observer: { passed: (one) => results.push(one) } })
}

const open = () => until(() => relay.isOpen, undefined, 'the way')
const probes = () => asked.filter((path) => path === '/health').length

describe('a request on its way to the writer', () => {
  it('is asked there as it came, and names both processes', async () => {
    let got: IncomingMessage['headers'] = {}
    answer = (request, response) => {
      got = request.headers
      named(response, 404).end('{"detail":"x"}')
    }
    await open()
    expect(await relay.pass(PASSAGE, never)).toMatchObject({ status: 404, text: '{"detail":"x"}' })
    expect(got).toMatchObject({ 'x-vez-para': WRITER, 'x-vez-de': 'b', 'api-key': 'k' })
    expect(asked).toEqual(['/health', PASSAGE.path])
    expect(results).toEqual(['feita'])
    busy = true
    await relay.pass(PASSAGE, never)
    expect(got).toMatchObject({ 'x-vez-de': 'b;espera' })
  })

  it.each([503, 500, 401, 403, 429])('is not answered by a %d, and the way is kept', async (status) => {
    answer = (_request, response) => named(response, status).end()
    await open()
    expect(await relay.pass(PASSAGE, never)).toBeUndefined()
    expect(results).toEqual(['falha'])
    expect(relay.isOpen).toBe(true)
  })

  it.each<[string, typeof answer]>([
    ['another process', (_request, response) => named(response, 200, 'c').end('{}')],
    ['no process of ours', (_request, response) => response.writeHead(200).end('{}')],
    ['half an answer', (_request, response) => named(response, 200).write('{') && response.destroy()],
    ['too long an answer', (_request, response) => named(response, 200).end('x'.repeat(1_000_001))],
    ['nothing for too long', () => undefined],
  ])('that meets %s is not answered, and the way is looked for anew after a while', async (_what, how) => {
    answer = how
    await open()
    expect(await relay.pass(PASSAGE, never)).toBeUndefined()
    expect(results).toEqual(['falha'])
    expect(relay.isOpen).toBe(false)
    expect(probes()).toBe(1)
    ahead += DOWN_AT_MOST_MS
    await open()
    expect(probes()).toBe(2)
  })

  it('is made once more where the connection had been closed over there meanwhile', async () => {
    const used = new Set<unknown>()
    answer = (request, response) => {
      if (used.has(request.socket)) request.socket.destroy()
      else named(response, 200).end('{}')
      used.add(request.socket)
    }
    await open()
    for (let i = 0; i < 3; i += 1) expect(await relay.pass(PASSAGE, never)).toMatchObject({ status: 200 })
    expect(results).toEqual(['feita', 'feita', 'feita'])
  })

  it('is cut when its caller goes; that says nothing about the way', async () => {
    let go = never
    answer = () => go()
    await open()
    const passed = relay.pass(PASSAGE, (then) => {
      go = then
    })
    expect(await passed).toBeUndefined()
    expect(results).toEqual([])
    expect(relay.isOpen).toBe(true)
  })

  it('is one of so many at most', async () => {
    const waiting: ServerResponse[] = []
    answer = (_request, response) => waiting.push(response)
    await open()
    const all = Array.from({ length: 500 }, () => relay.pass(PASSAGE, never))
    expect(relay.isOpen).toBe(false)
    await until(() => waiting.length > 0)
    server.closeAllConnections()
    await Promise.all(all)
  })
})

describe('the way', () => {
  it('is not looked for where passing on is switched off', () => {
    relay = relayTo(false)
    expect(relay.isOpen).toBe(false)
    expect(asked).toEqual([])
  })

  it('never leads to a public address, nor to where another process answers', async () => {
    const [right = ''] = onde
    const other = createServer((_request, response) => named(response, 200, 'c').end())
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onde = ['8.8.8.8:80', 'example.com:80', `127.0.0.1:${Object(other.address()).port}`, right]
    await open()
    expect(await relay.pass(PASSAGE, never)).toMatchObject({ status: 200 })
    other.closeAllConnections()
    await new Promise((resolve) => other.close(resolve))
  })

  it('goes on while much goes by it', async () => {
    const waiting: ServerResponse[] = []
    answer = (_request, response) => waiting.push(response)
    await open()
    ahead += 9_900
    const all = Array.from({ length: 4 }, () => relay.pass(PASSAGE, never))
    await until(() => waiting.length === 4)
    for (const response of waiting) named(response, 200).end('{}')
    await Promise.all(all)
    ahead += 9_900
    expect(relay.isOpen).toBe(true)
    ahead += 200
    expect(relay.isOpen).toBe(false)
  })
})
