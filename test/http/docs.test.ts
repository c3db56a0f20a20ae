import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { ADAPTERS } from '../../integrations/index.js'
import { type TestService, team, testService } from '../support/service.js'

let service: TestService
beforeAll(async () => {
  service = await testService()
})
afterAll(() => service.end())

const open = (path: string, headers = {}) => service.call('GET', path, { headers: { 'api-key': '', ...headers } })

describe('/openapi.json', () => {
  it('is an OpenAPI 3.1 document in which every reference resolves', async () => {
    const { body } = await open('/openapi.json')
    expect(body.openapi).toBe('3.1.0')
    const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '')
    expect(references.length).toBeGreaterThan(20)
    for (const path of references) {
      const found = path
        .split('/')
        .reduce((part: Record<string, unknown> | undefined, name) => part?.[name] as never, body)
      expect([path, found !== undefined]).toEqual([path, true])
    }
  })

  it('says of each call its parameters, its answers, its key and who may', async () => {
    const { body } = await open('/openapi.json')
    const ids = new Set<string>()
    for (const [path, item] of Object.entries<object>(body.paths)) {
      for (const operation of Object.values(item)) {
        ids.add(operation.operationId)
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
        const documented = (operation.parameters ?? []).filter((one: { in: string }) => one.in === 'path')
        expect(documented.map(({ name }: { name: string }) => name)).toEqual(named)
        expect(operation.responses['200'].headers['X-Request-Id']).toBeDefined()
        if (!operation.security) expect(operation.description).toContain('Escopos: `admin`')
        expect(Boolean(operation.responses['401'])).toBe(
          !operation.security || path === '/metrics' || path.startsWith('/webhooks/'),
        )
      }
    }
    expect(ids.size).toBe(Object.values<object>(body.paths).flatMap((item) => Object.keys(item)).length)
    const turn = body.paths['/consultor/da-vez'].get
    expect(turn.parameters.map(({ name }: { name: string }) => name)).toEqual(['idioma', 'equipe', 'idempotency-key'])
    expect(turn.responses['422'].content['application/json'].schema.$ref).toContain('ErroDeValidacao')
  })
})

interface Operation {
  readonly path: string
  readonly method: string
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
  readonly said: any
}

async function operations(): Promise<Operation[]> {
  const { body } = await open('/openapi.json')
  return Object.entries<object>(body.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, said]) => ({ path, method, said })),
  )
}

/** The schema of an answer, or of a part of one, without references. */
async function resolved(schema: { $ref?: string }) {
  const { body } = await open('/openapi.json')
  const [, name = ''] = /([^/]+)$/.exec(schema.$ref ?? '') ?? []
  return schema.$ref ? body.components.schemas[name] : schema
}

describe('what the pages fill in', () => {
  it('is a body that works, wherever a call takes one', async () => {
    const all = (await operations()).filter(({ said, path }) => said.requestBody && !path.startsWith('/webhooks/'))
    // What makes something comes before what changes it, and a person before who asks for one.
    const places = ['/consultor', '/canais']
    const place = ({ path, method }: Operation) => (method === 'post' && places.includes(path) ? 0 : 1)
    all.sort((a, b) => place(a) - place(b))
    expect(all.length).toBeGreaterThan(8)
    // Whom the examples name as well.
    await team(service, 3)
    for (const { path, method, said } of all) {
      const examples = Object.values<{ value: unknown }>(said.requestBody.content['application/json'].examples ?? {})
      expect([path, examples.length > 0]).toEqual([path, true])
      for (const { value } of examples) {
        const isEvolution = JSON.stringify(value).includes('chave_api')
        const slug = isEvolution ? 'evolution-vendas' : 'generico-vendas'
        const real = path.replace('{id}', '1').replace('{slug}', slug)
        const { status, body } = await service.call(method.toUpperCase(), real, { body: value })
        // Nobody has told this service a token of Pipedrive.
        expect([real, status, body]).toEqual([real, path === '/pipedrive/setup' ? 409 : 200, body])
      }
    }
  })

  it('of a parameter is its default or an example, and nothing that names a record or a request', async () => {
    for (const { path, said } of await operations()) {
      for (const { name, in: where, schema } of said.parameters ?? []) {
        const filledIn = schema.example ?? schema.default
        if (where !== 'query') expect([path, name, filledIn]).toEqual([path, name, undefined])
      }
    }
    const { body } = await open('/openapi.json')
    const defaults = body.paths['/protocolos'].get.parameters
      .filter(({ schema }: { schema: { default?: unknown } }) => schema.default !== undefined)
      .map(({ name, schema }: { name: string; schema: { default: unknown } }) => [name, schema.default])
    expect(Object.fromEntries(defaults)).toMatchObject({ skip: 0, limit: 100 })
  })

  it('is never made of the pattern of a date, an e-mail or a number', async () => {
    const { body } = await open('/openapi.json')
    const odd: unknown[] = []
    JSON.stringify(body, (_name, value) => {
      if (value?.pattern && (value.format || value.type === 'integer')) odd.push(value)
      return value
    })
    expect(odd).toEqual([])
  })

  it('of Authorize is nothing, but it says where a key is found', async () => {
    const { body } = await open('/openapi.json')
    const { description } = body.components.securitySchemes['api-key']
    for (const place of ['AUTHENTICATION_API_KEY', '.data/api-key', 'POST /api-keys'])
      expect(description).toContain(place)
  })
})

describe('POST /canais', () => {
  it('says what an account of each platform asks for, every field in words, with an example', async () => {
    const { body } = await open('/openapi.json')
    const { oneOf, discriminator } = body.components.schemas.NovoCanal
    expect(discriminator.propertyName).toBe('plataforma')
    expect(Object.keys(discriminator.mapping).sort()).toEqual(ADAPTERS.map(({ plataforma }) => plataforma).sort())
    for (const one of oneOf) {
      const { properties, example, additionalProperties } = await resolved(one)
      expect(additionalProperties).toBe(false)
      const { plataforma, ajustes, gatilho, idioma } = properties
      expect(example.plataforma).toBe(plataforma.const)
      const adapter = ADAPTERS.find((known) => known.plataforma === plataforma.const)
      expect(gatilho.enum).toEqual(adapter?.gatilhos)
      expect(idioma.default).toBe('pt')
      expect(Object.keys(ajustes.properties)).toEqual(Object.keys(adapter?.ajustes.shape ?? {}))
      expect(Object.keys(example.ajustes)).toEqual(expect.arrayContaining(ajustes.required ?? []))
      for (const [name, field] of Object.entries<{ description?: string }>(ajustes.properties))
        expect([plataforma.const, name, field.description]).toEqual([plataforma.const, name, expect.any(String)])
    }
  })

  it('names what is wrong in the settings, and takes null for a setting that may be absent', async () => {
    const make = (more: object) =>
      service.call('POST', '/canais', { body: { slug: 'uma-conta', nome: 'Uma', plataforma: 'zapi', ...more } })
    const where = async (more: object) =>
      (await make(more)).body.detail.map(({ loc }: { loc: string[] }) => loc.join('.'))
    expect(await where({ plataforma: 'orkut' })).toEqual(['body.plataforma'])
    expect(await where({ ajustes: { instancia: 'A', servidor: 'x' } })).toEqual(['body.ajustes.servidor'])
    expect(await where({ ajustes: { token: 't' } })).toEqual(['body.ajustes.instancia'])
    const made = await make({ ajustes: { instancia: 'A', token: null, servidor: null } })
    expect([made.status, made.body.ajustes]).toMatchObject([200, { servidor: 'https://api.z-api.io', token: null }])
  })
})

describe('the document is true', () => {
  it('about a turn that nobody can take', async () => {
    const { body } = await open('/openapi.json')
    const { content } = body.paths['/consultor/da-vez'].get.responses['404']
    const { properties, required } = await resolved(content['application/json'].schema)
    expect(required).toEqual(['detail', 'motivo', 'fora'])
    const nobody = await service.call('GET', '/consultor/da-vez?idioma=xx')
    expect(Object.keys(nobody.body)).toEqual(['detail', 'motivo', 'fora'])
    expect(properties.motivo.enum).toContain(nobody.body.motivo)
  })

  it.each([
    'conversa-4711',
    '"conversa 4711"',
    '"',
    '""',
    'a"b',
    'a b',
    'é',
    'x'.repeat(255),
    'x'.repeat(256),
    `"${'x'.repeat(255)}"`,
  ])('about the Idempotency-Key %j', async (key) => {
    const { body } = await open('/openapi.json')
    const parameters: { name: string; schema: { pattern: string; minLength: number; maxLength: number } }[] =
      body.paths['/protocolo/gerar'].post.parameters
    const schema = parameters.find(({ name }) => name === 'idempotency-key')?.schema
    const allowed = new RegExp(schema?.pattern ?? '').test(key) && key.length <= (schema?.maxLength ?? 0)
    const { status } = await service.call('POST', '/protocolo/gerar', { headers: { 'idempotency-key': key } })
    expect([key, status]).toEqual([key, allowed ? 200 : 422])
  })

  it('about who calls a webhook, and how', async () => {
    const webhooks = (await operations()).filter(({ path }) => path.startsWith('/webhooks/'))
    const named = webhooks.filter(({ method }) => method === 'post').map(({ path }) => path.split('/')[2])
    expect(named.sort()).toEqual([...ADAPTERS.map(({ plataforma }) => plataforma), 'pipedrive'].sort())
    for (const { path, method, said } of webhooks) {
      expect([path, said.security, said.description.startsWith('Autenticação: ')]).toEqual([path, [], true])
      // What it does not take is a 405; of what it takes nobody is believed here.
      const real = path.replace('{slug}', 'nao-existe').replace('{segredo}', 'errado')
      const isOff = path.includes('pipedrive')
      for (const tried of isOff ? ['POST', 'PUT'] : ['GET', 'POST', 'PUT']) {
        const isTaken = webhooks.some((one) => one.path === path && one.method === tried.toLowerCase())
        const { status, body } = await service.call(tried, real, { headers: { 'api-key': '' } })
        const expected = !isTaken ? 405 : isOff ? 404 : 401
        expect([tried, real, status]).toEqual([tried, real, expected])
        if (!isTaken) continue
        const { properties } = await resolved(said.responses[expected].content['application/json'].schema)
        expect([method, Object.keys(body).sort()]).toEqual([method, Object.keys(properties).sort()])
      }
    }
  })
})

describe.each(['/docs', '/redoc'])('%s', (path) => {
  it('is ours in every asset, under a policy that lets a browser ask nobody else', async () => {
    const page = await open(path)
    expect(page.status).toBe(200)
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/https?:|\*|script-src[^;]*unsafe/)
    const assets = [...String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? '')
    expect(assets.length).toBeGreaterThan(2)
    for (const link of assets.filter((one) => !one.startsWith('data:'))) {
      const asset = await open(link)
      expect([link, asset.status, link.startsWith('/')]).toEqual([link, 200, true])
      // fetch asks for a fresh answer whenever it is given a condition; a browser does not
      await request(service.url)
        .get(link)
        .set('If-None-Match', asset.headers.get('etag') ?? '')
        .expect(304)
    }
    expect(page.body).not.toMatch(/https?:\/\//)
  })
})

it('redoc’s bundle fetches no logo from its maker', async () => {
  expect((await open('/redoc/redoc.standalone.js')).body).not.toContain('cdn.redoc.ly')
})

describe('GET /', () => {
  const about = {
    nome: 'consultor da vez',
    painel: '/painel',
    documentacao: '/docs',
    openapi: '/openapi.json',
    saude: '/health',
  }
  const ask = (method: string, accept?: string) =>
    fetch(service.url, { method, redirect: 'manual', headers: accept === undefined ? {} : { accept } })

  it('sends a browser to the page', async () => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(method, 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8')
      expect([answer.status, answer.headers.get('location')]).toEqual([302, '/painel'])
      expect(answer.headers.get('vary')).toContain('Accept')
    }
  })

  it.each([undefined, '*/*', 'application/json', 'image/png', 'text/html;q=0.1, application/json'])(
    'tells whoever accepts %s what this is, without a key',
    async (accept) => {
      const answer = await ask('GET', accept)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('vary')).toContain('Accept')
      const { versao, ...body } = JSON.parse(await answer.text())
      expect(body).toMatchObject(about)
      expect(versao).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version)
      for (const path of [body.documentacao, body.openapi, body.saude, body.pronto])
        expect([path, (await open(path)).status]).toEqual([path, 200])
      const head = await ask('HEAD', accept)
      expect([head.status, await head.text()]).toEqual([200, ''])
    },
  )

  it('takes nothing else', async () => {
    const answer = await service.call('POST', '/', { body: {} })
    expect([answer.status, answer.headers.get('allow')?.split(', ').sort()]).toEqual([405, ['GET', 'HEAD']])
  })
})
