import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { ADAPTERS } from '../../integrations/index.js'
import { secretBox } from '../../src/lib/secret-box.js'
import { testCanal, testConsultor } from '../support/chat.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { call, MASTER, type TestService, testService } from '../support/service.js'
import { until } from '../support/until.js'

let database: TestDatabase
let service: TestService
let platforms: Platforms
beforeAll(async () => {
  database = await testDatabase()
  platforms = await startPlatforms()
  service = await testService({ database, env: { API_URL: 'https://vez.exemplo.com/' } })
})
afterAll(async () => {
  await service.end()
  await platforms.end()
  await database.end()
})
afterEach(() => platforms.reset())

const stored = (slug: string) =>
  database.connection.collection<{ _id: string; secretos?: { token: string } }>('canais').findOne({ _id: slug })
const create = (more: object) => service.call('POST', '/canais', { body: { nome: 'Conta', ...more } })

describe('an account', () => {
  it('is made with sensible defaults, and answers with the address to paste, the secret once, and what to do there', async () => {
    const made = await create({
      slug: 'vendas',
      plataforma: 'evolution',
      ajustes: { instancia: 'loja1', servidor: platforms.url, chave_api: 'chave-da-evolution' },
    })
    expect(made.status).toBe(200)
    expect(made.headers.get('cache-control')).toBe('no-store')
    const { segredo, webhook_url, instrucoes, ...rest } = made.body
    expect(segredo).toMatch(/^[\w-]{43}$/)
    expect(webhook_url).toBe(`https://vez.exemplo.com/webhooks/evolution/vendas/${segredo}`)
    expect(instrucoes.join()).toContain(webhook_url)
    expect(instrucoes.join()).toContain(`jwt_key com ${segredo}`)
    expect(rest).toEqual({
      slug: 'vendas',
      plataforma: 'evolution',
      nome: 'Conta',
      ativo: true,
      idioma: 'pt',
      equipe: null,
      horario: null,
      gatilho: 'sempre',
      palavras: expect.arrayContaining(['atendente']),
      janela_h: 24,
      responsavel_ausente: 'passar',
      pipedrive: {},
      ausente_min: 15,
      esperar: true,
      espera_max_min: 120,
      idade_max_min: 1_440,
      conversa_nossa_h: 0,
      ligacoes: false,
      textos: {},
      avisar_consultor: false,
      comandos: false,
      disponibilidade: false,
      ajustes: { instancia: 'loja1', servidor: platforms.url, chave_api: '***' },
      segredo_dica: expect.stringContaining('POST /canais/vendas/segredo'),
      criado_em: expect.any(String),
    })
    const again = await service.call('GET', '/canais/vendas')
    const { eventos, ultimas_24h, ...shown } = again.body
    expect([eventos, ultimas_24h]).toEqual([[], {}])
    expect(shown).toEqual({ ...rest, webhook_url: 'https://vez.exemplo.com/webhooks/evolution/vendas/<segredo>' })
    expect((await service.call('GET', '/canais')).body).toContainEqual(shown)
    expect((await create({ slug: 'vendas', plataforma: 'generico' })).status).toBe(409)
    const text = JSON.stringify(await stored('vendas'))
    expect(text).not.toContain('chave-da-evolution')
    expect(text).not.toContain(segredo)
  })

  it('is changed in part: an absent setting stays, null clears it, secrets too', async () => {
    await create({
      slug: 'parte',
      plataforma: 'evolution',
      ajustes: { instancia: 'a', servidor: 'https://e.exemplo.com', chave_api: 'k' },
    })
    const put = (body: object) => service.call('PUT', '/canais/parte', { body })
    expect((await put({ ajustes: { instancia: 'b' } })).body.ajustes).toEqual({
      instancia: 'b',
      servidor: 'https://e.exemplo.com',
      chave_api: '***',
    })
    expect((await put({ esperar: false, ajustes: { chave_api: null } })).body).toMatchObject({
      esperar: false,
      ajustes: { instancia: 'b', chave_api: null },
    })
    expect((await put({ ativo: false })).body.ativo).toBe(false)
    const shown = (await service.call('GET', '/canais/parte')).body
    const { eventos: _e, ultimas_24h: _u, ...same } = shown
    const back = await put({ ...shown, nome: 'Outro nome' })
    expect([back.status, back.body]).toEqual([200, { ...same, nome: 'Outro nome' }])
    expect((await service.call('DELETE', '/canais/parte')).body).toEqual({ detail: 'Canal removido com sucesso' })
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect((await service.call(method, '/canais/parte', method === 'PUT' ? { body: {} } : {})).status).toBe(404)
  })

  it('does not send the secrets that are stored to another server', async () => {
    const { slug } = await testCanal(service, 'zapi', { ajustes: { instancia: 'i', token: 't', client_token: 'c' } })
    const change = (ajustes: object) => service.call('PUT', `/canais/${slug}`, { body: { ajustes } })
    for (const servidor of ['https://alheio.exemplo.com', 'http://api.z-api.io', 'https://api.z-api.io:8443']) {
      const refused = await change({ servidor })
      const fields = refused.body.detail.map((one: { loc: string[] }) => one.loc.at(-1))
      expect([refused.status, fields]).toEqual([422, ['token', 'client_token']])
      expect((await change({ servidor, token: 'outro', client_token: '***' })).status).toBe(422)
    }
    expect((await service.call('GET', `/canais/${slug}`)).body.ajustes.servidor).toBe('https://api.z-api.io')
    expect((await change({ servidor: 'https://api.z-api.io/outra' })).status).toBe(200)
    const servidor = 'https://alheio.exemplo.com'
    expect((await change({ servidor, token: 'outro', client_token: null })).status).toBe(200)
  })

  it('does not send them to another server that a name stands for, or that is behind one', async () => {
    const ajustes = { contrato: 'loja', servidor: 'https://blip.exemplo.com', chave: 'c' }
    const { slug } = await testCanal(service, 'blip', { ajustes })
    const change = (to: object) => service.call('PUT', `/canais/${slug}`, { body: { ajustes: to } })
    expect((await change({ contrato: 'alheio' })).status).toBe(200)
    expect((await change({ servidor: null })).body.detail).toEqual([
      expect.objectContaining({ loc: ['body', 'ajustes', 'chave'] }),
    ])
    expect((await change({ servidor: null, chave: 'c' })).status).toBe(200)
    const refused = await change({ contrato: 'loja' })
    expect([refused.status, refused.body.detail[0].msg]).toEqual([422, expect.stringContaining('outro contrato')])
    expect((await change({ contrato: 'alheio', equipe: 'Vendas' })).status).toBe(200)
  })

  it('may be sent back as it was shown', async () => {
    const { slug } = await testCanal(service, 'zapi', { ajustes: { instancia: 'i', token: 't' } })
    const shown = (await service.call('GET', `/canais/${slug}`)).body
    const { ajustes } = (await service.call('PUT', `/canais/${slug}`, { body: { ajustes: shown.ajustes } })).body
    expect(ajustes).toEqual(shown.ajustes)
    expect(secretBox([MASTER]).open((await stored(slug))?.secretos?.token ?? '', `canal:${slug}:token`)).toBe('t')
  })

  it('is changed into nothing that could not be made', async () => {
    await create({
      slug: 'mudada',
      plataforma: 'evolution',
      ajustes: { instancia: 'a', servidor: 'https://e.exemplo.com', chave_api: 'k' },
    })
    const before = (await service.call('GET', '/canais/mudada')).body
    const wrong: readonly [object, readonly string[]][] = [
      [{ janela_h: 0 }, ['body', 'janela_h']],
      [{ gatilho: 'transferencia' }, ['body', 'gatilho']],
      [{ ajustes: { chave_api: null } }, ['body', 'esperar']],
      [{ ajustes: { instancia: null } }, ['body', 'ajustes', 'instancia']],
      [{ textos: { en: { expirada: 'Sorry {name}' } } }, ['body', 'textos', 'en', 'expirada']],
    ]
    for (const [body, loc] of wrong) {
      const refused = await service.call('PUT', '/canais/mudada', { body })
      expect([refused.status, refused.body.detail[0].loc]).toEqual([422, loc])
    }
    expect((await service.call('GET', '/canais/mudada')).body).toEqual(before)
  })

  it.each([
    [{ plataforma: 'fax' }, ['body', 'plataforma']],
    [{ slug: 'Com Espaço' }, ['body', 'slug']],
    [{ gatilho: 'sempre', janela_h: 0 }, ['body', 'janela_h']],
    [{ janela_h: 8_761 }, ['body', 'janela_h']],
    [{ espera_max_min: 1_441 }, ['body', 'espera_max_min']],
    [{ esperar: true }, ['body', 'esperar']],
    [{ gatilho: 'palavra', palavras: [] }, ['body', 'palavras']],
    [{ avisar_consultor: true }, ['body', 'avisar_consultor']],
    [{ disponibilidade: true }, ['body', 'disponibilidade']],
    [{ ajustes: { retorno_url: 'ftp://x' } }, ['body', 'ajustes', 'retorno_url']],
    [{ ajustes: { outra: 1 } }, ['body', 'ajustes', 'outra']],
    [{ outra: 1 }, ['body', 'outra']],
    [{ textos: { pt: { atribuido: 'Olá {telefone}' } } }, ['body', 'textos', 'pt', 'atribuido']],
    [{ textos: { pt: { atribuido: 'Olá {constructor.name}' } } }, ['body', 'textos', 'pt', 'atribuido']],
    [{ textos: { xx: { atribuido: 'Olá' } } }, ['body', 'textos', 'xx']],
    [{ textos: { pt: { atribuído: 'Olá' } } }, ['body', 'textos', 'pt', 'atribuído']],
  ])('with %j is a 422 that names it', async (wrong, loc) => {
    const { status, body } = await create({ slug: 'errada', plataforma: 'generico', ...wrong })
    expect(status).toBe(422)
    expect(body.detail.map((one: { loc: unknown }) => one.loc)).toContainEqual(loc)
  })

  it('of a platform is told all that is missing, in Portuguese', async () => {
    const { body } = await create({ slug: 'falta', plataforma: 'twilio' })
    expect(body.detail).toEqual(
      ['account_sid', 'auth_token', 'numero'].map((field) => ({
        loc: ['body', 'ajustes', field],
        msg: 'Campo obrigatório',
        type: 'missing',
      })),
    )
  })

  it('may be made, seen and changed by an admin only', async () => {
    const key = (await service.call('POST', '/api-keys', { body: { descricao: 'x', escopos: ['chat', 'leitura'] } }))
      .body.chave
    for (const [method, path] of [
      ['GET', '/canais'],
      ['GET', '/canais/vendas'],
      ['DELETE', '/canais/vendas'],
      ['POST', '/canais/vendas/segredo'],
    ] as const) {
      expect((await service.call(method, path, { headers: { 'api-key': key } })).status).toBe(403)
    }
  })
})

describe('the platforms', () => {
  it('are listed, each with the JSON Schema of its settings', async () => {
    const { body } = await service.call('GET', '/plataformas')
    expect(body.map(({ plataforma }: { plataforma: string }) => plataforma)).toEqual(
      ADAPTERS.map(({ plataforma }) => plataforma),
    )
    const evolution = body.find((one: { plataforma: string }) => one.plataforma === 'evolution')
    expect(evolution).toMatchObject({ envia: true, secretos: ['chave_api'], ajustes: { required: ['instancia'] } })
  })
})

describe('the format of our own', () => {
  it('is published as JSON Schema, for anybody', async () => {
    const { status, body } = await call(service.url, 'GET', '/schemas/generico.json', { headers: { 'api-key': '' } })
    expect(status).toBe(200)
    expect(body).toMatchObject({ type: 'object', required: ['contato'], properties: { tipo: { default: 'pedido' } } })
  })
})

describe('a test of an account', () => {
  it('says who would be picked and what would be said, and takes nothing', async () => {
    const id = await testConsultor(service, 'Ana Lima')
    const canal = await testCanal(service, 'evolution', {
      ajustes: { instancia: 'a', servidor: platforms.url, chave_api: 'k' },
    })
    platforms.answer(({ path }) =>
      path.includes('connectionState') ? { json: { instance: { state: 'open' } } } : undefined,
    )
    // What has been copied is dropped from the document after a while, by a write of its own.
    const counters = database.connection.collection<{ _id: string; eventos: object[] }>('counters')
    await until(async () => (await counters.findOne({ _id: 'vez' }))?.eventos.length === 0, undefined, 'the drop')
    const before = (await service.call('GET', '/vez')).headers.get('x-vez-versao')
    const { body } = await service.call('POST', `/canais/${canal.slug}/teste`, { body: { texto: 'oi' } })
    expect(body).toEqual({
      chamaria: true,
      situacao: 'atribuido',
      motivo: null,
      consultor: 'Ana Lima',
      texto: expect.stringContaining('Ana Lima'),
      credenciais: 'boas',
      credenciais_motivo: null,
      detalhe: null,
    })
    platforms.answer(() => ({ status: 401 }))
    const refused = await service.call('POST', `/canais/${canal.slug}/teste`)
    expect(refused.body).toMatchObject({ credenciais: 'recusadas', credenciais_motivo: 'chave_errada' })
    expect((await service.call('GET', '/vez')).headers.get('x-vez-versao')).toBe(before)
    await service.call('DELETE', `/consultor/${id}`)
  })

  it('registers our webhook there, where the platform allows it', async () => {
    const canal = await testCanal(service, 'telegram', { ajustes: { token: '1:a', servidor: platforms.url } })
    expect((await service.call('POST', `/canais/${canal.slug}/configurar`)).body).toEqual({
      detail: 'Webhook registrado no Telegram',
    })
    expect(platforms.calls[0]).toMatchObject({
      path: '/bot1:a/setWebhook',
      body: {
        url: `https://vez.exemplo.com/webhooks/telegram/${canal.slug}`,
        secret_token: canal.segredo,
        allowed_updates: ['message', 'callback_query'],
      },
    })
    platforms.answer(() => ({ status: 403 }))
    expect((await service.call('POST', `/canais/${canal.slug}/configurar`)).status).toBe(502)
    const generic = await testCanal(service, 'generico')
    expect((await service.call('POST', `/canais/${generic.slug}/configurar`)).status).toBe(409)
  })
})
