import { z } from 'zod'
import type { SetupStep } from '../../integrations/pipedrive/setup.js'
import { type AnyRoute, route } from '../http/route.js'
import { AppError } from '../lib/errors.js'

const tag = 'pipedrive'
const SEM_TOKEN = 'O Pipedrive está desligado: defina PIPEDRIVE_API_TOKEN e inicie o serviço de novo'

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

/** How the connection to Pipedrive is doing. */
export type Estado = z.input<typeof EstadoDoPipedrive>

/** What an administrator can see and do. */
export interface Panel {
  /** Throws an AppError 409 while another one is under way. */
  setup(simular: boolean): Promise<SetupStep[]>
  /** Answers even when Pipedrive does not: a part that could not be read says why. */
  look(): Promise<Estado>
}

const OFF: Estado = {
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
      body: z.strictObject({ simular: z.boolean().default(false) }),
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
      handler: async () => ({ body: panel ? await panel.look() : OFF }),
    }),
  ]
}
