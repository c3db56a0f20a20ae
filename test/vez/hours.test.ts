import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { testCanal, testConsultor } from '../support/chat.js'
import { serverPort, type TestDatabase, testDatabase, uriOf } from '../support/database.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { type ServiceProcess, startProcess } from '../support/processes.js'
import { type Fault, type FaultProxy, startProxy } from '../support/proxy.js'
import { sample } from '../support/sample.js'
import { MASTER, type TestService, testService } from '../support/service.js'
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
      {
        ...{ consultor_id: ana, motivos: ['horario'] },
        ...{ horario_desde: '2026-01-05T15:00:00.000Z', horario_ate: '2026-01-05T16:00:00.000Z' },
      },
    ])
    expect((await service.call('GET', '/vez/previa?idioma=pt')).body).toMatchObject({
      ...{ proximos: [], motivo: 'fora_do_horario', abre_em: '2026-01-05T16:00:00.000Z' },
    })
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
    const ask = (of: typeof canal, id: string, contato = id) =>
      service.call('POST', of.path, {
        body: { id, contato: { id: contato }, texto: 'oi' },
        headers: { 'x-webhook-segredo': of.segredo },
      })
    at = new Date('2026-01-05T15:30:00Z')
    expect((await ask(canal, 'maria')).body).toMatchObject({
      situacao: 'em_espera',
      texto: expect.stringContaining('abrimos hoje às 13:00. Você é o número 1'),
    })
    const [{ id }] = (await service.call('GET', '/espera')).body
    expect((await service.call('GET', `/espera/${id}/porque`)).body).toMatchObject({
      ...{ motivo: 'fora_do_horario', fora: { horario: 1 }, abre_em: '2026-01-05T16:00:00.000Z' },
      frase: `Espera desde 12:30, até 15:00, no lugar 1 da fila. A conta ${canal.slug} está fora do horário. O atendimento volta às 13:00.`,
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
    const bia = await testConsultor(service, 'Bia Reis')
    // Outside since midnight, he is as absent as somebody offline.
    expect((await ask(other, 'joao 2', 'joao')).body.situacao).toBe('em_atendimento')
    await put(`/consultor/${ana}`, { horario: { folgas: ['2026-01-05'] } })
    expect((await ask(other, 'joao 3', 'joao')).body).toMatchObject({ situacao: 'atribuido', consultor: { id: bia } })
    await service.call('DELETE', `/canais/${other.slug}`)
    const counters = database.connection.collection<{ _id: string; contas?: object }>('counters')
    expect(Object.keys((await counters.findOne({ _id: 'vez' }))?.contas ?? {})).toEqual([canal.slug])
    const told = () =>
      database.connection.collection('eventos').find({ canal: other.slug }).sort({ versao: 1 }).toArray()
    await until(async () => (await told()).length === 2)
    expect((await told()).map(({ para, por }) => [para.dentro, por])).toEqual([
      [false, 'sistema'],
      [true, expect.stringMatching(/^chave:/)],
    ])
  })

  it.each([null, {}, { semana: null }, { folgas: [], feriados: true, fuso: null }])(
    'that say nothing are none, and leave a state that can be read: %j',
    async (horario) => {
      const body = { nome: 'Ana Lima', idiomas: ['pt'], status_online: true, horario }
      const { body: ana } = await service.call('POST', '/consultor', { body })
      expect(ana.horario).toBeNull()
      expect((await service.call('PUT', `/consultor/${ana.id}`, { body: { horario } })).body.horario).toBeNull()
      expect((await service.call('PUT', '/politica', { body: { horario: null, feriados: {} } })).status).toBe(200)
      const counters = database.connection.collection<{ _id: string; consultores?: object; politica?: object }>(
        'counters',
      )
      const { consultores, politica } = (await counters.findOne({ _id: 'vez' })) ?? {}
      expect(JSON.stringify([consultores, politica])).not.toContain(':null')
      expect((await turn()).status).toBe(200)
      expect((await service.call('GET', '/consultores')).status).toBe(200)
    },
  )

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

const HOUR_MS = 3_600_000
/** Its wall clock is ahead by so much, and by an hour more with each SIGUSR2. */
const stepped = (aheadMs: number): string => {
  const code = `const Real = Date
    let ahead = ${aheadMs}
    process.on('SIGUSR2', () => { ahead += ${HOUR_MS} })
    globalThis.Date = class extends Real {
      constructor(...given) { given.length > 0 ? super(...given) : super(Real.now() + ahead) }
      static now() { return Real.now() + ahead }
    }`
  return `--import data:text/javascript,${encodeURIComponent(code)}`
}

const FAULTS: readonly Fault[] = ['cut before', 'cut after', 'land late']
const faults = sample('kills at a boundary', FAULTS, () => ['a kill'])

interface Row {
  readonly consultores?: readonly number[]
  readonly para?: object
  readonly por?: string
  readonly ate?: Date
  readonly created_at?: Date
  readonly consultor_id?: number
}

describe('a boundary that two processes see', () => {
  let proxy: FaultProxy
  let other: ServiceProcess
  beforeEach(async () => {
    proxy = await startProxy(serverPort())
    other = await startProcess({
      ...{ CHAVE_MESTRA: MASTER, MONGODB_URI: uriOf(database.name, proxy.port) },
      NODE_OPTIONS: stepped(at.getTime() - Date.now()),
    })
  })
  afterEach(async () => {
    await other.kill('SIGKILL')
    await proxy.end()
  })

  const rows = (name: string, query = {}) =>
    database.connection.collection<Row>(name).find(query).sort({ versao: 1 }).toArray()
  const crossed = () => rows('eventos', { tipo: 'horario' })
  const isCopied = async (): Promise<boolean> => {
    const counters = database.connection.collection<{ _id: string; pendentes?: object[]; eventos?: object[] }>(
      'counters',
    )
    const { pendentes = [], eventos = [] } = (await counters.findOne({ _id: 'vez' })) ?? {}
    return pendentes.length + eventos.length === 0
  }
  const hourLater = (): Date => new Date(at.getTime() + HOUR_MS)

  /** Turns of both while the other one's clock passes a boundary, and then ours. */
  async function passOne(): Promise<void> {
    let asks = true
    const asking = [service, service, other, other].map(async (one) => {
      while (asks) expect((await one.call('GET', '/consultor/da-vez?idioma=pt')).status).toBe(200)
    })
    const more = async (): Promise<void> => {
      const { length } = await rows('protocolos')
      await until(async () => (await rows('protocolos')).length > length + 10)
    }
    try {
      await more()
      other.child.kill('SIGUSR2')
      await until(async () => (await crossed()).length > 0)
      await more()
      at = hourLater()
      await more()
    } finally {
      asks = false
      await Promise.all(asking)
    }
  }

  it.each(faults)('is crossed once, also where one is killed while it writes that (%s)', async (fault) => {
    const horario = { semana: { seg: ['08:00-10:30', '11:30-18:00'] } }
    const ana = await testConsultor(service, 'Ana Lima', { horario })
    const bia = await testConsultor(service, 'Bia Reis')
    await passOne()
    await until(isCopied)

    proxy.next(fault)
    other.child.kill('SIGUSR2')
    await until(() => proxy.happened() > 0)
    await other.kill('SIGKILL')
    at = hourLater()
    const first = (await turn()).body.consultor_id
    await proxy.release()
    expect([first, (await turn()).body.consultor_id]).toEqual([ana, bia])
    await until(isCopied)

    const [closes, opens] = [new Date('2026-01-05T13:30Z'), new Date('2026-01-05T14:30Z')]
    expect((await crossed()).map(({ consultores, para, por, ate }) => [consultores, para, por, ate])).toEqual([
      [[ana], { dentro: false }, 'agenda', closes],
      [[ana], { dentro: true }, 'agenda', opens],
    ])
    const closed = (await rows('protocolos')).filter(
      ({ created_at = at }) => created_at >= closes && created_at < opens,
    )
    expect(new Set(closed.map(({ consultor_id }) => consultor_id))).toEqual(new Set([bia]))
    expect((await service.call('GET', `/protocolo/${closed.at(-1)?._id}/porque`)).body.frase).toContain(
      'Antes dele estava Ana Lima (fora do horário desde 10:30).',
    )
    expect((await service.call('GET', '/livro/verificacao?desde=0')).body).toMatchObject({ confere: true })
  })
})
