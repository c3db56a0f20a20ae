import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { hasShortKey, obsoleteIn, readConfig, VARIABLES } from '../src/config.js'
import { loadEnvFile } from '../src/env-file/load.js'

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

  it('takes a short key of the old system in development, and refuses it in production without showing it', () => {
    const config = readConfig({ AUTHENTICATION_API_KEY: 'segredo' })
    expect([config.AUTHENTICATION_API_KEY, hasShortKey(config)]).toEqual(['segredo', true])
    expect(hasShortKey(readConfig({ AUTHENTICATION_API_KEY: KEY }))).toBe(false)
    expect(hasShortKey(readConfig({}))).toBe(false)
    const production = { NODE_ENV: 'production', MONGODB_URI: 'mongodb://x' }
    const message = refusalOf({ ...production, AUTHENTICATION_API_KEY: 'segredo-de-15-c' })
    expect(message).toMatch(/AUTHENTICATION_API_KEY .* de 16 a 512 caracteres/)
    expect(message).not.toContain('segredo-de-15-c')
    expect(readConfig({ ...production, AUTHENTICATION_API_KEY: 'segredo-de-16-ca' }).production).toBe(true)
  })

  it('reads the proxy as other programs name it, and refuses one that cannot be used only where it would be', () => {
    const token = { PIPEDRIVE_API_TOKEN: KEY }
    expect(readConfig({ ...token, https_proxy: 'proxy.interno:3128', no_proxy: 'a.com, .b.com' })).toMatchObject({
      HTTPS_PROXY: 'proxy.interno:3128',
      NO_PROXY: ['a.com', '.b.com'],
    })
    expect(readConfig({ HTTPS_PROXY: 'socks5://127.0.0.1:1080' }).HTTPS_PROXY).toBe('socks5://127.0.0.1:1080')
    expect(refusalOf({ ...token, HTTPS_PROXY: 'socks5://u:secreto@127.0.0.1:1080' })).toMatch(
      /HTTPS_PROXY(?!.*secreto)/,
    )
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
    ['AUTHENTICATION_API_KEY', 'segredo'.repeat(80)],
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

describe('a .env', () => {
  type Env = Record<string, string | undefined>

  /** What an environment becomes by a file with this content, and what is said. */
  function loaded(content: string | Buffer, env: Env = {}): { env: Env; said: string[] } {
    const path = join(mkdtempSync(join(tmpdir(), 'vez-env-')), '.env')
    writeFileSync(path, content)
    const after = { ...env }
    return { said: loadEnvFile(path, after), env: after }
  }

  function refusal(content: string | Buffer): string {
    try {
      loaded(content)
    } catch (error) {
      return String(error)
    }
    throw new Error('it was accepted')
  }

  it('may be absent, empty, or .env.example as it is', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'vez-env-')), '.env')
    expect(loadEnvFile(path, {})).toEqual([])
    for (const content of ['', '\n# nothing\n', readFileSync('.env.example')]) {
      const { env, said } = loaded(content)
      expect(said).toEqual([])
      expect(readConfig(env)).toEqual(readConfig({}))
    }
  })

  it('is read as people write it: quotes, comments, several lines, CRLF, export, a byte order mark', () => {
    const content =
      '\uFEFFPORT=1\r\n export HOST = ::1 # this machine\r\nA="b # c"\nB=\'d\ne=f\'\nC=`"g\'`\nD=\nE=h==\n'
    expect(loaded(content).env).toEqual({
      ...{ PORT: '1', HOST: '::1', A: 'b # c', B: 'd\ne=f', C: '"g\'', E: 'h==' },
    })
  })

  it.each<[string, Env, string, Env]>([
    ['a value', { PORT: '2' }, 'PORT=1', { PORT: '2' }],
    ['nothing, which is said', { PORT: '' }, 'PORT=1', { PORT: '' }],
    ['the file of a value', { PORT_FILE: '/p' }, 'PORT=1', { PORT_FILE: '/p' }],
    ['a value, against the file of one', { PORT: '2' }, 'PORT_FILE=/p', { PORT: '2' }],
    ['nothing, against the file of a value', { PORT: '' }, 'PORT_FILE=/p', { PORT: '' }],
    ['the file of a value, against another file', { PORT_FILE: '/p' }, 'PORT_FILE=/q', { PORT_FILE: '/p' }],
    ['no file, which says nothing of the value', { PORT_FILE: '' }, 'PORT=1', { PORT_FILE: '', PORT: '1' }],
  ])('stands back where the environment has %s', (_, env, content, after) => {
    expect(loaded(content, env).env).toEqual(after)
  })

  it('with a value and the file of it is refused as any environment is', () => {
    const { env } = loaded('PORT=1\nPORT_FILE=/p')
    expect(() => readConfig(env)).toThrow(/não os dois/)
  })

  it.each<[string, string | Buffer, RegExp]>([
    ['a line without =', 'PORT=1\nsegredo', /linha 2 .*NOME=valor/],
    ['no name', '=segredo\nPORT=1', /linha 1 .*NOME=valor/],
    ['quotes without an end', 'A=1\n\nB="segredo\nC=2', /linha 3 .*aspas/],
    ['text behind the quotes', 'A="x"segredo', /linha 1 .*depois das aspas/],
    ['a # in a value', 'AUTHENTICATION_API_KEY=abc#segredo', /linha 1 .*#/],
    ['the example of a README', 'PORT=1\nAPI_URL=[SUA URL API]', /API_URL .*exemplo/],
    ['another charset', Buffer.from('A=é', 'latin1'), /UTF-8/],
    ['UTF-16', Buffer.from('\uFEFFA=1', 'utf16le'), /UTF-8/],
  ])('with %s is refused in words, without its content', (_, content, said) => {
    const message = refusal(content)
    expect(message).toMatch(said)
    expect(message).not.toContain('segredo')
  })

  it('that is no file is told', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'vez-env-')), '.env')
    mkdirSync(path)
    expect(() => loadEnvFile(path, {})).toThrow(/Não foi possível ler/)
  })

  it.each<[string, RegExp | undefined]>([
    ['POSTGRES_PASSWORD=x', /^Em \.env: POSTGRES_PASSWORD não é mais necessária/],
    ['POSTGRES_PASSWORD=x\nPOSTGRES_DB=y\nDATABASE_URL=z', /POSTGRES_PASSWORD, POSTGRES_DB, DATABASE_URL não são mais/],
    ['MONGO_URI=x', /MONGO_URI .*MONGODB_URI\?/],
    ['mongodb_uri=x', /mongodb_uri .*MONGODB_URI\?/],
    ['PIPEDRIVE_TOKEN=x', /PIPEDRIVE_API_TOKEN\?/],
    ['LOG_LEVEL=x', /LOG_NIVEL\?/],
    ['AUTENTICATION_API_KEY_FILE=x', /AUTHENTICATION_API_KEY\?/],
    ['POSTGRES_PASSWORD=', undefined],
    ['TZ=America/Sao_Paulo\nIMAGE=x\nVERSION=1\nAPI_HOST=y\nHTTPS_PROXY=z\nHOME=w\nMONGO_SENHA=v', undefined],
    ['PORT=1\nMONGODB_URI_FILE=/x', undefined],
  ])('of %j says what its owner should know, in one line', (content, said) => {
    expect(loaded(content).said).toEqual(said ? [expect.stringMatching(said)] : [])
  })

  it('is read by the scripts that people run on their data, and by nothing else', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
    const reading = Object.keys(scripts).filter((name) => scripts[name].includes('env-file'))
    expect(reading.sort()).toEqual(['dev', 'importar', 'migrate', 'pipedrive:setup', 'reparar', 'start', 'verificar'])
  })
})
