import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type TestCanal, tarefas, testCanal, testConsultor } from '../support/chat.js'
import { migratedDatabase, type TestDatabase } from '../support/database.js'
import { evolutionAccount, message } from '../support/evolution.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { allCopied, call, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let platforms: Platforms
let database: TestDatabase
let service: TestService
beforeAll(async () => {
  platforms = await startPlatforms()
})
afterAll(() => platforms.end())
beforeEach(async () => {
  database = await migratedDatabase()
  service = await testService({ database })
})
afterEach(async () => {
  await service.end()
  await database.end()
  platforms.reset()
})

const evolution = (more: object = {}): Promise<TestCanal> => evolutionAccount(service, platforms, more)

const protocols = async () => (await service.call('GET', '/protocolos')).body
const texts = (): string[] => platforms.calls.map(({ body }) => body.text)
const settled = () => allCopied(service)

describe('what asks for a person', () => {
  it('is any message, a keyword, or nothing but the platform’s word, as the account says', async () => {
    await testConsultor(service, 'Ana')
    const words = await evolution({ gatilho: 'palavra', palavras: ['Atenção'] })
    await words.post(message({ id: 'a', text: 'bom dia' }))
    expect(await protocols()).toHaveLength(0)
    await words.post(message({ id: 'b', text: 'quero ATENCAO!!' }))
    expect(await protocols()).toHaveLength(1)
    // A word is one by itself, not a part of another.
    await words.post(message({ id: 'c', from: '5511987650002@s.whatsapp.net', text: 'em desatenção' }))
    expect(await protocols()).toHaveLength(1)
    const flow = await testCanal(service, 'generico', { gatilho: 'transferencia' })
    const headers = { 'x-webhook-segredo': flow.segredo }
    const chat = { contato: { id: 'c' }, texto: 'atendente' }
    expect((await flow.post({ id: '1', tipo: 'mensagem', ...chat }, { headers })).body).toMatchObject({
      situacao: 'ignorado',
      motivo: 'sem_gatilho',
    })
    expect((await flow.post({ id: '2', tipo: 'pedido', ...chat }, { headers })).body.situacao).toBe('atribuido')
  })

  it('gets somebody of the account’s team, or waits for him', async () => {
    await testConsultor(service, 'Caio')
    const ana = await testConsultor(service, 'Ana', { equipes: ['Vendas'] })
    const canal = await evolution({ equipe: 'vendas', textos: { pt: { em_espera: '{posicao}' } } })
    await canal.post(message({ id: 'a' }))
    expect((await protocols())[0]).toMatchObject({ consultor_id: ana, equipe: 'vendas', canal: canal.slug })
    await service.call('PUT', `/consultor/${ana}/pausa`)
    await canal.post(message({ id: 'b', from: '5511987650002@s.whatsapp.net' }))
    const [waits] = (await service.call('GET', '/espera')).body
    expect(waits.equipe).toBe('vendas')
    const why = (await service.call('GET', `/espera/${waits.id}/porque`)).body
    expect([why.motivo, why.fora]).toEqual(['todos_em_pausa', { equipe: 1, pausa: 1 }])
    expect(why.frase).toContain('1 em pausa e 1 não é da equipe vendas.')
    expect((await service.call('PUT', `/canais/${canal.slug}`, { body: { equipe: null } })).body.equipe).toBeNull()
    await canal.post(message({ id: 'c', from: '5511987650003@s.whatsapp.net' }))
    expect((await protocols()).at(-1)).toMatchObject({ equipe: null, consultor_nome: 'Caio' })
    await service.call('DELETE', `/consultor/${ana}/pausa`)
    await until(async () => (await protocols()).length === 3)
    expect((await protocols()).at(-1)).toMatchObject({ consultor_id: ana, equipe: 'vendas' })
  })

  it('is the id of a button, however its words read', async () => {
    await testConsultor(service, 'Ana')
    const canal = await testCanal(service, 'whatsapp-cloud', {
      gatilho: 'palavra',
      palavras: ['Falar-Humano'],
      ajustes: { phone_number_id: '1065', app_secret: 'app', servidor: platforms.url },
    })
    const press = (id: string) => {
      const one = {
        from: '5511987650001',
        id: `wamid.${id}`,
        timestamp: String(Math.floor(Date.now() / 1_000)),
        type: 'interactive',
        interactive: { type: 'button_reply', button_reply: { id, title: 'Quero' } },
      }
      const value = { metadata: { phone_number_id: '1065' }, messages: [one] }
      const raw = JSON.stringify({ entry: [{ changes: [{ field: 'messages', value }] }] })
      const signature = `sha256=${createHmac('sha256', 'app').update(raw).digest('hex')}`
      return canal.post(undefined, { raw, headers: { 'x-hub-signature-256': signature } })
    }
    expect((await press('ver-catalogo')).status).toBe(200)
    expect(await protocols()).toHaveLength(0)
    expect((await press('falar_humano')).status).toBe(200)
    expect(await protocols()).toHaveLength(1)
  })

  it('is no message that is too old', async () => {
    await testConsultor(service, 'Ana')
    const canal = await evolution({ idade_max_min: 30 })
    await canal.post(message({ id: 'a', at: new Date(Date.now() - 31 * 60_000) }))
    expect(await protocols()).toHaveLength(0)
    await canal.post(message({ id: 'b', at: new Date(Date.now() - 29 * 60_000) }))
    expect(await protocols()).toHaveLength(1)
  })
})

describe('nobody there', () => {
  it('lets a customer wait, tells him his place, ignores him meanwhile, and serves in order of arrival', async () => {
    const canal = await evolution()
    for (const who of ['1', '2', '3']) await canal.post(message({ id: who, from: `551198765000${who}@s.whatsapp.net` }))
    await canal.post(message({ id: '1 again', from: '5511987650001@s.whatsapp.net', text: 'atendente' }))
    await until(() => texts().length >= 3)
    expect(texts().map((text) => /número (\d)/.exec(text)?.[1])).toEqual(['1', '2', '3'])
    const line = (await service.call('GET', '/espera')).body
    expect(line.map(({ posicao }: { posicao: number }) => posicao)).toEqual([1, 2, 3])
    expect(JSON.stringify(line)).not.toContain('551198765')
    expect((await service.call('DELETE', `/espera/${line[1].id}`)).status).toBe(200)
    expect((await service.call('DELETE', `/espera/${line[1].id}`)).status).toBe(404)
    await testConsultor(service, 'Ana Lima')
    await until(() => texts().length >= 5)
    expect(platforms.calls.slice(3).map(({ body }) => body.number)).toEqual([
      '5511987650001@s.whatsapp.net',
      '5511987650003@s.whatsapp.net',
    ])
    expect(await protocols()).toHaveLength(2)
  })

  it('ends for those who wait when their account is removed', async () => {
    const [canal, other] = [await evolution(), await evolution()]
    await canal.post(message({ id: '1' }))
    await other.post(message({ id: '1' }))
    expect((await service.call('DELETE', `/canais/${canal.slug}`)).status).toBe(200)
    const line = (await service.call('GET', '/espera')).body
    expect(line.map((one: { canal: string }) => one.canal)).toEqual([other.slug])
  })

  it('tells who may not wait, once in ten minutes, in his language', async () => {
    const canal = await testCanal(service, 'telegram', {
      esperar: false,
      ajustes: { token: '1:a', servidor: platforms.url },
      textos: { en: { indisponivel: 'Nobody, sorry {cliente}!' } },
    })
    await testConsultor(service, 'Ana', { idiomas: ['en'], status_online: false })
    const update = (update_id: number) => ({
      update_id,
      message: {
        date: Math.floor(Date.now() / 1_000),
        chat: { id: 7, type: 'private' },
        from: { id: 7, first_name: 'Bia', language_code: 'en' },
        text: 'hi',
      },
    })
    const headers = { 'x-telegram-bot-api-secret-token': canal.segredo }
    for (const id of [1, 2, 1]) expect((await canal.post(update(id), { headers })).status).toBe(200)
    await tarefas(service, 'feita', 1)
    expect(texts()).toEqual(['Nobody, sorry Bia!'])
  })

  it('takes the account’s language where nobody speaks the customer’s', async () => {
    await testConsultor(service, 'Ana', { idiomas: ['pt'] })
    const flow = await testCanal(service, 'generico')
    const { body } = await flow.post(
      { id: '1', contato: { id: 'c', idioma: 'ru' } },
      { headers: { 'x-webhook-segredo': flow.segredo } },
    )
    expect(body.situacao).toBe('atribuido')
  })
})

describe('a consultor’s own phone', () => {
  it('never takes a turn; it switches him where the account allows that, and he is told', async () => {
    const id = await testConsultor(service, 'Ana Lima', { telefone: '+5511987654444', status_online: false })
    const canal = await evolution({ comandos: true })
    // As WhatsApp may name it: without the ninth digit.
    const short = '551187654444@s.whatsapp.net'
    const own = '5511987654444@s.whatsapp.net'
    await canal.post(message({ id: 'a', from: short, text: ' Online ' }))
    expect((await service.call('GET', `/consultor/${id}`)).body.status_online).toBe(true)
    await canal.post(message({ id: 'b', from: own, text: 'bom dia' }))
    await canal.post(message({ id: 'c', from: own, text: 'offline' }))
    expect((await service.call('GET', `/consultor/${id}`)).body.status_online).toBe(false)
    await until(() => texts().length >= 2)
    expect(texts()).toEqual([
      'Ana, você está online e entra na vez.',
      'Ana, você está offline e não recebe novos clientes.',
    ])
    expect(await protocols()).toHaveLength(0)
    const strict = await evolution()
    await strict.post(message({ id: 'd', from: own, text: 'online' }))
    expect((await service.call('GET', `/consultor/${id}`)).body.status_online).toBe(false)
    expect((await service.call('GET', '/espera')).body).toEqual([])
    await testConsultor(service, 'Caio')
    await strict.post(message({ id: 'e', from: own, text: 'atendente' }))
    expect(await protocols()).toHaveLength(0)
  })
})

describe('a command of a consultor', () => {
  it.each([
    ['delivered again does not undo the next, and late it is none', {}],
    ['nor does it where nobody can be answered', { ajustes: { instancia: 'loja' } }],
  ])('%s', async (_name, more) => {
    const id = await testConsultor(service, 'Ana', { telefone: '+5511987654444', status_online: false })
    const canal = await evolution({ comandos: true, ...more })
    const from = '5511987654444@s.whatsapp.net'
    const online = async () => (await service.call('GET', `/consultor/${id}`)).body.status_online
    await canal.post(message({ id: 'on', from, text: 'online' }))
    await canal.post(message({ id: 'off', from, text: 'offline' }))
    expect(await online()).toBe(false)
    await canal.post(message({ id: 'on', from, text: 'online' }))
    expect(await online()).toBe(false)
    await canal.post(message({ id: 'late', from, text: 'online', at: new Date(Date.now() - 6 * 60_000) }))
    expect(await online()).toBe(false)
    await canal.post(message({ id: 'again', from, text: 'online' }))
    expect(await online()).toBe(true)
  })
})

describe('an account that may write to its consultores', () => {
  it('says nothing twice when it cannot tell whether it was said: a person decides', async () => {
    await testConsultor(service, 'Ana', { telefone: '+5511987654444' })
    const canal = await evolution({ avisar_consultor: true })
    platforms.answer(() => ({ cut: true }))
    await canal.post(message({ id: 'a' }))
    const dead = await tarefas(service, 'morta', 2)
    expect(dead.map(({ tipo, motivo }) => `${tipo} ${motivo}`).toSorted()).toEqual([
      'avisar_consultor incerta',
      'texto_atribuido incerta',
    ])
    expect(platforms.calls).toHaveLength(2)
    platforms.answer(() => undefined)
    for (const { id } of dead) expect((await service.call('POST', `/tarefas/${id}/repetir`)).status).toBe(200)
    await tarefas(service, 'feita', 2)
    expect(platforms.calls.slice(2).map(({ body }) => body.number)).toEqual(
      expect.arrayContaining(['5511987654321@s.whatsapp.net', '5511987654444']),
    )
  })

  it('needs what it takes to write', async () => {
    const body = {
      slug: 'muda',
      plataforma: 'evolution',
      nome: 'x',
      ajustes: { instancia: 'a' },
      avisar_consultor: true,
    }
    const refused = await service.call('POST', '/canais', { body })
    expect([refused.status, refused.body.detail[0].loc]).toEqual([422, ['body', 'avisar_consultor']])
  })
})

describe('duplicates, bursts and batches', () => {
  it('are one turn, one protocol, one reply, also five at once on two processes', async () => {
    await testConsultor(service, 'Ana')
    const canal = await evolution()
    const other = await testService({ database })
    const post = (url: string, id: string, from: string) =>
      call(url, 'POST', canal.path, { body: message({ id, from }) })
    const urls = [service.url, other.url, service.url, other.url, service.url]
    const customers = Array.from(
      { length: 12 },
      (_, index) => `55119876501${String(index).padStart(2, '0')}@s.whatsapp.net`,
    )
    const all = customers.flatMap((from, index) => urls.map((url) => () => post(url, `m${index}`, from)))
    const shuffled = all.map((one, index) => ({ one, at: (index * 7) % all.length })).sort((a, b) => a.at - b.at)
    const answers = await Promise.all(shuffled.map(({ one }) => one()))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(await protocols()).toHaveLength(12)
    await until(() => texts().length >= 12)
    await tarefas(service, 'feita', 12)
    expect(new Set(platforms.calls.map(({ body }) => body.number)).size).toBe(12)
    expect(platforms.calls).toHaveLength(12)
    await other.end()
  })

  it('of three customers are three turns, each with its own fate', async () => {
    await testConsultor(service, 'Ana')
    const canal = await testCanal(service, 'whatsapp-cloud', {
      ajustes: { phone_number_id: '1065', app_secret: 'app', servidor: platforms.url, token: 't' },
    })
    const one = (from: string, id: string, at = Date.now()) => ({
      from,
      id,
      timestamp: String(Math.floor(at / 1_000)),
      type: 'text',
      text: { body: 'oi' },
    })
    const value = {
      metadata: { phone_number_id: '1065' },
      messages: [
        one('5511987650001', 'w1'),
        one('5511987650002', 'w2', Date.now() - 90_000_000),
        one('5511987650003', 'w3'),
      ],
    }
    const raw = JSON.stringify({ entry: [{ changes: [{ field: 'messages', value }] }] })
    const signature = `sha256=${createHmac('sha256', 'app').update(raw).digest('hex')}`
    const post = () => canal.post(undefined, { raw, headers: { 'x-hub-signature-256': signature } })
    expect((await post()).status).toBe(200)
    expect((await post()).status).toBe(200)
    expect((await protocols()).map(({ contato }: { contato: { telefone: string } }) => contato.telefone)).toEqual([
      '+5511987650001',
      '+5511987650003',
    ])
  })
})

describe('Twilio’s customers', () => {
  it('are told in the answer once, and later by a message when they had to wait', async () => {
    const canal = await testCanal(service, 'typebot')
    expect((await canal.post({}, { headers: { authorization: `Bearer ${canal.segredo}` } })).body.motivo).toBe(
      'formato',
    )
    const telegram = await testCanal(service, 'telegram', {
      ajustes: { token: '1:a', servidor: platforms.url, resposta_direta: true },
    })
    const update = (update_id: number, text: string) => ({
      update_id,
      message: {
        date: Math.floor(Date.now() / 1_000),
        chat: { id: 7, type: 'private' },
        from: { id: 7, first_name: 'Bia' },
        text,
      },
    })
    const headers = { 'x-telegram-bot-api-secret-token': telegram.segredo }
    const first = await telegram.post(update(1, 'oi'), { headers })
    expect(first.body).toMatchObject({ method: 'sendMessage', chat_id: 7, text: expect.stringContaining('número 1') })
    expect((await telegram.post(update(1, 'oi'), { headers })).body).toEqual({ success: true })
    await testConsultor(service, 'Ana Lima')
    await until(() => platforms.calls.length >= 1)
    expect(texts()).toEqual(['Pronto! Ana Lima vai atender você. Seu protocolo é #00001.'])
    await settled()
    expect((await telegram.post(update(2, 'atendente'), { headers })).body.text).toContain('Você já está com Ana Lima')
    expect((await telegram.post(update(3, 'atendente'), { headers })).body).toEqual({ success: true })
  })
})
