import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
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
  readonly pid: number
  readonly end: Promise<number | string>
  url(): Promise<string>
}

/** The start script's own command, in a process group of its own, as a terminal would. */
function start(env: Record<string, string> = {}): Started {
  const all = { PATH: process.env.PATH, HOME: process.env.HOME, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME }
  const child = spawn('sh', ['-c', 'exec node dist/src/main.js'], {
    env: { ...all, PORT: '0', PASTA_DADOS: folder, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  }
  const end = new Promise<number | string>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 1)),
  )
  const address = () => /consultor da vez em (http:\S+)/.exec(output)?.[1]
  return {
    output: () => output,
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

describe('npm start', () => {
  it('makes a key once, for its owner only, shows where things are, and its curl lines work on both starts', async () => {
    const first = start()
    const url = await first.url()
    const key = readFileSync(join(folder, 'api-key'), 'utf8').trim()
    expect(statSync(join(folder, 'api-key')).mode & 0o777).toBe(0o600)
    expect(first.output()).toContain(key)
    expect(first.output()).toContain(`${url}/docs`)
    expect(first.output()).toContain(join(folder, 'banco'))
    const lines = /^ {2}curl -X POST[\s\S]*?\n {2}curl .*$/m.exec(first.output())?.[0] ?? ''
    const { stdout } = await run('sh', ['-c', lines])
    expect(stdout).toContain('"protocolo":"#00001"')
    process.kill(first.pid, 'SIGTERM')
    expect(await first.end).toBe(0)
    expect(await left()).toBe('')

    const second = start()
    const again = await second.url()
    expect(second.output()).not.toContain(key)
    const answer = await call(again, 'GET', '/protocolo/1', { headers: { 'api-key': key } })
    expect(answer.body.numero).toBe('#00001')
    const curl = /^ {2}curl '.*$/m.exec(second.output())?.[0] ?? ''
    expect((await run('sh', ['-c', curl])).stdout).toContain('"protocolo":"#00002"')
    process.kill(-second.pid, 'SIGINT')
    expect(await second.end).toBe(0)
    expect(await left()).toBe('')
  })

  it('that is killed leaves no process behind and loses nothing', async () => {
    const first = start({ AUTHENTICATION_API_KEY: 'a-key-of-16-chars' })
    const headers = { 'api-key': 'a-key-of-16-chars' }
    const url = await first.url()
    expect(existsSync(join(folder, 'api-key'))).toBe(false)
    const answer = await call(url, 'POST', '/protocolo/gerar', { headers })
    process.kill(first.pid, 'SIGKILL')
    await first.end
    const second = start({ AUTHENTICATION_API_KEY: 'a-key-of-16-chars' })
    const found = await call(await second.url(), 'GET', '/protocolo/1', { headers })
    expect(found.body.numero).toBe(answer.body.numero_protocolo)
    process.kill(second.pid, 'SIGKILL')
    await second.end
    await until(async () => (await left()) === '', undefined, 'the engine’s end')
  })
})

describe('a start that cannot be', () => {
  const fails = async (env: Record<string, string>, expected: RegExp): Promise<void> => {
    const one = start(env)
    expect(await one.end).toBe(1)
    expect(one.output().trim().split('\n')).toHaveLength(1)
    expect(one.output()).toMatch(expected)
    expect(one.output()).not.toMatch(/\n\s+at |segredo/)
  }

  it('says so of a port in use', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await fails({ PORT: String(port) }, /porta \d+ já está em uso.*PORT/)
    server.close()
  })

  it.each([
    ['mongodb://nome:segredo@127.0.0.1:9/x', /sem resposta.*MONGODB_URI|MONGODB_URI.*sem resposta/],
    ['segredo', /endereço inválido/],
  ])('says so of a wrong MONGODB_URI, without showing it', async (uri, expected) => {
    await fails({ MONGODB_URI: uri, AUTHENTICATION_API_KEY: 'a-key-of-16-chars' }, expected)
  })

  it('says so of a wrong variable', () => fails({ PORT: 'segredo' }, /variável PORT/))

  it('says so of production without a key', async () => {
    const uri = new URL(process.env.MONGODB_URI ?? '')
    uri.pathname = `/t_life_${process.pid}`
    await fails({ NODE_ENV: 'production', MONGODB_URI: uri.href }, /AUTHENTICATION_API_KEY/)
  })
})
