import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type TestService, team, testService } from '../support/service.js'

let service: TestService
beforeAll(async () => {
  service = await testService()
})
afterAll(() => service.end())

const create = (body: object) => service.call('POST', '/consultor', { body })
const FULL = {
  nome: 'João Silva',
  idiomas: ['pt', 'en'],
  email: 'joao@exemplo.com.br',
  telefone: '+5511987654321',
  id_pipedrive: 456,
  status_ativo: true,
  status_ativo_sequencial: false,
  status_online: true,
}

describe('POST /consultor', () => {
  it('creates one, answers 200 with every field, and is listed', async () => {
    const { status, body } = await create(FULL)
    expect(status).toBe(200)
    expect(body).toEqual({ ...FULL, id: expect.any(Number), ultimo_atendimento: null })
    expect((await service.call('GET', `/consultor/${body.id}`)).body).toEqual(body)
    expect((await service.call('GET', '/consultores')).body).toContainEqual(body)
  })

  it('needs a name and a language; the rest has its defaults', async () => {
    const { body } = await create({ nome: ' Ana\u0303 Lima ', idiomas: ['pt', 'pt'] })
    expect(body).toMatchObject({
      nome: 'Anã Lima',
      idiomas: ['pt'],
      email: null,
      telefone: null,
      id_pipedrive: null,
      status_ativo: true,
      status_ativo_sequencial: true,
      status_online: false,
    })
  })

  it('lists all that is wrong', async () => {
    const wrong = {
      nome: ' ab ',
      idiomas: [],
      email: 'x',
      telefone: '11987654321',
      id_pipedrive: 'a',
      status_online: 'sim',
    }
    const { status, body } = await create(wrong)
    expect(status).toBe(422)
    expect(new Set(body.detail.map(({ loc }: { loc: string[] }) => loc[1]))).toEqual(new Set(Object.keys(wrong)))
    for (const problem of body.detail)
      expect(problem).toEqual({ loc: expect.any(Array), msg: expect.any(String), type: expect.any(String) })
  })

  it('says what is wrong in Portuguese as it is spoken in Brazil', async () => {
    const { body } = await create({ nome: 'ab', idiomas: [], status_online: 'sim' })
    expect(body.detail.map(({ msg }: { msg: string }) => msg)).toEqual([
      'Deve ter no mínimo 3 caracteres',
      'Deve ter no mínimo 1 item',
      'Deve ser verdadeiro ou falso',
    ])
  })

  it.each([
    ['a name of 256 characters', { nome: 'n'.repeat(256) }],
    ['21 languages', { idiomas: Array.from({ length: 21 }, (_, i) => `l${i}`) }],
    ['a language of one character', { idiomas: ['p'] }],
    ['a language of six characters', { idiomas: ['pt-BRA'] }],
    ['a phone of nine digits', { telefone: '+123456789' }],
    ['a phone of sixteen digits', { telefone: '+1234567890123456' }],
    ['NUL in a name', { nome: 'Ana\u0000Lima' }],
    ['half a character in a name', { nome: 'Ana \ud800' }],
  ])('refuses %s', async (_, wrong) => {
    expect((await create({ nome: 'Fulana', idiomas: ['pt'], ...wrong })).status).toBe(422)
  })

  it('refuses an e-mail that somebody has, whatever its case, also on a change', async () => {
    await create({ nome: 'Dona', idiomas: ['pt'], email: 'dona@exemplo.com' })
    const second = await create({ nome: 'Outra', idiomas: ['pt'], email: 'DONA@exemplo.com' })
    expect([second.status, second.body]).toEqual([400, { detail: 'Email já cadastrado' }])
    const { body } = await create({ nome: 'Outra', idiomas: ['pt'] })
    const change = await service.call('PUT', `/consultor/${body.id}`, { body: { email: 'dona@exemplo.com' } })
    expect([change.status, change.body]).toEqual([400, { detail: 'Email já cadastrado' }])
  })

  it('lets only one of many at once have an e-mail', async () => {
    const same = { nome: 'Mesma', idiomas: ['pt'], email: 'mesma@exemplo.com' }
    const statuses = (await Promise.all(Array.from({ length: 10 }, () => create(same)))).map(({ status }) => status)
    expect(statuses.sort()).toEqual([200, ...Array(9).fill(400)])
  })
})

describe('PUT /consultor/{id}', () => {
  it('keeps what is absent, clears by null, changes the rest', async () => {
    const { body } = await create({ ...FULL, email: 'put@exemplo.com' })
    const change = { nome: 'Novo Nome', telefone: null }
    const after = await service.call('PUT', `/consultor/${body.id}`, { body: change })
    expect(after.body).toEqual({ ...body, ...change })
    expect((await service.call('GET', `/consultor/${body.id}`)).body).toEqual(after.body)
  })

  it('accepts one’s own e-mail, and does not clear a required field', async () => {
    const { body } = await create({ ...FULL, email: 'own@exemplo.com' })
    expect((await service.call('PUT', `/consultor/${body.id}`, { body: { email: 'own@exemplo.com' } })).status).toBe(
      200,
    )
    expect((await service.call('PUT', `/consultor/${body.id}`, { body: { nome: null } })).status).toBe(422)
  })
})

describe('DELETE /consultor/{id}', () => {
  it('removes once; the protocols stay, and the id is never given again', async () => {
    const [id] = await team(service, 1, { idiomas: ['xx'] })
    const turn = await service.call('GET', '/consultor/da-vez?idioma=xx')
    const first = await service.call('DELETE', `/consultor/${id}`)
    expect([first.status, first.body]).toEqual([200, { detail: 'Consultor removido com sucesso' }])
    expect((await service.call('DELETE', `/consultor/${id}`)).status).toBe(404)
    const protocolo = await service.call('GET', `/protocolo/${Number(turn.body.protocolo.slice(1))}`)
    expect(protocolo.body.consultor_id).toBe(id)
    expect((await create({ nome: 'Depois', idiomas: ['pt'] })).body.id).toBeGreaterThan(id ?? 0)
  })
})

describe('PUT /consultor/{id}/connection', () => {
  it.each([
    ['by the query', '?status=false', undefined, false],
    ['by the body', '', { status: true }, true],
    ['by the query first', '?status=true', { status: false }, true],
  ])('sets it %s', async (_, query, body, expected) => {
    const [id] = await team(service, 1, { status_online: !expected })
    const answer = await service.call('PUT', `/consultor/${id}/connection${query}`, body ? { body } : {})
    expect([answer.status, answer.body.status_online, answer.body.id]).toEqual([200, expected, id])
  })

  it.each([
    ['', undefined],
    ['?status=talvez', undefined],
    ['', { status: 'sim' }],
  ])('asks for it: %s %j', async (query, body) => {
    const [id] = await team(service, 1)
    expect((await service.call('PUT', `/consultor/${id}/connection${query}`, body ? { body } : {})).status).toBe(422)
  })
})

it.each([
  ['GET', '/consultor/99999', undefined],
  ['PUT', '/consultor/99999', {}],
  ['DELETE', '/consultor/99999', undefined],
  ['PUT', '/consultor/99999/connection?status=true', undefined],
  ['POST', '/protocolo', { consultor_id: 99_999 }],
])('%s %s: a consultor who does not exist is a 404', async (method, path, body) => {
  const answer = await service.call(method, path, body ? { body } : {})
  expect([answer.status, answer.body]).toEqual([404, { detail: 'Consultor não encontrado' }])
})

it.each(['abc', '1.5', '0', '99999999999999999999'])('an id must be a whole number: %s', async (id) => {
  expect((await service.call('GET', `/consultor/${id}`)).status).toBe(422)
})
