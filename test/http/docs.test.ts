import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { type TestService, testService } from '../support/service.js'

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
        expect(Boolean(operation.responses['401'])).toBe(!operation.security || path === '/metrics')
      }
    }
    expect(ids.size).toBe(Object.values<object>(body.paths).flatMap((item) => Object.keys(item)).length)
    const turn = body.paths['/consultor/da-vez'].get
    expect(turn.parameters.map(({ name }: { name: string }) => name)).toEqual(['idioma', 'idempotency-key'])
    expect(turn.responses['422'].content['application/json'].schema.$ref).toContain('ErroDeValidacao')
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
  const about = { nome: 'consultor da vez', documentacao: '/docs', openapi: '/openapi.json', saude: '/health' }
  const ask = (method: string, accept?: string) =>
    fetch(service.url, { method, redirect: 'manual', headers: accept === undefined ? {} : { accept } })

  it('sends a browser to the page', async () => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(method, 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8')
      expect([answer.status, answer.headers.get('location')]).toEqual([302, '/docs'])
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
