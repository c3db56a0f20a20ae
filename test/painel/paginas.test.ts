import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import Koa from 'koa'
import request from 'supertest'
import { paginasRouter } from '../../src/painel/paginas.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vez-web-'))
  mkdirSync(join(folder, 'icones'))
  for (const name of ['painel.js', 'eu.js', 'estilo.css', 'icones/icone.svg', 'icones/icone-192.png', 'segredo.txt'])
    writeFileSync(join(folder, name), `content of ${name}`)
})
afterAll(() => rmSync(folder, { recursive: true }))

const app = (from = folder) => {
  const koa = new Koa()
  koa.silent = true
  koa.use(paginasRouter({ versao: '1', fuso: '</script>', sem_tls: true }, from).routes())
  return request(koa.callback())
}

it('each screen is a page that tells the browser to take everything from here', async () => {
  for (const path of ['/painel', '/painel/protocolos/17', '/painel?tela=parede', '/eu', '/eu/turnos']) {
    const { status, headers, text } = await app().get(path)
    expect([path, status, headers['content-type']]).toEqual([path, 200, 'text/html; charset=utf-8'])
    expect(headers['content-security-policy']).toContain("require-trusted-types-for 'script'")
    expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:/)
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(text).not.toMatch(/<script>|style=|\son\w+=/)
    const [, told = ''] = /id="ajustes">(.*)<\/script>/.exec(text) ?? []
    expect(JSON.parse(told)).toEqual({ versao: '1', fuso: '</script>', sem_tls: true })
    expect(text.split('</script>')).toHaveLength(3)
  }
})

it('what a page loads has a hash in its name, may be kept for ever, and is nothing else of the folder', async () => {
  const { text } = await app().get('/eu')
  const paths = [...text.matchAll(/(?:src|href)="(\/web\/[^"]+)"/g)].map(([, path]) => path ?? '')
  expect(paths).toHaveLength(3)
  for (const path of paths) {
    const first = await app().get(path)
    expect([path, first.status, first.headers['cache-control']]).toEqual([
      path,
      200,
      'public, max-age=31536000, immutable',
    ])
    expect((await app().get(path).set('If-None-Match', String(first.headers.etag))).status).toBe(304)
  }
  for (const path of ['/web/eu.js', '/web/segredo.txt', '/web/..%2fsegredo.txt', '/web/eu.000000000000.js'])
    expect([path, (await app().get(path)).status]).toEqual([path, 404])
  const manifest = await app().get('/eu/manifest.webmanifest')
  expect(JSON.parse(manifest.text ?? String(manifest.body))).toMatchObject({ start_url: '/eu', display: 'standalone' })
})

it('says that the pages were not built, and leaves their calls to others', async () => {
  expect((await app(join(folder, 'none')).get('/painel')).status).toBe(503)
  for (const path of ['/painel/api/vez', '/eu/api/nothing']) expect((await app().get(path)).status).toBe(404)
})
