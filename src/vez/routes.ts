import { z } from 'zod'
import { IdempotencyHeader, idempotency, keyReused } from '../http/idempotency.js'
import { type AnyRoute, route } from '../http/route.js'
import { integerOr } from '../http/text.js'
import { AppError } from '../lib/errors.js'
import { omitUndefined } from '../lib/omit.js'
import type { Contato } from './document.js'
import type { CommandResult, TurnCommand } from './rules/commands.js'
import {
  ConsultorDaVez,
  Equipe,
  Fila,
  Idioma,
  MAX_PREVIA,
  NinguemDisponivel,
  PedidoDaApi,
  Previa,
  toConsultorDaVez,
  toContato,
  toFila,
  toHeader,
  toPrevia,
} from './schema.js'
import type { Prefer, VezService } from './service.js'

const tag = 'vez'
const DA_EQUIPE = { description: 'Só de quem é desta equipe; quando não vem, de todos', example: 'vendas' }
const TURN = {
  tag,
  scopes: ['chat'] as const,
  headers: IdempotencyHeader,
  returns: ConsultorDaVez,
  returnsHeaders: {
    'X-Vez-Versao': 'Lugar deste turno na ordem de todos os eventos: `versao.lugar`',
    'Idempotent-Replayed': '`true` quando a resposta é a de um pedido anterior com a mesma Idempotency-Key',
  },
  fails: {
    404: {
      says: 'Ninguém pode atender agora; `motivo` diz por quê',
      returns: NinguemDisponivel,
      headers: { 'X-Vez-Versao': 'A versão em que não havia ninguém' },
    },
  },
}

/**
 * The turn.
 *
 * @param owed the types of work that a turn with or without a contact owes
 * @param prefer whom a turn with a contact should rather go to, where the request itself names nobody
 */
export function vezRoutes(
  vez: VezService,
  owed: (contato: Contato | undefined) => readonly string[],
  prefer: Prefer,
): AnyRoute[] {
  return [
    route({
      ...TURN,
      method: 'get',
      path: '/consultor/da-vez',
      summary: 'Pega a vez: o próximo consultor e um protocolo',
      description:
        'Cada chamada dá um turno e um número. Envie `Idempotency-Key` se puder haver repetição: sem ela, cada repetição é um turno novo.',
      query: z.object({ idioma: Idioma, equipe: Equipe.optional().meta(DA_EQUIPE) }),
      ignoresUnknown: true,
      takes: true,
      handler: async ({ query, headers, caller, isAlive }) => {
        const wanted = omitUndefined(query)
        const command: TurnCommand = {
          tipo: 'turno',
          ...wanted,
          ...idempotency(headers, caller, 'vez', wanted),
          tarefas: { atribuido: owed(undefined) },
        }
        return answer(await vez.submit(command, isAlive))
      },
    }),
    route({
      ...TURN,
      method: 'post',
      path: '/vez',
      summary: 'Pega a vez, com os dados do cliente',
      description: 'O mesmo que `GET /consultor/da-vez`, para quem também sabe quem é o cliente e o que ele quer.',
      body: PedidoDaApi,
      examples: {
        cliente: {
          summary: 'De um cliente conhecido',
          value: {
            idioma: 'pt',
            contato: { nome: 'Maria Souza', telefone: '+5511912345678' },
            descricao: 'Quer um orçamento',
          },
        },
        anonimo: { summary: 'Só o idioma', value: { idioma: 'pt' } },
      },
      handler: async ({ body, headers, caller, isAlive }) => {
        const { idioma, equipe, descricao, prioridade, preferido } = body
        const contato = toContato(body.contato)
        const asked = {
          idioma,
          ...(equipe != null && { equipe }),
          ...(contato !== undefined && { contato }),
          ...(descricao != null && { descricao }),
          ...(prioridade != null && { prioridade }),
        }
        const wish = preferido == null ? {} : { preferido: { consultor_id: preferido, motivo: 'pedido' } }
        const command: TurnCommand = {
          tipo: 'turno',
          ...asked,
          ...wish,
          ...idempotency(headers, caller, 'vez', { ...asked, ...wish }),
          tarefas: { atribuido: owed(contato) },
        }
        const known = preferido == null ? await prefer(command) : undefined
        return answer(await vez.submit({ ...command, ...(known && { preferido: known }) }, isAlive))
      },
    }),
    route({
      method: 'get',
      path: '/vez',
      tag,
      summary: 'Mostra a fila como está',
      description:
        'A ordem de cada idioma, ao todo e de cada equipe, quem está fora e por quê. Não pega a vez de ninguém.',
      scopes: ['chat', 'leitura'],
      returns: Fila,
      returnsHeaders: { 'X-Vez-Versao': 'A versão que se vê' },
      handler: async () => {
        const snapshot = await vez.readFresh()
        return { body: toFila(snapshot), headers: { 'X-Vez-Versao': String(snapshot.versao) } }
      },
    }),
    route({
      method: 'get',
      path: '/vez/previa',
      tag,
      summary: 'Mostra os próximos da vez',
      description:
        'A quem iriam os próximos pedidos neste idioma se viessem agora, decididos pela mesma regra. Não pega a vez de ninguém, nem um número.',
      scopes: ['chat', 'leitura'],
      query: z.object({
        idioma: Idioma,
        equipe: Equipe.optional().meta(DA_EQUIPE),
        n: integerOr(10, 1, MAX_PREVIA).meta({ description: 'Quantos' }),
      }),
      returns: Previa,
      returnsHeaders: { 'X-Vez-Versao': 'A versão que se vê' },
      handler: async ({ query: { n, ...query } }) => {
        const wanted = omitUndefined(query)
        const { vez: snapshot, next } = await vez.upcoming(wanted, n)
        return { body: toPrevia(snapshot, wanted, next), headers: { 'X-Vez-Versao': String(snapshot.versao) } }
      },
    }),
  ]
}

const NOBODY = {
  ninguem_ativo: 'Nenhum consultor ativo na sequência',
  ninguem_da_equipe: 'Nenhum consultor ativo na sequência é desta equipe',
  ninguem_fala_o_idioma: 'Nenhum consultor fala este idioma',
  fora_do_horario: 'Fora do horário de atendimento',
  todos_em_pausa: 'Todos que poderiam atender estão em pausa',
  ninguem_online: 'Nenhum consultor disponível no momento',
  todos_no_limite: 'Todos os consultores disponíveis estão no limite de protocolos abertos',
  fila_cheia: 'A fila de espera está cheia',
} as const

function answer(result: CommandResult): { body: z.input<typeof ConsultorDaVez>; headers: Record<string, string> } {
  const headers = toHeader(result)
  switch (result.situacao) {
    case 'atribuido':
      return {
        body: toConsultorDaVez(result),
        headers: { ...headers, ...(result.repetida && { 'Idempotent-Replayed': 'true' }) },
      }
    case 'indisponivel': {
      const { motivo } = result
      const fora = 'fora' in result ? { fora: result.fora } : {}
      const opens = 'abre' in result && result.abre ? { abre_em: result.abre.em.toISOString() } : {}
      throw new AppError(404, NOBODY[motivo], { headers, extra: { motivo, ...fora, ...opens } })
    }
    case 'chave_reutilizada':
      throw keyReused()
    default:
      throw new Error(`a turn was answered with ${result.situacao}`)
  }
}
