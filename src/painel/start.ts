import type Router from '@koa/router'
import { authenticator } from '../chaves/authenticate.js'
import { keyId } from '../chaves/key.js'
import { chaveModel } from '../chaves/model.js'
import type { AddressOf } from '../http/mount.js'
import { type Identify, mount } from '../http/mount.js'
import type { AnyRoute, Escopo } from '../http/route.js'
import { VERSION } from '../http/version.js'
import { LIMIT } from '../lib/mongo.js'
import { Acessos } from '../sessoes/acesso.js'
import { acessoRoutes } from '../sessoes/acesso-routes.js'
import { Attempts } from '../sessoes/attempts.js'
import { Cookie, type Pagina } from '../sessoes/cookie.js'
import type { SessionDeps } from '../sessoes/deps.js'
import { euSessionRoutes } from '../sessoes/eu-routes.js'
import { bySession } from '../sessoes/identify.js'
import { sessaoCollection } from '../sessoes/model.js'
import { painelSessionRoutes } from '../sessoes/painel-routes.js'
import { Sessoes } from '../sessoes/sessoes.js'
import { liveRouter } from './ao-vivo.js'
import type { PainelDeps } from './deps.js'
import { equipeRoutes } from './equipe-routes.js'
import { euRoutes } from './eu-routes.js'
import { gestaoRoutes } from './gestao-routes.js'
import { inProcess } from './in-process.js'
import { paginasRouter } from './paginas.js'
import { protocolosRoutes } from './protocolos-routes.js'
import { Hub } from './stream.js'
import { trabalhoRoutes } from './trabalho-routes.js'
import { vezRoutes, WALL_PATHS } from './vez-routes.js'

const MINUTE_MS = 60_000

/** The pages of people. */
export interface Painel {
  /** Of the API that a key opens: `POST /consultor/{id}/acesso`. */
  readonly routes: readonly AnyRoute[]
  /** What the pages ask for; not part of the API's document. */
  readonly own: readonly AnyRoute[]
  /** Of the pages and their calls, which make use of the API's. */
  routers(api: readonly AnyRoute[]): readonly Router[]
  /** Ends the open streams, so that they do not hold a shutdown up. */
  leave(): void
  stop(): Promise<void>
}

type Given = Omit<PainelDeps, 'hub' | 'sessions' | 'api'> & { readonly addressOf: AddressOf }

/** Sessions, calls and streams of `/painel` and `/eu`. */
export function startPainel({ addressOf, ...given }: Given): Painel {
  const { config, clock } = given
  const semTls = config.PAINEL_SEM_TLS === 'sim'
  const sessions = sessionDeps(given, semTls)
  const hub = new Hub({ ...given, esperaIntervaloMs: config.ESPERA_INTERVALO_S * 1_000 })
  let api = inProcess([])
  const deps: PainelDeps = { ...given, sessions, hub, api: () => api }
  const acesso = acessoRoutes(sessions)
  const identifyOf = (pagina: Pagina): Identify =>
    bySession({
      pagina,
      cookie: sessions.cookies[pagina],
      sessoes: sessions.sessoes,
      addressOf,
      now: clock.now,
      wall: new Set(WALL_PATHS),
    })
  const identify = { painel: identifyOf('painel'), eu: identifyOf('eu') }
  const painel = [
    ...painelSessionRoutes(sessions),
    ...acesso.painel,
    ...vezRoutes(deps),
    ...protocolosRoutes(deps),
    ...trabalhoRoutes(deps),
    ...equipeRoutes(deps),
    ...gestaoRoutes(deps),
  ]
  const eu = [...euSessionRoutes(sessions), ...euRoutes(deps)]
  const isHeld = async (id: string): Promise<boolean> => (await sessions.sessoes.find(id)) !== undefined
  return {
    routes: acesso.api,
    own: [...painel, ...eu],
    routers: (routes) => {
      api = inProcess(routes)
      return [
        liveRouter({ hub, identify, isHeld }),
        mount(painel, identify.painel, clock),
        mount(eu, identify.eu, clock),
        paginasRouter({ versao: VERSION, fuso: config.FUSO, sem_tls: semTls }),
      ]
    },
    leave: () => hub.end(),
    stop: () => hub.stop(),
  }
}

function sessionDeps({ connection, clock, config, ownKey, vez, chat }: Omit<Given, 'addressOf'>, semTls: boolean) {
  const chaves = chaveModel(connection)
  const sessoes = sessaoCollection(connection)
  const ownId = ownKey === undefined ? undefined : keyId(ownKey)
  const scopesOf = async (id: string): Promise<readonly Escopo[] | undefined> => {
    if (id === ownId) return ['admin']
    const found = await chaves.findById(id).maxTimeMS(LIMIT.maxTimeMS).lean()
    return found?.ativa ? found.escopos : undefined
  }
  const attempts = (most: number, minutes: number) =>
    new Attempts({ clock, most, mostInAll: most * 60, withinMs: minutes * MINUTE_MS })
  const deps: SessionDeps = {
    sessoes: new Sessoes({ sessoes, clock, scopesOf }),
    acessos: new Acessos(sessoes, clock),
    cookies: { painel: new Cookie('painel', semTls), eu: new Cookie('eu', semTls) },
    attempts: { key: attempts(10, 5), link: attempts(20, 10), code: attempts(5, 10) },
    authenticate: authenticator(ownKey, chaves, clock),
    descriptionOf: async (id) =>
      id === ownId ? 'Chave do serviço' : ((await chaves.findById(id).lean())?.descricao ?? ''),
    clock,
    readVez: vez.readFresh,
    addressOfPages: (origin) => config.API_URL?.replace(/\/+$/, '') ?? origin ?? '',
    textPhone: chat.textPhone,
  }
  return deps
}
