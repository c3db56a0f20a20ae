import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Browser, manager, seller } from '../support/browser.js'
import { testCanal } from '../support/chat.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { type TestService, team, testService } from '../support/service.js'
import { until } from '../support/until.js'

let platforms: Platforms
let service: TestService
let page: Browser
let ana = 0
let bia = 0
let caio = 0
beforeAll(async () => {
  platforms = await startPlatforms()
  service = await testService()
  ;[ana = 0, bia = 0, caio = 0] = await team(service, 3)
  page = await manager(service)
})
afterAll(async () => {
  await service.end()
  await platforms.end()
})

const platform = () => ({ instancia: 'loja', servidor: platforms.url, chave_api: 'k' })

const get = async (path: string) => {
  const answer = await page.call('GET', `/painel/api/${path}`)
  expect([path, answer.status]).toEqual([path, 200])
  return answer.body
}
const post = (path: string, body: object = {}) => page.call('POST', `/painel/api/${path}`, { body })
const turn = async (nome = 'Maria Souza', telefone = '+5511912345678') => {
  const body = { idioma: 'pt', contato: { nome, telefone } }
  const told = (await service.call('POST', '/vez', { body })).body
  return { n: Number(told.protocolo.slice(1)), id: told.consultor_id as number }
}
describe('the panel', () => {
  it('shows every screen, also on an empty day', async () => {
    const { slug } = await testCanal(service, 'generico')
    for (const path of [
      'vez',
      'atendendo',
      'espera',
      'problemas',
      'equipe',
      'canais',
      'pipedrive',
      'justica',
      'politicas',
      'sessoes',
    ])
      await get(path)
    expect((await post('protocolos/busca', { q: 'ninguém' })).body.itens).toEqual([])
    expect((await get('canais')).map((one: { slug: string }) => one.slug)).toContain(slug)
    expect((await get(`canais/${slug}`)).situacao).toBe('silencioso')
    expect((await post(`canais/${slug}/teste`)).body.chamaria).toBe(true)
    expect((await post('justica/provar')).body).toMatchObject({ identica: true, divergencias: [] })
  })

  it('says only that nothing changed to a page that has it already, and lets no browser store it', async () => {
    const ask = (etag: string) => page.call('GET', '/painel/api/equipe', { headers: { 'if-none-match': etag } })
    const etag = (await ask('')).headers.get('etag') ?? ''
    for (const one of [etag, `W/${etag}`]) {
      const same = await ask(one)
      expect([same.status, same.headers.get('cache-control')]).toEqual([304, 'no-store'])
    }
    await service.call('PUT', `/consultor/${bia}`, { body: { nome: 'Bia Ramos' } })
    const changed = await ask(etag)
    expect([changed.status, JSON.stringify(changed.body).includes('Bia Ramos')]).toEqual([200, true])
  })

  it('finds a protocol by telephone, name and number, and masks the telephone until it is asked for', async () => {
    const { n, id } = await turn('Quitéria Lima', '+5511987650001')
    for (const q of ['(11) 98765-0001', 'quiteria', `#${n}`, String(n)]) {
      const { itens } = (await post('protocolos/busca', { q })).body
      expect([q, itens.map((one: { n: number }) => one.n)]).toEqual([q, [n]])
      expect(itens[0]).toMatchObject({ telefone: '+55 11 •••••-0001', consultor: { consultor_id: id } })
    }
    const detail = await get(`protocolos/${n}`)
    expect(JSON.stringify(detail)).not.toContain('987650001')
    expect(detail.porque.frase).toContain(`#0000${n} foi para`)
    expect((await post(`protocolos/${n}/contato`)).body.telefone).toBe('+5511987650001')
    await until(async () =>
      (await get('atendendo')).pessoas.some((one: { consultor_id: number }) => one.consultor_id === id),
    )
  })

  it('hands a customer over with a reason, and says in his history who did it', async () => {
    const { n, id } = await turn()
    const other = id === ana ? bia : ana
    const { status, body } = await post(`protocolos/${n}/passar`, { consultor_id: other, motivo: 'férias' })
    expect([status, body.responsavel.consultor_id]).toEqual([200, other])
    expect(body.historia.at(-1)).toMatchObject({ por: 'painel', frase: expect.stringContaining('férias') })
    expect((await post(`protocolos/${n}/passar`, { consultor_id: 999, motivo: 'x' })).status).toBe(404)
    expect((await post(`protocolos/${n}/status`, { status: 'concluido' })).body.status).toBe('concluido')
  })

  it('puts somebody offline and out of the line, tells who did it, and undoes both', async () => {
    const path = `consultores/${caio}`
    const out = (await post(`${path}/presenca`, { presenca: 'offline', motivo: 'almoço' })).body
    expect(out).toMatchObject({ presenca: 'offline', motivo: 'almoço', por: 'painel', fora: ['offline'] })
    await post(`${path}/sequencia`, { participa: false, motivo: 'treino' })
    const seen = (await get('vez')).pessoas.find((one: { id: number }) => one.id === caio)
    expect(seen).toMatchObject({ fora: ['fora_da_sequencia', 'offline'], motivo: 'treino', por: 'painel' })
    await post(`${path}/sequencia`, { participa: true })
    expect((await post(`${path}/presenca`, { presenca: 'online' })).body.fora).toBeUndefined()
    const byPanel = { consultores: caio, por: /^painel:/, motivo: { $in: ['almoço', 'treino'] } }
    const found = () => service.database.connection.collection('eventos').find(byPanel).toArray()
    await until(async () => (await found()).length === 2)
  })

  it('puts somebody in a pause with a reason and an end, and back', async () => {
    const path = `consultores/${caio}/presenca`
    const ate = new Date(Date.now() + 600_000)
    const paused = (await post(path, { presenca: 'pausa', motivo: 'médico', ate: ate.toISOString() })).body
    expect(paused).toMatchObject({ presenca: 'pausa', motivo: 'médico', por: 'painel', fora: ['pausa'] })
    expect(paused.ate).toBe(Math.floor(ate.getTime() / 1_000))
    expect((await post(path, { presenca: 'pausa', ate: '2020-01-01T00:00:00Z' })).status).toBe(422)
    expect((await post(path, { presenca: 'online' })).body).toMatchObject({ presenca: 'online' })
  })

  it('changes the team as the API does', async () => {
    const { body } = await post('consultores', { nome: 'Dora Melo', idiomas: ['en'], telefone: '11 91234-0000' })
    expect(body).toMatchObject({ nome: 'Dora Melo', telefone: '+55 11 •••••-0000', sessoes: 0 })
    const changed = await page.call('PUT', `/painel/api/consultores/${body.id}`, { body: { ativo: false } })
    expect(changed.body.ativo).toBe(false)
    expect((await post(`consultores/${body.id}/acesso`)).status).toBe(409)
    expect((await page.call('DELETE', `/painel/api/consultores/${body.id}`)).status).toBe(200)
    expect((await post('consultores', { nome: 'x', idiomas: [] })).status).toBe(422)
  })

  it('shows who waits and why, and takes one out with a reason', async () => {
    const canal = await testCanal(service, 'evolution', { ajustes: platform(), idioma: 'en' })
    await canal.post({
      event: 'messages.upsert',
      instance: 'loja',
      data: {
        key: { remoteJid: '5511987650099@s.whatsapp.net', fromMe: false, id: 'm1' },
        pushName: 'Wanda',
        message: { conversation: 'hi' },
        messageTimestamp: Math.floor(Date.now() / 1_000),
      },
    })
    const { itens } = await get('espera')
    expect(itens).toEqual([
      expect.objectContaining({ cliente: 'Wanda', idioma: 'en', motivo: 'ninguem_fala_o_idioma', canal: canal.slug }),
    ])
    expect(itens[0].telefone).toBe('+55 11 •••••-0099')
    const { filas, espera } = await get('vez')
    const none = { idioma: 'en', ordem: [], esperando: 1, motivo: 'ninguem_fala_o_idioma', frase: '3 não falam inglês' }
    expect([filas.find((one: { idioma: string }) => one.idioma === 'en'), espera[0].cliente]).toEqual([
      expect.objectContaining(none),
      'Wanda',
    ])
    expect((await post(`espera/${itens[0].id}/tirar`, { motivo: 'ligou' })).status).toBe(200)
    expect((await post(`espera/${itens[0].id}/tirar`, { motivo: 'ligou' })).status).toBe(404)
  })

  it('sends a seller his link by an account of ours', async () => {
    const canal = await testCanal(service, 'evolution', { ajustes: platform() })
    expect((await get('equipe')).canais).toContainEqual({ slug: canal.slug, nome: 'Conta' })
    const body = { canal: canal.slug }
    expect((await post(`consultores/${ana}/acesso`, body)).status).toBe(409)
    await service.call('PUT', `/consultor/${ana}`, { body: { telefone: '+5511912340000' } })
    const made = await post(`consultores/${ana}/acesso`, body)
    expect([made.status, made.body.enviado]).toEqual([200, true])
    expect(made.body.link).toMatch(new RegExp(`^${service.url}/eu#c=`))
    expect(JSON.stringify(platforms.calls)).toContain(made.body.link)
  })
})

describe('a seller’s page', () => {
  it('shows his own customers, and none of somebody else', async () => {
    const { n, id } = await turn('Só Dele', '+5511955550001')
    const other = id === ana ? bia : ana
    const [his, hers] = [await seller(service, id), await seller(service, other)]
    const { itens } = (await his.call('GET', '/eu/api/clientes')).body
    expect(itens[0]).toMatchObject({ n, cliente: 'Só Dele', whatsapp: 'https://wa.me/5511955550001' })
    for (const path of ['estado', 'clientes', 'turnos', 'numeros', 'sessoes']) {
      const answer = await hers.call('GET', `/eu/api/${path}`)
      expect([path, answer.status, JSON.stringify(answer.body).includes('Só Dele')]).toEqual([path, 200, false])
    }
    for (const verb of ['concluir', 'passar']) {
      const body = verb === 'passar' ? { consultor_id: other, motivo: 'meu' } : {}
      expect((await hers.call('POST', `/eu/api/clientes/${n}/${verb}`, { body })).status).toBe(404)
    }
    const passed = { body: { consultor_id: other, motivo: 'fala melhor' } }
    expect((await his.call('POST', `/eu/api/clientes/${n}/passar`, passed)).status).toBe(200)
    const received = (await hers.call('GET', '/eu/api/clientes')).body.itens[0]
    expect([received.n, typeof received.recebido_de]).toEqual([n, 'string'])
    expect((await hers.call('POST', `/eu/api/clientes/${n}/concluir`, { body: {} })).status).toBe(200)
    expect((await service.call('GET', `/protocolo/${n}`)).body.status).toBe('concluido')
  })

  it('says his place, who is before him, and why a turn was not his', async () => {
    const { id } = await turn()
    const other = id === ana ? bia : ana
    const hers = await seller(service, other)
    const { lugares } = (await hers.call('GET', '/eu/api/estado')).body
    expect(lugares[0]).toMatchObject({ idioma: 'pt', de: 3 })
    expect(lugares[0].a_frente).toHaveLength(lugares[0].posicao - 1)
    const [last] = (await hers.call('GET', '/eu/api/turnos')).body
    expect([last.meu, last.motivo]).toEqual([false, 'atras'])
    const off = await hers.call('POST', '/eu/api/presenca', { body: { presenca: 'offline' } })
    expect(off.body).toMatchObject({ presenca: 'offline', por: 'ele mesmo', fora: [{ motivo: 'offline' }] })
    await hers.call('POST', '/eu/api/presenca', { body: { presenca: 'online' } })
    const his = await seller(service, id)
    expect((await his.call('GET', '/eu/api/numeros')).body.total).toBeGreaterThan(0)
  })

  it('takes no id of somebody else, wherever it is put', async () => {
    const his = await seller(service, ana)
    const tries = [
      his.call('GET', `/eu/api/estado?consultor_id=${bia}`),
      his.call('POST', '/eu/api/presenca', { body: { presenca: 'offline', consultor_id: bia } }),
      his.call('POST', '/eu/api/presenca', { body: { presenca: 'offline', id: bia } }),
    ]
    expect((await Promise.all(tries)).map(({ status }) => status)).toEqual([422, 422, 422])
    expect((await service.call('GET', `/consultor/${bia}`)).body.status_online).toBe(true)
  })
})
