import cors from '@koa/cors'
import Koa from 'koa'
import type { Chat } from './canais/start.js'
import { webhookPaths } from './canais/webhook-docs.js'
import { authenticator } from './chaves/authenticate.js'
import { chaveModel } from './chaves/model.js'
import { chaveRoutes } from './chaves/routes.js'
import { consultorRoutes } from './consultores/routes.js'
import type { Core } from './core.js'
import { historicoRoutes } from './eventos/historico-routes.js'
import { livroRoutes } from './eventos/routes.js'
import { sinceThen } from './eventos/since.js'
import type { Authenticate } from './http/auth.js'
import { docsRouter } from './http/docs.js'
import { errors } from './http/errors.js'
import { healthRoutes } from './http/health.js'
import { log } from './http/log.js'
import { methods } from './http/methods.js'
import { type AddressOf, byKey, mount } from './http/mount.js'
import { openapi } from './http/openapi.js'
import { rootRouter } from './http/root.js'
import type { AnyRoute } from './http/route.js'
import { justicaRoutes } from './justica/routes.js'
import { localTime } from './lib/local-time.js'
import type { Metrics } from './lib/metrics.js'
import type { Painel } from './painel/start.js'
import type { OwedTypes } from './pipedrive/owed.js'
import { pipedriveRoutes } from './pipedrive/routes.js'
import type { PipedriveService } from './pipedrive/start.js'
import { politicaRoutes } from './politica/routes.js'
import type { Digests } from './protocolos/digests.js'
import { listRoutes } from './protocolos/list-routes.js'
import { protocoloModel } from './protocolos/model.js'
import { openProtocolos } from './protocolos/open.js'
import { porqueRoutes } from './protocolos/porque-routes.js'
import { repassarRoutes } from './protocolos/repassar-routes.js'
import { type BeforeChanged, protocoloRoutes } from './protocolos/routes.js'
import { simulacaoRoutes } from './simulacao/routes.js'
import { tarefaRoutes } from './tarefas/routes.js'
import { look } from './vez/observer.js'
import { vezRoutes } from './vez/routes.js'
import type { Prefer } from './vez/service.js'

export interface AppParts {
  readonly metrics: Metrics
  /** How many protocols came from the old system. */
  readonly importados: number
  readonly digests: Digests
  readonly isUp: () => boolean
  readonly chat: Chat
  /** The types of work that a turn or a protocol owes, with this contact or without one. */
  readonly owed: OwedTypes
  readonly prefer: Prefer
  /** Absent where Pipedrive is off. */
  readonly pipedrive: PipedriveService | undefined
  readonly beforeChanged: BeforeChanged
  readonly painel: Painel
  /** From where a request comes. */
  readonly addressOf: AddressOf
}

const TOLD = [
  'X-Request-Id',
  'X-Vez-Versao',
  'X-Total-Count',
  'X-Total-Capped',
  'X-Continua',
  'X-Ignorado',
  'X-Por-Estado',
  'X-Abertos',
  'Idempotent-Replayed',
  'Retry-After',
  'Content-Disposition',
]

/** How long a look into the ledger waits for turns before each read, ms at most. */
const STEP_BACK_MS = 50

/** The service as a Koa application: middleware in order, then the routes. */
export function createApp(core: Core, parts: AppParts): Koa {
  const { config, logger, clock } = core
  const authenticate = authenticator(core.ownKey, chaveModel(core.connection), clock)
  const all = routesOf(core, parts, authenticate)
  const router = mount(all, byKey(authenticate, parts.addressOf), clock)
  const app = new Koa()
  app.on('error', () => undefined)
  app.use(log(logger, parts.metrics, clock))
  app.use(cors({ origin: allowedOrigin(config.CORS_ORIGINS), exposeHeaders: TOLD, keepHeadersOnError: false }))
  app.use(errors(logger))
  app.use(methods([...all, ...parts.painel.own]))
  // Before the chat platforms: its name is reserved among theirs.
  if (parts.pipedrive) app.use(parts.pipedrive.webhooks.routes())
  app.use(parts.chat.webhooks.routes())
  app.use(router.routes())
  for (const one of parts.painel.routers(all)) app.use(one.routes())
  app.use(rootRouter().routes())
  app.use(docsRouter(() => openapi(all, { url: config.API_URL, others: webhookPaths() })).routes())
  return app
}

function routesOf(core: Core, parts: AppParts, authenticate: Authenticate): AnyRoute[] {
  const { config, connection, vez, clock, outbox, engine } = core
  const { metrics, importados, digests, isUp, owed, prefer, beforeChanged, pipedrive } = parts
  const protocolos = protocoloModel(connection)
  const time = localTime(config.FUSO)
  const health = { engine, check: vez.check, isUp, look: () => look(vez), metrics, metricsToken: config.METRICS_TOKEN }
  return [
    ...vezRoutes(vez, owed, prefer),
    ...consultorRoutes(vez, clock),
    ...politicaRoutes(vez),
    ...protocoloRoutes({ vez, protocolos, outbox, clock, beforeChanged, owed }),
    ...repassarRoutes({ vez, protocolos, clock, findOpen: openProtocolos(protocolos), beforeChanged }),
    ...porqueRoutes({
      vez,
      protocolos,
      clock,
      time,
      sinceThen: (...asked) => sinceThen({ connection, letPass: () => vez.letPass(STEP_BACK_MS) }, ...asked),
    }),
    ...listRoutes({ vez, protocolos, clock, importados, digests, time }),
    ...historicoRoutes({ vez, connection, clock, time }),
    ...livroRoutes({ vez, connection, clock }),
    ...justicaRoutes({ vez, connection, clock, time }),
    ...simulacaoRoutes({ vez, connection, clock, time, esperaIntervaloMs: config.ESPERA_INTERVALO_S * 1_000 }),
    ...parts.chat.routes,
    ...pipedriveRoutes(pipedrive?.panel),
    ...tarefaRoutes(core),
    ...parts.painel.routes,
    ...chaveRoutes(chaveModel(connection), clock),
    ...healthRoutes(health, authenticate),
  ]
}

/** The value of `Access-Control-Allow-Origin`: the origin if it is listed, or `*` is; else empty. */
const allowedOrigin =
  (origins: readonly string[]) =>
  (ctx: Koa.Context): string => {
    const origin = ctx.get('Origin')
    return origins.includes('*') || origins.includes(origin) ? origin : ''
  }
