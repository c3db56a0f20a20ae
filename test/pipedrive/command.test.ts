import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import type { Connection } from 'mongoose'
import { TOKEN } from '../../fakes/pipedrive/server.js'
import { type Config, readConfig } from '../../src/config.js'
import { connect, LONG_WORK } from '../../src/database/connect.js'
import { migrate } from '../../src/database/migrate.js'
import { StartError } from '../../src/lib/start-error.js'
import { setUpByCommand } from '../../src/pipedrive/setup-command.js'
import { testDatabase } from '../support/database.js'
import { hurriedClock } from '../support/hurried-clock.js'
import { pipedriveEnv, roomyFake } from '../support/pipedrive-setup.js'
import { ADMIN, testService } from '../support/service.js'
import { until } from '../support/until.js'

type Env = Readonly<Record<string, string>>

/** Only there to end a hang: a start loads much, and others go on beside it. */
const HANGS_MS = 240_000

/** What one test has for itself, since all go on at once: most of a command's time is its rate limit. */
async function place() {
  const fake = await roomyFake()
  const folder = mkdtempSync(join(tmpdir(), 'vez-setup-'))
  const base = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    XDG_CACHE_HOME: process.env.XDG_CACHE_HOME,
    PASTA_DADOS: folder,
    ...pipedriveEnv(fake),
  }
  return {
    fake,
    folder,
    base,
    /** What `npm run pipedrive:setup` does, in this process. */
    command: async (env: Env, ...args: string[]) => {
      const lines: string[] = []
      const opened: Connection[] = []
      const open = async (config: Config) => {
        const connection = await connect(config.MONGODB_URI ?? '', undefined, LONG_WORK)
        opened.push(connection)
        await migrate(connection)
        return connection
      }
      const say = (line: string): void => void lines.push(line)
      try {
        const config = readConfig({ ...base, ...env })
        await setUpByCommand({ args, config, connect: () => open(config), say })
        return { code: 0, text: lines.join('\n') }
      } catch (error) {
        if (!(error instanceof StartError)) throw error
        return { code: 1, text: [...lines, error.message].join('\n') }
      } finally {
        await Promise.all(opened.map((one) => one.close()))
      }
    },
    /** The same as a process of its own: what the script runs, once built. */
    program: (env: Env, ...args: string[]) =>
      new Promise<{ code: number; text: string }>((resolve) => {
        const child = execFile(
          process.execPath,
          ['dist/src/pipedrive/main.js', ...args],
          { env: { ...base, ...env }, timeout: HANGS_MS },
          (_error, stdout, stderr) => resolve({ code: child.exitCode ?? 1, text: stdout + stderr }),
        )
      }),
    fields: () => fake.state.fields.filter((one) => one.is_custom_field),
    end: async () => {
      await fake.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Place = Awaited<ReturnType<typeof place>>

const at = (test: (place: Place) => Promise<void>) => async (): Promise<void> => {
  const here = await place()
  try {
    await test(here)
  } finally {
    await here.end()
  }
}

/** A port of this machine at which nothing listens. */
async function freePort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return String(port)
}

const portOf = (url: string): string => new URL(url).port

describe('npm run pipedrive:setup', () => {
  it.concurrent(
    'sets up on the database of MONGODB_URI where no service runs, says each step, and is done once',
    at(async ({ fake, command, fields }) => {
      const database = await testDatabase()
      const env = { MONGODB_URI: database.uri, PORT: await freePort() }
      const simulated = await command(env, '--simular')
      expect(simulated.text).toMatch(/^\[faria\] campo Protocolo: /m)
      expect(simulated).toMatchObject({ code: 0, text: expect.stringContaining('Nada foi alterado.') })
      expect(fields()).toEqual([])

      const first = await command(env)
      expect(first.code).toBe(0)
      expect(first.text).toMatch(/^\[feito\] webhooks: /m)
      const again = await command(env)
      expect(again.code).toBe(0)
      expect(again.text).not.toContain('[feito]')
      expect(fields()).toHaveLength(4)
      expect(fake.state.webhooks).toHaveLength(7)
      const secrets = [TOKEN, ...fake.state.webhooks.flatMap((one) => [one.subscription_url, one.http_auth_password])]
      for (const secret of secrets) expect(simulated.text + first.text + again.text).not.toContain(secret)
      await database.end()
    }),
  )

  it.concurrent(
    'ends with 1 where a step is an error, and where it is off',
    at(async ({ command }) => {
      const database = await testDatabase()
      const env = { MONGODB_URI: database.uri, PORT: await freePort() }
      const other = await command({ ...env, PIPEDRIVE_DOMINIO: 'outra' })
      expect(other).toMatchObject({ code: 1, text: expect.stringMatching(/^\[erro\] empresa: .*\nCom um erro/m) })
      const off = await command({ ...env, PIPEDRIVE_API_TOKEN: '' })
      expect(off).toMatchObject({ code: 1, text: expect.stringContaining('PIPEDRIVE_API_TOKEN') })
      const keyless = await command({ ...env, NODE_ENV: 'production' })
      expect(keyless).toMatchObject({
        code: 1,
        text: expect.stringMatching(/^\[erro\] webhooks: Defina CHAVE_MESTRA/m),
      })
      await database.end()
    }),
  )

  it.concurrent.each([[['--depressa']], [['--url', 'nowhere']]])(
    'ends with 1 where it is used wrongly: %s',
    async (args) => {
      await at(async ({ command }) => {
        const env = { PORT: await freePort() }
        expect(await command(env, ...args)).toMatchObject({ code: 1, text: expect.stringMatching(/^Use: npm run/) })
      })()
    },
  )

  it.concurrent(
    'asks the service that runs here, with the key of its folder',
    at(async ({ fake, folder, command, fields }) => {
      const service = await testService({ env: pipedriveEnv(fake), clock: hurriedClock() })
      const env = { PORT: portOf(service.url) }
      const path = join(folder, 'api-key')
      writeFileSync(path, 'not-the-key-of-the-service\n')
      const refused = await command(env)
      expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('não aceita a chave') })
      expect(refused.text).not.toContain('not-the-key')
      writeFileSync(path, `${ADMIN}\n`)
      const done = await command(env)
      expect(done).toMatchObject({ code: 0, text: expect.stringContaining(`Pelo serviço em ${service.url}.`) })
      expect(done.text).toContain('A conta do Pipedrive está pronta.')
      expect(fields()).toHaveLength(4)

      const body = { nome: 'Ana Souza', idiomas: ['pt'], email: 'ana@exemplo.com.br' }
      await service.call('POST', '/consultor', { body })
      const lacking = await command(env)
      expect(lacking).toMatchObject({ code: 0, text: expect.stringContaining('ainda falta: consultores.') })
      expect(lacking.text).not.toContain('pronta')
      const mapped = await command(env, '--mapear')
      expect(mapped.text).toMatch(
        /^Pelo e-mail: Ana Souza \(1\) → usuário 11.*\n\[ok\][\s\S]*^\[feito\] usuários pelo e-mail/m,
      )
      expect(mapped).toMatchObject({ code: 0, text: expect.stringContaining('pronta') })
      expect((await service.call('GET', '/consultor/1')).body.id_pipedrive).toBe(11)
      await service.end()
    }),
  )

  it.concurrent(
    'asks the service of --url, and no other database when it is not there',
    at(async ({ fake, command }) => {
      const service = await testService({ env: pipedriveEnv(fake), clock: hurriedClock() })
      const env = { PORT: await freePort(), AUTHENTICATION_API_KEY: ADMIN }
      const done = await command(env, '--url', `${service.url}/`)
      expect(done).toMatchObject({ code: 0, text: expect.stringContaining(`Pelo serviço em ${service.url}.`) })
      await service.end()
      const gone = await command(env, '--url', service.url)
      expect(gone).toMatchObject({ code: 1, text: expect.stringContaining(`Ninguém responde em ${service.url}`) })
    }),
  )

  it.concurrent(
    'shows its key to nobody but a service',
    at(async ({ command }) => {
      const heard: string[] = []
      const stranger = createServer((request, response) => {
        heard.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`)
        response.end('<html>')
      })
      await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
      const { port } = stranger.address() as AddressInfo
      const refused = await command({ PORT: String(port), AUTHENTICATION_API_KEY: ADMIN })
      expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('não é este serviço') })
      expect(heard).toHaveLength(1)
      expect(heard[0]).not.toContain(ADMIN)
      stranger.close()
    }),
  )

  it.concurrent(
    'says when the service here has no Pipedrive, or only begins',
    at(async ({ command }) => {
      const service = await testService()
      const off = await command({ PORT: portOf(service.url), AUTHENTICATION_API_KEY: ADMIN })
      expect(off).toMatchObject({ code: 1, text: expect.stringContaining('PIPEDRIVE_API_TOKEN') })
      await service.end()
      const beginning = createServer((_request, response) => response.writeHead(503).end())
      await new Promise<void>((resolve) => beginning.listen(0, '127.0.0.1', resolve))
      const { port } = beginning.address() as AddressInfo
      const begins = await command({ PORT: String(port) })
      expect(begins).toMatchObject({ code: 1, text: expect.stringContaining('começando') })
      beginning.close()
    }),
  )

  it.concurrent(
    'opens the local database while nobody has it, and asks the service that does',
    at(async ({ fake, base, command, program }) => {
      const port = await freePort()
      const alone = await program({ PORT: port })
      expect(alone).toMatchObject({ code: 0, text: expect.stringContaining('sem o serviço, direto no banco') })
      expect(fake.state.webhooks).toHaveLength(7)

      const child = spawn(process.execPath, ['dist/src/main.js'], {
        env: { ...base, PORT: port, LOG_NIVEL: 'silent' },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let output = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          output += text
        })
      }
      const ended = new Promise((resolve) => child.once('exit', resolve))
      await until(() => output.includes('consultor da vez em'), HANGS_MS, 'the start of the service')
      const beside = await command({ PORT: port })
      expect(beside).toMatchObject({ code: 0, text: expect.stringContaining('Pelo serviço em ') })
      expect(beside.text).not.toContain('[feito]')
      expect(fake.state.webhooks).toHaveLength(7)
      child.kill('SIGTERM')
      await ended
    }),
  )
})
