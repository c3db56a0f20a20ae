import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Passo } from '../../integrations/pipedrive/setup.js'
import type { Config } from '../config.js'
import { parseJson } from '../lib/json.js'
import { StartError } from '../lib/start-error.js'
import { Configuracao } from './routes.js'

const HEALTH_MS = 2_000
/** Some twenty-five calls to Pipedrive, each with its own limit. */
const SETUP_MS = 180_000

const Alive = z.object({ status: z.literal('ok') })
const Refused = z.object({ detail: z.string() })

/**
 * Asks the service of this machine to do it, if it runs.
 *
 * @returns `undefined` when nobody, or somebody else, answers at its port
 * @throws StartError when the service refuses
 */
export async function setupByService(
  config: Config,
  simular: boolean,
  say: (line: string) => void,
): Promise<Passo[] | undefined> {
  const url = `http://${reachable(config.HOST)}:${config.PORT}`
  const health = await request(`${url}/health`, HEALTH_MS).catch(() => undefined)
  if (health?.status === 503) throw new StartError(`O serviço em ${url} está começando: tente de novo em instantes.`)
  if (!health || !Alive.safeParse(health.body).success) return undefined
  say(`Pelo serviço em ${url}.`)
  const headers = { 'api-key': keyOf(config), 'content-type': 'application/json' }
  const answer = await request(`${url}/pipedrive/setup`, SETUP_MS, {
    method: 'POST',
    headers,
    body: JSON.stringify({ simular }),
  }).catch(() => {
    throw new StartError(`O serviço em ${url} não respondeu a tempo: rode de novo.`)
  })
  if (answer.status === 401 || answer.status === 403)
    throw new StartError(`O serviço em ${url} não aceita a chave desta pasta: defina AUTHENTICATION_API_KEY.`)
  const done = Configuracao.safeParse(answer.body).data
  if (done) return done.passos
  throw new StartError(`${Refused.safeParse(answer.body).data?.detail ?? `O serviço respondeu ${answer.status}`}.`)
}

async function request(url: string, ms: number, more: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, { ...more, redirect: 'error', signal: AbortSignal.timeout(ms) })
  return { status: response.status, body: parseJson(await response.text()) }
}

/** An address to listen on is not always one to call. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

/** The environment's, or the one that the service's first start made. */
function keyOf({ AUTHENTICATION_API_KEY, PASTA_DADOS }: Config): string {
  if (AUTHENTICATION_API_KEY !== undefined) return AUTHENTICATION_API_KEY
  const path = join(PASTA_DADOS, 'api-key')
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    throw new StartError(`Não foi possível ler ${path}: defina AUTHENTICATION_API_KEY com a chave do serviço.`)
  }
}
