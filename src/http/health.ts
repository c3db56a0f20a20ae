import { z } from 'zod'
import { unavailable } from '../lib/errors.js'
import type { Looked, Metrics } from '../lib/metrics.js'
import { type Authenticate, authorize, isSecret, unauthorized } from './auth.js'
import { type AnyRoute, route } from './route.js'

const OK = 'ok' as const

const Pronto = z
  .object({
    status: z.literal(OK),
    banco: z.string().meta({ description: 'O motor do banco', example: 'SecantusDB' }),
    pendentes: z.int().meta({ description: 'Entradas à espera da cópia para protocolos e tarefas' }),
    recusados: z.int().meta({ description: 'Entradas que o banco recusou: veja o log' }),
    espera: z.int().meta({ description: 'Clientes que esperam por um consultor' }),
    fila: z.int().meta({ description: 'Requisições à espera da próxima gravação' }),
  })
  .meta({ id: 'Pronto' })

export interface Health {
  readonly engine: string
  /** Resolves when the database answers a read of the turn. */
  readonly check: () => Promise<void>
  /** False before the start is complete and once the shutdown has begun. */
  readonly isUp: () => boolean
  readonly look: () => Looked
  readonly metrics: Metrics
  readonly metricsToken: string | undefined
}

/** Is the process alive, can it answer, and what has it done. */
export function healthRoutes(health: Health, authenticate: Authenticate): AnyRoute[] {
  return [
    route({
      method: 'get',
      path: '/health',
      tag: 'serviço',
      summary: 'O processo está vivo',
      description: 'Para a verificação de saúde do contêiner: não pergunta nada ao banco.',
      scopes: 'aberto',
      returns: z.object({ status: z.literal(OK) }),
      handler: async () => ({ body: { status: OK } }),
    }),
    route({
      method: 'get',
      path: '/ready',
      tag: 'serviço',
      summary: 'O serviço pode responder',
      description:
        'A partida terminou, o banco responde a uma leitura da vez, e a última gravação deu certo. Depois de uma que falhou o serviço tenta uma por segundo. O atraso da cópia aparece no corpo.',
      scopes: 'aberto',
      returns: Pronto,
      fails: { 503: 'Ainda não, ou não mais' },
      handler: async () => {
        if (!health.isUp()) throw unavailable()
        await health.check().catch(() => {
          throw unavailable('O banco não responde')
        })
        const { pendentes, recusados, espera, fila, grava } = health.look()
        if (!grava) throw unavailable('O banco não grava: veja o espaço em disco dele')
        return { body: { status: OK, banco: health.engine, pendentes, recusados, espera, fila } }
      },
    }),
    route({
      method: 'get',
      path: '/metrics',
      tag: 'serviço',
      summary: 'Métricas no formato do Prometheus',
      description: 'Com uma chave `admin` em `api-key`, ou com `Authorization: Bearer` e o valor de `METRICS_TOKEN`.',
      scopes: 'aberto',
      credentials: ['api-key', 'metrics-token'],
      headers: z.object({ 'api-key': z.string().optional(), authorization: z.string().optional() }),
      returns: z.string(),
      fails: { 401: 'Nem chave nem token', 403: 'A chave não é `admin`' },
      handler: async ({ headers, address }) => {
        if (!isBearer(headers.authorization, health.metricsToken)) {
          authorize(await authenticate(headers['api-key'] ?? '', address), [])
        }
        return {
          body: await health.metrics.registry.metrics(),
          headers: { 'Content-Type': health.metrics.registry.contentType },
        }
      },
    }),
  ]
}

function isBearer(header: string | undefined, token: string | undefined): boolean {
  if (header === undefined || token === undefined) return false
  const [scheme, value = ''] = header.split(' ')
  if (scheme?.toLowerCase() !== 'bearer')
    throw unauthorized('Use `Authorization: Bearer` com METRICS_TOKEN, ou uma chave `admin` em `api-key`')
  return isSecret(value, token)
}
