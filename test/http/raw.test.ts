import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { Bodies, type Reading } from '../../src/canais/body.js'
import { type RawBody, readRaw } from '../../src/http/raw.js'
import { systemClock } from '../../src/lib/clock.js'
import { AppError } from '../../src/lib/errors.js'
import { Room } from '../../src/lib/room.js'
import { holdTimers } from '../support/held-timers.js'
import { until } from '../support/until.js'

const MB = 1_000_000
let server: Server | undefined
afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => server?.close(resolve))
})

/** A server that reads its requests so; bodies stay held until `release`. */
async function reading(read: (request: IncomingMessage) => Promise<RawBody>) {
  const bodies: RawBody[] = []
  server = createServer(async (given, response) => {
    try {
      const body = await read(given)
      bodies.push(body)
      response.end(body.bytes)
    } catch (error) {
      const { status, headers } = error instanceof AppError ? error : new AppError(500, 'x')
      response.writeHead(status, headers).end()
    }
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const post = async (body: string | Uint8Array) => {
    const answer = await fetch(url, { method: 'POST', body: Buffer.from(body) })
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  }
  return { url, bodies, post }
}

const media = (bytes: number): string => JSON.stringify({ id: 'm1', base64: 'QUJD'.repeat(bytes / 4), texto: 'olá' })

describe('a body with media', () => {
  const large = (bodies: Bodies, signature: Exclude<Reading, string>['signature'] = undefined) =>
    reading((given) => bodies.read(given, { signature }))

  it('is read without it, and all else stays', async () => {
    const bodies = new Bodies(systemClock)
    const { post, bodies: read } = await large(bodies)
    const { status, text } = await post(media(24 * MB))
    expect([status, JSON.parse(text)]).toMatchObject([200, { id: 'm1', texto: 'olá' }])
    expect(JSON.parse(text).base64).toHaveLength(16_384)
    expect(bodies.held).toBeLessThanOrEqual(65_536)
    read[0]?.release()
    expect(bodies.held).toBe(0)
  })

  it('is shown to its signature as it came', async () => {
    const signature = createHmac('sha512', 'chave')
    const { post } = await large(new Bodies(systemClock), {
      update: (chunk) => signature.update(chunk),
      verdict: () => ({ authentic: true }),
    })
    const raw = media(5 * MB)
    expect((await post(raw)).status).toBe(200)
    expect(signature.digest('hex')).toBe(createHmac('sha512', 'chave').update(raw).digest('hex'))
  })

  it('of more than 25 MB is a 413, and so is one that stays large without it', async () => {
    const bodies = new Bodies(systemClock)
    const { post } = await large(bodies)
    expect((await post(media(25 * MB))).status).toBe(413)
    const long = Array.from({ length: 900 }, () => 'x'.repeat(10_000))
    expect((await post(JSON.stringify(long))).status).toBe(413)
    expect(bodies.held).toBe(0)
  })

  it('holds nothing while it is thrown away', async () => {
    const bodies = new Bodies(systemClock)
    const { post, bodies: read } = await reading((given) => bodies.read(given, 'nothing'))
    expect((await post(media(2 * MB))).status).toBe(200)
    expect([read[0]?.bytes.length, bodies.held]).toEqual([0, 0])
    expect((await post(media(20 * MB))).status).toBe(413)
  })
})

describe('bodies at the same time', () => {
  it('never hold more than their room; who finds none is told to come again', async () => {
    const room = new Room({ clock: systemClock, size: 4 * MB, waitMs: 50, maxWaiting: 10 })
    let most = 0
    const { post, bodies } = await reading((given) =>
      readRaw(given, {
        clock: systemClock,
        max: 2 * MB,
        room,
        see: () => {
          most = Math.max(most, room.taken)
        },
      }),
    )
    const raw = Buffer.alloc(1.5 * MB, 'x')
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(raw)))
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused.map(({ status, headers }) => [status, headers.get('retry-after')])).toContainEqual([503, '5'])
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]))
    expect(most).toBeLessThanOrEqual(4 * MB)
    for (const body of bodies) body.release()
    expect(room.taken).toBe(0)
    expect((await post(raw)).status).toBe(200)
  })

  it('wait for each other where one ends in time', async () => {
    const room = new Room({ clock: systemClock, size: 2 * MB, waitMs: 60_000, maxWaiting: 10 })
    const { post, bodies } = await reading((given) => readRaw(given, { clock: systemClock, max: 2 * MB, room }))
    const raw = Buffer.alloc(0.9 * MB, 'x')
    const first = await post(raw)
    const second = post(raw)
    bodies[0]?.release()
    expect([first.status, (await second).status]).toEqual([200, 200])
  })
})

describe('a sender', () => {
  it('who is slow is a 408 after the limit, and holds nothing any more', async () => {
    const timers = holdTimers((name) => name === 'http.body' || name === 'http.discard')
    const bodies = new Bodies(timers.clock)
    const { url } = await reading((given) => bodies.read(given, 'all'))
    const status = new Promise<number | undefined>((resolve, reject) => {
      const slow = request(url, { method: 'POST' }, (response) => resolve(response.statusCode))
      slow.on('error', reject)
      slow.write(Buffer.alloc(100_000, 'x'))
    })
    await until(() => bodies.held >= 100_000)
    await timers.fire('http.body')
    expect(await status).toBe(408)
    expect(bodies.held).toBe(0)
    // He goes on, and is cut off.
    const closed = until(
      async () => (await new Promise<number>((resolve) => server?.getConnections((_, count) => resolve(count)))) === 0,
    )
    await timers.fire('http.discard')
    await closed
  })

  it('who stops in between holds nothing any more', async () => {
    const bodies = new Bodies(systemClock)
    const { url } = await reading((given) => bodies.read(given, 'all'))
    const cut = request(url, { method: 'POST' })
    cut.on('error', () => undefined)
    cut.write(Buffer.alloc(100_000, 'x'))
    await until(() => bodies.held >= 100_000)
    cut.destroy()
    await until(() => bodies.held === 0)
  })

  it('of single bytes takes no more than these', async () => {
    const bodies = new Bodies(systemClock)
    const { url, bodies: read } = await reading((given) => bodies.read(given, 'all'))
    const status = new Promise<number | undefined>((resolve, reject) => {
      const slow = request(url, { method: 'POST' }, (response) => resolve(response.resume().statusCode))
      slow.on('error', reject)
      for (let count = 0; count < 20_000; count += 1) slow.write('x')
      slow.end()
    })
    expect(await status).toBe(200)
    expect(read[0]?.bytes.length).toBe(20_000)
    expect(bodies.held).toBeLessThanOrEqual(40_000)
  })
})
