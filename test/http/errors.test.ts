import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http'
import { connect as connectSocket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { connect } from '../../src/database/connect.js'
import { testDatabase } from '../support/database.js'
import { ADMIN, type Answer, type TestService, team, testService } from '../support/service.js'
import { until } from '../support/until.js'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

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
const sent = (url: string, options: RequestOptions, body?: Buffer | string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const isWhole = body !== undefined && !Object.hasOwn(Object(options.headers), 'Transfer-Encoding')
    const length = isWhole && { 'Content-Length': Buffer.byteLength(body) }
    const headers = { 'api-key': ADMIN, ...length, ...options.headers }
    const asked = request(url + (options.path ?? ''), { ...options, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer))
    })
    asked.once('error', reject).end(body)
  })

const raw = (more: { raw?: string; headers?: Record<string, string> }) => service.call('POST', '/vez', more)
const told = ({ status, body }: Answer): unknown[] => [status, body]

describe('an error', () => {
  it('of broken JSON is a 400', async () => {
    const { status, body } = await raw({ raw: '{"idioma": ' })
    expect([status, body.detail]).toEqual([
      400,
      expect.stringMatching(/^JSON inválido na posição 11 \(linha 1, coluna 12\)/),
    ])
  })

  it.each([
    ['{"idioma": "pt",}', 16, /vírgula a mais/],
    ["{'idioma': 'pt'}", 1, /aspas duplas/],
    ['{"idioma": {{idioma}}}', 12, /variável do fluxo/],
    ['{\n  "idioma" "pt"}', 13, /linha 2, coluna 12/],
    ['[1, 2', 5, /acaba antes do fim/],
  ])('of the JSON %j tells where it is broken, and nothing of what it holds', async (text, place, says) => {
    const { status, body } = await raw({ raw: text })
    expect(status).toBe(400)
    expect(body.detail).toContain(`na posição ${place} `)
    expect(body.detail).toMatch(says)
  })

  it('of a body that is no object says so', async () => {
    expect(told(await raw({ raw: '"pt"' }))).toEqual([400, { detail: expect.stringContaining('um objeto JSON') }])
    expect((await raw({ raw: '[]' })).body.detail).toEqual([
      { loc: ['body'], msg: 'Deve ser um objeto', type: 'invalid_type' },
    ])
  })

  it('is none for a body without a type: the old system read it as JSON', async () => {
    const body = Buffer.from('{"nome": "Sem Tipo", "idiomas": ["pt"]}')
    expect((await sent(service.url, { method: 'POST', path: '/consultor' }, body)).statusCode).toBe(200)
  })

  it('of another type is a 415', async () => {
    const headers = { 'content-type': 'text/plain' }
    expect((await raw({ raw: 'idioma=pt', headers })).status).toBe(415)
    const form = await raw({ raw: 'idioma=pt', headers: FORM })
    expect(told(form)).toEqual([415, { detail: expect.stringMatching(/application\/json, não um formulário$/) }])
    expect((await raw({ raw: '{}', headers: { 'content-encoding': 'nonsense' } })).status).toBe(415)
  })

  it('of more than 256 kB is a 413 that says so; up to there it is read', async () => {
    const bytes = 256 * 1_024
    const body = (length: number): string => JSON.stringify({ idioma: 'p'.repeat(length - '{"idioma":""}'.length) })
    expect((await raw({ raw: body(bytes) })).status).toBe(422)
    const { status, body: told } = await raw({ raw: body(bytes + 1) })
    expect([status, told]).toEqual([413, { detail: 'Corpo da requisição maior que 256 kB' }])
  })

  it('of combining marks without end is read in time that grows with them, not with their square', async () => {
    const marks = '\u0301\u0316'.repeat(30_000)
    const before = process.cpuUsage()
    expect((await raw({ raw: JSON.stringify({ idioma: `a${marks}` }) })).status).toBe(422)
    const { user, system } = process.cpuUsage(before)
    // 7,000 ms where each mark is put in order among all others.
    expect((user + system) / 1_000).toBeLessThan(1_500)
  })

  it('of an unknown route is a 404, of a wrong method a 405 that names the right ones', async () => {
    expect(told(await service.call('GET', '/nada'))).toEqual([404, { detail: expect.stringContaining('/docs') }])
    const wrong = await service.call('PATCH', '/consultor/1')
    expect(told(wrong)).toEqual([405, { detail: 'Método não permitido neste endereço: use DELETE, GET, HEAD, PUT' }])
    expect(wrong.headers.get('allow')?.split(', ').sort()).toEqual(['DELETE', 'GET', 'HEAD', 'PUT'])
  })

  it.each([
    ['TRACE', '/vez', 'GET, HEAD, POST'],
    ['PROPFIND', '/consultor/1', 'DELETE, GET, HEAD, PUT'],
    ['PUT', '/consultor/da-vez', 'GET'],
    // These take something, so that HEAD would take it too, however the path is written.
    ['HEAD', '/consultor/da-vez', 'GET'],
    ['HEAD', '/consultor/da-vez/?idioma=pt', 'GET'],
    ['HEAD', '/Consultor/Da-Vez?idioma=pt', 'GET'],
    ['HEAD', '/gerar-protocolo/', 'GET'],
    ['DELETE', '/webhooks/evolution/loja', 'POST'],
    ['GET', '/webhooks/zapi/loja/segredo', 'POST'],
    ['PUT', '/webhooks/whatsapp-cloud/loja', 'GET, HEAD, POST'],
    ['POST', '/openapi.json', 'GET, HEAD'],
  ])('of the method %s on %s is a 405', async (method, path, allow) => {
    // A client of the standard library refuses to send some of them.
    const answer = await sent(service.url, { method, path })
    expect(answer).toMatchObject({ statusCode: 405, headers: { allow } })
  })

  it('of a slash behind the path is none, as in the old system', async () => {
    for (const path of ['/consultores/', '/protocolos/?limit=1', '/vez/', '/docs/', '/openapi.json/'])
      expect([path, (await service.call('GET', path)).status]).toEqual([path, 200])
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

  const LATIN = Buffer.from('{"nome": "Jo\xe3o"}', 'latin1')
  const CUT = Buffer.concat([Buffer.from('{"nome": "Ana '), Buffer.from('🙂').subarray(0, 3), Buffer.from('"}')])
  const CHUNKED = { 'Transfer-Encoding': 'chunked' }
  const GZIP = { 'Content-Encoding': 'gzip' }

  it.each([
    ['a charset that is not UTF-8', 415, { 'Content-Type': 'application/json; charset=iso-8859-1' }, LATIN],
    ['bytes that are not UTF-8', 400, {}, LATIN],
    ['such bytes in chunks', 400, CHUNKED, LATIN],
    ['such bytes in gzip', 400, GZIP, gzipSync(LATIN)],
    ['a character that is cut, as long as what stands for it', 400, {}, CUT],
    ['no body', 422, {}, undefined],
    ['no body, in chunks', 422, CHUNKED, ''],
    [
      'a name of a wrong length in another JSON',
      422,
      { 'Content-Type': 'application/merge-patch+json' },
      '{"nome":"A"}',
    ],
  ])('of a change with %s is a %i, and nothing is changed', async (_, status, headers, body) => {
    const [id] = await team(service, 1)
    const type = { 'Content-Type': 'application/json' }
    const answer = await sent(
      service.url,
      { method: 'PUT', path: `/consultor/${id}`, headers: { ...type, ...headers } },
      body,
    )
    expect(answer.statusCode).toBe(status)
    expect((await service.call('GET', `/consultor/${id}`)).body.nome).toBe('Consultor 1')
  })

  it.each([{}, { 'Transfer-Encoding': 'chunked' }])(
    'of a body that is too large leaves its connection usable: %j',
    async (more) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const headers = { 'Content-Type': 'application/json', ...more }
      const refused = sent(
        service.url,
        { agent, method: 'POST', path: '/vez', headers },
        `{"a":"${'x'.repeat(900_000)}"}`,
      )
      const next = sent(service.url, { agent, path: '/health' })
      expect([(await refused).statusCode, (await next).statusCode]).toEqual([413, 200])
      agent.destroy()
    },
  )

  it('of a replacement character that somebody wrote is none', async () => {
    const [id] = await team(service, 1)
    const change = { method: 'PUT', path: `/consultor/${id}`, headers: { 'Content-Type': 'application/json', ...GZIP } }
    const answer = await sent(service.url, change, gzipSync('{"nome": "Jo\uFFFDo"}'))
    expect(answer.statusCode).toBe(200)
    expect((await service.call('PUT', `/consultor/${id}`, { raw: '{"nome": "Ana \uFFFD"}' })).status).toBe(200)
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

/** The calls of the old system that take a turn or a number. */
const OLD = ['get /consultor/da-vez', 'post /protocolo', 'get /gerar-protocolo', 'post /protocolo/gerar']

describe('what nobody knows', () => {
  it('is refused by every route, but by the turn and number calls of the old system, whatever the route takes', async () => {
    const { paths } = (await service.call('GET', '/openapi.json')).body
    // Webhooks ignore what they do not know.
    const all = Object.entries<object>(paths)
      .filter(([path]) => !path.startsWith('/webhooks/'))
      .flatMap(([path, one]) => Object.keys(one).map((method) => [method, path] as const))
    expect(all.length).toBeGreaterThan(30)
    for (const [method, path] of all) {
      const isOld = OLD.includes(`${method} ${path}`)
      const url = `${path.replace('{id}', '1').replace('{slug}', 'loja')}?_cb=17&idioma=pt`
      // Which fields an account has is said by its platform.
      const plataforma = path === '/canais' ? { plataforma: 'generico' } : {}
      const asked = method === 'get' || method === 'delete' ? {} : { body: { _field: 1, ...plataforma } }
      const { status, body, headers } = await service.call(method.toUpperCase(), url, asked)
      const refused = Array.isArray(body.detail) ? body.detail.map(({ loc }: { loc: unknown[] }) => loc.join('.')) : []
      expect([
        method,
        path,
        refused.includes('query._cb'),
        headers.get('x-ignorado')?.includes('_cb') ?? false,
      ]).toEqual([method, path, !isOld, isOld])
      if (isOld) continue
      expect([method, path, status]).toEqual([method, path, 422])
      if (method !== 'get' && method !== 'delete')
        expect([method, path, refused]).toContainEqual(expect.arrayContaining(['body._field']))
    }
  })

  it.each([
    [
      'GET',
      '/protocolos?contatos=x',
      undefined,
      ['query', 'contatos'],
      /^Parâmetro desconhecido: contatos\. Você quis dizer `contato`\? Use: .*consultor_id, /,
    ],
    ['GET', '/protocolos?Consultor-Id=3', undefined, ['query', 'Consultor-Id'], / Você quis dizer `consultor_id`\?/],
    ['GET', '/consultores?online=true', undefined, ['query', 'online'], /Aqui não se envia nenhum/],
    ['PUT', '/consultor/1', { consultor_nome: 'Ana Lima' }, ['body', 'consultor_nome'], /Você quis dizer `nome`\?/],
    ['PUT', '/consultor/1', { statusOnline: true }, ['body', 'statusOnline'], /Você quis dizer `status_online`\?/],
    ['POST', '/consultor', { nome: 'Ana', idiomas: ['pt'], id: 7 }, ['body', 'id'], /Use: nome, idiomas/],
    ['POST', '/vez', { idioma: 'pt', contato: { fone: '1' } }, ['body', 'contato', 'fone'], /Use: nome, telefone/],
    ['POST', '/vez', { idioma: 'pt', __proto__x: 1 }, ['body', '__proto__x'], /Campo desconhecido/],
    ['POST', '/vez', { idioma: 'pt', constructor: 1 }, ['body', 'constructor'], /Campo desconhecido/],
    ['PUT', '/protocolo/1', { situacao: 'concluido' }, ['body', 'situacao'], /Use: descricao, prioridade, status/],
    ['POST', '/api-keys', { descricao: 'x', escopo: 'chat' }, ['body', 'escopo'], /Você quis dizer `escopos`\?/],
    ['POST', '/pipedrive/setup', { simulado: true }, ['body', 'simulado'], /Você quis dizer `simular`\?/],
    ['POST', '/protocolo/1/anonimizar', { motivo: 'x' }, ['body', 'motivo'], /não recebe corpo/],
    ['DELETE', '/consultor/999', { motivo: 'x' }, ['body', 'motivo'], /não recebe corpo/],
  ])('%s %s %j is a 422 that names it and what there is', async (method, path, sent, loc, msg) => {
    const { status, body } = await service.call(method, path, sent ? { body: sent } : {})
    expect(status).toBe(422)
    expect(body.detail).toContainEqual({ loc, msg: expect.stringMatching(msg), type: 'extra_forbidden' })
  })

  it('is told of in a bounded answer, however much came', async () => {
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`campo_${i}_${'x'.repeat(8)}`, i]))
    const { status, body } = await service.call('POST', '/vez', { body: many })
    expect([status, body.detail.length < 100]).toEqual([422, true])
    const taken = await service.call('POST', '/protocolo', {
      body: { ...many, consultor_id: (await team(service, 1))[0] },
    })
    expect([taken.status, (taken.headers.get('x-ignorado') ?? '').length < 2_100]).toEqual([200, true])
  })

  it('is refused of a GET with a body too, and an empty one is no problem', async () => {
    const headers = { 'Content-Type': 'application/json' }
    const list = (body: string) => sent(service.url, { path: '/protocolos', headers }, Buffer.from(body))
    expect((await list('{"contato": "Ana"}')).statusCode).toBe(422)
    expect((await list('{}')).statusCode).toBe(200)
    expect((await service.call('POST', '/protocolo/99999/anonimizar', { body: {} })).status).toBe(404)
    expect((await service.call('POST', '/protocolo/99999/anonimizar', { raw: 'a=b', headers: FORM })).status).toBe(422)
  })
})

describe('a 422', () => {
  it('is in Portuguese and says what is wanted, whatever is wrong', async () => {
    const { paths, components } = (await service.call('GET', '/openapi.json')).body
    const wrong = [7.5, -1, true, '', ' ', '\u0000', 'x'.repeat(2_000), [], [null], {}, { x: 1 }, null]
    const messages = new Set<string>()
    for (const [path, one] of Object.entries<Record<string, object>>(paths)) {
      for (const method of ['post', 'put']) {
        const { $ref, properties } = Object(one[method]).requestBody?.content['application/json']?.schema ?? {}
        const fields = Object.keys(properties ?? components.schemas[$ref?.split('/').at(-1)]?.properties ?? {})
        const url = path.replace('{id}', '99999').replace('{slug}', 'loja')
        for (const value of fields.length > 0 ? wrong : []) {
          const body = Object.fromEntries(fields.map((name) => [name, value]))
          const { detail } = (await service.call(method.toUpperCase(), url, { body })).body
          for (const { msg } of Array.isArray(detail) ? detail : []) messages.add(msg)
        }
      }
      const list = await service.call(
        'GET',
        `${path.replace(/\{\w+\}/, '-')}?limit=x&skip=-1&desde=ontem&estado=x&ordem=&status=`,
      )
      for (const { msg } of Array.isArray(list.body.detail) ? list.body.detail : []) messages.add(msg)
    }
    expect(messages.size).toBeGreaterThan(20)
    for (const msg of messages) {
      expect(msg).not.toMatch(
        /invalid|expected|must|required|undefined|\bnull\b|string|object|\^|\\d|Não serve aqui|forma esperada/i,
      )
      expect(msg).toMatch(/^\p{Lu}/u)
    }
  })
})

describe('X-Ignorado', () => {
  it('names what a turn or number call did not read, and nothing of what it held', async () => {
    const [consultor_id] = await team(service, 1, { idiomas: ['xi'] })
    const turn = await service.call('GET', '/consultor/da-vez?idioma=xi&_cb=segredo&nome=Ana&cb%5B%5D=1')
    expect([turn.status, turn.headers.get('x-ignorado')]).toEqual([200, '_cb,nome,cb%5B%5D'])
    const contato = { nome: 'Ana', apelido: 'segredo' }
    const number = await service.call('POST', '/protocolo?t=1', { body: { consultor_id, contato, fluxo: 'segredo' } })
    expect([number.status, number.headers.get('x-ignorado')]).toEqual([200, 't,contato.apelido,fluxo'])
    expect(number.body.contato.nome).toBe('Ana')
    for (const [method, path] of [
      ['POST', '/protocolo/gerar'],
      ['POST', '/protocolo/gerar?x=2'],
    ] as const) {
      const { status, headers } = await service.call(method, path, { body: { y: 1 } })
      expect([status, headers.get('x-ignorado')?.split(',').includes('y')]).toEqual([200, true])
    }
    const plain = await service.call('GET', '/gerar-protocolo')
    expect([plain.status, plain.headers.get('x-ignorado')]).toEqual([200, null])
  })

  it('is a safe header, whatever the names are', async () => {
    const name = encodeURIComponent('a\r\nSet-Cookie: x=1,ação 🙂')
    const { status, headers } = await service.call('GET', `/gerar-protocolo?${name}=1&${'n'.repeat(500)}=2`)
    expect(status).toBe(200)
    expect(headers.get('set-cookie')).toBeNull()
    const [first = '', second] = (headers.get('x-ignorado') ?? '').split(',')
    expect(decodeURIComponent(first)).toBe('a\r\nSet-Cookie: x=1,ação 🙂')
    expect(second).toMatch(/^n{50,100}$/)
  })

  it('comes with a refusal too, and a known parameter with a wrong value stays one', async () => {
    const nobody = await service.call('GET', '/consultor/da-vez?idioma=zz&_cb=1')
    expect([nobody.status, nobody.headers.get('x-ignorado')]).toEqual([404, '_cb'])
    expect((await service.call('GET', '/consultor/da-vez?idioma=&_cb=1')).status).toBe(422)
    expect((await service.call('POST', '/protocolo', { body: { consultor_id: 'x', y: 1 } })).status).toBe(422)
    expect((await service.call('GET', '/consultor/da-vez?idioma=pt&idioma=en')).body.detail[0].msg).toMatch(
      /mais de uma vez/,
    )
  })

  it('goes with what the old system understood: a number as a text, a phone as it is written', async () => {
    const [id] = await team(service, 1)
    const contato = { nome: 'Cliente', telefone: '(11) 98765-0007' }
    const { status, body } = await service.call('POST', '/protocolo', { body: { consultor_id: `${id}`, contato } })
    expect([status, body.consultor_id, body.contato.telefone]).toEqual([200, id, '+5511987650007'])
    const fresh = { idioma: 'pt', contato: { telefone: '0055 11 98765-0008' } }
    const turn = (await service.call('POST', '/vez', { body: fresh })).body
    const seen = await service.call('GET', `/protocolo/${turn.protocolo.slice(1)}`)
    expect(seen.body.contato).toMatchObject({ telefone: '+5511987650008', ids: ['tel:+5511987650008'] })
    // What is new takes JSON's types only.
    expect((await service.call('PUT', `/protocolo/${body.id}`, { body: { responsavel_id: `${id}` } })).status).toBe(422)
    expect((await service.call('POST', '/pipedrive/setup', { body: { simular: 'true' } })).status).toBe(422)
  })

  it.each(['português', 'Portuguese', 'pt_BRA', '🇧🇷', 'p', '', '%20', 'pt,en'])(
    'asks for a code: idioma=%s',
    async (idioma) => {
      const { status, body } = await service.call('GET', `/consultor/da-vez?idioma=${idioma}`)
      expect([status, body.detail[0].msg]).toEqual([422, 'Use um código, como pt, en, es'])
      const missing = await service.call('GET', '/consultor/da-vez')
      expect(missing.body.detail).toEqual([
        { loc: ['query', 'idioma'], msg: 'Campo obrigatório. Use um código, como pt, en, es', type: 'missing' },
      ])
    },
  )

  it('does not make two requests of one: an Idempotency-Key holds whatever comes beside', async () => {
    await team(service, 1, { idiomas: ['xk'] })
    const asked = (cb: number) =>
      service.call('GET', `/consultor/da-vez?idioma=xk&_cb=${cb}`, { headers: { 'Idempotency-Key': 'cache-buster' } })
    expect((await asked(2)).body.protocolo).toBe((await asked(1)).body.protocolo)
  })

  it('names the fields of a whole consultor, protocol or account that nobody changes', async () => {
    const [id] = await team(service, 1, { email: 'inteiro@exemplo.com', telefone: '+5511987650001' })
    const { body } = await service.call('GET', `/consultor/${id}`)
    const back = await service.call('PUT', `/consultor/${id}`, { body: { ...body, nome: 'Outro Nome' } })
    expect([back.status, back.body]).toEqual([200, { ...body, nome: 'Outro Nome' }])
    expect(back.headers.get('x-ignorado')).toBe(
      'id,ultimo_atendimento,abertos,pausa,dentro_do_horario,dentro_do_horario_ate',
    )
    const { body: protocolo } = await service.call('POST', '/protocolo', { body: { consultor_id: id, descricao: 'x' } })
    await service.call('DELETE', `/consultor/${id}`)
    const path = `/protocolo/${protocolo.id}`
    const same = await service.call('PUT', path, { body: { ...protocolo, descricao: 'y' } })
    expect([same.status, same.body]).toEqual([200, { ...protocolo, descricao: 'y' }])
    expect((await service.call('PUT', path, { body: { responsavel_id: 99_999 } })).status).toBe(404)
  })
})

describe('a key', () => {
  it.each([
    ['missing', '', /^Falta a API Key: envie-a no cabeçalho `api-key`$/],
    ['wrong', 'wrong-key-0123456789', /^API Key inválida: não é uma chave deste serviço/],
    ['nearly right', `${ADMIN}x`, /^API Key inválida/],
    ['half of one of ours', `cdv_${'a'.repeat(30)}`, /falta um pedaço/],
    ['of our form', `cdv_${'a'.repeat(43)}_aaaaaa`, /caractere está trocado/],
  ])('that is %s is a 401 that says what to do', async (_, key, says) => {
    const answer = await service.call('GET', '/vez', { headers: { 'api-key': key } })
    expect(told(answer)).toEqual([401, { detail: expect.stringMatching(says) }])
  })

  it.each([
    ['em authorization', '/vez', { Authorization: `Bearer ${ADMIN}` }],
    ['em x-api-key', '/vez', { 'X-Api-Key': ADMIN }],
    ['na URL', `/vez?api_key=${ADMIN}`, {}],
  ])('that was put elsewhere (%s) is told where it goes', async (where, path, headers) => {
    const { status, body } = await service.call('GET', path, { headers: { 'api-key': '', ...headers } })
    expect([status, body.detail]).toEqual([401, `Falta a API Key: envie-a no cabeçalho \`api-key\`, não ${where}`])
  })

  it('that was revoked, or may do something else, says so', async () => {
    const made = await service.call('POST', '/api-keys', { body: { descricao: 'x', escopos: ['leitura'] } })
    const headers = { 'api-key': made.body.chave }
    expect(told(await service.call('GET', '/consultor/da-vez?idioma=pt', { headers }))).toEqual([
      403,
      {
        detail: 'Esta API Key não tem permissão: é preciso o escopo `chat` ou `admin`, e ela tem `leitura`',
      },
    ])
    const unused = await service.call('POST', '/api-keys', { body: { descricao: 'y', escopos: ['leitura'] } })
    await service.call('DELETE', `/api-keys/${unused.body.id}`)
    const revoked = await service.call('GET', '/vez', { headers: { 'api-key': unused.body.chave } })
    expect(told(revoked)).toEqual([401, { detail: expect.stringMatching(/^API Key revogada/) }])
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
      fila: expect.any(Number),
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
