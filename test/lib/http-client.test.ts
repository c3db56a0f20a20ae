import { createServer } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { type HttpFailure, httpClient, isInternal } from '../../src/lib/http-client.js'
import { call, type OutboundFailure, retryAfter } from '../../src/lib/outbound.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'

let platforms: Platforms
beforeAll(async () => {
  platforms = await startPlatforms()
})
afterAll(() => platforms.end())
afterEach(() => platforms.reset())

const NOW = new Date('2026-01-05T12:00:00Z')
const inside = httpClient(['127.0.0.1'])
const outside = httpClient([])
const get = (http: typeof inside, url: string, more: object = {}) => http({ method: 'GET', url, ...more })
const kindOf = (sent: Promise<unknown>) =>
  sent.then(
    () => 'answered',
    (error: HttpFailure) => error.kind,
  )

describe('a destination that an account names', () => {
  it.each([
    'http://127.0.0.1:1/',
    'http://[::1]:1/',
    'http://localhost:1/',
    'http://169.254.169.254/latest/',
    'http://10.0.0.8/',
    'http://192.168.1.1/',
    'http://[::ffff:10.0.0.1]/',
    'http://0.0.0.0/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://168.63.129.16/',
    'http://100.100.100.200/',
    'http://[fd00:ec2::254]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[::127.0.0.1]/',
    'http://[::ffff:169.254.169.254]/',
  ])('%s is refused, and the refusal says how to allow it', async (url) => {
    const failure: HttpFailure = await get(outside, url).then(
      () => Promise.reject(new Error('it was called')),
      (error) => error,
    )
    expect(failure.kind).toBe('destino_recusado')
    expect(failure.message).toContain('DESTINOS_INTERNOS')
  })

  it('may be internal when its host is named; only http and https', async () => {
    expect((await get(inside, `${platforms.url}/x`)).status).toBe(200)
    expect(await kindOf(get(inside, 'file:///etc/passwd'))).toBe('destino_recusado')
    expect(['8.8.8.8', '2001:4860:4860::8888', '172.15.0.1'].map(isInternal)).toEqual([false, false, false])
    expect(['172.16.0.1', 'fe80::1', '100.64.0.1', 'fd00::1', '::1'].map(isInternal)).toEqual([
      true,
      true,
      true,
      true,
      true,
    ])
  })

  it('is looked up once, and called where that look led; one internal address among several is enough to refuse it', async () => {
    const { port } = new URL(platforms.url)
    const looks: string[] = []
    const http = httpClient(['rebind.exemplo'], async (host) => {
      looks.push(host)
      return [{ address: looks.length === 1 ? '127.0.0.1' : '192.0.2.1', family: 4 }]
    })
    expect((await get(http, `http://rebind.exemplo:${port}/x`)).status).toBe(200)
    expect(looks).toEqual(['rebind.exemplo'])
    const mixed = httpClient([], async () => [
      { address: '8.8.8.8', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ])
    expect(await kindOf(get(mixed, `http://misto.exemplo:${port}/`))).toBe('destino_recusado')
    expect(await kindOf(get(httpClient(['[::1]']), 'http://[::1]:1/'))).toBe('nao_enviado')
  })

  it('is not followed elsewhere', async () => {
    platforms.answer(({ path }) => (path === '/go' ? { status: 302, headers: { location: '/there' } } : undefined))
    expect((await get(inside, `${platforms.url}/go`)).status).toBe(302)
    expect(platforms.calls.map(({ path }) => path)).not.toContain('/there')
  })

  it('has a limit on time and on size', async () => {
    platforms.answer(({ path }) =>
      path === '/slow' ? { after: new Promise(() => undefined) } : { json: 'x'.repeat(1_100_000) },
    )
    expect(await kindOf(get(inside, `${platforms.url}/slow`, { timeoutMs: 100 }))).toBe('sem_resposta')
    expect(await kindOf(get(inside, `${platforms.url}/large`))).toBe('sem_resposta')
  })

  it('tells what surely did not arrive from what may have', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await new Promise((resolve) => server.close(resolve))
    expect(await kindOf(get(inside, `http://127.0.0.1:${port}/`))).toBe('nao_enviado')
    expect(await kindOf(get(inside, 'http://nao-existe.invalid/'))).toBe('nao_enviado')
    platforms.answer(() => ({ cut: true }))
    expect(await kindOf(get(inside, `${platforms.url}/cut`))).toBe('sem_resposta')
  })
})

describe('an answer of a platform', () => {
  const failureOf = (status: number, more: object = {}): Promise<OutboundFailure> => {
    platforms.answer(() => ({ status, ...more }))
    return call(inside, { method: 'POST', url: `${platforms.url}/x`, json: {} }, z.unknown(), NOW).then(
      () => Promise.reject(new Error('it was no failure')),
      (error) => error,
    )
  }

  it.each([
    [400, { definitive: true, unknown: false }],
    [401, { definitive: true, unknown: false }],
    [404, { definitive: true, unknown: false }],
    [302, { definitive: true, unknown: false }],
    [408, { definitive: false, unknown: false }],
    [429, { definitive: false, unknown: false }],
    [500, { definitive: false, unknown: false }],
    [502, { definitive: false, unknown: true }],
    [503, { definitive: false, unknown: false }],
    [504, { definitive: false, unknown: true }],
  ])('%d is told apart', async (status, expected) => {
    expect(await failureOf(status)).toMatchObject({ motivo: `http_${status}`, ...expected })
  })

  it('says how long to wait: in seconds, as a date, or in Telegram’s body; never more than an hour', async () => {
    expect((await failureOf(429, { headers: { 'retry-after': '7' } })).waitMs).toBe(7_000)
    expect((await failureOf(429, { json: { parameters: { retry_after: 9 } } })).waitMs).toBe(9_000)
    expect(retryAfter('Mon, 05 Jan 2026 12:00:30 GMT', NOW)).toBe(30_000)
    expect(retryAfter('999999', NOW)).toBe(3_600_000)
    expect(retryAfter('soon', NOW)).toBeUndefined()
  })

  it('of another form than expected is an outcome that nobody knows', async () => {
    platforms.answer(() => ({ json: { error: 'x' } }))
    await expect(
      call(inside, { method: 'POST', url: platforms.url, json: {} }, z.object({ id: z.string() }), NOW),
    ).rejects.toMatchObject({ motivo: 'resposta_inesperada', unknown: true })
  })
})
