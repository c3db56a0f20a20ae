import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { connect as connectSocket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { connect } from '../../src/database/connect.js'
import { testDatabase } from '../support/database.js'
import { ADMIN, type Answer, type TestService, team, testService } from '../support/service.js'
import { until } from '../support/until.js'

let service: TestService
const lines: string[] = []
beforeAll(async () => {
  const logger = pino({ level: 'debug' }, { write: (line) => void lines.push(line) })
  service = await testService({
    logger,
    env: { METRICS_TOKEN: 'prometheus-token-1', CORS_ORIGINS: 'https://painel.exemplo.com' },
  })
})
afterAll(() => service.end())

/** A request that fetch would not send. */
const sent = (url: string, options: RequestOptions, body?: Buffer): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = { 'api-key': ADMIN, ...(body && { 'Content-Length': body.length }), ...options.headers }
    const asked = request(url + (options.path ?? ''), { ...options, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer))
    })
    asked.once('error', reject).end(body)
  })

const raw = (more: { raw?: string; headers?: Record<string, string> }) => service.call('POST', '/vez', more)
const told = ({ status, body }: Answer): unknown[] => [status, body]

describe('an error', () => {
  it('of broken JSON is a 400', async () => {
    expect(told(await raw({ raw: '{"idioma": ' }))).toEqual([400, { detail: 'JSON inválido' }])
  })

  it('of another type is a 415', async () => {
    const headers = { 'content-type': 'text/plain' }
    expect((await raw({ raw: 'idioma=pt', headers })).status).toBe(415)
    expect((await raw({ raw: '{}', headers: { 'content-encoding': 'nonsense' } })).status).toBe(415)
  })

  it('of more than 100 kB is a 413', async () => {
    expect((await raw({ raw: JSON.stringify({ idioma: 'p'.repeat(103_000) }) })).status).toBe(413)
  })

  it('of an unknown route is a 404, of a wrong method a 405 that names the right ones', async () => {
    expect(told(await service.call('GET', '/nada'))).toEqual([404, { detail: 'Rota não encontrada' }])
    const wrong = await service.call('PATCH', '/consultor/1')
    expect(told(wrong)).toEqual([405, { detail: 'Método não permitido' }])
    expect(wrong.headers.get('allow')?.split(', ').sort()).toEqual(['DELETE', 'GET', 'HEAD', 'PUT'])
  })

  it.each([
    ['TRACE', '/vez', 'GET, HEAD, POST'],
    ['PROPFIND', '/consultor/1', 'DELETE, GET, HEAD, PUT'],
    ['PUT', '/consultor/da-vez', 'GET'],
    ['DELETE', '/webhooks/evolution/loja', 'GET, HEAD, POST'],
    ['POST', '/openapi.json', 'GET, HEAD'],
  ])('of the method %s on %s is a 405', async (method, path, allow) => {
    // A client of the standard library refuses to send some of them.
    const answer = await sent(service.url, { method, path })
    expect(answer).toMatchObject({ statusCode: 405, headers: { allow } })
  })

  it('of OPTIONS is none: it tells what a path takes', async () => {
    const answer = await service.call('OPTIONS', '/consultor/da-vez')
    expect([answer.status, answer.headers.get('allow')]).toEqual([200, 'GET'])
  })

  it('of a key that comes twice is a 422', async () => {
    const answer = await sent(service.url, {
      path: '/consultor/da-vez?idioma=pt',
      headers: { 'Idempotency-Key': ['a', 'b'] },
    })
    expect(answer.statusCode).toBe(422)
  })

  it.each([
    [
      'a charset that is not UTF-8',
      415,
      'application/json; charset=iso-8859-1',
      Buffer.from('{"nome": "Jo\xe3o"}', 'latin1'),
    ],
    ['bytes that are not UTF-8', 400, 'application/json', Buffer.from('{"nome": "Jo\xe3o"}', 'latin1')],
    ['no body', 422, 'application/json', undefined],
  ])('of a change with %s is a %i, and nothing is changed', async (_, status, type, body) => {
    const [id] = await team(service, 1)
    const answer = await sent(
      service.url,
      { method: 'PUT', path: `/consultor/${id}`, headers: { 'Content-Type': type } },
      body,
    )
    expect(answer.statusCode).toBe(status)
    expect((await service.call('GET', `/consultor/${id}`)).body.nome).toBe('Consultor 1')
  })

  it.each(['/consultor/%', '/consultor/%ff', '/%c0%ae'])('of a malformed path is a 4xx: %s', async (path) => {
    const { status, body } = await service.call('GET', path)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(body.detail).toBeDefined()
  })

  it('of the HTTP parser does not bring the process down', async () => {
    const socket = connectSocket(Number(new URL(service.url).port), '127.0.0.1')
    socket.write('NONSENSE\r\n\r\n')
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.resume()
    await closed
    expect((await service.call('GET', '/health')).status).toBe(200)
  })
})

describe('a key', () => {
  it.each([
    ['missing', ''],
    ['wrong', 'wrong-key-0123456789'],
    ['nearly right', `${ADMIN}x`],
    ['of our form', `cdv_${'a'.repeat(43)}_aaaaaa`],
  ])('that is %s is a 401', async (_, key) => {
    const answer = await service.call('GET', '/vez', { headers: { 'api-key': key } })
    expect(told(answer)).toEqual([401, { detail: 'API Key inválida' }])
  })

  it('is asked for before anything is told of the request', async () => {
    const answer = await service.call('POST', '/vez', { raw: '{', headers: { 'api-key': 'wrong-key-0123456789' } })
    expect(answer.status).toBe(401)
  })
})

describe('X-Request-Id', () => {
  it('is taken over when well-formed, else made, on errors too', async () => {
    const id = async (given: string, path: string) =>
      (await service.call('GET', path, { headers: { 'X-Request-Id': given } })).headers.get('x-request-id')
    expect(await id('abc-123', '/health')).toBe('abc-123')
    expect(await id('abc-123', '/nada')).toBe('abc-123')
    expect(await id('a b', '/health')).toMatch(/^[\da-f-]{36}$/)
    expect(await id('x'.repeat(129), '/health')).toMatch(/^[\da-f-]{36}$/)
  })
})

describe('CORS', () => {
  it('lets listed origins read, also errors and our headers', async () => {
    const headers = { Origin: 'https://painel.exemplo.com', 'api-key': 'x' }
    const answer = await service.call('GET', '/vez', { headers })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://painel.exemplo.com')
    expect(answer.headers.get('access-control-expose-headers')).toContain('X-Total-Count')
    const preflight = await service.call('OPTIONS', '/vez', {
      headers: { ...headers, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'api-key' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toBe('api-key')
  })

  it('tells others nothing', async () => {
    const { headers } = await service.call('GET', '/health', { headers: { Origin: 'https://outro.exemplo.com' } })
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('health, readiness and metrics', () => {
  it('answer without a key, but the metrics', async () => {
    const open = (path: string) => service.call('GET', path, { headers: { 'api-key': '' } })
    expect(told(await open('/health'))).toEqual([200, { status: 'ok' }])
    expect((await open('/ready')).body).toEqual({
      status: 'ok',
      banco: 'test',
      pendentes: expect.any(Number),
      recusados: 0,
      espera: 0,
      fila: 0,
    })
    expect((await open('/metrics')).status).toBe(401)
  })

  it('gives the metrics to an admin key or to the token, and to no other key', async () => {
    const metrics = (headers: Record<string, string>) => service.call('GET', '/metrics', { headers })
    await team(service, 1, { idiomas: ['mm'] })
    await service.call('GET', '/consultor/da-vez?idioma=mm')
    const { body } = await metrics({})
    for (const name of [
      'vez_turnos_total{resultado="atribuido"}',
      'vez_pendentes',
      'vez_dreno_atraso_segundos',
      'vez_banco_info{motor="test"}',
      'http_requisicao_segundos_bucket',
      'vez_fila',
      'vez_recusados',
      'vez_lote_tamanho',
      'vez_gravacoes_perdidas_total',
    ]) {
      expect(body).toContain(name)
    }
    expect((await metrics({ 'api-key': '', Authorization: 'Bearer prometheus-token-1' })).status).toBe(200)
    expect((await metrics({ 'api-key': '', Authorization: 'Bearer wrong' })).status).toBe(401)
    const { chave } = (
      await service.call('POST', '/api-keys', { body: { descricao: 'c', escopos: ['chat', 'leitura'] } })
    ).body
    expect((await metrics({ 'api-key': chave })).status).toBe(403)
  })
})

describe('the log', () => {
  it('has one line a request, with the route’s pattern and the key’s id, and nothing secret or personal', async () => {
    const secrets = [
      'Zuleica',
      'zuleica@exemplo.com',
      '+5511912345678',
      'um segredo',
      'minha-chave-idem',
      'cliente-4711',
      ADMIN,
    ]
    const [nome, email, telefone, descricao, key, id] = secrets
    await service.call('POST', '/consultor', { body: { nome, email, telefone, idiomas: ['lg'], status_online: true } })
    await service.call('POST', '/consultor', { body: { nome, email, telefone: 'x', idiomas: [] } })
    const body = { idioma: 'lg', contato: { nome, telefone, id }, descricao }
    await service.call('POST', '/vez', { body, headers: { 'Idempotency-Key': key ?? '', 'X-Request-Id': 'logged-1' } })
    await service.call('GET', `/consultor/${email}?x=${telefone}`)
    await service.call('GET', `/${email}`)
    await until(() => lines.some((line) => line.includes('logged-1')))
    const mine = lines.filter((line) => line.includes('logged-1')).map((line) => JSON.parse(line))
    expect(mine).toHaveLength(1)
    expect(mine[0]).toMatchObject({
      id: 'logged-1',
      metodo: 'POST',
      rota: '/vez',
      status: 200,
      ms: expect.any(Number),
      chave: expect.stringMatching(/^[\da-f]{16}$/),
    })
    for (const secret of secrets) expect(lines.join('\n')).not.toContain(secret)
  })
})

describe('when the database is gone', () => {
  it('answers 503 with Retry-After, and tells no more', async () => {
    const database = await testDatabase()
    const connection = await connect(database.uri)
    const lost = await testService({ database: { ...database, connection } })
    await connection.close()
    for (const [method, path] of [
      ['GET', '/vez'],
      ['GET', '/protocolo/1'],
      ['GET', '/protocolos?status=aberto'],
      ['GET', '/ready'],
      ['GET', '/consultores'],
    ] as const) {
      const answer = await lost.call(method, path)
      expect([path, answer.status, Object.keys(answer.body)]).toEqual([path, 503, ['detail']])
      expect(answer.headers.get('retry-after')).toBe('1')
    }
    expect((await lost.call('GET', '/health')).status).toBe(200)
    await lost.end()
    await database.end()
  })
})
