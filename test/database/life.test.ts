import { execFile, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mongo } from 'mongoose'
import { isWhole, sample } from '../support/sample.js'
import { call } from '../support/service.js'
import { until } from '../support/until.js'

const run = promisify(execFile)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vez-life-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Started {
  readonly output: () => string
  /** What came on stderr alone. */
  readonly errors: () => string
  readonly pid: number
  readonly end: Promise<number | string>
  url(): Promise<string>
}

/** The start script's own command, in a process group of its own, as a terminal would. */
function start(env: Record<string, string> = {}, command = 'exec node dist/src/main.js', cwd = '.'): Started {
  const all = { PATH: process.env.PATH, HOME: process.env.HOME, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME }
  const child = spawn('/bin/sh', ['-c', command], {
    env: { ...all, PORT: '0', PASTA_DADOS: folder, ...env },
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output += text
    errors += text
  })
  const end = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? 1)),
  )
  const address = () => /consultor da vez em (http:\S+)/.exec(output)?.[1]
  return {
    output: () => output,
    errors: () => errors,
    pid: child.pid ?? 0,
    end,
    url: async () => {
      await until(() => address() !== undefined, undefined, `a start (${output})`)
      return address() ?? ''
    },
  }
}

const left = async (): Promise<string> =>
  (await run('pgrep', ['-f', folder]).catch(() => ({ stdout: '' }))).stdout.trim()

/** The curl lines of the banner, as they are. */
async function shownCalls(started: Started): Promise<string> {
  const lines = /^ {2}curl -X POST[\s\S]*?\n {2}curl .*$/m.exec(started.output())?.[0] ?? ''
  return (await run('sh', ['-c', lines])).stdout
}

/** Pids and command lines of a process's children. */
async function children(pid: number): Promise<{ pid: number; command: string }[]> {
  const { stdout } = await run('ps', ['-o', 'pid=,args=', '--ppid', String(pid)]).catch(() => ({ stdout: '' }))
  const lines = stdout.split('\n').filter(Boolean)
  return lines.map((line) => ({ pid: Number.parseInt(line, 10), command: line.trim().replace(/^\d+ /, '') }))
}

/** This package once more, with a `.env` of its own if one is given: nobody's own is read or changed. */
function packageWith(env?: string): string {
  const root = join(folder, 'package')
  mkdirSync(root)
  for (const name of ['dist', 'node_modules']) symlinkSync(resolve(name), join(root, name))
  copyFileSync('package.json', join(root, 'package.json'))
  if (env !== undefined) writeFileSync(join(root, '.env'), env)
  return root
}

// Without its `prestart`: other tests run from `dist` meanwhile.
const NPM = 'exec npm start --ignore-scripts'

describe('npm start', () => {
  const SIGNALS: readonly [string, NodeJS.Signals, (npm: number, service: number) => number][] = [
    ['npm', 'SIGTERM', (npm) => npm],
    ['the group', 'SIGTERM', (npm) => -npm],
    ['the process', 'SIGTERM', (_npm, service) => service],
    ['the group, as Ctrl-C does,', 'SIGINT', (npm) => -npm],
  ]

  // The test of the key ends the whole group by SIGINT.
  it.each(sample('ends of npm start', SIGNALS, () => ['npm start']))(
    'leaves no shell between, and a signal to %s ends all of it',
    async (_, signal, to) => {
      const npm = start({ AUTHENTICATION_API_KEY: 'a-key-of-16-chars' }, NPM, packageWith())
      const url = await npm.url()
      const [service, ...others] = await children(npm.pid)
      expect([service?.command, others]).toEqual(['node --import ./dist/src/env-file/main.js dist/src/main.js', []])
      expect(existsSync(join(folder, 'api-key'))).toBe(false)
      const headers = { 'api-key': 'a-key-of-16-chars' }
      expect((await call(url, 'POST', '/protocolo/gerar', { headers })).status).toBe(200)
      process.kill(to(npm.pid, service?.pid ?? Number.NaN), signal)
      await npm.end
      await until(async () => (await left()) === '', undefined, 'the end of service and engine')
      expect(await call(url, 'GET', '/health').catch(() => 'gone')).toBe('gone')
    },
  )

  it('makes a key once, for its owner only, shows where things are, and its curl lines work on both starts; a kill between loses nothing, and leaves no process behind', async () => {
    const first = start()
    const url = await first.url()
    const key = readFileSync(join(folder, 'api-key'), 'utf8').trim()
    expect(statSync(join(folder, 'api-key')).mode & 0o777).toBe(0o600)
    // This is no terminal: what is written may end in a log.
    expect(first.output()).not.toContain(key)
    expect(first.output()).toContain(join(folder, 'api-key'))
    expect(first.output()).toMatch(/para experimentar.*MONGODB_URI/)
    expect(first.output()).toContain(`${url}/docs`)
    expect(first.output()).toContain(join(folder, 'banco'))
    expect(await shownCalls(first)).toContain('"protocolo":"#00001"')
    const ofFirst = await left()
    expect(ofFirst).not.toBe('')
    process.kill(first.pid, 'SIGKILL')
    await first.end

    chmodSync(join(folder, 'api-key'), 0o644)
    const second = start()
    const again = await second.url()
    expect(statSync(join(folder, 'api-key')).mode & 0o777).toBe(0o600)
    const isLeft = async (): Promise<boolean> => {
      const now = (await left()).split('\n')
      return ofFirst.split('\n').some((pid) => now.includes(pid))
    }
    await until(async () => !(await isLeft()), undefined, 'the end of the first engine')
    expect(second.output()).not.toContain(key)
    const answer = await call(again, 'GET', '/protocolo/1', { headers: { 'api-key': key } })
    expect(answer.body.numero).toBe('#00001')
    expect(await shownCalls(second)).toContain('"protocolo":"#00002"')
    expect((await call(again, 'GET', '/consultores', { headers: { 'api-key': key } })).body).toHaveLength(2)
    process.kill(-second.pid, 'SIGINT')
    expect(await second.end).toBe(0)
    expect(await left()).toBe('')
  })
})

describe('a .env beside package.json', () => {
  const uri = (): string => {
    const url = new URL(process.env.MONGODB_URI ?? '')
    url.pathname = `/vez_env_${process.pid}`
    return url.href
  }

  it('is read by npm start, its key works in the calls that are shown, and what is no longer needed is told in one line', async () => {
    const lines = ['# a comment', 'export AUTHENTICATION_API_KEY="a-key-of-the-file" # ours', `MONGODB_URI='${uri()}'`]
    const more = ['POSTGRES_PASSWORD=segredo', 'PORT=1', 'LOG_NIVEL=']
    const root = packageWith(`\uFEFF${[...lines, ...more].join('\r\n')}\r\n`)
    const npm = start({}, NPM, root)
    const headers = { 'api-key': 'a-key-of-the-file' }
    expect((await call(await npm.url(), 'GET', '/consultores', { headers })).status).toBe(200)
    expect(await shownCalls(npm)).toContain('"protocolo":')
    expect(npm.errors().match(/POSTGRES_PASSWORD/g)).toHaveLength(1)
    expect(npm.output()).not.toMatch(/segredo|a-key-of-the-file|para experimentar/)
    expect(existsSync(join(folder, 'banco'))).toBe(false)
    process.kill(-npm.pid, 'SIGINT')
    await npm.end
  })

  it('with the secrets of compose.yml leaves npm start on its local engine, with the keys of both', async () => {
    const root = packageWith('')
    await run('node', [resolve('dist/src/segredos/main.js')], {
      cwd: root,
      env: { ...process.env, PASTA_DADOS: folder },
    })
    const npm = start({}, NPM, root)
    const headers = { 'api-key': readFileSync(join(folder, 'api-key'), 'utf8').trim() }
    expect((await call(await npm.url(), 'GET', '/consultores', { headers })).status).toBe(200)
    expect(await shownCalls(npm)).toContain('"protocolo":"#00001"')
    expect(npm.output()).toMatch(/para experimentar/)
    expect(npm.errors()).toBe('')
    process.kill(-npm.pid, 'SIGINT')
    await npm.end
  })

  it('does not start anything while it cannot be understood', async () => {
    const npm = start({}, NPM, packageWith('PORT=0\nisto não é nada\n'))
    expect(await npm.end).not.toBe(0)
    expect(npm.errors()).toMatch(/^A linha 2 de \.env não é NOME=valor\.$/m)
  })
})

/** Runs this with a small disk of its own at this test's folder, where that may be mounted. */
async function onSmallDisk(work: () => Promise<void>): Promise<void> {
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', folder]).catch(() => undefined)
  if (!mounted) return
  try {
    await work()
  } finally {
    await run('umount', ['-l', folder])
  }
}

const whole = isWhole ? it : it.skip
// The run's own engine takes no part: a full disk of its proxy stands for it in `npm test` (limits.test.ts).
whole('a disk that is full for a while loses nothing: turns go on once there is space', () =>
  onSmallDisk(async () => {
    const service = start({ AUTHENTICATION_API_KEY: 'a-key-of-16-chars' })
    const url = await service.url()
    const ask = (method: string, path: string, body?: object, key = '') => {
      const headers = { 'api-key': 'a-key-of-16-chars', ...(key && { 'Idempotency-Key': key }) }
      return call(url, method, path, { headers, ...(body && { body }) })
    }
    await ask('POST', '/consultor', { nome: 'Ana', idiomas: ['pt'], status_online: true })
    const turn = async (key: string) => {
      const { status, body } = await ask('GET', '/consultor/da-vez?idioma=pt', undefined, key)
      return status === 200 ? body.protocolo : status
    }
    const ready = async (): Promise<number> => (await ask('GET', '/ready')).status
    const given = await Promise.all(['a', 'b', 'c'].map(turn))
    await run('dd', ['if=/dev/zero', `of=${join(folder, 'much')}`, 'bs=64k']).catch(() => undefined)
    // The engine's journal has a file of 10 MB: it asks for more only when that one is used up.
    const port = readFileSync(join(folder, 'banco', 'porta'), 'utf8').trim()
    const client = new mongo.MongoClient(
      `mongodb://127.0.0.1:${port}/?directConnection=true&serverSelectionTimeoutMS=1000`,
    )
    const text = 'x'.repeat(1_000_000)
    await until(async () => {
      await client
        .db('much')
        .collection('much')
        .insertOne({ text })
        .catch(() => undefined)
      return (await ready()) === 503
    })
    await client.close()
    expect(await turn('d')).toBe(503)
    rmSync(join(folder, 'much'))
    await until(async () => (await ready()) === 200, undefined, '/ready to say yes')
    expect(await turn('d')).toBe('#00004')
    expect(await Promise.all(['a', 'b', 'c'].map(turn))).toEqual(given)
    const said = /o disco montado em .*livres: 0 MB\) está cheio.*\n[\s\S]*O banco local voltou/
    await until(() => said.test(service.output()), undefined, 'the word of it')
    process.kill(service.pid, 'SIGTERM')
    await service.end
  }),
)

it('a log that stdout does not take, as on a full disk, ends nothing', async () => {
  const program = `import { createLogger } from './dist/src/lib/logger.js'
    for (let n = 0; n < 3; n += 1) createLogger('info', false).info('x')
    await new Promise((resolve) => setImmediate(resolve))
    process.stderr.write('on')`
  const full = await run('sh', ['-c', 'exec node --input-type=module -e "$0" > /dev/full', program])
  expect(full.stderr).toBe('on')
})

describe('a start that cannot be', () => {
  const fails = async (env: Record<string, string>, expected: RegExp): Promise<void> => {
    const one = start(env)
    expect([await one.end, one.errors().trim().split('\n').length]).toEqual([1, 1])
    expect(one.errors()).toMatch(expected)
    expect(one.output()).not.toMatch(/\n\s+at |segredo/)
    expect(await left()).toBe('')
  }

  /** A folder with these programs and node: all of the PATH. */
  const programs = (scripts: Record<string, string>): string => {
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    for (const [name, path] of Object.entries({ node: process.execPath, sh: '/bin/sh', sleep: '/bin/sleep' }))
      symlinkSync(path, join(bin, name))
    for (const [name, script] of Object.entries(scripts))
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    return bin
  }

  interface Cannot {
    readonly kind: 'data folder' | 'engine' | 'environment' | 'port' | 'address'
    readonly name: string
    /** It waits 15 s for the folder; `local.test.ts` does it without the wait. */
    readonly isSlow?: boolean
    readonly run: () => Promise<void>
  }

  const withPython = (venv: string, expected: RegExp): Promise<void> => {
    const python3 = `case "$*" in *venv*) ${venv};; *) echo 3.11;; esac`
    return fails({ PATH: programs({ python3 }), XDG_CACHE_HOME: join(folder, 'cache') }, expected)
  }

  const CASES: readonly Cannot[] = [
    {
      kind: 'data folder',
      name: 'a folder that another one holds',
      isSlow: true,
      run: async () => {
        const first = start()
        await first.url()
        const second = start()
        expect([await second.end, second.errors().trim().split('\n').length]).toEqual([1, 1])
        expect(second.errors()).toMatch(/está em uso por outro processo.*PASTA_DADOS/)
        process.kill(first.pid, 'SIGTERM')
        expect(await first.end).toBe(0)
        await until(async () => (await left()) === '')
      },
    },
    {
      kind: 'data folder',
      name: 'a folder that cannot be made',
      run: async () => {
        writeFileSync(join(folder, 'file'), '')
        await fails({ PASTA_DADOS: join(folder, 'file', 'x') }, /PASTA_DADOS/)
      },
    },
    {
      kind: 'engine',
      name: 'a Python without venv',
      run: () => withPython('exit 1', /não tem o módulo venv.*python3-venv/),
    },
    {
      kind: 'engine',
      name: 'a Python without a way to PyPI',
      run: () =>
        withPython(
          '/bin/mkdir -p "$3/bin"; echo "#!/bin/sh\nexit 1" > "$3/bin/python"; /bin/chmod +x "$3/bin/python"',
          /sem acesso ao PyPI.*MONGODB_URI/,
        ),
    },
    {
      kind: 'engine',
      name: 'a machine with no engine at all',
      run: () =>
        fails(
          { PATH: programs({}), MONGOMS_DOWNLOAD_MIRROR: 'http://127.0.0.1:9' },
          /Nenhum banco encontrado.*Python 3\.10 a 3\.13.*MONGODB_URI/,
        ),
    },
    {
      kind: 'environment',
      name: 'production without a database',
      run: () => fails({ NODE_ENV: 'production', AUTHENTICATION_API_KEY: 'a-key-of-16-chars' }, /MONGODB_URI/),
    },
    {
      kind: 'environment',
      name: 'production without a key',
      run: async () => {
        const uri = new URL(process.env.MONGODB_URI ?? '')
        uri.pathname = `/t_life_${process.pid}`
        await fails({ NODE_ENV: 'production', MONGODB_URI: uri.href }, /AUTHENTICATION_API_KEY/)
      },
    },
    { kind: 'environment', name: 'a wrong variable', run: () => fails({ PORT: 'segredo' }, /variável PORT/) },
    {
      kind: 'port',
      name: 'a port in use',
      run: async () => {
        const server = createServer()
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
        const address = server.address()
        const port = typeof address === 'object' && address ? address.port : 0
        await fails({ PORT: String(port) }, /porta \d+ já está em uso.*PORT/)
        server.close()
      },
    },
    ...[
      { uri: 'mongodb://nome:segredo@127.0.0.1:9/x', says: /sem resposta.*MONGODB_URI|MONGODB_URI.*sem resposta/ },
      { uri: 'segredo', says: /endereço inválido/ },
    ].map(({ uri, says }): Cannot => {
      const env = { MONGODB_URI: uri, AUTHENTICATION_API_KEY: 'a-key-of-16-chars' }
      return { kind: 'address', name: `a wrong MONGODB_URI, without showing it: ${says}`, run: () => fails(env, says) }
    }),
  ]

  const taken = CASES.filter(({ isSlow = false }) => isWhole || !isSlow)

  it.each(sample('starts that cannot be', taken, ({ kind }) => [kind]))('says so of $name', ({ run }) => run())
})
