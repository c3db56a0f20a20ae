import { z } from 'zod'
import { laxBoolean } from '../http/lax.js'
import { type AnyRoute, route } from '../http/route.js'
import { integer } from '../http/text.js'
import type { Clock } from '../lib/clock.js'
import { AppError, notFound, unprocessable } from '../lib/errors.js'
import { omitUndefined } from '../lib/omit.js'
import { authorOf } from '../vez/author.js'
import type { CommandResult } from '../vez/rules/commands.js'
import { isEndOfPause } from '../vez/rules/pause.js'
import { toHeader } from '../vez/schema.js'
import type { VezService } from '../vez/service.js'
import {
  ConsultorDaApi,
  fromApi,
  fromNovo,
  MudancaDeConsultor,
  NovaPausaDaApi,
  NovoConsultor,
  TOO_MANY,
  toApi,
} from './schema.js'

const Id = z.object({ id: integer(1).meta({ description: 'Id do consultor' }) })
const tag = 'consultores'
const returnsHeaders = { 'X-Vez-Versao': 'Lugar desta mudança na ordem de todos os eventos' }
const UNKNOWN = { 404: 'Consultor não encontrado' }

/** Who may be picked. Every change goes through the line of the turns: it has one place in their order. */
export function consultorRoutes(vez: VezService, clock: Clock): AnyRoute[] {
  return [
    route({
      method: 'get',
      path: '/consultores',
      tag,
      summary: 'Lista todos os consultores',
      scopes: ['leitura'],
      returns: z.array(ConsultorDaApi),
      handler: async () => {
        const { consultores, politica } = await vez.readFresh()
        return { body: [...consultores].sort(([a], [b]) => a - b).map(([id, one]) => toApi(id, one, politica)) }
      },
    }),
    route({
      method: 'post',
      path: '/consultor',
      tag,
      summary: 'Cria um consultor',
      description: 'Quem é novo entra no fim da ordem.',
      scopes: [],
      body: NovoConsultor,
      examples: {
        consultor: {
          summary: 'Quem pode atender já',
          value: {
            nome: 'João Silva',
            idiomas: ['pt', 'en'],
            email: 'joao@exemplo.com.br',
            telefone: '+5511987654321',
            status_online: true,
          },
        },
      },
      returns: ConsultorDaApi,
      returnsHeaders,
      fails: { 400: 'Email já cadastrado' },
      handler: async ({ body, caller, isAlive }) =>
        toAnswer(await vez.submit({ tipo: 'criar', dados: fromNovo(body), autor: authorOf(caller) }, isAlive)),
    }),
    route({
      method: 'get',
      path: '/consultor/:id',
      tag,
      summary: 'Obtém um consultor',
      scopes: ['leitura'],
      params: Id,
      returns: ConsultorDaApi,
      fails: UNKNOWN,
      handler: async ({ params }) => {
        const { consultores, politica } = await vez.readFresh()
        const consultor = consultores.get(params.id)
        if (!consultor) throw notFound('Consultor não encontrado')
        return { body: toApi(params.id, consultor, politica) }
      },
    }),
    route({
      method: 'put',
      path: '/consultor/:id',
      tag,
      summary: 'Altera um consultor',
      description:
        'O que não vem fica como está; `null` apaga um campo opcional. O lugar na ordem não muda. Um consultor inteiro, como o GET o mostra, serve.',
      scopes: [],
      params: Id,
      body: MudancaDeConsultor,
      fixed: ['id', 'ultimo_atendimento', 'abertos', 'pausa', 'dentro_do_horario', 'dentro_do_horario_ate'],
      examples: {
        equipes: { summary: 'É de outras equipes', value: { equipes: ['vendas', 'suporte'] } },
        idiomas: { summary: 'Fala outros idiomas', value: { idiomas: ['pt', 'es'] } },
        limite: { summary: 'No máximo dez protocolos abertos', value: { limite: 10 } },
        fora: { summary: 'Não participa mais da vez', value: { status_ativo_sequencial: false } },
        horario: {
          summary: 'Trabalha de segunda a quarta, e não nas férias',
          value: {
            horario: {
              semana: { seg: ['08:00-12:00', '13:00-18:00'], ter: ['08:00-12:00'], qua: ['22:00-02:00'] },
              folgas: ['2026-12-24', '2027-01-04/2027-01-23'],
              fuso: 'America/Sao_Paulo',
            },
          },
        },
      },
      returns: ConsultorDaApi,
      returnsHeaders,
      fails: { ...UNKNOWN, 400: 'Email já cadastrado' },
      handler: async ({ params: { id }, body, caller, isAlive }) =>
        toAnswer(await vez.submit({ tipo: 'alterar', id, mudanca: fromApi(body), autor: authorOf(caller) }, isAlive)),
    }),
    route({
      method: 'delete',
      path: '/consultor/:id',
      tag,
      summary: 'Remove um consultor',
      description:
        'Os protocolos dele ficam, e `POST /consultor/{id}/repassar` os passa a outros, antes ou depois; o id não é dado de novo.',
      scopes: [],
      params: Id,
      returns: z.object({ detail: z.string() }),
      returnsHeaders: {
        ...returnsHeaders,
        'X-Abertos': 'Quantos protocolos abertos ficam com ele; a partir de 1.000, ao menos tantos',
      },
      fails: UNKNOWN,
      handler: async ({ params: { id }, caller, isAlive }) => {
        const result = await vez.submit({ tipo: 'remover', id, autor: authorOf(caller) }, isAlive)
        if (result.situacao !== 'removido') throw notFound('Consultor não encontrado')
        // He is removed already, whatever becomes of the count.
        const abertos = await vez.openOf(id).catch(() => undefined)
        const headers = { ...toHeader(result), ...(abertos !== undefined && { 'X-Abertos': String(abertos) }) }
        return { body: { detail: 'Consultor removido com sucesso' }, headers }
      },
    }),
    route({
      method: 'put',
      path: '/consultor/:id/connection',
      tag,
      summary: 'Atualiza o status de conexão',
      description:
        'O status vem na consulta (`?status=true`) ou no corpo (`{"status": true}`). `true` também acaba a pausa dele; `false` a deixa como está.',
      scopes: ['chat'],
      params: Id,
      query: z.object({ status: laxBoolean.meta({ description: 'Está online?' }).optional() }),
      body: z.strictObject({ status: laxBoolean.optional() }),
      bodyOptional: true,
      examples: { online: { summary: 'Está online', value: { status: true } } },
      returns: ConsultorDaApi,
      returnsHeaders,
      fails: UNKNOWN,
      handler: async ({ params: { id }, query, body, caller, isAlive }) => {
        const online = query.status ?? body?.status
        if (online === undefined) {
          throw unprocessable([{ loc: ['query', 'status'], msg: 'Campo obrigatório', type: 'missing' }])
        }
        const autor = authorOf(caller)
        const mudanca = online ? { online, pausa: null } : { online }
        return toAnswer(await vez.submit({ tipo: 'alterar', id, mudanca, autor }, isAlive))
      },
    }),
    route({
      method: 'put',
      path: '/consultor/:id/pausa',
      tag,
      summary: 'Põe um consultor em pausa',
      description:
        'Enquanto dura ele não recebe a vez, não perde o lugar na ordem e não conta como ausente. Acaba sozinha na hora marcada; antes, por `DELETE`, por `PUT /consultor/{id}/connection?status=true` ou pela palavra `online`. Outra pausa toma o lugar da que dura.',
      scopes: ['chat'],
      params: Id,
      body: NovaPausaDaApi,
      bodyOptional: true,
      examples: {
        almoco: { summary: 'Meia hora', value: { minutos: 30, motivo: 'almoço' } },
        sem_fim: { summary: 'Até que alguém a acabe', value: {} },
      },
      returns: ConsultorDaApi,
      returnsHeaders,
      fails: UNKNOWN,
      handler: async ({ params: { id }, body, caller, isAlive }) => {
        const pausa = omitUndefined(body ?? {})
        if (pausa.ate && !isEndOfPause(pausa.ate, clock.now())) {
          throw unprocessable([{ loc: ['body', 'ate'], msg: 'Deve estar nas próximas 24 horas', type: 'value_error' }])
        }
        return toAnswer(await vez.submit({ tipo: 'alterar', id, mudanca: { pausa }, autor: authorOf(caller) }, isAlive))
      },
    }),
    route({
      method: 'delete',
      path: '/consultor/:id/pausa',
      tag,
      summary: 'Acaba a pausa de um consultor',
      description: 'Quem não está em pausa fica como está.',
      scopes: ['chat'],
      params: Id,
      returns: ConsultorDaApi,
      returnsHeaders,
      fails: UNKNOWN,
      handler: async ({ params: { id }, caller, isAlive }) =>
        toAnswer(await vez.submit({ tipo: 'alterar', id, mudanca: { pausa: null }, autor: authorOf(caller) }, isAlive)),
    }),
  ]
}

function toAnswer(result: CommandResult): { body: ReturnType<typeof toApi>; headers: Record<string, string> } {
  switch (result.situacao) {
    case 'consultor':
      return { body: toApi(result.id, result.consultor, result.politica), headers: toHeader(result) }
    case 'email_em_uso':
      throw new AppError(400, 'Email já cadastrado')
    case 'roster_cheio':
      throw new AppError(400, TOO_MANY)
    default:
      throw notFound('Consultor não encontrado')
  }
}
