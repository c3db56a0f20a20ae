import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { testCanal, testConsultor } from '../support/chat.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let at: Date
let platforms: Platforms
let database: TestDatabase
let service: TestService
const clock = { ...systemClock, now: () => at }
beforeAll(async () => {
  platforms = await startPlatforms()
})
afterAll(() => platforms.end())
beforeEach(async () => {
  // Monday, ten in the morning in São Paulo.
  at = new Date('2026-01-05T13:00:00Z')
  database = await testDatabase()
  service = await testService({ database, clock })
})
afterEach(async () => {
  await service.end()
  await database.end()
  platforms.reset()
})

const horario = { semana: { seg: ['08:00-12:00', '13:00-18:00'], ter: ['22:00-02:00'] }, folgas: ['2026-01-06'] }
const put = (path: string, body: object) => service.call('PUT', path, { body })
const turn = () => service.call('GET', '/consultor/da-vez?idioma=pt')

describe('hours', () => {
  it('of a consultor keep turns from him from the instant of each boundary on, whoever sees it first', async () => {
    const ana = await testConsultor(service, 'Ana Lima')
    const set = await put(`/consultor/${ana}`, { horario })
    const whole = { ...horario, feriados: true, fuso: null }
    expect(set.body).toMatchObject({
      ...{ horario: whole, dentro_do_horario: true, dentro_do_horario_ate: '2026-01-05T15:00:00.000Z' },
    })
    expect((await put(`/consultor/${ana}`, set.body)).body).toEqual(set.body)
    at = new Date('2026-01-05T14:59:59.999Z')
    expect((await turn()).status).toBe(200)
    at = new Date('2026-01-05T15:00:00Z')
    const closed = await turn()
    expect([closed.status, closed.body]).toMatchObject([
      404,
      { motivo: 'fora_do_horario', fora: { horario: 1 }, abre_em: '2026-01-05T16:00:00.000Z' },
    ])
    expect((await service.call('GET', '/vez')).body.fora).toMatchObject([
      { consultor_id: ana, motivos: ['horario'], horario_ate: '2026-01-05T16:00:00.000Z' },
    ])
    at = new Date('2026-01-05T16:00:00Z')
    expect((await turn()).status).toBe(200)
    const events = () => database.connection.collection('eventos').find({ tipo: 'horario' }).toArray()
    await until(async () => (await events()).length === 2)
    expect(await events()).toMatchObject([
      { consultores: [ana], para: { dentro: false }, por: 'agenda' },
      { consultores: [ana], para: { dentro: true }, por: 'agenda' },
    ])
    expect((await put(`/consultor/${ana}`, { horario: null })).body).toMatchObject({
      ...{ horario: null, dentro_do_horario: true, dentro_do_horario_ate: null },
    })
  })

  it('of all, with holidays, hold for who has none of his own', async () => {
    const ana = await testConsultor(service, 'Ana Lima')
    const bia = await testConsultor(service, 'Bia Reis', { horario: { feriados: false } })
    const set = await put('/politica', {
      ...{ horario: { semana: { seg: ['08:00-12:00'] } }, feriados: { nacionais: true, dias: ['01-05'] } },
    })
    expect(set.body).toMatchObject({
      horario: { semana: { seg: ['08:00-12:00'] }, folgas: [] },
      feriados: { nacionais: true, carnaval: false, corpus_christi: false, dias: ['01-05'] },
    })
    expect((await put('/politica', set.body)).body).toEqual(set.body)
    expect((await turn()).body.consultor_id).toBe(bia)
    expect((await service.call('GET', `/consultor/${ana}`)).body).toMatchObject({
      ...{ horario: null, dentro_do_horario: false, dentro_do_horario_ate: '2026-01-12T11:00:00.000Z' },
    })
    await put('/politica', { horario: null, feriados: null })
    expect((await turn()).body.consultor_id).toBe(ana)
  })

  it('of an account let its customers wait, told when it opens, and are known to a process that starts later', async () => {
    const ana = await testConsultor(service, 'Ana Lima')
    const more = { ajustes: { retorno_url: `${platforms.url}/retorno` } }
    const canal = await testCanal(service, 'generico', { ...more, horario })
    const other = await testCanal(service, 'generico', { ...more, esperar: false })
    const ask = (of: typeof canal, id: string) =>
      service.call('POST', of.path, {
        body: { id, contato: { id }, texto: 'oi' },
        headers: { 'x-webhook-segredo': of.segredo },
      })
    at = new Date('2026-01-05T15:30:00Z')
    expect((await ask(canal, 'maria')).body).toMatchObject({
      situacao: 'em_espera',
      texto: expect.stringContaining('abrimos hoje às 13:00. Você é o número 1'),
    })
    expect((await ask(other, 'joao')).body).toMatchObject({ situacao: 'atribuido', consultor: { id: ana } })
    expect((await turn()).status).toBe(200)
    await service.end()
    await database.connection
      .collection<{ _id: string }>('canais')
      .updateOne({ _id: other.slug }, { $set: { horario: { ...horario, folgas: [] } }, $inc: { rev: 1 } })
    service = await testService({ database, clock })
    expect((await ask(other, 'rita')).body).toMatchObject({
      ...{ situacao: 'indisponivel', motivo: 'fora_do_horario' },
      texto: expect.stringContaining('abrimos hoje às 13:00'),
    })
    at = new Date('2026-01-05T16:00:00Z')
    await until(async () => (await service.call('GET', '/espera')).body.length === 0)
    expect((await ask(other, 'rita 2')).body.situacao).toBe('atribuido')
    await service.call('DELETE', `/canais/${other.slug}`)
    const counters = database.connection.collection<{ _id: string; contas?: object }>('counters')
    expect(Object.keys((await counters.findOne({ _id: 'vez' }))?.contas ?? {})).toEqual([canal.slug])
  })

  it.each([
    { semana: {} },
    { semana: { seg: ['8:00-12:00'] } },
    { semana: { seg: ['08:00-08:00'] } },
    { semana: { seg: ['08:00-12:00', '11:00-13:00'] } },
    { semana: { segunda: ['08:00-12:00'] } },
    { folgas: ['2026-02-30'] },
    { folgas: ['2026-12-31/2026-12-01'] },
    { fuso: 'Brasilia' },
    { dias: [] },
  ])('refuses what is none: %j', async (wrong) => {
    const body = { nome: 'Ana Lima', idiomas: ['pt'], horario: wrong }
    expect((await service.call('POST', '/consultor', { body })).status).toBe(422)
  })
})
