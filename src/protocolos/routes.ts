import { IdempotencyHeader, idempotency, keyReused } from '../http/idempotency.js'
import { type AnyRoute, route } from '../http/route.js'
import type { Clock } from '../lib/clock.js'
import { notFound } from '../lib/errors.js'
import { toNumero } from '../lib/numero.js'
import { omitUndefined } from '../lib/omit.js'
import type { Contato } from '../vez/document.js'
import type { CommandResult } from '../vez/rules/commands.js'
import { toContato, toHeader } from '../vez/schema.js'
import { type Anonymising, anonymise } from './anonimizar.js'
import { type Asked, changeProtocolo, findProtocolo, toChange } from './change.js'
import type { Protocolo } from './model.js'
import { Id, MudancaDeProtocolo, NovoProtocolo, NumeroDeProtocolo, ProtocoloDaApi, toApi } from './schema.js'

const tag = 'protocolos'
const UNKNOWN = { 404: 'Protocolo não encontrado' }
const REPLAYED = 'Idempotent-Replayed'
const NUMBER_HEADERS = {
  'X-Vez-Versao': 'Lugar deste número na ordem de todos os eventos',
  [REPLAYED]: '`true` quando a resposta é a de um pedido anterior com a mesma Idempotency-Key',
}

/** Two endpoints of one operation. */
const NUMBER_ONLY = [
  { method: 'get', path: '/gerar-protocolo', takes: true },
  { method: 'post', path: '/protocolo/gerar' },
] as const

/** Makes durable what a change of status or responsável owes to others, before the change. */
export type BeforeChanged = (before: Protocolo, asked: Asked) => Promise<void>

export interface ProtocoloRoutes extends Anonymising {
  readonly clock: Clock
  readonly beforeChanged: BeforeChanged
  /** The types of work that a protocol owes, with this contact or without one. */
  readonly owed: (contato: Contato | undefined) => readonly string[]
}

/** Numbers, and what became of them. */
export function protocoloRoutes(deps: ProtocoloRoutes): AnyRoute[] {
  const { vez, protocolos, clock, beforeChanged, owed } = deps
  return [
    route({
      method: 'post',
      path: '/protocolo',
      tag,
      summary: 'Cria um protocolo para um consultor',
      description: 'Dá um número sem mexer na vez de ninguém.',
      scopes: ['chat'],
      headers: IdempotencyHeader,
      body: NovoProtocolo,
      ignoresUnknown: true,
      examples: {
        protocolo: {
          summary: 'Um cliente que ligou',
          value: {
            consultor_id: 1,
            contato: { nome: 'Maria Souza', telefone: '+5511912345678' },
            descricao: 'Quer um orçamento',
          },
        },
      },
      returns: ProtocoloDaApi,
      returnsHeaders: NUMBER_HEADERS,
      fails: { 404: 'Consultor não encontrado' },
      handler: async ({ body, headers, caller, isAlive }) => {
        const { consultor_id, descricao, prioridade } = body
        const contato = toContato(body.contato)
        const asked = omitUndefined({
          consultor_id,
          contato,
          descricao: descricao ?? undefined,
          prioridade: prioridade ?? undefined,
        })
        const key = idempotency(headers, caller, 'protocolo', asked)
        const { n, headers: told } = numberOf(
          await vez.submit({ tipo: 'numero', ...asked, ...key, tarefas: { atribuido: owed(contato) } }, isAlive),
        )
        return { body: toApi(await findProtocolo(protocolos, vez, n)), headers: told }
      },
    }),
    ...NUMBER_ONLY.map((endpoint) =>
      route({
        ...endpoint,
        ignoresUnknown: true,
        tag,
        summary: 'Gera um número de protocolo, sem consultor',
        scopes: ['chat'],
        headers: IdempotencyHeader,
        returns: NumeroDeProtocolo,
        returnsHeaders: NUMBER_HEADERS,
        handler: async ({ headers, caller, isAlive }) => {
          const key = idempotency(headers, caller, 'numero', {})
          const { n, headers: told } = numberOf(await vez.submit({ tipo: 'numero', ...key }, isAlive))
          return { body: { numero_protocolo: toNumero(n) }, headers: told }
        },
      }),
    ),
    route({
      method: 'get',
      path: '/protocolo/:id',
      tag,
      summary: 'Obtém um protocolo',
      scopes: ['chat', 'leitura'],
      params: Id,
      returns: ProtocoloDaApi,
      fails: UNKNOWN,
      handler: async ({ params }) => ({ body: toApi(await findProtocolo(protocolos, vez, params.id)) }),
    }),
    route({
      method: 'put',
      path: '/protocolo/:id',
      tag,
      summary: 'Altera um protocolo',
      description:
        'O que não vem fica como está. Status e responsável deixam uma linha no histórico. Um protocolo inteiro, como o GET o mostra, serve.',
      scopes: ['chat'],
      params: Id,
      body: MudancaDeProtocolo,
      fixed: Object.keys(ProtocoloDaApi.shape).filter((name) => !Object.hasOwn(MudancaDeProtocolo.shape, name)),
      examples: {
        andamento: { summary: 'Está sendo atendido', value: { status: 'em_andamento', prioridade: 'alta' } },
        concluido: { summary: 'Acabou', value: { status: 'concluido' } },
      },
      returns: ProtocoloDaApi,
      fails: { 404: 'Protocolo ou consultor não encontrado' },
      handler: async ({ params, body }) => {
        const { responsavel_id } = body
        const before = await findProtocolo(protocolos, vez, params.id)
        const moves = responsavel_id != null && responsavel_id !== before.responsavel_id
        if (moves && !(await vez.readFresh()).consultores.has(responsavel_id)) {
          throw notFound('Consultor não encontrado')
        }
        await beforeChanged(before, body)
        const after = await changeProtocolo(protocolos, vez, params.id, (before) => toChange(before, body, clock.now()))
        return { body: toApi(after) }
      },
    }),
    route({
      method: 'post',
      path: '/protocolo/:id/anonimizar',
      tag,
      summary: 'Anonimiza um protocolo (LGPD)',
      description: 'Contato, textos e chaves se vão; número, consultor e instante ficam. Pode ser repetido.',
      scopes: [],
      params: Id,
      returns: ProtocoloDaApi,
      fails: UNKNOWN,
      handler: async ({ params }) => ({ body: toApi(await anonymise(deps, params.id, clock.now())) }),
    }),
  ]
}

function numberOf(result: CommandResult): { n: number; headers: Record<string, string> } {
  switch (result.situacao) {
    case 'atribuido': {
      const headers = { ...toHeader(result), ...(result.repetida && { [REPLAYED]: 'true' }) }
      return { n: result.atribuicao.n, headers }
    }
    case 'nao_encontrado':
      throw notFound('Consultor não encontrado')
    case 'chave_reutilizada':
      throw keyReused()
    default:
      throw new Error(`a number was answered with ${result.situacao}`)
  }
}
