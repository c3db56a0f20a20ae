import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { obsoleteIn, readConfig, VARIABLES } from '../src/config.js'

const KEY = 'a-key-of-16-chars'

/** What it says instead of a configuration. */
function refusalOf(env: Record<string, string>): string {
  try {
    readConfig(env)
  } catch (error) {
    return String(error)
  }
  throw new Error('it was accepted')
}

describe('the configuration', () => {
  it('needs nothing in development, and is frozen', () => {
    const config = readConfig({})
    expect(config).toMatchObject({
      PORT: 8000,
      HOST: '127.0.0.1',
      RETENCAO_DIAS: 730,
      ESPERA_INTERVALO_S: 20,
      production: false,
    })
    expect(Object.isFrozen(config)).toBe(true)
  })

  it('takes an empty variable for an absent one', () => {
    expect(readConfig({ PORT: '', MONGODB_URI: '' }).PORT).toBe(8000)
  })

  it('reads a value from the file that NAME_FILE names, and not both', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'vez-config-')), 'key')
    writeFileSync(path, `${KEY}\n`)
    expect(readConfig({ AUTHENTICATION_API_KEY_FILE: path }).AUTHENTICATION_API_KEY).toBe(KEY)
    expect(() => readConfig({ AUTHENTICATION_API_KEY_FILE: path, AUTHENTICATION_API_KEY: KEY })).toThrow(/não os dois/)
    expect(() => readConfig({ PORT_FILE: '/nowhere/at/all' })).toThrow(/PORT_FILE/)
  })

  it.each([
    ['PORT', 'segredo'],
    ['PORT', '65536'],
    ['BANCO_LOCAL', 'oracle'],
    ['AUTHENTICATION_API_KEY', 'segredo'],
    ['METRICS_TOKEN', 'segredo'],
    ['CORS_ORIGINS', 'not-an-origin'],
    ['RETENCAO_DIAS', '-98765'],
    ['ESPERA_INTERVALO_S', 'segredo'],
    ['LOG_NIVEL', 'segredo'],
    ['API_URL', 'ftp://segredo'],
  ])('names %s when it is wrong, and never shows its value', (name, value) => {
    const message = refusalOf({ [name]: value })
    expect(message).toMatch(new RegExp(`A variável ${name} `))
    expect(message).not.toContain(value)
  })

  it.each([
    'https://api.pipedrive.com',
    'http://10.0.0.7:8099',
    'http://127.0.0.1.exemplo.com',
    'http://127.0.0.1@exemplo.com',
    'http://localhost.exemplo.com:8099',
    'ftp://127.0.0.1',
  ])('takes %s for no stand-in of Pipedrive: the token goes to this machine or to the real one', (url) => {
    expect(() => readConfig({ PIPEDRIVE_BASE_URL: url })).toThrow(/A variável PIPEDRIVE_BASE_URL /)
  })

  it.each([
    ['http://127.0.0.1:8099/', 'http://127.0.0.1:8099'],
    ['http://localhost:8099', 'http://localhost:8099'],
    ['http://[::1]:8099', 'http://[::1]:8099'],
  ])('takes %s for one of this machine', (url, base) => {
    expect(readConfig({ PIPEDRIVE_BASE_URL: url }).PIPEDRIVE_BASE_URL).toBe(base)
  })

  it('wants both of the webhook’s credentials or none, and names only a company by PIPEDRIVE_DOMINIO', () => {
    expect(() => readConfig({ PIPEDRIVE_WEBHOOK_USUARIO: 'u' })).toThrow(/ou nenhuma das duas/)
    expect(() => readConfig({ PIPEDRIVE_WEBHOOK_SENHA: 'uma-senha-comprida' })).toThrow(/ou nenhuma das duas/)
    for (const PIPEDRIVE_DOMINIO of ['exemplo.com/x', 'exemplo.pipedrive.com', 'a@b']) {
      expect(() => readConfig({ PIPEDRIVE_DOMINIO })).toThrow(/A variável PIPEDRIVE_DOMINIO /)
    }
  })

  it('in production needs a database', () => {
    expect(() => readConfig({ NODE_ENV: 'production' })).toThrow(/MONGODB_URI/)
    expect(readConfig({ NODE_ENV: 'production', MONGODB_URI: 'mongodb://x' }).production).toBe(true)
  })

  it('stands whole in .env.example, each variable with a line of why and its default', () => {
    const blocks = readFileSync('.env.example', 'utf8').trim().split('\n\n').slice(1)
    const names = blocks.map((block) => /^([A-Z_]+)=$/m.exec(block)?.[1])
    expect(names).toEqual(Object.keys(VARIABLES))
    for (const block of blocks) expect(block).toMatch(/^# .*Padrão: /m)
  })
})

describe('a variable of an earlier release', () => {
  it('is told, and refuses nothing', () => {
    const env = { REPASSAR: 'talvez', ENDERECO_INTERNO: 'nowhere' }
    expect(readConfig(env)).toEqual(readConfig({}))
    expect(obsoleteIn(env)).toEqual(['REPASSAR', 'ENDERECO_INTERNO'])
    expect(obsoleteIn({ REPASSAR: '' })).toEqual([])
  })
})
