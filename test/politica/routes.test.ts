import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type TestService, team, testService } from '../support/service.js'
import { until } from '../support/until.js'

let service: TestService
beforeAll(async () => {
  service = await testService()
})
afterAll(() => service.end())

const NOTHING = { horario: null, feriados: null, fuso: null }
const put = (body: object) => service.call('PUT', '/politica', { body })

describe('/politica', () => {
  it('holds nothing at first, changes by part, and clears with null', async () => {
    expect((await service.call('GET', '/politica')).body).toEqual({ limite: null, ...NOTHING })
    const set = await put({ limite: 7 })
    expect([set.status, set.body, set.headers.get('x-vez-versao')]).toEqual([
      200,
      { limite: 7, ...NOTHING },
      expect.stringMatching(/^\d+\.1$/),
    ])
    expect((await put({})).body).toEqual({ limite: 7, ...NOTHING })
    expect((await service.call('GET', '/politica')).body).toEqual({ limite: 7, ...NOTHING })
    expect((await put({ limite: null })).body).toEqual({ limite: null, ...NOTHING })
  })

  it('writes each change down in the ledger, with who made it, and none that changes nothing', async () => {
    await put({ limite: 3 })
    await put({ limite: 3 })
    await put({ limite: null })
    const found = () =>
      service.database.connection.collection('eventos').find({ tipo: 'politica', 'de.limite': 3 }).toArray()
    await until(async () => (await found()).length > 0)
    expect(await found()).toMatchObject([
      { de: { limite: 3 }, para: { limite: null }, por: expect.stringMatching(/^chave:/) },
    ])
  })

  it.each([{ limite: 0 }, { limite: 1_000 }, { limite: 1.5 }, { limite: '3' }, { limites: 3 }])(
    'refuses what is no policy: %j',
    async (body) => {
      expect((await put(body)).status).toBe(422)
    },
  )
})

describe('the limit of open protocols', () => {
  const open = (idioma: string, limite?: number | null) =>
    team(service, 1, { idiomas: [idioma], ...(limite !== undefined && { limite }) })
  const turn = (idioma: string) => service.call('GET', `/consultor/da-vez?idioma=${idioma}`)
  const person = async (id: number | undefined) => (await service.call('GET', `/consultor/${id}`)).body
  const change = (numero: string, body: object) =>
    service.call('PUT', `/protocolo/${Number(numero.slice(1))}`, { body })

  it('keeps whoever has so many out, as the last reason, until one of them is over, and counts each way of getting one', async () => {
    const [ana] = await open('xa', 3)
    const [bia] = await open('xa', 1)
    expect(await person(ana)).toMatchObject({ limite: 3, abertos: 0 })
    const given = [await turn('xa'), await turn('xa'), await turn('xa')].map(({ body }) => body)
    expect(given.map(({ consultor_id }) => consultor_id)).toEqual([ana, bia, ana])
    await service.call('POST', '/protocolo', { body: { consultor_id: ana } })
    expect([(await person(ana)).abertos, (await person(bia)).abertos]).toEqual([3, 1])
    const nobody = await turn('xa')
    expect([nobody.status, nobody.body.motivo, nobody.body.fora.limite]).toEqual([404, 'todos_no_limite', 2])
    const { fora } = (await service.call('GET', '/vez')).body
    expect(fora).toContainEqual(expect.objectContaining({ consultor_id: bia, motivos: ['limite'] }))
    await service.call('PUT', `/consultor/${bia}/connection?status=false`)
    expect((await turn('xa')).body.motivo).toBe('todos_no_limite')
    await service.call('PUT', `/consultor/${bia}/connection?status=true`)

    // Over: there is room at once. Opened again: there is none.
    await change(given[1].protocolo, { status: 'concluido' })
    expect((await person(bia)).abertos).toBe(0)
    await change(given[1].protocolo, { status: 'em_andamento' })
    expect((await person(bia)).abertos).toBe(1)
    expect((await turn('xa')).status).toBe(404)
    // Given to somebody else: both are counted.
    await change(given[0].protocolo, { responsavel_id: bia })
    expect([(await person(ana)).abertos, (await person(bia)).abertos]).toEqual([2, 2])
    expect((await turn('xa')).body.consultor_id).toBe(ana)
    const counted = { tipo: 'recontado', consultores: bia, 'para.abertos': 0 }
    await until(async () => (await service.database.connection.collection('eventos').findOne(counted)) !== null)
  })

  it('holds for all who have none of their own, counts what they have already, and is gone with null', async () => {
    const [ana] = await open('xb')
    expect(await person(ana)).toMatchObject({ limite: null, abertos: null })
    const first = (await turn('xb')).body
    await turn('xb')
    await change(first.protocolo, { status: 'concluido' })
    await put({ limite: 1 })
    expect((await person(ana)).abertos).toBe(1)
    expect((await turn('xb')).body.motivo).toBe('todos_no_limite')
    await service.call('PUT', `/consultor/${ana}`, { body: { limite: 2 } })
    expect((await turn('xb')).status).toBe(200)
    await service.call('PUT', `/consultor/${ana}`, { body: { limite: null } })
    expect((await turn('xb')).status).toBe(404)
    await put({ limite: null })
    expect((await turn('xb')).status).toBe(200)
  })

  it('of no whole number from 1 to 999 is refused', async () => {
    for (const limite of [0, 1_000, 2.5, 'x']) {
      const body = { nome: 'Ana', idiomas: ['xc'], limite }
      expect((await service.call('POST', '/consultor', { body })).status).toBe(422)
    }
  })
})

describe('handing over', () => {
  it('moves open protocols to others in turn, spends no turn, and can be called twice at once and again', async () => {
    const [ana = 0, bia = 0, caio = 0] = await team(service, 3, { idiomas: ['xd'], limite: 9 })
    for (let count = 0; count < 5; count += 1) await service.call('POST', '/protocolo', { body: { consultor_id: ana } })
    const { body: over } = await service.call('POST', '/protocolo', { body: { consultor_id: ana } })
    await service.call('PUT', `/protocolo/${over.id}`, { body: { status: 'concluido' } })
    const before = (await service.call('GET', '/vez')).body.ultimo_protocolo
    const move = (body: object) => service.call('POST', `/consultor/${ana}/repassar`, { body })
    const answers = await Promise.all([move({ para: [bia, caio] }), move({ para: [bia, caio] })])
    expect(answers.map(({ status, body }) => [status, body.restantes, body.falharam])).toEqual(
      answers.map(() => [200, 0, []]),
    )
    expect(answers.reduce((sum, { body }) => sum + body.movidos, 0)).toBe(5)
    expect((await move({ para: bia })).body).toEqual({ movidos: 0, restantes: 0, falharam: [] })
    expect((await service.call('GET', '/vez')).body.ultimo_protocolo).toBe(before)
    const counts = await Promise.all(
      [ana, bia, caio].map(async (id) => (await service.call('GET', `/consultor/${id}`)).body.abertos),
    )
    expect([counts[0], counts[1] + counts[2]]).toEqual([0, 5])

    // One is deleted and leaves some open: they are moved all the same.
    const gone = await service.call('DELETE', `/consultor/${bia}`)
    expect(gone.headers.get('x-abertos')).toBe(String(counts[1]))
    const rest = await service.call('POST', `/consultor/${bia}/repassar`, { body: { para: [caio], motivo: 'Férias' } })
    expect(rest.body).toEqual({ movidos: counts[1], restantes: 0, falharam: [] })
    const { body: his } = await service.call('GET', `/protocolos?responsavel_id=${caio}`)
    expect(his).toHaveLength(5)
    expect(his[0].historico.at(-1)).toMatchObject({ tipo: 'responsavel', para: caio, motivo: 'Férias' })
  })

  it('refuses nobody, himself and strangers', async () => {
    const [ana] = await team(service, 1, { idiomas: ['xe'] })
    for (const [para, status] of [
      [[], 422],
      [ana, 422],
      [99_999, 404],
      ['2', 422],
    ] as const) {
      expect((await service.call('POST', `/consultor/${ana}/repassar`, { body: { para } })).status).toBe(status)
    }
    expect((await service.call('POST', '/consultor/99999/repassar', { body: { para: ana } })).status).toBe(404)
  })
})

it('the ledger tells of limits and counts what the line has come to', async () => {
  const { body } = await service.call('GET', '/livro/verificacao?desde=0')
  expect([body.confere, body.problemas]).toEqual([true, []])
})
