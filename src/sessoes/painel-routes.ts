import { z } from 'zod'
import { type AnyRoute, type Caller, type Escopo, route } from '../http/route.js'
import { text } from '../http/text.js'
import { AppError, notFound } from '../lib/errors.js'
import { deviceOf } from './aparelho.js'
import { Agent, type SessionDeps, toList } from './deps.js'
import { noSession } from './identify.js'
import {
  Entrar,
  EntrarNaParede,
  Feito,
  NovaParede,
  ParedeCriada,
  SessaoDoPainel,
  Sessoes as SessoesAbertas,
} from './schema.js'
import type { Sessao } from './sessoes.js'

const tag = 'painel'
const LOOK = ['leitura'] as const

/** Signing in to `/painel`, and the sessions of everybody. */
export function painelSessionRoutes(deps: SessionDeps): AnyRoute[] {
  const { sessoes, cookies, attempts, authenticate, descriptionOf, clock } = deps
  const told = (token: string, sessao: Sessao, descricao: string) => ({
    body: toSessao(sessao, descricao),
    headers: cookies.painel.set(token, (sessao.vence_em.getTime() - clock.now().getTime()) / 1_000),
  })
  return [
    route({
      method: 'post',
      path: '/painel/api/entrar',
      tag,
      summary: 'Entra com uma API Key',
      scopes: 'aberto',
      headers: Agent,
      body: Entrar,
      returns: SessaoDoPainel,
      handler: async ({ body, headers, address }) => {
        attempts.key.check(address)
        const caller = await authenticate(body.chave.trim(), address).catch((error: unknown) => {
          if (error instanceof AppError && error.status === 401) attempts.key.add(address)
          throw error
        })
        requireLooking(caller)
        const descricao = await descriptionOf(caller.id)
        const aparelho = deviceOf(headers['user-agent'])
        const made = await sessoes.open({
          tipo: 'gestor',
          chave_id: caller.id,
          nome: descricao,
          ...(aparelho !== undefined && { aparelho }),
        })
        return told(made.token, made.sessao, descricao)
      },
    }),
    route({
      method: 'post',
      path: '/painel/api/parede/entrar',
      tag,
      summary: 'Abre uma parede, pelo link dela',
      scopes: 'aberto',
      headers: Agent,
      body: EntrarNaParede,
      returns: SessaoDoPainel,
      handler: async ({ body, headers, address }) => {
        attempts.link.check(address)
        const made = await sessoes.openWall(body.token, deviceOf(headers['user-agent']))
        if (!made) {
          attempts.link.add(address)
          throw new AppError(401, 'Este link não vale mais: peça outro a quem administra', {
            extra: { motivo: 'link_invalido' },
          })
        }
        return told(made.token, made.sessao, made.sessao.nome ?? '')
      },
    }),
    route({
      method: 'get',
      path: '/painel/api/sessao',
      tag,
      summary: 'Diz quem está aqui',
      scopes: LOOK,
      returns: SessaoDoPainel,
      handler: async ({ caller }) => {
        const found = await own(deps, caller)
        return { body: toSessao(found, found.nome ?? '') }
      },
    }),
    route({
      method: 'post',
      path: '/painel/api/sair',
      tag,
      summary: 'Sai',
      scopes: LOOK,
      returns: Feito,
      handler: async ({ caller }) => {
        await sessoes.end(caller.sessao ?? '')
        return { body: { detail: 'Até logo' }, headers: cookies.painel.clear() }
      },
    }),
    route({
      method: 'post',
      path: '/painel/api/sair-de-todos',
      tag,
      summary: 'Sai em todos os aparelhos em que se entrou com esta chave',
      scopes: LOOK,
      returns: Feito,
      handler: async ({ caller }) => {
        const { chave_id } = await own(deps, caller)
        if (chave_id !== undefined) await sessoes.endAll({ chave_id })
        return { body: { detail: 'Todas as sessões desta chave acabaram' }, headers: cookies.painel.clear() }
      },
    }),
    route({
      method: 'get',
      path: '/painel/api/sessoes',
      tag,
      summary: 'Lista as sessões abertas',
      scopes: [],
      returns: SessoesAbertas,
      handler: async ({ caller }) => ({ body: await toList(deps, await sessoes.list(), caller) }),
    }),
    route({
      method: 'delete',
      path: '/painel/api/sessoes/:id',
      tag,
      summary: 'Encerra uma sessão ou uma parede',
      scopes: [],
      params: z.object({ id: text(1, 64) }),
      returns: Feito,
      handler: async ({ params }) => {
        if (!(await sessoes.end(params.id))) throw notFound('Esta sessão já acabou')
        return { body: { detail: 'Sessão encerrada' } }
      },
    }),
    route({
      method: 'post',
      path: '/painel/api/parede',
      tag,
      summary: 'Faz o link de uma parede',
      scopes: [],
      headers: Agent,
      body: NovaParede,
      returns: ParedeCriada,
      handler: async ({ body, headers, caller }) => {
        const { chave_id } = await own(deps, caller)
        if (chave_id === undefined) throw noSession()
        const { token, sessao } = await sessoes.makeWall(chave_id, body.nome)
        const link = `${deps.addressOfPages(headers.origin)}/painel?tela=parede#p=${token}`
        return { body: { id: sessao.id, link, ate: sessao.vence_em.toISOString() } }
      },
    }),
  ]
}

async function own({ sessoes }: SessionDeps, { sessao }: Caller): Promise<Sessao> {
  const found = sessao === undefined ? undefined : await sessoes.find(sessao)
  if (!found) throw noSession()
  return found
}

const toSessao = ({ id, tipo, escopos, vence_em }: Sessao, descricao: string) => ({
  id,
  tipo: tipo === 'parede' ? tipo : ('gestor' as const),
  escopos: [...escopos],
  pode_mudar: escopos.includes('admin'),
  descricao,
  ate: vence_em.toISOString(),
})

function requireLooking({ escopos }: { readonly escopos: readonly Escopo[] }): void {
  if (escopos.some((one) => one === 'admin' || one === 'leitura')) return
  throw new AppError(403, 'Esta API Key não olha nada: entre com uma de escopo `leitura` ou `admin`', {
    extra: { motivo: 'escopo' },
  })
}
