import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import Koa from 'koa'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { authenticator } from '../chaves/authenticate.js'
import { keyOfFolder, masterKeyOfFolder } from '../chaves/key-file.js'
import { chaveModel } from '../chaves/model.js'
import type { Config } from '../config.js'
import { addressReader } from '../http/address.js'
import { errors } from '../http/errors.js'
import { byKey, mount } from '../http/mount.js'
import { listen } from '../http/server.js'
import { systemClock } from '../lib/clock.js'
import { parseJson } from '../lib/json.js'
import { createLogger } from '../lib/logger.js'
import { omitUndefined } from '../lib/omit.js'
import { StartError } from '../lib/start-error.js'
import { readVez } from '../vez/commit/store.js'
import { pipedrivePanel } from './panel.js'
import { Configuracao, pipedriveRoutes } from './routes.js'

const HEALTH_MS = 2_000
/** Steps by their names. */
const MAPEAR = 'usuários pelo e-mail'
/** What people may do; the account is ready without. */
const ADVICE = ['atribuição automática', 'dono conhecido']
/** A set-up makes about 25 calls to Pipedrive, each with its own limit. */
const SETUP_MS = 180_000
const Alive = z.object({ status: z.literal('ok') })
const Refused = z.object({ detail: z.string() })

export interface SetupCommand {
  readonly args: string[]
  readonly config: Config
  /** Opens the database, migrated, where no service runs. */
  readonly connect: () => Promise<Connection>
  readonly say: (line: string) => void
}

/**
 * `npm run pipedrive:setup`: has the running service set the account up, or one of its own when none runs. Throws a StartError
 * where a step is an error, and where it is used wrongly.
 */
export async function setUpByCommand({ args, config, connect, say }: SetupCommand): Promise<void> {
  const { simular = false, mapear = false, url: named } = optionsOf(args)
  const address = named ?? `http://127.0.0.1:${config.PORT}`
  const runs = await isRunning(address)
  if (!runs && named !== undefined) throw new StartError(`Ninguém responde em ${address}: confira o endereço.`)
  say(runs ? `Pelo serviço em ${address}.` : `Ninguém responde em ${address}: sem o serviço, direto no banco.`)
  const key = config.AUTHENTICATION_API_KEY ?? keyOfFolder(resolve(config.PASTA_DADOS)).key
  const own = runs ? undefined : await serve(config, await connect(), key)
  try {
    await setUpAt(own?.url ?? address, key, { simular, mapear, say })
  } finally {
    await own?.close()
  }
}

interface Wanted {
  readonly simular: boolean
  readonly mapear: boolean
  readonly say: (line: string) => void
}

/** Has the service at this address set the account up, and says what became of each step. */
async function setUpAt(url: string, key: string, { simular, mapear, say }: Wanted): Promise<void> {
  const steps = (asked: object) => stepsOf(url, key, asked)
  if (mapear && !simular) {
    // Shown before anything is written.
    const shown = (await steps({ simular: true, mapear })).filter(({ passo }) => passo === MAPEAR)
    for (const { detalhe } of shown) say(`Pelo e-mail: ${detalhe}`)
  }
  const passos = await steps({ simular, mapear })
  for (const { passo, situacao, detalhe } of passos) say(`[${situacao}] ${passo}: ${detalhe}`)
  const erros = passos.filter(({ situacao }) => situacao === 'erro').length
  if (erros > 0) throw new StartError(`Com ${erros === 1 ? 'um erro' : `${erros} erros`}: corrija e rode de novo.`)
  say(simular ? 'Nada foi alterado.' : conclusionOf(passos))
}

/** What is missing still; what only people can look at is no lack. */
function conclusionOf(passos: readonly Passo[]): string {
  const missing = passos.filter(({ passo, situacao }) => situacao === 'aviso' && !ADVICE.includes(passo))
  return missing.length === 0
    ? 'A conta do Pipedrive está pronta. Falta só conferir lá a atribuição automática.'
    : `Feito, mas ainda falta: ${missing.map(({ passo }) => passo).join(', ')}. Os avisos acima dizem o quê.`
}

type Passo = z.output<typeof Configuracao>['passos'][number]

/** What the service at this address did, step by step. Throws a StartError where it did not. */
async function stepsOf(url: string, key: string, asked: object): Promise<readonly Passo[]> {
  const headers = { 'api-key': key, 'content-type': 'application/json' }
  const body = JSON.stringify(asked)
  const answer = await ask(`${url}/pipedrive/setup`, SETUP_MS, { method: 'POST', headers, body })
  if (answer?.status === 401 || answer?.status === 403)
    throw new StartError(`O serviço em ${url} não aceita a chave desta pasta: defina AUTHENTICATION_API_KEY.`)
  const done = Configuracao.safeParse(answer?.body).data
  if (!done)
    throw new StartError(`${Refused.safeParse(answer?.body).data?.detail ?? `Não se entende a resposta de ${url}`}.`)
  return done.passos
}

function optionsOf(args: string[]): { readonly simular?: boolean; readonly mapear?: boolean; readonly url?: string } {
  try {
    const { simular, mapear, url } = parseArgs({
      args,
      options: { simular: { type: 'boolean' }, mapear: { type: 'boolean' }, url: { type: 'string' } },
    }).values
    const { origin = '', pathname = '' } = url === undefined ? {} : new URL(url)
    return omitUndefined({
      simular,
      mapear,
      url: url === undefined ? undefined : `${origin}${pathname}`.replace(/\/+$/, ''),
    })
  } catch {
    throw new StartError('Use: npm run pipedrive:setup -- [--simular] [--mapear] [--url http://127.0.0.1:8000]')
  }
}

/** False when nothing listens there. The key is sent only to what answers as this service does. */
async function isRunning(url: string): Promise<boolean> {
  const health = await ask(`${url}/health`, HEALTH_MS)
  if (health?.status === 503) throw new StartError(`O serviço em ${url} está começando: tente de novo em instantes.`)
  if (health && !Alive.safeParse(health.body).success)
    throw new StartError(`O que responde em ${url} não é este serviço: use --url, ou defina PORT.`)
  return health !== undefined
}

/** The answer; `undefined` when nothing listens there. Throws a StartError when it does not answer in time. */
async function ask(url: string, ms: number, more: RequestInit = {}) {
  try {
    const response = await fetch(url, { ...more, redirect: 'error', signal: AbortSignal.timeout(ms) })
    return { status: response.status, body: parseJson(await response.text()) }
  } catch (error) {
    if (Object(Object(error).cause).code === 'ECONNREFUSED') return undefined
    throw new StartError(`Não houve resposta de ${url}: confira o endereço e rode de novo.`)
  }
}

/** A service without workers, for this command alone, on a free port of this machine. */
async function serve(
  config: Config,
  connection: Connection,
  key: string,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  // Loaded only here: Pipedrive's client takes about a third of the CPU time of a command that asks a running service.
  const { connectPipedrive } = await import('./connect.js')
  const { PIPEDRIVE_API_TOKEN: token, CHAVE_MESTRA, PASTA_DADOS, production } = config
  const logger = createLogger('silent', false)
  const options = { config, connection, logger, clock: systemClock, random: Math.random }
  const masterKeys = CHAVE_MESTRA ?? (production ? [] : [masterKeyOfFolder(resolve(PASTA_DADOS)).key])
  const vez = { readFresh: () => readVez(connection) }
  const panel = token ? pipedrivePanel({ ...options, ...connectPipedrive(options, token), masterKeys, vez }) : undefined
  const routes = mount(
    pipedriveRoutes(panel),
    byKey(authenticator(key, chaveModel(connection), systemClock), addressReader([])),
  )
  const port = await listen('127.0.0.1', 0)
  port.serve(new Koa().use(errors(logger)).use(routes.routes()).callback())
  return { url: `http://127.0.0.1:${port.port}`, close: port.close }
}
