import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type Clock, systemClock } from '../../src/lib/clock.js'
import { Account } from './account.js'
import { asPerson } from './as-person.js'
import { FakeClock } from './clock.js'
import { control } from './control.js'
import { Delivery } from './delivery.js'
import type { Call, FakePipedrive } from './fake.js'
import { Faults } from './faults.js'
import { Front } from './front.js'
import { instead, read, send } from './http.js'
import { newLimits } from './limits.js'
import { seeding } from './seed.js'
import { newState } from './state.js'
import { newSwitches, newWebhookSwitches } from './switches.js'

export const TOKEN = 'fake-token-0123456789abcdef0123456789abcdef'

export interface Options {
  /** Runs as this one does, and can be moved ahead of it. */
  readonly clock?: Clock
  /** 0: any. */
  readonly port?: number
  readonly token?: string
}

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && /^(::ffff:)?127\.|^::1$/.test(address)

/** v2 is under `/api` alone, v1 has an alias without it. */
const apiPath = (path: string): string | undefined =>
  /^\/api\/v[12]\//.test(path) ? path.slice(4) : path.startsWith('/v1/') ? path : undefined

/** @param given options, or what tells the account's time */
export async function startFakePipedrive(given: Options | (() => Date) = {}): Promise<FakePipedrive> {
  const options = typeof given === 'function' ? { clock: { ...systemClock, now: given } } : given
  const token = options.token ?? TOKEN
  const clock = new FakeClock(options.clock)
  const state = newState()
  const limits = newLimits()
  const switches = newSwitches()
  const webhookSwitches = newWebhookSwitches()
  const delivery = new Delivery(state, clock, webhookSwitches)
  const account = new Account(state, clock, switches, (happening) => delivery.tell(happening))
  const front = new Front(account, limits, token)
  const faults = new Faults()
  const calls: Call[] = []
  const person = asPerson(account, limits)
  const server = createServer((request, response) => void serve(request, response))

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined)
    const body = await read(request).catch(() => undefined)
    if (body === undefined) return void response.destroy()
    try {
      answer(request, response, body)
    } catch (error) {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error))
    }
  }

  function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const url = new URL(request.url ?? '/', fake.url)
    const method = request.method ?? ''
    if (url.pathname.startsWith('/__fake/')) {
      controlled(request, response, url.pathname.slice(8), body)
      return
    }
    const path = apiPath(url.pathname)
    const how = faults.next(method, path ?? url.pathname)
    if (how === 'cortar_antes') return void response.destroy()
    const answered = instead(how) ?? front.answer({ method, path, url, headers: request.headers, body })
    const { status, tokens } = answered
    calls.push({ method, path: path ?? url.pathname, status, tokens, at: clock.now().getTime() })
    const headers = { ...front.rates(request.headers), ...answered.headers }
    send(response, { ...answered, headers }, how, clock)
  }

  function controlled(request: IncomingMessage, response: ServerResponse, name: string, body: string): void {
    if (!isLoopback(request.socket.remoteAddress)) return void response.writeHead(403).end()
    const { status, type, text } = control(fake, request.method ?? '', name, body)
    response.writeHead(status, { 'content-type': type }).end(text)
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const fake: FakePipedrive = {
    url: `http://127.0.0.1:${port}`,
    ...{ state, limits, switches, webhookSwitches, clock, calls },
    unplanned: front.unplanned,
    events: delivery.sent,
    asPerson: person,
    seed: seeding(person),
    faultsLeft: () => faults.left,
    fault: (fault) => faults.add(fault),
    lag: (ms) => {
      switches.lagMs = ms
    },
    token: (known) => {
      front.token = known
    },
    delivered: () => delivery.delivered(),
    eventsWaiting: () => delivery.waiting,
    reset: () => {
      Object.assign(state, newState())
      Object.assign(limits, newLimits())
      Object.assign(switches, newSwitches())
      Object.assign(webhookSwitches, newWebhookSwitches())
      for (const one of [faults, front]) one.reset(token)
      for (const one of [delivery, account]) one.forget()
      calls.length = 0
    },
    end: async () => {
      delivery.forget()
      clock.clear()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return fake
}
