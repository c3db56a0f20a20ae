import { z } from 'zod'
import { type AnyRoute, type Caller, route } from '../http/route.js'
import { text } from '../http/text.js'
import { AppError, notFound } from '../lib/errors.js'
import { deviceOf } from './aparelho.js'
import { Agent, type SessionDeps, toList } from './deps.js'
import { noSession } from './identify.js'
import { CodigoCriado, EntrarNoEu, Feito, SessaoDoEu, Sessoes as SessoesAbertas } from './schema.js'
import type { Sessao } from './sessoes.js'

const tag = 'eu'
/** All of these are for whoever is signed in: what a seller may do does not depend on scopes. */
const HIS = ['leitura'] as const

const REFUSED = 'Este link ou código não vale: já foi usado, passou do tempo, ou não foi copiado inteiro. Peça outro'

/** Signing in to `/eu`, and the sessions of one person: who that is says his session only. */
export function euSessionRoutes(deps: SessionDeps): AnyRoute[] {
  const { sessoes, acessos, cookies, attempts, clock } = deps
  return [
    route({
      method: 'post',
      path: '/eu/api/entrar',
      tag,
      summary: 'Entra com o que estava no link, ou com o código de 8 números',
      scopes: 'aberto',
      headers: Agent,
      body: EntrarNoEu,
      returns: SessaoDoEu,
      handler: async ({ body, headers, address }) => {
        const tries = 'codigo' in body ? attempts.code : attempts.link
        tries.check(address)
        const consultor_id = await ('codigo' in body ? acessos.spendCode(body.codigo) : acessos.spendLink(body.token))
        const consultor = consultor_id === undefined ? undefined : (await deps.readVez()).consultores.get(consultor_id)
        if (consultor_id === undefined || !consultor?.ativo) {
          tries.add(address)
          throw new AppError(401, REFUSED, { extra: { motivo: 'link_invalido' } })
        }
        const aparelho = deviceOf(headers['user-agent'])
        const novo = { tipo: 'consultor' as const, consultor_id, ...(aparelho !== undefined && { aparelho }) }
        const { token, sessao } = await sessoes.open(novo)
        const seconds = (sessao.vence_em.getTime() - clock.now().getTime()) / 1_000
        return { body: toSessao(sessao, consultor_id, consultor.nome), headers: cookies.eu.set(token, seconds) }
      },
    }),
    route({
      method: 'get',
      path: '/eu/api/sessao',
      tag,
      summary: 'Diz quem está aqui',
      scopes: HIS,
      returns: SessaoDoEu,
      handler: async ({ caller }) => {
        const id = ownerOf(caller)
        const found = await sessoes.find(caller.sessao ?? '')
        const consultor = (await deps.readVez()).consultores.get(id)
        if (!found || !consultor?.ativo) throw noSession()
        return { body: toSessao(found, id, consultor.nome) }
      },
    }),
    route({
      method: 'post',
      path: '/eu/api/sair',
      tag,
      summary: 'Sai',
      scopes: HIS,
      returns: Feito,
      handler: async ({ caller }) => {
        await sessoes.end(caller.sessao ?? '')
        return { body: { detail: 'Até logo' }, headers: cookies.eu.clear() }
      },
    }),
    route({
      method: 'post',
      path: '/eu/api/sair-de-todos',
      tag,
      summary: 'Sai em todos os aparelhos',
      scopes: HIS,
      returns: Feito,
      handler: async ({ caller }) => {
        await sessoes.endAll({ consultor_id: ownerOf(caller) })
        return { body: { detail: 'Você saiu em todos os aparelhos' }, headers: cookies.eu.clear() }
      },
    }),
    route({
      method: 'get',
      path: '/eu/api/sessoes',
      tag,
      summary: 'Lista os aparelhos em que se entrou',
      scopes: HIS,
      returns: SessoesAbertas,
      handler: async ({ caller }) => ({
        body: await toList(deps, await sessoes.list({ consultor_id: ownerOf(caller) }), caller),
      }),
    }),
    route({
      method: 'delete',
      path: '/eu/api/sessoes/:id',
      tag,
      summary: 'Sai em um aparelho',
      scopes: HIS,
      params: z.object({ id: text(1, 64) }),
      returns: Feito,
      handler: async ({ params, caller }) => {
        const own = await sessoes.list({ consultor_id: ownerOf(caller) })
        const isHis = own.some(({ _id, tipo }) => _id === params.id && tipo === 'consultor')
        if (!isHis || !(await sessoes.end(params.id))) throw notFound('Esta sessão já acabou')
        return { body: { detail: 'Sessão encerrada' } }
      },
    }),
    route({
      method: 'post',
      path: '/eu/api/codigo',
      tag,
      summary: 'Faz um código para entrar em outro aparelho, ou na página da tela inicial',
      scopes: HIS,
      returns: CodigoCriado,
      handler: async ({ caller }) => {
        const { secret, ate } = await acessos.code(ownerOf(caller))
        return { body: { codigo: secret, ate: ate.toISOString() } }
      },
    }),
  ]
}

/** Whose session it is. */
export function ownerOf({ consultor_id }: Caller): number {
  if (consultor_id === undefined) throw noSession()
  return consultor_id
}

const toSessao = ({ id, vence_em }: Sessao, consultor_id: number, nome: string) => ({
  id,
  consultor_id,
  nome,
  ate: vence_em.toISOString(),
})
