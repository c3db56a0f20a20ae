import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { allCopied, type TestService, team, testService } from '../support/service.js'

let service: TestService
let ids: number[]
beforeAll(async () => {
  service = await testService()
  ids = await team(service, 3)
})
afterAll(() => service.end())

const create = async (body: object = {}): Promise<{ id: number; numero: string; created_at: string }> =>
  (await service.call('POST', '/protocolo', { body: { consultor_id: ids[0], ...body } })).body
const get = async (id: number) => (await service.call('GET', `/protocolo/${id}`)).body
const put = (id: number, body: object) => service.call('PUT', `/protocolo/${id}`, { body })

describe('POST /protocolo', () => {
  it('gives a consultor a number without a turn', async () => {
    const order = async () => (await service.call('GET', '/vez')).body.idiomas
    const before = await order()
    const { status, body } = await service.call('POST', '/protocolo', {
      body: { consultor_id: ids[1], descricao: 'visita', prioridade: 'urgente' },
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      id: expect.any(Number),
      numero: `#${String(body.id).padStart(5, '0')}`,
      consultor_id: ids[1],
      responsavel_id: ids[1],
      created_at: expect.stringMatching(/Z$/),
      descricao: 'visita',
      prioridade: 'urgente',
      status: 'aberto',
    })
    expect(await order()).toEqual(before)
  })

  it('repeated with a key is the same protocol', async () => {
    const headers = { 'Idempotency-Key': 'p1' }
    const ask = () => service.call('POST', '/protocolo', { body: { consultor_id: ids[0] }, headers })
    const [first, second] = [await ask(), await ask()]
    expect(second.body).toEqual(first.body)
    expect(second.headers.get('idempotent-replayed')).toBe('true')
  })
})

describe.each([
  ['GET', '/gerar-protocolo'],
  ['POST', '/protocolo/gerar'],
])('%s %s', (method, path) => {
  it('gives a number for nobody', async () => {
    const { status, body } = await service.call(method, path)
    expect([status, body]).toEqual([200, { numero_protocolo: expect.stringMatching(/^#\d{5,}$/) }])
    expect(await get(Number(body.numero_protocolo.slice(1)))).toMatchObject({
      consultor_id: null,
      responsavel_id: null,
    })
  })

  it('repeats itself for a key', async () => {
    const headers = { 'Idempotency-Key': 'g1' }
    const first = await service.call(method, path, { headers })
    expect((await service.call(method, path, { headers })).body).toEqual(first.body)
  })
})

it('GET /gerar-protocolo is not cached and not for HEAD', async () => {
  expect((await service.call('GET', '/gerar-protocolo')).headers.get('cache-control')).toBe('no-store')
  expect((await service.call('HEAD', '/gerar-protocolo')).status).toBe(405)
})

describe('PUT /protocolo/{id}', () => {
  it('changes what comes, keeps the rest, and tells status and responsável in the history', async () => {
    const { id } = await create({ descricao: 'antes' })
    const { body } = await put(id, { status: 'em_andamento', responsavel_id: ids[2], prioridade: 'baixa' })
    expect(body).toMatchObject({
      descricao: 'antes',
      status: 'em_andamento',
      responsavel_id: ids[2],
      consultor_id: ids[0],
      prioridade: 'baixa',
      encerrado_em: null,
      historico: [
        { tipo: 'status', de: 'aberto', para: 'em_andamento' },
        { tipo: 'responsavel', de: ids[0], para: ids[2] },
      ],
    })
    expect(await get(id)).toEqual(body)
  })

  it('knows when it ended, and when it was opened again', async () => {
    const { id } = await create()
    expect((await put(id, { status: 'concluido' })).body.encerrado_em).toEqual(expect.any(String))
    expect((await put(id, { status: 'aberto' })).body.encerrado_em).toBeNull()
  })

  it('tells nothing where nothing changes', async () => {
    const { id } = await create()
    expect((await put(id, { status: 'aberto', descricao: null })).body.historico).toEqual([])
  })

  it('loses no change of many at once', async () => {
    const { id } = await create()
    const all = await Promise.all([
      put(id, { descricao: 'x' }),
      put(id, { prioridade: 'alta' }),
      put(id, { status: 'cancelado' }),
    ])
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(await get(id)).toMatchObject({ descricao: 'x', prioridade: 'alta', status: 'cancelado' })
  })

  it('makes one history of many changes at once: each begins where the one before ended', async () => {
    const { id } = await create()
    await allCopied(service)
    await Promise.all(
      [...ids, ...ids].flatMap((one) => [put(id, { responsavel_id: one }), put(id, { responsavel_id: one })]),
    )
    const moves: { de: number; para: number }[] = (await get(id)).historico
    expect(moves.length).toBeGreaterThan(0)
    const chain = [ids[0], ...moves.map(({ para }) => para)]
    expect(moves.map(({ de }) => de)).toEqual(chain.slice(0, -1))
    expect((await get(id)).responsavel_id).toBe(chain.at(-1))
  })

  it.each([{ status: 'feito' }, { prioridade: 'x' }, { responsavel_id: 'a' }, { descricao: 'x'.repeat(501) }])(
    'refuses %j',
    async (wrong) => {
      expect((await put((await create()).id, wrong)).status).toBe(422)
    },
  )

  it('refuses a responsável who does not exist', async () => {
    const answer = await put((await create()).id, { responsavel_id: 9_999 })
    expect([answer.status, answer.body.detail]).toEqual([404, 'Consultor não encontrado'])
  })
})

it.each([
  ['GET', '', undefined],
  ['PUT', '', { status: 'aberto' }],
  ['POST', '/anonimizar', undefined],
])('%s /protocolo/{id}%s: one that does not exist is a 404', async (method, more, body) => {
  const answer = await service.call(method, `/protocolo/88888${more}`, body ? { body } : {})
  expect([answer.status, answer.body]).toEqual([404, { detail: 'Protocolo não encontrado' }])
})

describe('POST /protocolo/{id}/anonimizar', () => {
  it('takes contact, texts and key away, and keeps number, consultor and instant', async () => {
    const headers = { 'Idempotency-Key': 'forget-me' }
    const contato = { nome: 'Ana', telefone: '+5511987654321' }
    const ask = () => service.call('POST', '/vez', { body: { idioma: 'pt', contato, descricao: 'segredo' }, headers })
    const turn = (await ask()).body
    const id = Number(turn.protocolo.slice(1))
    const before = await get(id)
    const first = await service.call('POST', `/protocolo/${id}/anonimizar`)
    expect(first.body).toMatchObject({
      id,
      consultor_id: turn.consultor_id,
      created_at: before.created_at,
      contato: null,
      descricao: null,
      anonimizado_em: expect.any(String),
    })
    const stored = await service.database.connection.collection<{ _id: number }>('protocolos').findOne({ _id: id })
    expect(JSON.stringify(stored)).not.toMatch(/Ana|98765|segredo|forget-me/)
    expect((await service.call('POST', `/protocolo/${id}/anonimizar`)).body).toEqual(first.body)
  })
})
