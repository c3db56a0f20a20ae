// Tries the API against its own OpenAPI document with Schemathesis: a really started service, on its local engine, is called with
// data that the document allows and data that it forbids. No finding is accepted.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPython } from '../../dist/src/database/local/python.js'
import { virtualEnvironment } from '../../dist/src/database/local/venv.js'
import { startService } from '../runner/service.mjs'

const VERSION = '4.32.5'
const KEY = 'openapi-key-0123456789'
/** Of the calls. It is only met where something hangs: a run takes about a fifth of it. */
const LIMIT_MS = 600_000
const HERE = import.meta.dirname
const say = (line) => process.stdout.write(`${line}\n`)

/** Each bounds the run, or makes it repeatable. */
const OPTIONS = [
  ...['--seed', '1', '--generation-database', 'none'],
  ...['--max-examples', '10', '--phases', 'examples,coverage,fuzzing,stateful'],
  ...['--request-timeout', '30', '--continue-on-failure', '--no-color'],
]

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'unsupported_method',
  'negative_data_rejection',
]

async function install() {
  const python = await findPython(process.env)
  if (!python || Number(python.version.split('.')[1]) < 11) throw new Error('Schemathesis needs Python 3.11 to 3.13')
  const what = {
    folder: `schemathesis-${VERSION}`,
    packages: [`schemathesis==${VERSION}`],
    constraints: readFileSync(join(HERE, 'requirements.txt'), 'utf8'),
    programs: ['schemathesis'],
    nome: `o Schemathesis ${VERSION}`,
    senao: '',
  }
  return virtualEnvironment(what, python, { env: process.env, notify: say })
}

/** Somebody to take a turn, a channel and a protocol, so that not every path leads to a 404. */
async function prepare(url) {
  const post = async (path, body) => {
    const headers = { 'api-key': KEY, 'content-type': 'application/json' }
    const { ok, status } = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!ok) throw new Error(`POST ${path} was answered with ${status}`)
  }
  await post('/consultor', { nome: 'Ana Souza', idiomas: ['pt'], status_online: true })
  await post('/canais', { slug: 'vendas', plataforma: 'generico', nome: 'Vendas' })
  await post('/vez', { idioma: 'pt' })
}

/** Resolves with the exit code; 1 when the time is over. */
function tryAll(home, url) {
  const config = ['--config-file', join(HERE, 'schemathesis.toml')]
  const key = ['--header', `api-key: ${KEY}`]
  const args = [...config, 'run', `${url}/openapi.json`, ...key, '--checks', CHECKS.join(), ...OPTIONS]
  // Its cache of examples and reports is written into the folder in which it runs.
  const child = spawn(join(home, 'bin', 'python'), [join(home, 'bin', 'schemathesis'), ...args], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const limit = setTimeout(() => {
    say(`Stopped after ${LIMIT_MS / 1_000} s.`)
    child.kill('SIGKILL')
  }, LIMIT_MS)
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      clearTimeout(limit)
      resolve(code ?? 1)
    })
  })
}

const home = await install()
const folder = mkdtempSync(join(tmpdir(), 'vez-openapi-'))
const service = await startService(join(folder, 'data'), { AUTHENTICATION_API_KEY: KEY }, [
  '--import',
  join(HERE, 'no-internet.mjs'),
])
try {
  await prepare(service.url)
  process.exitCode = await tryAll(home, service.url)
} finally {
  await service.stop()
  rmSync(folder, { recursive: true, force: true })
}
