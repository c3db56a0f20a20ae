import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { testConsultor } from '../support/chat.js'
import { proxiedService } from '../support/proxied.js'
import { commandOn } from '../support/proxy.js'
import { type TestService, testService } from '../support/service.js'

interface Passo {
  readonly versao: number
  readonly lugar: number
  readonly tipo: string
  readonly frase: string
  readonly protocolo: string | null
}

let at = new Date('2026-03-02T12:00:00Z')
let service: TestService
let [ana, bia] = [0, 0]
const turn = (more: object = {}) => service.call('POST', '/vez', { body: { idioma: 'pt', ...more } })
const historico = (query = '') => service.call('GET', `/vez/historico${query}`)
const phrases = async (query = ''): Promise<string[]> => (await historico(query)).body.map(({ frase }: Passo) => frase)

beforeAll(async () => {
  service = await testService({ clock: { ...systemClock, now: () => at } })
  ana = await testConsultor(service, 'Ana Lima')
  bia = await testConsultor(service, 'Bia Reis')
  for (let count = 0; count < 3; count += 1) await turn()
  at = new Date('2026-03-03T12:00:00Z')
  await service.call('PUT', `/consultor/${ana}/pausa`, { body: { minutos: 30, motivo: 'almoço' } })
  await turn()
  await service.call('PUT', `/consultor/${bia}/connection?status=false`)
  await service.call('POST', '/protocolo/gerar')
  await service.call('PUT', `/consultor/${bia}`, { body: { idiomas: ['pt', 'en'], limite: 3 } })
  await service.call('PUT', '/politica', { body: { limite: 9 } })
  at = new Date('2026-03-05T12:00:00Z')
  await service.call('PUT', `/consultor/${bia}/connection?status=true`)
  await turn({ preferido: bia })
})
afterAll(() => service.end())

describe('GET /vez/historico', () => {
  it('tells turns and changes together, the newest first, each in a sentence and by whom', async () => {
    const told = await phrases()
    expect(told.filter((one) => !one.includes('recontagem'))).toEqual([
      '#00006 foi para Bia Reis, fora da vez: o pedido o preferia.',
      'Bia Reis ficou online, pela API.',
      'Ana Lima saiu da pausa.',
      'Para todos: mudou limite de nenhum para 9, pela API.',
      'Bia Reis: mudou idiomas de pt para pt, en e limite de nenhum para 3, pela API.',
      '#00005 foi gerado, sem consultor.',
      'Bia Reis ficou offline, pela API.',
      '#00004 foi para Bia Reis, o único que podia.',
      'Ana Lima entrou em pausa até 09:30 (almoço), pela API.',
      '#00003 foi para Ana Lima, o primeiro de 2.',
      '#00002 foi para Bia Reis, o primeiro de 2.',
      '#00001 foi para Ana Lima, o primeiro de 2.',
      'Bia Reis: cadastro novo, no fim da fila, pela API.',
      'Ana Lima: cadastro novo, no fim da fila, pela API.',
    ])
    expect(await phrases('?ordem=asc')).toEqual(told.toReversed())
  })

  it.each(['asc', 'desc'])('gives page after page what it gives at once: %s', async (ordem) => {
    const all: Passo[] = (await historico(`?ordem=${ordem}`)).body
    const paged: Passo[] = []
    let continua: string | null = ''
    while (continua !== null) {
      const page = await historico(`?ordem=${ordem}&limit=2${continua && `&continua=${continua}`}`)
      expect(page.body.length).toBeLessThanOrEqual(2)
      paged.push(...page.body)
      continua = page.headers.get('x-continua')
    }
    expect(paged).toEqual(all)
  })

  it('is asked for by day and by person', async () => {
    expect(await phrases('?desde=2026-03-02&ate=2026-03-02&limit=3')).toEqual([
      '#00003 foi para Ana Lima, o primeiro de 2.',
      '#00002 foi para Bia Reis, o primeiro de 2.',
      '#00001 foi para Ana Lima, o primeiro de 2.',
    ])
    const ofAna: Passo[] = (await historico(`?consultor_id=${ana}&desde=2026-03-03&ate=2026-03-03`)).body
    expect(ofAna.map(({ tipo }) => tipo).filter((tipo) => tipo !== 'recontado')).toEqual(['presenca'])
    expect(await phrases('?desde=2026-03-04&ate=2026-03-04')).toEqual([])
    expect((await historico('?desde=ontem')).status).toBe(422)
    expect((await historico('?continua=7')).status).toBe(422)
  })

  it('is a file for spreadsheets, too', async () => {
    const { status, body, headers } = await service.call('GET', '/vez/historico.csv?ordem=asc&desde=2026-03-05')
    expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8'])
    const [head, ...lines] = String(body).trimEnd().split('\r\n')
    expect(head).toContain('em;tipo;protocolo;consultores;por')
    expect(lines.at(-1)).toMatch(/^2026-03-05 09:00:00;turno;#00006;Bia Reis;preferido;.*Bia Reis, fora da vez/)
    expect(lines).toHaveLength((await phrases('?desde=2026-03-05')).length)
  })

  it('is no file where the ledger cannot be read, but an error', async () => {
    const { service: other, proxy, end } = await proxiedService()
    const file = () => other.call('GET', '/vez/historico.csv')
    proxy.refuse([commandOn('find', 'eventos')], { code: 1, codeName: 'InternalError' })
    const { status, body, headers } = await file()
    expect([status, Object.keys(body), headers.get('content-disposition')]).toEqual([503, ['detail'], null])
    proxy.refuse([])
    expect((await file()).status).toBe(200)
    await end()
  })
})
