import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type TestService, team, testService } from '../support/service.js'
import { until } from '../support/until.js'

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
    const hours = { horario: null, dentro_do_horario: true, dentro_do_horario_ate: null }
    const read = { id: expect.any(Number), ultimo_atendimento: null, limite: null, abertos: null, pausa: null }
    expect(body).toEqual({ ...FULL, ...hours, equipes: [], ...read })
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

  it('has teams, each once however it is written, which a change takes the place of', async () => {
    const { body } = await create({
      nome: 'Ana',
      idiomas: ['pt'],
      equipes: [' Vendas ', 'VENDAS', 'Pós-venda', 'pos-Venda'],
    })
    expect(body.equipes).toEqual(['Vendas', 'Pós-venda'])
    const change = async (change: object) =>
      (await service.call('PUT', `/consultor/${body.id}`, { body: change })).body.equipes
    expect(await change({ nome: 'Ana Lima' })).toEqual(['Vendas', 'Pós-venda'])
    expect([await change({ equipes: ['suporte'] }), await change({ equipes: [] })]).toEqual([['suporte'], []])
    for (const equipes of [['x'.repeat(41)], [''], 'vendas', Array.from({ length: 21 }, (_, i) => `e${i}`)])
      expect((await create({ nome: 'Ana', idiomas: ['pt'], equipes })).status).toBe(422)
  })

  it.each(['Jô', 'Li', '李明', 'D. Ana'])('takes a short name: %s', async (nome) => {
    expect((await create({ nome, idiomas: ['pt'] })).body.nome).toBe(nome)
  })

  it('puts a name on one line', async () => {
    const { body } = await create({ nome: ' \u200bAna\u00a0\n Lima\u202e ', idiomas: ['pt'] })
    expect(body.nome).toBe('Ana Lima')
  })

  it.each([
    '11 98765-4321',
    '(11) 98765-4321',
    '11987654321',
    '5511987654321',
    '+55 11 98765-4321',
    '+55 (0) 11 98765-4321',
    '(+55) 11 98765.4321',
    '0055 11 98765 4321',
    '011 98765-4321',
    '(0xx11) 98765-4321',
    '0 15 11 98765-4321',
    '11\u00a098765\u20114321',
    '\u202a+55 11 98765-4321\u202c',
    'tel:+55-11-98765-4321',
    'whatsapp:+5511987654321',
    'https://wa.me/5511987654321',
    '11 98765-4321 ramal 12',
  ])('takes a phone as it is written, and keeps it with + and the country: %s', async (telefone) => {
    expect((await create({ nome: 'Ana', idiomas: ['pt'], telefone })).body.telefone).toBe('+5511987654321')
  })

  it.each([
    ['+351 912 345 678', '+351912345678'],
    ['00351 912 345 678', '+351912345678'],
    ['0015 1 212 555 0100', '+12125550100'],
    ['11 8765-4321', '+551187654321'],
    ['(55) 3222-1234', '+555532221234'],
    ['+54 9 11 5555-0006', '+5491155550006'],
    ['351912345678', '+351912345678'],
    ['34 612 345 678', '+34612345678'],
    ['1 (415) 555-2671', '+14155552671'],
    ['47 9876-5432', '+554798765432'],
  ])('takes a phone of elsewhere, of before, or of a desk: %s', async (telefone, stored) => {
    expect((await create({ nome: 'Ana', idiomas: ['pt'], telefone })).body.telefone).toBe(stored)
  })

  it('says how a phone and a language are written', async () => {
    const { body } = await create({ nome: 'Ana', idiomas: ['Portuguese'], telefone: '98765' })
    expect(body.detail.map(({ msg }: { msg: string }) => msg)).toEqual([
      'Use um código, como pt, en, es',
      expect.stringContaining('(11) 98765-4321'),
    ])
  })

  it.each([
    ['"3", "true" and "0"', { id_pipedrive: '3', status_ativo: 'true', status_online: '0' }, [3, true, false]],
    ['" 3 ", "FALSE" and 1', { id_pipedrive: ' 3 ', status_ativo: 'FALSE', status_online: 1 }, [3, false, true]],
    ['"3.0", "on" and "n"', { id_pipedrive: '3.0', status_ativo: 'on', status_online: 'n' }, [3, true, false]],
  ])('understands %s, as the old system did', async (_, given, expected) => {
    const { status, body } = await create({ nome: 'Ana', idiomas: ['pt'], ...given })
    expect([status, body.id_pipedrive, body.status_ativo, body.status_online]).toEqual([200, ...expected])
  })

  it.each([
    { id_pipedrive: '3.5' },
    { id_pipedrive: '' },
    { id_pipedrive: true },
    { status_online: 'sim' },
    { status_online: 2 },
    { status_online: '' },
    { nome: 123 },
    { idiomas: 'pt' },
  ])('does not guess: %j is a 422', async (wrong) => {
    expect((await create({ nome: 'Ana', idiomas: ['pt'], ...wrong })).status).toBe(422)
  })

  it('lists all that is wrong', async () => {
    const wrong = {
      nome: ' a ',
      idiomas: [],
      email: 'x',
      telefone: '98765-4321',
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
    const { body } = await create({ nome: 'a', idiomas: [], status_online: 'sim' })
    expect(body.detail.map(({ msg }: { msg: string }) => msg)).toEqual([
      'Deve ter no mínimo 2 caracteres',
      'Deve ter no mínimo 1 item',
      'Deve ser verdadeiro ou falso',
    ])
  })

  it.each([
    ['a name of 256 characters', { nome: 'n'.repeat(256) }],
    ['21 languages', { idiomas: Array.from({ length: 21 }, (_, i) => `l${i}`) }],
    ['a name of one letter', { nome: 'J' }],
    ['a name of spaces', { nome: ' \u00a0\u200b \t' }],
    ['a name without a letter', { nome: '--' }],
    ['a control character in a name', { nome: 'Ana\u0001Lima' }],
    ['a language of one character', { idiomas: ['p'] }],
    ['the name of a language', { idiomas: ['português'] }],
    ['an empty language', { idiomas: [' '] }],
    ['a phone without its area', { telefone: '98765-4321' }],
    ['a phone with + and no country', { telefone: '+11 98765-4321' }],
    ['two phones', { telefone: '11 98765-4321 / 11 91234-5678' }],
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
    ['by a word', '?status=ON', undefined, true],
    ['by a text in the body', '', { status: 'false' }, false],
    ['by a number in the body', '', { status: 1 }, true],
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

describe('PUT and DELETE /consultor/{id}/pausa', () => {
  const pause = (id: number | undefined, body?: object) =>
    service.call('PUT', `/consultor/${id}/pausa`, body ? { body } : {})
  const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString()

  it('shows the pause with its reason, its end and by whom; it ends by word, by being put online, and not by a whole PUT', async () => {
    const [id] = await team(service, 1)
    const { status, headers, body } = await pause(id, { minutos: 30, motivo: 'almoço' })
    expect([status, headers.get('x-vez-versao'), body.status_online]).toEqual([200, expect.any(String), true])
    const pausa = {
      motivo: 'almoço',
      por: expect.stringMatching(/^chave:/),
      desde: expect.any(String),
      ate: expect.any(String),
    }
    expect(body.pausa).toEqual(pausa)
    expect(Date.parse(body.pausa.ate) - Date.parse(body.pausa.desde)).toBe(1_800_000)
    expect((await service.call('PUT', `/consultor/${id}`, { body })).body.pausa).toEqual(pausa)
    const { fora } = (await service.call('GET', '/vez')).body
    const seen = fora.find((one: { consultor_id: number }) => one.consultor_id === id)
    expect(seen).toEqual({ consultor_id: id, nome: 'Consultor 1', motivos: ['pausa'], ...pausa })
    expect((await service.call('DELETE', `/consultor/${id}/pausa`)).body.pausa).toBeNull()
    expect((await pause(id)).body.pausa).toMatchObject({ motivo: null, ate: null })
    const off = await service.call('PUT', `/consultor/${id}/connection?status=false`)
    expect(off.body.pausa).toMatchObject({ ate: null })
    const on = await service.call('PUT', `/consultor/${id}/connection?status=true`)
    expect([on.body.status_online, on.body.pausa]).toEqual([true, null])
  })

  it('ends at its instant, though nobody asks for a turn', async () => {
    const [id] = await team(service, 1)
    expect((await pause(id, { ate: inMs(1_500) })).status).toBe(200)
    await until(async () => (await service.call('GET', `/consultor/${id}`)).body.pausa === null)
    const said = { tipo: 'presenca', consultores: [id], por: 'agenda' }
    await until(async () => (await service.database.connection.collection('eventos').findOne(said)) !== null)
  })

  it.each([
    { minutos: 0 },
    { minutos: 1_441 },
    { minutos: '30' },
    { minutos: 30, ate: inMs(60_000) },
    { ate: inMs(-1_000) },
    { ate: inMs(90_000_000) },
    { ate: '2026-11-27T14:30:00' },
    { motivo: 'x'.repeat(81) },
    { motivo: ' ' },
    { tempo: 30 },
  ])('is refused: %j', async (body) => {
    const [id] = await team(service, 1)
    expect((await pause(id, body)).status).toBe(422)
    expect((await service.call('GET', `/consultor/${id}`)).body.pausa).toBeNull()
  })
})

it.each([
  ['GET', '/consultor/99999', undefined],
  ['PUT', '/consultor/99999/pausa', { minutos: 5 }],
  ['DELETE', '/consultor/99999/pausa', undefined],
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
