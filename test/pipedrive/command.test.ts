import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { FakePipedrive } from '../../fakes/pipedrive/fake.js'
import { TOKEN } from '../../fakes/pipedrive/server.js'
import { testDatabase } from '../support/database.js'
import { anew, pipedriveEnv, roomyFake } from '../support/pipedrive-setup.js'
import { ADMIN, testService } from '../support/service.js'
import { until } from '../support/until.js'

type Env = Readonly<Record<string, string>>

let fake: FakePipedrive
let folder: string

beforeAll(async () => {
  fake = await roomyFake()
})
afterAll(() => fake.end())
beforeEach(() => {
  anew(fake)
  folder = mkdtempSync(join(tmpdir(), 'vez-setup-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const base = () => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  XDG_CACHE_HOME: process.env.XDG_CACHE_HOME,
  PASTA_DADOS: folder,
  ...pipedriveEnv(fake),
})

/** What `npm run pipedrive:setup` runs, once built. */
function command(env: Env, ...args: string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['dist/src/pipedrive/main.js', ...args],
      { env: { ...base(), ...env }, timeout: 60_000 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? 1, text: stdout + stderr }),
    )
  })
}

const fields = () => fake.state.fields.filter((one) => one.is_custom_field)

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
  it('sets up on the database of MONGODB_URI where no service runs, says each step, and is done once', async () => {
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
  })

  it('ends with 1 where a step is an error, and where it is used wrongly or is off', async () => {
    const database = await testDatabase()
    const env = { MONGODB_URI: database.uri, PORT: await freePort() }
    const other = await command({ ...env, PIPEDRIVE_DOMINIO: 'outra' })
    expect(other).toMatchObject({ code: 1, text: expect.stringMatching(/^\[erro\] empresa: .*\nCom um erro/m) })
    expect(await command(env, '--depressa')).toMatchObject({ code: 1, text: expect.stringMatching(/^Use: npm run/) })
    const off = await command({ ...env, PIPEDRIVE_API_TOKEN: '' })
    expect(off).toMatchObject({ code: 1, text: expect.stringContaining('PIPEDRIVE_API_TOKEN') })
    const keyless = await command({ ...env, NODE_ENV: 'production' })
    expect(keyless).toMatchObject({ code: 1, text: expect.stringMatching(/^\[erro\] webhooks: Defina CHAVE_MESTRA/m) })
    await database.end()
  })

  it('asks the service that runs here, with the key of its folder', async () => {
    const service = await testService({ env: pipedriveEnv(fake) })
    const env = { PORT: portOf(service.url) }
    const path = join(folder, 'api-key')
    writeFileSync(path, 'not-the-key-of-the-service\n')
    const refused = await command(env)
    expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('não aceita a chave') })
    expect(refused.text).not.toContain('not-the-key')
    writeFileSync(path, `${ADMIN}\n`)
    const done = await command(env)
    expect(done).toMatchObject({ code: 0, text: expect.stringContaining(`Pelo serviço em ${service.url}.`) })
    expect(fields()).toHaveLength(4)
    await service.end()
  })

  it('asks the service of --url, and no other database when it is not there', async () => {
    const service = await testService({ env: pipedriveEnv(fake) })
    const env = { PORT: await freePort(), AUTHENTICATION_API_KEY: ADMIN }
    const done = await command(env, '--url', `${service.url}/`)
    expect(done).toMatchObject({ code: 0, text: expect.stringContaining(`Pelo serviço em ${service.url}.`) })
    await service.end()
    const gone = await command(env, '--url', service.url)
    expect(gone).toMatchObject({ code: 1, text: expect.stringContaining(`Ninguém responde em ${service.url}`) })
    expect(await command(env, '--url', 'nowhere')).toMatchObject({
      code: 1,
      text: expect.stringMatching(/^Use: npm run/),
    })
  })

  it('shows its key to nobody but a service', async () => {
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
  })

  it('says when the service here has no Pipedrive, or only begins', async () => {
    const service = await testService()
    const off = await command({ PORT: portOf(service.url), AUTHENTICATION_API_KEY: ADMIN })
    expect(off).toMatchObject({ code: 1, text: expect.stringContaining('PIPEDRIVE_API_TOKEN') })
    await service.end()
    const beginning = createServer((_request, response) => response.writeHead(503).end())
    await new Promise<void>((resolve) => beginning.listen(0, '127.0.0.1', resolve))
    const { port } = beginning.address() as AddressInfo
    expect(await command({ PORT: String(port) })).toMatchObject({ code: 1, text: expect.stringContaining('começando') })
    beginning.close()
  })

  it('opens the local database while nobody has it, and asks the service that does', async () => {
    const port = await freePort()
    const alone = await command({ PORT: port })
    expect(alone).toMatchObject({ code: 0, text: expect.stringContaining('sem o serviço, direto no banco') })
    expect(fake.state.webhooks).toHaveLength(7)

    const child = spawn(process.execPath, ['dist/src/main.js'], {
      env: { ...base(), PORT: port, LOG_NIVEL: 'silent' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    const ended = new Promise((resolve) => child.once('exit', resolve))
    await until(() => output.includes('consultor da vez em'), undefined, 'the start of the service')
    const beside = await command({ PORT: port })
    expect(beside).toMatchObject({ code: 0, text: expect.stringContaining('Pelo serviço em ') })
    expect(beside.text).not.toContain('[feito]')
    expect(fake.state.webhooks).toHaveLength(7)
    child.kill('SIGTERM')
    await ended
  })
})
