import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { readConfig } from '../src/config.js'
import { isWhole } from './support/sample.js'

const docker = (...args: string[]) => spawnSync('docker', args).status === 0
const onDocker = docker('stack', 'config', '--help') ? it : it.skip
const onCompose = docker('compose', 'version') ? it : it.skip

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vez-deploy-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))

describe('the stack', () => {
  const stack = readFileSync('stack.yml', 'utf8')

  onDocker('is accepted by docker, with two replicas beside the database', () => {
    const config = execFileSync('docker', ['stack', 'config', '-c', 'stack.yml'], { encoding: 'utf8' })
    expect(config).toMatch(/replicas: 2/)
    expect(config).toMatch(/image: mongo:8/)
    expect(config).toMatch(/loadbalancer\.healthcheck\.path: \/ready/)
    // What the member is called has to resolve in its own container before that is healthy.
    expect(config).toMatch(/hostname: mongo\n/)
    expect(config).toMatch(/host: ''mongo:27017''/)
  })

  it('comes with a recipe that makes every secret it needs, and an API key that can be read again', () => {
    // Plays docker: keeps what each secret is made of.
    const play = '#!/bin/sh\n[ "$1 $2" = "secret create" ] || exit 0\ncat > "$SECRETS/$3"\n'
    mkdirSync(join(folder, 'secrets'))
    writeFileSync(join(folder, 'docker'), play, { mode: 0o755 })
    const recipe = stack.match(/^# {3}.*$/gm)?.map((line) => line.slice(4)) ?? []
    const env = { PATH: `${folder}:${process.env.PATH}`, SECRETS: join(folder, 'secrets') }
    const out = execFileSync('sh', ['-euc', recipe.join('\n')], { cwd: folder, env, encoding: 'utf8' })

    const secret = (name: string): string => readFileSync(join(folder, 'secrets', name), 'utf8').trim()
    const external = [...stack.matchAll(/^ {2}(\w+): \{ external: true \}$/gm)].map(([, name = '']) => name)
    expect(external.length).toBe(5)
    for (const name of external) expect([name, secret(name).length >= 32]).toEqual([name, true])
    const { MONGODB_URI, AUTHENTICATION_API_KEY } = readConfig({
      NODE_ENV: 'production',
      MONGODB_URI: secret('vez_mongodb_uri'),
      AUTHENTICATION_API_KEY: secret('vez_api_key'),
      CHAVE_MESTRA: secret('vez_chave_mestra'),
    })
    expect(new URL(MONGODB_URI ?? '').password).toBe(secret('vez_mongo_senha'))
    // A key file has 6 to 1,024 characters of base64, without counting white space.
    expect(secret('vez_mongo_keyfile').replace(/\s/g, '')).toMatch(/^[A-Za-z0-9+/=]{6,1024}$/)
    expect(out.trim()).toBe(AUTHENTICATION_API_KEY)
    expect(statSync(join(folder, 'vez.segredos')).mode & 0o777).toBe(0o600)
    for (const name of ['vez_api_key', 'vez_chave_mestra', 'vez_mongo_senha'])
      expect(readFileSync(join(folder, 'vez.segredos'), 'utf8')).toContain(secret(name))
    expect(readFileSync('.gitignore', 'utf8')).toMatch(/^vez\.segredos$/m)
  })
})

/** `npm run segredos`'s own command, in this test's folder. */
function segredos(): { readonly status: number | null; readonly said: string } {
  const { PATH } = process.env
  const main = resolve('dist/src/segredos/main.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [main], {
    cwd: folder,
    env: { PATH },
    encoding: 'utf8',
  })
  return { status, said: stdout + stderr }
}

const envFile = (): string => readFileSync(join(folder, '.env'), 'utf8')
const NAMES = ['AUTHENTICATION_API_KEY', 'CHAVE_MESTRA', 'MONGO_SENHA'] as const

describe('npm run segredos', () => {
  it('makes a .env of .env.example, for its owner only, with secrets that the service takes, and shows none; again it changes nothing', () => {
    cpSync('.env.example', join(folder, '.env.example'))
    const first = segredos()
    expect(first).toEqual({ status: 0, said: expect.stringContaining('MONGO_SENHA: preenchida') })
    const text = envFile()
    const values = parseEnv(text)
    expect(readConfig({ ...values, NODE_ENV: 'production', MONGODB_URI: 'mongodb://x' }).CHAVE_MESTRA).toHaveLength(1)
    for (const name of NAMES) {
      expect(values[name]).toMatch(/^[\w-]{32,}$/)
      expect(first.said).not.toContain(values[name])
    }
    expect(values.MONGODB_URI).toBe('')
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600)
    expect(segredos()).toEqual({ status: 0, said: expect.stringContaining('MONGO_SENHA: já estava') })
    expect(envFile()).toBe(text)
    expect(readdirSync(folder).sort()).toEqual(['.data', '.env', '.env.example'])
  })

  it('takes over the keys of .data, keeps what is there to the letter, and closes the file', () => {
    mkdirSync(join(folder, '.data'))
    writeFileSync(join(folder, '.data', 'api-key'), 'the-key-of-before-1234\n')
    writeFileSync(join(folder, '.data', 'chave-mestra'), 'the master key of before: # 0123456789\n')
    const before = [
      '# mine',
      'POSTGRES_PASSWORD=old',
      'export CHAVE_MESTRA= # keep',
      '',
      "PORT='8001'",
      'MONGO_SENHA=mine-1234',
    ]
    writeFileSync(join(folder, '.env'), before.join('\r\n'), { mode: 0o644 })
    expect(segredos().status).toBe(0)
    const [mine, postgres, master, ...more] = envFile().split('\r\n')
    expect([mine, postgres, ...more.slice(0, 3)]).toEqual([...before.slice(0, 2), ...before.slice(3)])
    expect(master).toBe("export CHAVE_MESTRA='the master key of before: # 0123456789' # keep")
    expect(parseEnv(envFile())).toMatchObject({
      AUTHENTICATION_API_KEY: 'the-key-of-before-1234',
      CHAVE_MESTRA: 'the master key of before: # 0123456789',
      MONGO_SENHA: 'mine-1234',
    })
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['AUTHENTICATION_API_KEY=[SUA CHAVE API]', /AUTHENTICATION_API_KEY não serve/],
    ['CHAVE_MESTRA=segredo', /CHAVE_MESTRA não serve/],
    ['MONGO_SENHA=segredo@:/', /MONGO_SENHA não serve/],
    ['AUTHENTICATION_API_KEY_FILE=/run/segredo', /AUTHENTICATION_API_KEY_FILE/],
    ['segredo', /linha 1/],
  ])('leaves %s as it is and says why it will not do', (line, why) => {
    writeFileSync(join(folder, '.env'), `${line}\n`)
    const { status, said } = segredos()
    expect(status).toBe(1)
    expect(said).toMatch(why)
    expect(said).not.toContain('segredo')
    expect(envFile().split('\n')[0]).toBe(line)
  })
})

describe('compose.yml', () => {
  const compose = readFileSync('compose.yml', 'utf8')

  /** What a compose of docker makes of it with the secrets of a new `.env`, in which more stands. */
  function configured(command: readonly string[], text: string): string {
    writeFileSync(join(folder, 'compose.yml'), text)
    writeFileSync(
      join(folder, '.env'),
      'PORT=8123\nHOST=127.0.0.1\nNODE_ENV=\nMONGODB_URI=mongodb://elsewhere/x\nLOG_NIVEL=warn\n',
    )
    expect(segredos().status).toBe(0)
    const env = { PATH: process.env.PATH, ...parseEnv(envFile()) }
    const config = execFileSync('docker', [...command], { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' })
    for (const name of NAMES) expect(config).toContain(parseEnv(envFile())[name])
    return config
  }

  function expectService(config: string): void {
    const { MONGO_SENHA } = parseEnv(envFile())
    expect(config).toContain(
      `mongodb://root:${MONGO_SENHA}@mongo:27017/consultor_da_vez?authSource=admin&replicaSet=vez`,
    )
    expect(config).not.toContain('elsewhere')
    for (const line of [/HOST: 0\.0\.0\.0/, /PORT: "8000"/, /NODE_ENV: production/, /LOG_NIVEL: warn/])
      expect(config).toMatch(line)
    expect(config).toMatch(/published: "?8123/)
    expect(config).not.toMatch(/traefik/i)
  }

  onCompose('is what docker compose takes, with the secrets of npm run segredos', () => {
    expectService(configured(['compose', 'config'], compose))
  })

  onDocker('is taken by the parser of stacks too, but for the order of the starts, which a stack does not know', () => {
    const text = compose.replace('mongo: { condition: service_healthy }', '- mongo')
    expectService(configured(['stack', 'config', '-c', 'compose.yml'], text))
  })

  it('publishes on this machine only, names this release, and keeps the address of the database out of .env', () => {
    expect(compose).toContain('{PUBLICAR_EM:-127.0.0.1}:')
    expect(compose).toContain(`:\${VERSION:-${version}}`)
    expect(readFileSync('stack.yml', 'utf8')).toContain(`:\${VERSION:-${version}}`)
    const images = [compose, readFileSync('stack.yml', 'utf8')].map((text) => /image: (mongo:\S+)/.exec(text)?.[1])
    expect(images[0]).toBe(images[1])
    for (const name of NAMES) expect(compose).toContain(`\${${name}:?rode npm run segredos}`)
  })
})

/** The imports of our own files under this folder that lead nowhere. */
function missingImports(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return files.flatMap((name) => {
    const path = join(folder, name)
    const imports = [...readFileSync(path, 'utf8').matchAll(/(?:from|import|import\() ?'(\.{1,2}\/[^']+)'/g)]
    return imports
      .map(([, to = '']) => resolve(dirname(path), to.replace(/\.js$/, '.ts')))
      .filter((to) => !existsSync(to))
  })
}

describe('the image', () => {
  it('has all that its build and its start need: what the Dockerfile copies, and nothing else, builds and runs', () => {
    const [build = '', , last = ''] = readFileSync('Dockerfile', 'utf8')
      .split(/^FROM /m)
      .slice(1)
    const ignored = readFileSync('.dockerignore', 'utf8')
    const root = mkdtempSync(join(tmpdir(), 'vez-image-'))
    try {
      const [builder, snapshot] = [join(root, 'build'), join(root, 'image')]
      for (const [, names = ''] of build.matchAll(/^COPY ([^-].*) \.\S*$/gm)) {
        for (const name of names.split(' ')) {
          expect(ignored).toContain(`!${name}\n`)
          cpSync(name, join(builder, name), { recursive: true })
        }
      }
      symlinkSync(resolve('node_modules'), join(builder, 'node_modules'))
      expect(['src', 'integrations'].flatMap((name) => missingImports(join(builder, name)))).toEqual([])
      // The types of these very files have just been checked by the build before the tests.
      const noCheck = isWhole ? [] : ['--', '--noCheck']
      execFileSync('npm', ['run', 'build', ...noCheck], { cwd: builder, stdio: 'pipe' })
      for (const [, from = '', to = ''] of last.matchAll(/^COPY --from=build \/app\/(\S+) \.\/(\S+)$/gm)) {
        cpSync(join(builder, from), join(snapshot, to), { recursive: true })
      }
      cpSync('package.json', join(snapshot, 'package.json'))
      symlinkSync(resolve('node_modules'), join(snapshot, 'node_modules'))
      const started = spawnSync(process.execPath, ['dist/src/main.js'], {
        cwd: snapshot,
        env: {
          PATH: process.env.PATH,
          NODE_ENV: 'production',
          PORT: '0',
          AUTHENTICATION_API_KEY: 'a-key-of-the-image',
        },
        encoding: 'utf8',
        timeout: 60_000,
      })
      expect(started.stderr).toMatch(/MONGODB_URI/)
      expect(started.status).toBe(1)
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })
})
