import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { signStandardWebhook } from '../../src/lib/signature.js'
import { type TestCanal, testCanal, testConsultor } from '../support/chat.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { call, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let service: TestService
let platforms: Platforms
beforeAll(async () => {
  platforms = await startPlatforms()
  service = await testService()
})
afterAll(async () => {
  await service.end()
  await platforms.end()
})
afterEach(() => platforms.reset())

const event = (id: string, more: object = {}) => ({ id, contato: { id: `cliente ${id}`, nome: 'Bia' }, ...more })
const withKey = (canal: TestCanal) => ({ headers: { 'x-webhook-segredo': canal.segredo } })

describe('a flow of one’s own', () => {
  it('asks with the header key and reads a person and a number; repeated, the same', async () => {
    const id = await testConsultor(service, 'Ana Lima', { email: 'ana@exemplo.com' })
    const canal = await testCanal(service, 'generico')
    const first = await canal.post(event('1'), withKey(canal))
    expect(first.status).toBe(200)
    expect(first.body).toEqual({
      situacao: 'atribuido',
      motivo: null,
      protocolo: expect.stringMatching(/^#\d{5}$/),
      consultor: { id, nome: 'Ana Lima', email: 'ana@exemplo.com', telefone: null },
      posicao: null,
      texto: expect.stringContaining('Ana Lima'),
    })
    const again = await canal.post(event('1'), withKey(canal))
    expect(again.body).toEqual(first.body)
    const other = await canal.post({ ...event('2'), contato: { id: 'cliente 1' } }, withKey(canal))
    expect(other.body).toMatchObject({ situacao: 'em_atendimento', protocolo: first.body.protocolo })
    expect((await service.call('GET', `/protocolo/${Number(first.body.protocolo.slice(1))}`)).body).toMatchObject({
      plataforma: 'generico',
      canal: canal.slug,
      contato: { nome: 'Bia', ids: [`${canal.slug}:cliente 1`] },
    })
    await service.call('DELETE', `/consultor/${id}`)
  })

  it('may sign by Standard Webhooks instead; a wrong or missing secret is the same 401 as an unknown account', async () => {
    const canal = await testCanal(service, 'generico')
    const raw = JSON.stringify(event('ação/😀'))
    const signed = signStandardWebhook(canal.segredo, 'msg_1', new Date(), raw)
    expect((await canal.post(undefined, { raw, headers: signed })).status).toBe(200)
    const stale = signStandardWebhook(canal.segredo, 'msg_1', new Date(Date.now() - 400_000), raw)
    const refusals = [
      await canal.post(undefined, { raw: `${raw} `, headers: signed }),
      await canal.post(undefined, { raw, headers: stale }),
      await canal.post(event('1')),
      await canal.post(event('1'), { headers: { 'x-webhook-segredo': 'x' } }),
      await call(service.url, 'POST', '/webhooks/generico/nao-existe', { raw, headers: signed }),
      await call(service.url, 'POST', `/webhooks/evolution/${canal.slug}`, { raw, headers: signed }),
    ]
    for (const one of refusals) expect(one).toMatchObject({ status: 401, body: { detail: 'Webhook não autorizado' } })
  })

  it('whose customer waits is called back when somebody comes, signed, with the text and the assignment', async () => {
    const canal = await testCanal(service, 'generico', { ajustes: { retorno_url: `${platforms.url}/retorno` } })
    const waiting = await canal.post(event('w', { conversa: 'conversa 7' }), withKey(canal))
    expect(waiting.body).toMatchObject({ situacao: 'em_espera', posicao: 1, protocolo: null, consultor: null })
    // Written again he waits where he did, and is told nothing twice.
    const again = await canal.post(
      { ...event('w again', { conversa: 'conversa 7' }), contato: { id: 'cliente w' } },
      withKey(canal),
    )
    expect(again.body).toMatchObject({ situacao: 'em_espera', posicao: 1, texto: '' })
    const [line] = (await service.call('GET', '/espera')).body
    expect(line).toMatchObject({ posicao: 1, cliente: 'Bia', canal: canal.slug })
    const id = await testConsultor(service, 'Caio Reis')
    await until(() => platforms.calls.length >= 2)
    expect(platforms.calls.map(({ body }) => body)).toEqual([
      {
        type: 'mensagem',
        timestamp: expect.any(String),
        data: { conversa: 'conversa 7', texto: expect.stringMatching(/Caio Reis.*#\d{5}/) },
      },
      {
        type: 'atribuicao',
        timestamp: expect.any(String),
        data: { conversa: 'conversa 7', consultor: { nome: 'Caio Reis', email: null }, protocolo: expect.any(String) },
      },
    ])
    for (const { headers } of platforms.calls) expect(headers['webhook-signature']).toMatch(/^v1,/)
    await service.call('DELETE', `/consultor/${id}`)
  })

  it('reads with whom a customer is already, and is not called back for it', async () => {
    const id = await testConsultor(service, 'Dora')
    const canal = await testCanal(service, 'generico', { ajustes: { retorno_url: `${platforms.url}/retorno` } })
    await canal.post(event('a', { conversa: 'uma' }), withKey(canal))
    await until(() => platforms.calls.length === 1)
    const again = { ...event('b', { conversa: 'outra' }), contato: { id: 'cliente a' } }
    expect((await canal.post(again, withKey(canal))).body).toMatchObject({
      situacao: 'em_atendimento',
      consultor: { id },
    })
    const owed = service.database.connection.collection('tarefas')
    expect(await owed.countDocuments({ canal: canal.slug, conversa: 'outra' })).toBe(0)
    await service.call('DELETE', `/consultor/${id}`)
  })
})
