import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { ADAPTERS } from '../../integrations/index.js'
import { diagnose } from '../../src/canais/diagnosis.js'
import { HttpFailure } from '../../src/lib/http-client.js'
import { OutboundFailure } from '../../src/lib/outbound.js'
import { testCanal } from '../support/chat.js'
import { type Platforms, startPlatforms } from '../support/platforms.js'
import { type TestService, testService } from '../support/service.js'
import { VENDORS, type Vendor } from '../support/vendors.js'

let service: TestService
let platforms: Platforms
beforeAll(async () => {
  platforms = await startPlatforms()
  service = await testService({ env: { API_URL: 'https://vez.exemplo.com' } })
})
afterAll(async () => {
  await service.end()
  await platforms.end()
})
afterEach(() => platforms.reset())

/** The words by which the five mistakes and the others are told. */
interface Found {
  readonly credenciais: string
  readonly credenciais_motivo: string | null
  readonly detalhe: string | null
}

const tested = async (slug: string): Promise<Found> => (await service.call('POST', `/canais/${slug}/teste`)).body

const accountOf = (plataforma: string, { ajustes }: Vendor, more: object = {}) =>
  testCanal(service, plataforma, { ajustes: { ...ajustes, servidor: platforms.url, ...more } })

async function of(plataforma: string, vendor: Vendor, more: object = {}): Promise<Found> {
  platforms.answer((call) => vendor.answer(call))
  return tested((await accountOf(plataforma, vendor, more)).slug)
}

/** A port on which nothing listens. */
async function deadPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

const all = Object.entries(VENDORS)

describe('the test of an account', () => {
  it('knows every platform that can be asked', () => {
    const asked = ADAPTERS.filter((one) => one.checkCredentials !== undefined)
    expect(asked.map(({ plataforma }) => plataforma).sort()).toEqual(Object.keys(VENDORS).sort())
    for (const { plataforma, connection, ajustes } of ADAPTERS) {
      const named = connection ? [...connection.keys, connection.account ?? [], connection.server({}).field].flat() : []
      expect([plataforma, named.filter((field) => !(field in ajustes.shape))]).toEqual([plataforma, []])
    }
  })

  it.each(all)('of %s tells right from wrong key', async (plataforma, vendor) => {
    expect(await of(plataforma, vendor)).toMatchObject({
      credenciais: 'boas',
      credenciais_motivo: null,
      detalhe: null,
    })
    const wrong = await of(plataforma, vendor, vendor.wrongKey)
    expect(wrong).toMatchObject({ credenciais: 'recusadas', credenciais_motivo: 'chave_errada' })
    const [field] = Object.keys(vendor.wrongKey)
    expect(wrong.detalhe).toContain(`\`ajustes.${field}\``)
    expect(wrong.detalhe).not.toContain('outra')
  })

  const unknown = all.flatMap(([plataforma, vendor]) =>
    vendor.unknown.map(([field, ajustes]) => [plataforma, field, { vendor, ajustes }] as const),
  )
  it.each(unknown)('of %s tells that it does not know %s', async (plataforma, field, { vendor, ajustes }) => {
    const found = await of(plataforma, vendor, ajustes)
    expect(found).toMatchObject({ credenciais: 'recusadas', credenciais_motivo: 'conta_desconhecida' })
    expect(found.detalhe).toContain(`\`ajustes.${field}\``)
    expect(found.detalhe).toContain(String(Object.values(ajustes)[0]))
  })

  const pasted = all.flatMap(([plataforma, vendor]) => vendor.pasted.map((path) => [plataforma, path, vendor] as const))
  it.each(pasted)('of %s finds the path %s behind the address', async (plataforma, path, vendor) => {
    const found = await of(plataforma, vendor, { servidor: platforms.url + path })
    expect(found).toMatchObject({ credenciais: 'recusadas', credenciais_motivo: 'caminho_a_mais' })
    expect(found.detalhe).toContain(`use ${platforms.url},`)
  })

  it.each(all)(
    'of %s tells apart that nothing listens, that the name is unknown, and http',
    async (plataforma, vendor) => {
      const dead = `http://127.0.0.1:${await deadPort()}`
      const nowhere = await of(plataforma, vendor, { servidor: dead })
      expect(nowhere).toMatchObject({ credenciais: 'recusadas', credenciais_motivo: 'ninguem_escuta' })
      expect(nowhere.detalhe).toContain(dead.replace('http://', ''))
      expect(nowhere.detalhe).toContain('host.docker.internal')
      const nameless = await of(plataforma, vendor, { servidor: 'https://nao-existe.invalid' })
      expect(nameless).toMatchObject({ credenciais: 'recusadas', credenciais_motivo: 'nome_desconhecido' })
      expect(nameless.detalhe).toContain('nao-existe.invalid')
      const tls = await of(plataforma, vendor, { servidor: platforms.url.replace('http:', 'https:') })
      expect(tls.credenciais_motivo).toBe('use_http')
      const inside = await of(plataforma, vendor, { servidor: 'http://10.1.2.3:8080' })
      expect(inside.credenciais_motivo).toBe('destino_recusado')
      expect(inside.detalhe).toContain('DESTINOS_INTERNOS')
    },
  )

  it('leaves a server behind a path of its own where it is', async () => {
    const { evolution } = VENDORS
    if (!evolution) throw new Error('no such vendor')
    const behind = '/evolution'
    platforms.answer((call) =>
      call.path.startsWith(behind)
        ? evolution.answer({ ...call, path: call.path.slice(behind.length) })
        : { status: 404, html: 'not found' },
    )
    const servidor = platforms.url + behind
    const at = async (more: object) => tested((await accountOf('evolution', evolution, { servidor, ...more })).slug)
    expect(await at({})).toMatchObject({ credenciais: 'boas' })
    expect(await at({ instancia: 'outra' })).toMatchObject({ credenciais_motivo: 'conta_desconhecida' })
    expect(await at({ chave_api: 'outra' })).toMatchObject({ credenciais_motivo: 'chave_errada' })
    const longer = await at({ servidor: `${servidor}/manager/` })
    expect(longer).toMatchObject({ credenciais_motivo: 'caminho_a_mais' })
    expect(longer.detalhe).toContain(`use ${servidor},`)
  })

  it('takes a path of an address that answers with pages everywhere for the mistake', async () => {
    platforms.answer(() => ({ html: '<html></html>' }))
    const canal = await testCanal(service, 'evolution', {
      ajustes: { instancia: 'a', chave_api: 'k', servidor: `${platforms.url}/manager` },
    })
    expect(await tested(canal.slug)).toMatchObject({ credenciais_motivo: 'caminho_a_mais' })
    const bare = await testCanal(service, 'evolution', {
      ajustes: { instancia: 'a', chave_api: 'k', servidor: platforms.url },
    })
    expect(await tested(bare.slug)).toMatchObject({ credenciais_motivo: 'resposta_inesperada' })
  })

  it.each([
    ['https://127.0.0.1/x', 301, 'use_https'],
    ['https://outro.exemplo.com/', 302, 'redireciona'],
    ['/login', 302, 'redireciona'],
  ])('says of a redirection to %s (%d) what it is: %s', async (location, status, motivo) => {
    platforms.answer(() => ({ status, headers: { location } }))
    const canal = await testCanal(service, 'waha', { ajustes: { servidor: platforms.url } })
    const found = await tested(canal.slug)
    expect(found).toMatchObject({ credenciais: 'recusadas', credenciais_motivo: motivo })
    expect(platforms.calls).toHaveLength(1)
  })

  it.each([502, 429, 500])('tells a failure of the other side (%d) from one of the settings', async (status) => {
    platforms.answer(() => ({ status, html: 'Bad Gateway' }))
    const canal = await testCanal(service, 'waha', { ajustes: { servidor: platforms.url } })
    expect(await tested(canal.slug)).toMatchObject({ credenciais_motivo: `http_${status}` })
  })

  it('says what is missing where nothing can be asked', async () => {
    const canal = await testCanal(service, 'evolution', { ajustes: { instancia: 'a' } })
    const found = await tested(canal.slug)
    expect(found).toMatchObject({ credenciais: 'nao_verificadas', credenciais_motivo: 'sem_credenciais' })
    expect(found.detalhe).toContain('`ajustes.servidor` e `ajustes.chave_api`')
  })

  it.each([
    ['generico', 'retorno_url'],
    ['botpress', 'webhook_url'],
  ])('of %s asks only whether %s answers, and makes no work of it', async (plataforma, field) => {
    platforms.answer(() => ({ status: 404 }))
    const at = async (url: string) => tested((await testCanal(service, plataforma, { ajustes: { [field]: url } })).slug)
    expect(await at(`${platforms.url}/gancho`)).toMatchObject({
      credenciais: 'nao_verificadas',
      credenciais_motivo: null,
    })
    // On a slow machine the rounds of the accounts before call their platforms meanwhile.
    const hooks = platforms.calls.filter(({ path }) => path.startsWith('/gancho'))
    expect(hooks.map(({ method, path }) => `${method} ${path}`)).toEqual(['OPTIONS /gancho'])
    expect(await at(`http://127.0.0.1:${await deadPort()}/gancho`)).toMatchObject({
      credenciais_motivo: 'ninguem_escuta',
    })
    expect(await at('https://nao-existe.invalid/gancho')).toMatchObject({ credenciais_motivo: 'nome_desconhecido' })
  })

  it('of a registration says the same', async () => {
    platforms.answer((call) => VENDORS.evolution?.answer(call))
    const canal = await testCanal(service, 'evolution', {
      ajustes: { instancia: 'loja', chave_api: 'boa', servidor: `http://127.0.0.1:${await deadPort()}` },
    })
    const { status, body } = await service.call('POST', `/canais/${canal.slug}/configurar`)
    expect([status, body.motivo]).toEqual([502, 'ninguem_escuta'])
  })
})

describe('a connection that failed', () => {
  const adapter = ADAPTERS.find(({ plataforma }) => plataforma === 'evolution')
  const of = (kind: HttpFailure['kind'], code: string) => {
    if (!adapter?.connection) throw new Error('no such platform')
    const ajustes = { servidor: 'https://evolution.exemplo.com', instancia: 'a', chave_api: 'k' }
    const subject = { adapter, connection: adapter.connection, ajustes }
    const outcome = new HttpFailure(kind, 'x', code)
    return diagnose(subject, new OutboundFailure('sem_conexao'), { url: ajustes.servidor, outcome }).motivo
  }

  it.each([
    ['nao_enviado', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'certificado'],
    ['nao_enviado', 'ERR_TLS_CERT_ALTNAME_INVALID', 'certificado'],
    ['nao_enviado', 'CERT_HAS_EXPIRED', 'certificado'],
    ['nao_enviado', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificado'],
    ['nao_enviado', 'EAI_AGAIN', 'nome_desconhecido'],
    ['nao_enviado', 'ETIMEDOUT', 'ninguem_escuta'],
    ['nao_enviado', 'EHOSTUNREACH', 'ninguem_escuta'],
    ['nao_enviado', 'TIMEOUT', 'ninguem_escuta'],
    ['sem_resposta', 'TIMEOUT', 'sem_resposta'],
    ['sem_resposta', 'HPE_INVALID_CONSTANT', 'use_https'],
  ] as const)('%s with %s is %s', (kind, code, motivo) => {
    expect(of(kind, code)).toBe(motivo)
  })
})
