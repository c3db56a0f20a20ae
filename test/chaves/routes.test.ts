import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { call, type TestService, team, testService } from '../support/service.js'

let service: TestService
let other: TestService
let passed = 0
const clock = { ...systemClock, elapsed: () => systemClock.elapsed() + passed }
beforeAll(async () => {
  service = await testService({ clock })
  other = await testService({ clock, database: service.database })
  await team(service, 1)
})
afterAll(async () => {
  await other.end()
  await service.end()
})

const make = async (...escopos: string[]): Promise<{ id: string; chave: string }> =>
  (await service.call('POST', '/api-keys', { body: { descricao: 'fluxo', escopos } })).body

describe('an API key', () => {
  it('is shown once, stored hashed, and listed without itself', async () => {
    const { id, chave } = await make('chat')
    const stored = await service.database.connection.collection<{ _id: string }>('api_keys').findOne({ _id: id })
    expect(JSON.stringify(stored)).not.toContain(chave)
    const listed = (await service.call('GET', '/api-keys')).body
    expect(listed).toContainEqual({
      id,
      descricao: 'fluxo',
      escopos: ['chat'],
      ativa: true,
      criada_em: expect.any(String),
      revogada_em: null,
      ultimo_uso: null,
    })
    expect(JSON.stringify(listed)).not.toContain(chave)
  })

  it('tells when it was last used', async () => {
    const { id, chave } = await make('leitura')
    await service.call('GET', '/vez', { headers: { 'api-key': chave } })
    const listed = (await service.call('GET', '/api-keys')).body
    expect(listed.find((one: { id: string }) => one.id === id).ultimo_uso).toEqual(expect.any(String))
  })

  it('that is revoked is refused everywhere within 30 s', async () => {
    const { id, chave } = await make('chat')
    const status = async (one: TestService) => (await one.call('GET', '/vez', { headers: { 'api-key': chave } })).status
    expect([await status(service), await status(other)]).toEqual([200, 200])
    expect((await other.call('DELETE', `/api-keys/${id}`)).status).toBe(200)
    passed += 30_000
    expect([await status(service), await status(other)]).toEqual([401, 401])
    expect((await service.call('DELETE', `/api-keys/${id}`)).status).toBe(404)
  })

  it.each([
    { descricao: '', escopos: ['chat'] },
    { descricao: 'x', escopos: [] },
    { descricao: 'x', escopos: ['root'] },
  ])('needs a description and known scopes: %j', async (body) => {
    expect((await service.call('POST', '/api-keys', { body })).status).toBe(422)
  })
})

/** Who may call what, from the API's description: a new route must be added here. */
const MATRIX: Record<string, readonly string[]> = {
  'GET /consultor/da-vez': ['chat'],
  'POST /vez': ['chat'],
  'GET /vez': ['chat', 'leitura'],
  'GET /consultores': ['leitura'],
  'POST /consultor': [],
  'GET /consultor/{id}': ['leitura'],
  'PUT /consultor/{id}': [],
  'DELETE /consultor/{id}': [],
  'POST /consultor/{id}/repassar': [],
  'PUT /consultor/{id}/connection': ['chat'],
  'POST /consultor/{id}/acesso': [],
  'GET /politica': ['leitura'],
  'PUT /politica': [],
  'PUT /consultor/{id}/pausa': ['chat'],
  'DELETE /consultor/{id}/pausa': ['chat'],
  'POST /protocolo': ['chat'],
  'GET /gerar-protocolo': ['chat'],
  'POST /protocolo/gerar': ['chat'],
  'GET /protocolo/{id}': ['chat', 'leitura'],
  'PUT /protocolo/{id}': ['chat'],
  'GET /protocolos': ['chat', 'leitura'],
  'POST /protocolo/{id}/anonimizar': [],
  'POST /api-keys': [],
  'GET /api-keys': [],
  'DELETE /api-keys/{id}': [],
  'GET /plataformas': ['leitura'],
  'POST /canais': [],
  'GET /canais': [],
  'GET /canais/{slug}': [],
  'PUT /canais/{slug}': [],
  'DELETE /canais/{slug}': [],
  'POST /canais/{slug}/segredo': [],
  'POST /canais/{slug}/teste': [],
  'POST /canais/{slug}/configurar': [],
  'GET /espera': ['leitura'],
  'DELETE /espera/{id}': [],
  'GET /tarefas': ['leitura'],
  'POST /tarefas/repetir': [],
  'GET /vez/previa': ['chat', 'leitura'],
  'POST /vez/simulacao': [],
  'GET /protocolo/{id}/porque': ['chat', 'leitura'],
  'GET /espera/{id}/porque': ['leitura'],
  'GET /relatorio/justica': ['leitura'],
  'GET /vez/historico': ['leitura'],
  'GET /vez/historico.csv': ['leitura'],
  'GET /livro/verificacao': ['leitura'],
  'GET /protocolos.csv': ['leitura'],
  'GET /relatorio': ['leitura'],
  'POST /protocolos/busca': ['chat', 'leitura'],
  'POST /tarefas/{id}/repetir': [],
  'POST /tarefas/{id}/cancelar': [],
  'POST /pipedrive/setup': [],
  'GET /pipedrive/estado': ['leitura'],
  'GET /metrics': [],
}
const OPEN = ['GET /health', 'GET /ready', 'GET /schemas/generico.json']

it('every route lets in exactly the scopes that it should', async () => {
  const { body: document } = await call(service.url, 'GET', '/openapi.json', { headers: { 'api-key': '' } })
  // A webhook has its own secret.
  const routes = Object.entries<object>(document.paths)
    .filter(([path]) => !path.startsWith('/webhooks/'))
    .flatMap(([path, item]) => Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`))
  expect(routes.sort()).toEqual([...Object.keys(MATRIX), ...OPEN].sort())
  for (const scope of ['chat', 'leitura']) {
    const { chave } = await make(scope)
    for (const [name, allowed] of Object.entries(MATRIX)) {
      const [method = '', path = ''] = name.split(' ')
      const sends = method === 'POST' || method === 'PUT' ? { body: {} } : {}
      const answer = await service.call(method, path.replace('{id}', '99999').replace('{slug}', 'x'), {
        headers: { 'api-key': chave },
        ...sends,
      })
      expect([scope, name, answer.status === 403]).toEqual([scope, name, !allowed.includes(scope)])
      expect(answer.status).not.toBe(401)
    }
  }
})
