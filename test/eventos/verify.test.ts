import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Milestones } from '../../src/eventos/milestones.js'
import { replayPeriod, type Visitor } from '../../src/eventos/replay-period.js'
import { stepBack } from '../../src/eventos/step-back.js'
import { systemClock } from '../../src/lib/clock.js'
import { readVez } from '../../src/vez/commit/store.js'
import { emptyVez } from '../../src/vez/document.js'
import { testCanal } from '../support/chat.js'
import { allCopied, type TestService, team, testService } from '../support/service.js'
import { until } from '../support/until.js'

let service: TestService
beforeAll(async () => {
  service = await testService()
  await team(service, 3)
  for (let turn = 0; turn < 4; turn += 1) await service.call('GET', '/consultor/da-vez?idioma=pt')
  await service.call('PUT', '/consultor/2/connection?status=false')
  await service.call('POST', '/vez', { body: { idioma: 'pt', preferido: 3 } })
  await service.call('POST', '/protocolo/gerar')
  await service.call('PUT', '/consultor/2/connection?status=true')
  await service.call('PUT', '/consultor/1', { body: { idiomas: ['pt', 'en'] } })
  await service.call('DELETE', '/consultor/3')
  for (let turn = 0; turn < 2; turn += 1) await service.call('GET', '/consultor/da-vez?idioma=pt')
  // Verified before all is copied, too: what is pending belongs to the history.
  expect((await verify()).problemas).toEqual([])
})
afterAll(() => service.end())

const verify = async (query = '?desde=0') => (await service.call('GET', `/livro/verificacao${query}`)).body
/** The days from one to another in São Paulo; 0 is today. */
const days = (...both: [number, number]): string =>
  both
    .map((of) => new Date(Date.now() + of * 86_400_000).toLocaleDateString('sv', { timeZone: 'America/Sao_Paulo' }))
    .join('/')
const rows = (name: string) => service.database.connection.collection<{ _id: number | string }>(name)

describe('GET /livro/verificacao', () => {
  it('replays all that happened, and finds that the line is what came of it', async () => {
    const all = await verify()
    expect(all).toMatchObject({ confere: true, desde: 0, entradas_antes: 0, problemas: [] })
    expect(all.entradas).toBeGreaterThanOrEqual(8 + 3 + 4)
  })

  it('goes on from where the last one found all right', async () => {
    const { entradas } = await verify()
    await service.call('GET', '/consultor/da-vez?idioma=en')
    expect(await verify('')).toMatchObject({ confere: true, entradas_antes: entradas, entradas: 1 })
  })

  it('replays teams, and pauses that somebody or the time ended', async () => {
    const { body } = await service.call('POST', '/consultor', {
      body: { nome: 'Dora', idiomas: ['pt'], status_online: true, equipes: ['Pós-venda'] },
    })
    const team = () => service.call('GET', '/consultor/da-vez?idioma=pt&equipe=pos-venda')
    const pause = (more: object) => service.call('PUT', `/consultor/${body.id}/pausa`, { body: more })
    expect((await team()).body.consultor_id).toBe(body.id)
    await pause({})
    await service.call('GET', '/consultor/da-vez?idioma=pt')
    await service.call('DELETE', `/consultor/${body.id}/pausa`)
    await pause({ ate: new Date(Date.now() + 1_500).toISOString() })
    await until(async () => (await team()).status === 200)
    expect(await verify()).toMatchObject({ confere: true, problemas: [] })
    await service.call('DELETE', `/consultor/${body.id}`)
  })

  it('replays a limit, and that protocols were counted anew', async () => {
    const made = { nome: 'Enzo', idiomas: ['fr'], status_online: true, limite: 1 }
    const { id } = (await service.call('POST', '/consultor', { body: made })).body
    const ask = async () => (await service.call('POST', '/vez', { body: { idioma: 'fr' } })).status
    expect([await ask(), await ask()]).toEqual([200, 404])
    const [{ id: n }] = (await service.call('GET', `/protocolos?responsavel_id=${id}`)).body
    await service.call('PUT', `/protocolo/${n}`, { body: { status: 'concluido' } })
    expect(await ask()).toBe(200)
    expect(await verify()).toMatchObject({ confere: true, problemas: [] })
    await service.call('DELETE', `/consultor/${id}`)
  })

  it('replays hours, also of accounts and of all, and names a boundary that was changed', async () => {
    const own = { nome: 'Fábio', idiomas: ['de'], status_online: true, horario: { folgas: [days(-1, 1)] } }
    const { id } = (await service.call('POST', '/consultor', { body: own })).body
    const canal = await testCanal(service, 'generico', { idioma: 'de', horario: { folgas: [days(-1, 1)] } })
    const ask = async () => (await service.call('POST', '/vez', { body: { idioma: 'de' } })).status
    expect(await ask()).toBe(404)
    await service.call('PUT', `/consultor/${id}`, { body: { horario: { folgas: [days(-9, -8)] } } })
    expect(await ask()).toBe(200)
    await service.call('PUT', '/politica', { body: { horario: { folgas: [days(-1, 1)] } } })
    expect(await ask()).toBe(404)
    await service.call('PUT', '/politica', { body: { horario: null } })
    await service.call('DELETE', `/canais/${canal.slug}`)
    expect(await ask()).toBe(200)
    expect(await verify()).toMatchObject({ confere: true, problemas: [] })
    await service.call('GET', '/protocolos')
    const flip = { tipo: 'horario', 'para.dentro': false, consultores: id }
    await until(async () => (await rows('eventos').updateOne(flip, { $set: { 'para.dentro': true } })).matchedCount > 0)
    expect((await verify()).problemas[0].frase).toMatch(/\(horario\) muda o horário de quem já estava dentro/)
    await rows('eventos').updateOne({ ...flip, 'para.dentro': true }, { $set: { 'para.dentro': false } })
    await service.call('DELETE', `/consultor/${id}`)
    expect(await verify()).toMatchObject({ confere: true, problemas: [] })
  })

  it('refuses another beginning than the first', async () => {
    expect((await service.call('GET', '/livro/verificacao?desde=7')).status).toBe(422)
  })
})

it('a reader of the whole ledger lets the database rest while turns are given, as long as its read took', async () => {
  let [versao, elapsed] = [1, 0]
  const rests: number[] = []
  const wait = async (ms: number): Promise<void> => void rests.push(ms)
  const vez = { latest: () => ({ ...emptyVez('m'), versao }), letPass: async () => undefined }
  const rest = stepBack(vez, { ...systemClock, elapsed: () => elapsed, wait })
  for (const [now, version] of [
    [100, 1],
    [180, 2],
    [300, 2],
    [1_000, 3],
  ] as const) {
    elapsed = now
    versao = version
    await rest()
  }
  expect(rests).toEqual([80, 250])
})

describe('a replay of a period', () => {
  const DAYS_3 = 3 * 86_400_000

  /** Of a period so long from now, with a milestone after each so many numbers. */
  async function replayed(fromNow: number, every: number) {
    const { connection } = service.database
    const vez = await readVez(connection)
    const desde = new Date(Date.now() + fromNow)
    const period = { desde, ate: new Date(desde.getTime() + DAYS_3) }
    let first: number | undefined
    const visitor: Visitor = {
      begin: ({ replay }) => {
        first = replay.place.n
      },
      take: (step, replay) => replay.apply(step),
    }
    const source = { connection, letPass: async () => undefined }
    const replay = await replayPeriod(source, vez, period, visitor, () => true, new Milestones(connection, every))
    return { first, line: replay.line.toStored(), problems: replay.problems }
  }

  it('begins at the last milestone before it, and comes to the same', async () => {
    expect((await replayed(DAYS_3, 2)).first).toBe(0)
    await service.call('GET', '/consultor/da-vez?idioma=pt')
    const { first, line, problems } = await replayed(DAYS_3, 2)
    expect(first).toBeGreaterThanOrEqual(8)
    expect(problems).toEqual([])
    expect(await replayed(DAYS_3, 1_000_000)).toEqual({ first: 0, line, problems })
    expect((await replayed(0, 2)).first).toBe(0)
  })
})

describe('POST /vez/simulacao', () => {
  const simulate = async (body: object) => service.call('POST', '/vez/simulacao', { body })

  it('gives what happened when nothing is changed, and other turns with a change', async () => {
    const { status, body } = await simulate({ mudancas: [] })
    expect([status, body.sem_consultor, body.avisos.join()]).toEqual([200, 0, expect.stringMatching(/404/)])
    expect(body.turnos.antes).toBeGreaterThanOrEqual(7)
    expect(body.consultores.filter(({ diferenca }: { diferenca: number }) => diferenca !== 0)).toEqual([])
    const novo = { tipo: 'novo', nome: 'Zé', idiomas: ['pt'] }
    const changed = (await simulate({ mudancas: [novo] })).body
    expect(changed.consultores.at(-1)).toMatchObject({ consultor_id: null, nome: 'Zé', antes: 0 })
    expect(changed.consultores.at(-1).depois).toBeGreaterThan(0)
    expect(changed.turnos.depois).toBe(changed.turnos.antes)
  })

  it.each([
    ['a period that is too long', { desde: '2026-01-01', ate: '2026-02-01', mudancas: [] }, ['desde']],
    [
      'a period that is to come',
      { desde: days(1, 1).slice(0, 10), ate: days(2, 2).slice(0, 10), mudancas: [] },
      ['desde'],
    ],
    ['a change that does not exist', { mudancas: [{ tipo: 'peso', consultor_id: 1 }] }, ['mudancas', 0, 'tipo']],
    ['somebody unknown', { mudancas: [{ tipo: 'pausa', consultor_id: 999 }] }, ['mudancas', 0, 'consultor_id']],
    [
      'a field of another change',
      { mudancas: [{ tipo: 'pausa', consultor_id: 1, limite: 3 }] },
      ['mudancas', 0, 'limite'],
    ],
  ])('refuses %s', async (_, body, loc) => {
    const answer = await simulate(body)
    expect([answer.status, answer.body.detail[0].loc]).toEqual([422, ['body', ...loc]])
  })
})

describe('a change of what is stored', () => {
  const copied = async (): Promise<void> => {
    await service.call('GET', '/protocolos')
    await allCopied(service)
  }

  it.each<[string, string, object, object, RegExp]>([
    [
      'of whom a turn went to',
      'protocolos',
      { _id: 2 },
      { $set: { consultor_id: 1 } },
      /#00002 foi para o consultor 1/,
    ],
    [
      'of who else could get it',
      'protocolos',
      { _id: 3 },
      { $set: { candidatos: 7 } },
      /#00003 guarda outros candidatos/,
    ],
    [
      'of who was passed over',
      'protocolos',
      { _id: 8 },
      { $set: { pulados: { offline: [1] } } },
      /#00008 guarda outros pulados/,
    ],
    ['of a number that goes', 'protocolos', { _id: 6 }, { $set: { n: 600_000 } }, /#00007 vem depois de #00005/],
    [
      'of how a turn came about',
      'protocolos',
      { _id: 5 },
      { $set: { por: 'regra' } },
      /#00005 guarda outros candidatos/,
    ],
    ['of when', 'protocolos', { _id: 4 }, { $set: { versao: 1 } }, /#00004 vem depois de #00000/],
    [
      'of a presence',
      'eventos',
      { tipo: 'presenca' },
      { $set: { 'para.online': true } },
      /O evento .* \(presenca\) diz outra coisa/,
    ],
    [
      'of a removal',
      'eventos',
      { tipo: 'removido' },
      { $set: { consultores: [1] } },
      /consultor 3 está no livro, e não na fila/,
    ],
  ])('%s is found and named', async (_, name, filter, update, words) => {
    await copied()
    const before = await rows(name).findOne(filter)
    await rows(name).updateOne(filter, update)
    const { confere, problemas } = await verify()
    if (before) await rows(name).replaceOne({ _id: before._id }, before)
    expect(confere).toBe(false)
    expect(problemas.map(({ frase }: { frase: string }) => frase).join('\n')).toMatch(words)
    expect((await verify()).confere).toBe(true)
  })
})
