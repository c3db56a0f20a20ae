import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { browser, manager, seller } from '../support/browser.js'
import { ADMIN, call, type TestService, team, testService } from '../support/service.js'

/** Two processes on one database, with one clock that the tests move. */
let service: TestService
let other: TestService
let passed = 0
const clock = {
  ...systemClock,
  now: () => new Date(systemClock.now().getTime() + passed),
  elapsed: () => systemClock.elapsed() + passed,
}
let ana = 0
let bia = 0
beforeAll(async () => {
  service = await testService({ clock })
  other = await testService({ clock, database: service.database })
  const ids = await team(service, 2)
  ;[ana = 0, bia = 0] = ids
})
afterAll(async () => {
  await other.end()
  await service.end()
})

const MINUTE = 60_000
const later = (ms: number): void => {
  passed += ms
}

const access = async (id: number) => (await service.call('POST', `/consultor/${id}/acesso`)).body
const tokenOf = (link: string): string => link.slice(link.indexOf('#') + 3)
describe('a manager', () => {
  it('signs in with a key, and his session does what that key may', async () => {
    const { body } = await service.call('POST', '/api-keys', { body: { descricao: 'TV', escopos: ['leitura'] } })
    const page = await manager(service, body.chave)
    expect(page.cookie()).toMatch(/^__Host-vez=/)
    expect((await page.call('GET', '/painel/api/sessao')).body).toMatchObject({ pode_mudar: false, descricao: 'TV' })
    expect((await page.call('GET', '/painel/api/vez')).status).toBe(200)
    const change = { body: { presenca: 'offline' } }
    const refused = await page.call('POST', `/painel/api/consultores/${ana}/presenca`, change)
    expect([refused.status, refused.body.motivo]).toEqual([403, 'so_leitura'])
  })

  it('loses his session with the key, in every process', async () => {
    const { body } = await service.call('POST', '/api-keys', { body: { descricao: 'x', escopos: ['admin'] } })
    const page = await manager(service, body.chave)
    const same = browser(other.url, page.cookie())
    expect((await same.call('GET', '/painel/api/vez')).status).toBe(200)
    await service.call('DELETE', `/api-keys/${body.id}`)
    later(30_000)
    expect([
      (await page.call('GET', '/painel/api/vez')).status,
      (await same.call('GET', '/painel/api/vez')).status,
    ]).toEqual([401, 401])
  })

  it.each(['wrong-key-0123456789', 'cdv_x'])('is not let in with %s', async (chave) => {
    const answer = await browser(service.url).call('POST', '/painel/api/entrar', { body: { chave } })
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([401, []])
  })

  it('gets a new cookie by signing in, whatever the browser held before', async () => {
    const planted = '__Host-vez=abcdefghijklmnop.0123456789012345678901234567890123456789012'
    const page = browser(service.url, planted)
    await page.call('POST', '/painel/api/entrar', { body: { chave: ADMIN } })
    expect(page.cookie()).not.toBe(planted)
    expect((await browser(service.url, planted).call('GET', '/painel/api/vez')).status).toBe(401)
  })

  it('signs out of all devices, and a stolen cookie is worth nothing then', async () => {
    const page = await manager(service)
    const stolen = browser(other.url, page.cookie())
    expect((await stolen.call('GET', '/painel/api/sessao')).status).toBe(200)
    await page.call('POST', '/painel/api/sair-de-todos', { body: {} })
    later(15_000)
    expect((await stolen.call('GET', '/painel/api/sessao')).status).toBe(401)
  })

  it('is signed out after twelve hours', async () => {
    const page = await manager(service)
    later(12 * 60 * MINUTE)
    expect((await page.call('GET', '/painel/api/vez')).body.motivo).toBe('sem_sessao')
  })
})

describe('the cookie', () => {
  it('has the attributes that keep it from scripts and from other sites', async () => {
    const { headers } = await browser(service.url).call('POST', '/painel/api/entrar', { body: { chave: ADMIN } })
    const [set = ''] = headers.getSetCookie()
    for (const part of ['Path=/', 'HttpOnly', 'SameSite=Strict', 'Secure']) expect(set).toContain(part)
    expect(set).not.toContain('Domain')
  })

  it('travels without TLS only where that was asked for, under a name of its own, and the page is told', async () => {
    const open = await testService({ clock, database: service.database, env: { PAINEL_SEM_TLS: 'sim' } })
    const page = browser(open.url)
    const { headers } = await page.call('POST', '/painel/api/entrar', { body: { chave: ADMIN } })
    const [set = ''] = headers.getSetCookie()
    for (const part of ['HttpOnly', 'SameSite=Strict']) expect(set).toContain(part)
    expect(set).not.toMatch(/Secure|__Host/)
    expect((await page.call('GET', '/painel/api/sessao')).status).toBe(200)
    expect((await page.call('GET', '/painel')).body).toContain('"sem_tls":true')
    expect((await browser(service.url).call('GET', '/painel')).body).toContain('"sem_tls":false')
    await open.end()
  })

  it('opens no call of the API, and a key opens none of the pages', async () => {
    const page = await manager(service)
    for (const path of ['/vez', '/consultores', '/consultor/da-vez?idioma=pt', '/api-keys', '/tarefas'])
      expect([path, (await page.call('GET', path)).status]).toEqual([path, 401])
    for (const path of ['/painel/api/vez', '/painel/api/sessoes', '/eu/api/sessao'])
      expect([path, (await service.call('GET', path)).status]).toEqual([path, 401])
  })

  it.each([
    ['a foreign page', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['a page of a sister host', { 'sec-fetch-site': 'same-site' }],
    ['an old browser at a foreign page', { 'sec-fetch-site': '', origin: 'https://evil.example' }],
    ['nobody knows where', { 'sec-fetch-site': '', origin: '' }],
  ])('changes nothing for a call of %s', async (_, headers) => {
    const page = await manager(service)
    const answer = await page.call('POST', `/painel/api/consultores/${ana}/presenca`, {
      body: { presenca: 'offline' },
      headers,
    })
    expect([answer.status, answer.body.motivo]).toEqual([403, 'outra_origem'])
    expect((await service.call('GET', `/consultor/${ana}`)).body.status_online).toBe(true)
  })

  it('changes nothing for a form', async () => {
    const page = await manager(service)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await page.call('POST', '/painel/api/sair-de-todos', { raw: 'a=b', headers })
    expect(answer.status).toBe(422)
    const form = await page.call('POST', '/painel/api/entrar', { raw: `chave=${ADMIN}`, headers })
    expect(form.status).toBe(415)
    expect((await page.call('GET', '/painel/api/sessao')).status).toBe(200)
  })

  it('works for an old browser at our own page', async () => {
    const page = await manager(service)
    const answer = await page.call('POST', '/painel/api/sair', { body: {}, headers: { 'sec-fetch-site': '' } })
    expect(answer.status).toBe(200)
  })
})

describe('a seller', () => {
  it('is let in by his link once, and a preview that only opens it spends nothing', async () => {
    const { link } = await access(ana)
    const [path = ''] = link.split('#')
    for (const method of ['GET', 'HEAD']) await call(service.url, method, path, { headers: { 'api-key': '' } })
    const body = { token: tokenOf(link) }
    const page = browser(service.url)
    expect((await page.call('POST', '/eu/api/entrar', { body })).body).toMatchObject({ consultor_id: ana })
    expect(page.cookie()).toMatch(/^__Host-vez-eu=/)
    const again = await browser(other.url).call('POST', '/eu/api/entrar', { body })
    expect([again.status, again.body.motivo, again.headers.getSetCookie()]).toEqual([401, 'link_invalido', []])
  })

  it('is let in once by a link that is used twice at the same time', async () => {
    const body = { token: tokenOf((await access(ana)).link) }
    const all = [service, other, service, other].map((one) => browser(one.url).call('POST', '/eu/api/entrar', { body }))
    expect((await Promise.all(all)).map(({ status }) => status).sort()).toEqual([200, 401, 401, 401])
  })

  it('is not let in by a link before the newest, nor after fifteen minutes', async () => {
    const first = await access(ana)
    const second = await access(ana)
    const enter = async (link: string) =>
      (await browser(service.url).call('POST', '/eu/api/entrar', { body: { token: tokenOf(link) } })).status
    expect(await enter(first.link)).toBe(401)
    later(15 * MINUTE)
    expect(await enter(second.link)).toBe(401)
  })

  it('is let in by a code once, within ten minutes; the sixth try of an address is refused whatever it is', async () => {
    later(10 * MINUTE)
    const enter = async (codigo: string, at = service) =>
      (await browser(at.url).call('POST', '/eu/api/entrar', { body: { codigo } })).status
    const { codigo } = await access(ana)
    expect(codigo).toMatch(/^\d{8}$/)
    expect(await enter(`${codigo.slice(0, 4)} ${codigo.slice(4)}`)).toBe(200)
    expect(await enter(codigo, other)).toBe(401)
    const late = (await access(ana)).codigo
    later(10 * MINUTE)
    const good = (await access(bia)).codigo
    const wrong = [late, '00000000', '11111111', '22222222', '33333333'].filter((one) => one !== good)
    for (const one of wrong) expect(await enter(one)).toBe(401)
    expect(await enter(good)).toBe(429)
    later(10 * MINUTE)
    expect(await enter(good)).toBe(401)
  })

  it('makes a code for another device, and keeps his session for thirty days from its last use', async () => {
    const page = await seller(service, ana)
    const { codigo } = (await page.call('POST', '/eu/api/codigo', { body: {} })).body
    const second = browser(service.url)
    expect((await second.call('POST', '/eu/api/entrar', { body: { codigo } })).status).toBe(200)
    for (const days of [20, 20]) {
      later(days * 24 * 60 * MINUTE)
      expect((await page.call('GET', '/eu/api/sessao')).status).toBe(200)
    }
    expect((await second.call('GET', '/eu/api/sessao')).status).toBe(401)
  })

  it('signs out of one device, or of all; those of somebody else he neither sees nor ends', async () => {
    const [page, second, hers] = [await seller(service, ana), await seller(service, ana), await seller(service, bia)]
    const list = (await page.call('GET', '/eu/api/sessoes')).body
    expect(list.every((one: { consultor_id: number }) => one.consultor_id === ana)).toBe(true)
    const { id } = (await second.call('GET', '/eu/api/sessao')).body
    const herId = (await hers.call('GET', '/eu/api/sessao')).body.id
    expect((await page.call('DELETE', `/eu/api/sessoes/${herId}`)).status).toBe(404)
    expect((await page.call('DELETE', `/eu/api/sessoes/${id}`)).status).toBe(200)
    expect((await second.call('GET', '/eu/api/sessao')).status).toBe(401)
    await page.call('POST', '/eu/api/sair-de-todos', { body: {} })
    expect((await page.call('GET', '/eu/api/sessao')).status).toBe(401)
    expect((await hers.call('GET', '/eu/api/sessao')).status).toBe(200)
  })

  it('does not get into the panel, nor a manager into his page', async () => {
    const page = await seller(service, ana)
    const value = page.cookie().split('=')[1]
    const panel = browser(service.url, `__Host-vez=${value}`)
    expect((await panel.call('GET', '/painel/api/vez')).status).toBe(401)
    const his = browser(service.url, `__Host-vez-eu=${(await manager(service)).cookie().split('=')[1]}`)
    expect((await his.call('GET', '/eu/api/sessao')).status).toBe(401)
  })

  it('is put out when he is inactive', async () => {
    const [id = 0] = await team(service, 1)
    const page = await seller(service, id)
    await service.call('PUT', `/consultor/${id}`, { body: { status_ativo: false } })
    expect((await page.call('GET', '/eu/api/sessao')).status).toBe(401)
    expect((await service.call('POST', `/consultor/${id}/acesso`)).status).toBe(409)
  })
})

describe('a wall', () => {
  it('shows the line without customers, and nothing else, until it is ended', async () => {
    const page = await manager(service)
    const { link, id } = (await page.call('POST', '/painel/api/parede', { body: { nome: 'Loja' } })).body
    const body = { token: link.split('#p=')[1] }
    const wall = browser(other.url)
    expect((await wall.call('POST', '/painel/api/parede/entrar', { body })).body.tipo).toBe('parede')
    await service.call('POST', '/vez', { body: { idioma: 'pt', contato: { nome: 'Zuleica' } } })
    expect(JSON.stringify((await page.call('GET', '/painel/api/vez')).body)).toContain('Zuleica')
    const seen = await wall.call('GET', '/painel/api/vez')
    expect([seen.status, JSON.stringify(seen.body).includes('Zuleica')]).toEqual([200, false])
    for (const path of ['/painel/api/sessoes', '/painel/api/espera', '/painel/api/equipe'])
      expect([path, (await wall.call('GET', path)).status]).toEqual([path, 403])
    const screen = browser(service.url)
    expect((await screen.call('POST', '/painel/api/parede/entrar', { body })).status).toBe(200)
    later(15_000)
    expect((await wall.call('GET', '/painel/api/vez')).status).toBe(401)
    expect((await page.call('DELETE', `/painel/api/sessoes/${id}`)).status).toBe(200)
    expect((await screen.call('GET', '/painel/api/vez')).status).toBe(401)
  })
})
