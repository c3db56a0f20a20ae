import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { testConsultor } from '../support/chat.js'
import { allCopied, type TestService, testService } from '../support/service.js'

/** In São Paulo, where it is three hours earlier. */
let at = new Date('2026-03-02T12:00:00Z')
const minutes = (count: number): void => {
  at = new Date(at.getTime() + count * 60_000)
}
let service: TestService
let [ana, bia, caio] = [0, 0, 0]
const ask = async (more: object = {}) =>
  (await service.call('POST', '/vez', { body: { idioma: 'pt', ...more } })).body.consultor_id

beforeAll(async () => {
  service = await testService({ clock: { ...systemClock, now: () => at } })
  ana = await testConsultor(service, 'Ana Lima')
  bia = await testConsultor(service, 'Bia Reis')
  caio = await testConsultor(service, 'Caio Luz', { idiomas: ['pt', 'es'], equipes: ['Suporte'] })
  minutes(60)
  expect([await ask(), await ask(), await ask()]).toEqual([ana, bia, caio])
  await service.call('PUT', `/consultor/${bia}/pausa`, { body: { minutos: 30, motivo: 'almoço' } })
  expect([await ask(), await ask({ equipe: 'suporte' }), await ask({ idioma: 'es' })]).toEqual([ana, caio, caio])
  minutes(30)
  await service.call('PUT', `/consultor/${ana}/connection?status=false`)
  expect(await ask({ preferido: caio })).toBe(caio)
  expect(await ask()).toBe(bia)
  await service.call('POST', '/protocolo/gerar')
  minutes(90)
})
afterAll(() => service.end())

it('GET /relatorio/justica tells turns, differences, times and causes', async () => {
  const { status, body } = await service.call('GET', '/relatorio/justica?desde=2026-03-02&ate=2026-03-02')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    sem_livro: 0,
    livro_desde: '2026-03-02T12:00:00.000Z',
    numeros: { total: 9, regra: 7, preferido: 1, ajudou: 0, numero: 1, continuados: 0 },
    por_idioma: [
      { idioma: 'pt', total: 7 },
      { idioma: 'es', total: 1 },
    ],
    por_equipe: [
      { equipe: null, total: 8 },
      { equipe: 'suporte', total: 1 },
    ],
    por_dia: [{ dia: '2026-03-02', total: 9 }],
    espera: { clientes: 0, mediana_s: null },
  })
  const of = (id: number) => body.por_consultor.find((one: { consultor_id: number }) => one.consultor_id === id)
  expect(of(ana)).toMatchObject({
    nome: 'Ana Lima',
    numeros: { total: 2, regra: 2 },
    tempo: { fora: 0, fora_do_horario: 0, pausa: 0, online: 90 * 60, offline: 90 * 60 },
  })
  expect(of(bia)).toMatchObject({ tempo: { pausa: 30 * 60, online: 150 * 60 } })
  expect(of(caio)).toMatchObject({ numeros: { total: 4, regra: 3, preferido: 1 } })
  // The seven turns of the rule, alone: Ana, Bia, Caio, Ana, Bia, Caio, Ana.
  expect(body.por_consultor.map(({ regra_sozinha }: { regra_sozinha: number }) => regra_sozinha)).toEqual([3, 2, 2])
  for (const { numeros, regra_sozinha, por_que } of body.por_consultor) {
    const causes: number[] = Object.values(por_que)
    expect(regra_sozinha + causes.reduce((sum, one) => sum + one, 0)).toBe(numeros.regra)
  }
  expect(of(ana).frase).toMatch(/^Ana Lima recebeu 2 vezes, 1 a menos do que a regra sozinha daria: /)
  expect(body.maior_diferenca).toMatchObject({ promessa: 1, cumprida: true, diferenca: 1 })
})

it('of another period tells nothing of this one', async () => {
  const { body } = await service.call('GET', '/relatorio/justica?desde=2026-03-01&ate=2026-03-01')
  expect(body).toMatchObject({ numeros: { total: 0 }, por_consultor: [], maior_diferenca: { diferenca: null } })
})

it('finds a turn that went to somebody else than it should have', async () => {
  const turns = service.database.connection.collection<{ _id: number }>('protocolos')
  // Until all are copied, the second may not be there yet, or be told from the document.
  await allCopied(service)
  await turns.updateOne({ _id: 2 }, { $set: { consultor_id: ana } })
  const { body } = await service.call('GET', '/relatorio/justica?desde=2026-03-02')
  await turns.updateOne({ _id: 2 }, { $set: { consultor_id: bia } })
  expect(body.maior_diferenca).toMatchObject({
    ...{ cumprida: false, diferenca: 2, mais: { nome: 'Ana Lima' }, menos: { nome: 'Bia Reis' } },
    ...{ de: { protocolo: '#00001' }, ate: { protocolo: '#00002' } },
  })
})
