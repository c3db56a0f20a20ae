import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { ADAPTERS } from '../../integrations/index.js'
import { saidaOf } from '../integrations/folders.js'
import { fill } from '../integrations/template.js'
import { testCanal } from '../support/chat.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { type TestService, testService } from '../support/service.js'

const PUBLIC = 'https://vez.exemplo.com'

let service: TestService
let platforms: Platforms
beforeAll(async () => {
  platforms = await startPlatforms()
  service = await testService({ env: { API_URL: PUBLIC } })
})
afterAll(async () => {
  await service.end()
  await platforms.end()
})
afterEach(() => platforms.reset())

/** An account that may do all that its platform can, by the platform's own folder. */
const open = (plataforma: string) =>
  testCanal(service, plataforma, fill(saidaOf(plataforma).conta, { servidor: platforms.url, segredo: 'do-fornecedor' }))

/** Platforms that have this function, each with the calls that it makes. */
const platformsWith = (verb: 'checkCredentials' | 'configure') =>
  ADAPTERS.filter((one) => one[verb] !== undefined).map(({ plataforma }) => {
    const { chamadas, recusa } = saidaOf(plataforma)
    return [plataforma, chamadas[verb] ?? [], recusa[verb] ?? []] as const
  })

describe('credentials', () => {
  it.each(platformsWith('checkCredentials'))('of %s are told good from bad', async (plataforma, calls, refusals) => {
    const canal = await open(plataforma)
    const test = async () => (await service.call('POST', `/canais/${canal.slug}/teste`)).body.credenciais
    const [good] = calls
    platforms.answer(() => good && { status: good.status, json: good.responde })
    expect(await test()).toBe('boas')
    expect(platforms.calls).toMatchObject(calls.map(({ metodo, caminho }) => ({ method: metodo, path: caminho })))
    for (const { status, responde } of [{ status: 401, responde: {} }, ...refusals]) {
      platforms.answer(() => ({ status, json: responde }))
      expect(await test()).toBe('recusadas')
    }
  })

  it('for a server that may not be called say how to allow it', async () => {
    const canal = await testCanal(service, 'evolution', {
      ajustes: { instancia: 'a', servidor: 'http://10.0.0.7:8080', chave_api: 'k' },
    })
    const { body } = await service.call('POST', `/canais/${canal.slug}/teste`)
    expect(body).toMatchObject({ credenciais: 'recusadas', detalhe: expect.stringContaining('DESTINOS_INTERNOS') })
  })
})

describe('a sample message', () => {
  it('would ask for a person by what the account calls asking', async () => {
    const canal = await testCanal(service, 'evolution', {
      ajustes: { instancia: 'a' },
      gatilho: 'palavra',
      palavras: ['vendedor'],
    })
    const says = async (texto: string) =>
      (await service.call('POST', `/canais/${canal.slug}/teste`, { body: { texto } })).body.chamaria
    expect([await says('bom dia'), await says('quero um vendedor')]).toEqual([false, true])
    const flow = await testCanal(service, 'generico')
    expect((await service.call('POST', `/canais/${flow.slug}/teste`, { body: { texto: 'oi' } })).body.chamaria).toBe(
      true,
    )
  })
})

describe('our webhook', () => {
  it.each(platformsWith('configure'))('is registered at %s, with its secret', async (plataforma, calls) => {
    const canal = await open(plataforma)
    const values = {
      webhook_url: `${PUBLIC}${canal.path}`,
      webhook_segredo: canal.segredo,
      webhook_sem_segredo: `${PUBLIC}/webhooks/${plataforma}/${canal.slug}`,
    }
    let count = 0
    platforms.answer(() => {
      count += 1
      return { json: fill(calls[count - 1]?.responde, values) }
    })
    const { status } = await service.call('POST', `/canais/${canal.slug}/configurar`)
    expect(status).toBe(200)
    expect(
      platforms.calls.map(({ method, path, body }) => ({ method, path, body: method === 'GET' ? '' : body })),
    ).toEqual(
      calls.map(({ metodo, caminho, corpo = '' }) => ({ method: metodo, path: caminho, body: fill(corpo, values) })),
    )
  })

  it('is made at Chatwoot once; with a new secret the same one changes', async () => {
    const webhooks: { id: number; url: string }[] = [{ id: 1, url: 'https://outro.exemplo.com/x' }]
    platforms.answer(({ method, body }) => {
      if (method === 'POST') webhooks.push({ id: 2, url: body.webhook.url })
      return { json: { payload: { webhooks } } }
    })
    const canal = await open('chatwoot')
    await service.call('POST', `/canais/${canal.slug}/configurar`)
    expect(platforms.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/v1/accounts/1/webhooks',
      'POST /api/v1/accounts/1/webhooks',
    ])
    expect(platforms.calls[1]?.body.webhook).toEqual({
      url: `${PUBLIC}${canal.path}`,
      subscriptions: ['message_created', 'conversation_created', 'conversation_status_changed', 'conversation_updated'],
    })
    const { webhook_url } = (await service.call('POST', `/canais/${canal.slug}/segredo`)).body
    expect((await service.call('POST', `/canais/${canal.slug}/configurar`)).body.detail).toContain('alterado')
    const last = platforms.calls.at(-1)
    expect(last).toMatchObject({ method: 'PATCH', path: '/api/v1/accounts/1/webhooks/2' })
    expect(last?.body.webhook.url).toBe(webhook_url)
  })
})
