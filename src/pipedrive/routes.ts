import { z } from 'zod'
import { ATRIBUICAO_AUTOMATICA } from '../../integrations/pipedrive/setup.js'
import { type AnyRoute, route } from '../http/route.js'
import { AppError } from '../lib/errors.js'
import { omitUndefined } from '../lib/omit.js'
import type { Answered, Overview, Panel } from './panel.js'

const tag = 'pipedrive'
export const SEM_TOKEN = 'O Pipedrive está desligado: defina PIPEDRIVE_API_TOKEN e inicie o serviço de novo'

const instant = z.iso.datetime()
const Motivo = z.object({ motivo: z.string() }).meta({ description: 'Por que não se sabe' })

export const Configuracao = z
  .object({
    simulado: z.boolean(),
    passos: z.array(
      z.object({
        passo: z.string().meta({ example: 'campo Protocolo' }),
        situacao: z.enum(['ok', 'feito', 'faria', 'aviso', 'erro']),
        detalhe: z.string(),
      }),
    ),
  })
  .meta({ id: 'ConfiguracaoDoPipedrive' })

const EstadoDoPipedrive = z
  .object({
    ligado: z.boolean(),
    conta: z.object({ dominio: z.string(), nome: z.string().optional() }).nullable(),
    usuario: z
      .union([z.object({ id: z.int(), nome: z.string().nullable(), admin: z.boolean().nullable() }), Motivo])
      .nullable()
      .meta({ description: 'De quem é o token' }),
    orcamento: z
      .object({ restante: z.int() })
      .nullable()
      .meta({ description: 'Tokens do dia, como o Pipedrive disse por último a este processo' }),
    pausa: z
      .object({ falha: z.string(), ate: instant })
      .nullable()
      .meta({ description: 'Até quando ninguém chama o Pipedrive' }),
    fila: z
      .object({
        pendentes: z.int(),
        em_curso: z.int(),
        mortas: z.int(),
        limitada: z.boolean().meta({ description: 'Há mais: só se conta até um limite' }),
      })
      .nullable(),
    ultimo_erro: z.object({ em: instant, falha: z.string() }).nullable(),
    webhooks: z
      .union([
        z.array(
          z.object({
            id: z.int(),
            objeto: z.string(),
            acao: z.string(),
            ativo: z.boolean(),
            ultimo_status: z.int().nullable(),
          }),
        ),
        Motivo,
      ])
      .nullable(),
    consultores_sem_usuario: z
      .union([
        z.array(
          z.object({
            consultor_id: z.int(),
            nome: z.string(),
            id_pipedrive: z.int().nullable(),
            sugestao: z.int().nullable().meta({ description: 'O usuário com o mesmo e-mail' }),
          }),
        ),
        Motivo,
      ])
      .nullable(),
    reconciliado_em: instant.nullable(),
    atribuicao_automatica: z
      .object({ em: instant, negocio_id: z.int(), o_que_fazer: z.string() })
      .nullable()
      .meta({ description: 'Uma regra de lá trocou o dono que a vez escolheu' }),
  })
  .meta({ id: 'EstadoDoPipedrive' })

type Body = z.input<typeof EstadoDoPipedrive>

const OFF: Body = {
  ligado: false,
  conta: null,
  usuario: null,
  orcamento: null,
  pausa: null,
  fila: null,
  ultimo_erro: null,
  webhooks: null,
  consultores_sem_usuario: null,
  reconciliado_em: null,
  atribuicao_automatica: null,
}

/** The account at Pipedrive: made ready, and looked at. */
export function pipedriveRoutes(panel: Panel | undefined): AnyRoute[] {
  return [
    route({
      method: 'post',
      path: '/pipedrive/setup',
      tag,
      summary: 'Prepara a conta do Pipedrive',
      description:
        'Confere o token e cria o que falta: campos, etapa, tipo de atividade, etiqueta, webhooks. Repetir não muda nada; `simular` só olha.',
      scopes: [],
      body: z.object({ simular: z.boolean().default(false) }),
      bodyOptional: true,
      returns: Configuracao,
      fails: { 409: 'Falta PIPEDRIVE_API_TOKEN, ou outra configuração está em curso' },
      handler: async ({ body }) => {
        if (!panel) throw new AppError(409, SEM_TOKEN)
        const simulado = body?.simular ?? false
        return { body: { simulado, passos: await panel.setup(simulado) } }
      },
    }),
    route({
      method: 'get',
      path: '/pipedrive/estado',
      tag,
      summary: 'Diz como está a ligação com o Pipedrive',
      description: 'O que se pergunta ao Pipedrive vale por alguns minutos.',
      scopes: ['leitura'],
      returns: EstadoDoPipedrive,
      handler: async () => ({ body: panel ? toApi(await panel.look()) : OFF }),
    }),
  ]
}

const told = <T, R>(asked: Answered<T>, tell: (valor: T) => R): R | { motivo: string } =>
  'motivo' in asked ? { motivo: asked.motivo } : tell(asked.valor)

function toApi(one: Overview): Body {
  const { dominio, eu, restante, estado, fila, webhooks, semUsuario, reconciliado_em, atribuicao } = one
  const { pausa, ultimo_erro } = estado
  return {
    ligado: true,
    conta: accountOf(dominio, eu),
    usuario: told(eu, ({ id, name, is_admin }) => ({ id, nome: name ?? null, admin: is_admin ?? null })),
    orcamento: restante === undefined ? null : { restante },
    pausa: pausa ? { falha: pausa.falha, ate: pausa.ate.toISOString() } : null,
    fila,
    ultimo_erro: ultimo_erro ? { em: ultimo_erro.em.toISOString(), falha: ultimo_erro.falha } : null,
    webhooks: told(webhooks, (all) =>
      all.map(({ id, event_object, event_action, is_active, last_http_status }) => ({
        id,
        objeto: event_object,
        acao: event_action,
        ativo: is_active !== false,
        ultimo_status: last_http_status ?? null,
      })),
    ),
    consultores_sem_usuario: told(semUsuario, (all) =>
      all.map(({ consultor: { id, nome, id_pipedrive }, sugestao }) => ({
        consultor_id: id,
        nome,
        id_pipedrive: id_pipedrive ?? null,
        sugestao: sugestao ?? null,
      })),
    ),
    reconciliado_em: reconciliado_em?.toISOString() ?? null,
    atribuicao_automatica: atribuicao
      ? { em: atribuicao.em.toISOString(), negocio_id: atribuicao.negocio_id, o_que_fazer: ATRIBUICAO_AUTOMATICA }
      : null,
  }
}

function accountOf(dominio: string | undefined, eu: Overview['eu']): Body['conta'] {
  if ('motivo' in eu) return dominio === undefined ? null : { dominio }
  const { company_domain, company_name } = eu.valor
  return { dominio: company_domain, ...omitUndefined({ nome: company_name ?? undefined }) }
}
