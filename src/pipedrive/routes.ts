import { z } from 'zod'
import type { SetupStep } from '../../integrations/pipedrive/setup-step.js'
import { type AnyRoute, route } from '../http/route.js'
import { instant } from '../http/text.js'
import { AppError } from '../lib/errors.js'

const tag = 'pipedrive'
const SEM_TOKEN = 'O Pipedrive está desligado: defina PIPEDRIVE_API_TOKEN e inicie o serviço de novo'

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

const Pausa = z
  .object({
    falha: z.string(),
    motivo: z.string().meta({ description: 'A falha em palavras' }),
    ate: instant.meta({ description: 'Depois disso continua sozinho' }),
    alcance: z
      .enum(['tudo', 'negocios_novos'])
      .meta({ description: 'O que espera: todas as chamadas, ou só a criação de negócios' }),
  })
  .meta({ id: 'PausaDoPipedrive' })

const Parada = z
  .object({
    estado: z.enum(['morta', 'pendente']),
    tipo: z.string(),
    motivo: z.string(),
    quantas: z.int(),
    desde: instant,
    protocolos: z.array(z.string()).meta({ description: 'Alguns deles' }),
  })
  .meta({ id: 'TarefasParadas' })

const Nomeado = z.object({ id: z.int(), nome: z.string().nullable() })
/** Labels of deals have numbers, those of leads have UUIDs. */
const Etiqueta = z.object({ nome: z.string(), id: z.union([z.int(), z.string()]).nullable() }).nullable()

const EmUsoDaConta = z
  .object({
    canal: z.string(),
    idioma: z.string().nullable(),
    funil: Nomeado.nullable(),
    etapa: Nomeado.nullable(),
    etiqueta: Etiqueta,
    atividade: z.boolean(),
    tipo_atividade: z.string(),
    nota: z.boolean(),
    problemas: z.array(z.string()).meta({ description: 'O que a conta do Pipedrive não tem' }),
  })
  .meta({ id: 'EmUsoDaContaDeChat' })

const EmUso = z
  .object({
    funil: Nomeado,
    etapa: Nomeado,
    campos: z.array(
      z.object({
        nome: z.string(),
        codigo: z.string().nullable().meta({ description: 'A chave do campo lá; `null`: não existe, não é gravado' }),
        tipo: z.string().nullable(),
      }),
    ),
    etiqueta: Etiqueta,
    tipo_atividade: z.string(),
    atividade: z.boolean().meta({ description: 'Se as atividades são criadas' }),
    nota: z.boolean().meta({ description: 'Se as notas são criadas' }),
    criar: z.enum(['negocio', 'lead']),
    contas: z.array(EmUsoDaConta).meta({ description: 'O que contas de chat, e idiomas delas, têm diferente' }),
  })
  .meta({ id: 'EmUsoNoPipedrive' })

const EstadoDoPipedrive = z
  .object({
    ligado: z.boolean(),
    conta: z.object({ dominio: z.string(), nome: z.string().optional() }).nullable(),
    usuario: z
      .union([z.object({ id: z.int(), nome: z.string().nullable(), admin: z.boolean().nullable() }), Motivo])
      .nullable()
      .meta({ description: 'De quem é o token' }),
    orcamento: z
      .object({
        restante: z.int(),
        limite: z.int().nullable().meta({ description: 'De um dia inteiro' }),
        em: instant.nullable(),
      })
      .nullable()
      .meta({ description: 'Tokens do dia da empresa, de todas as integrações, como o Pipedrive disse por último' }),
    pausa: Pausa.nullable().meta({ description: 'A que mais impede, se há alguma' }),
    pausas: z.array(Pausa).nullable(),
    fila: z
      .object({
        pendentes: z.int(),
        em_curso: z.int(),
        mortas: z.int(),
        limitada: z.boolean().meta({ description: 'Há mais: só se conta até um limite' }),
        motivos: z.array(Parada).meta({ description: 'Por que se espera, e do que se morreu; as mortas primeiro' }),
      })
      .nullable(),
    ultimo_erro: z.object({ em: instant, falha: z.string(), motivo: z.string() }).nullable(),
    ultima_sincronizacao: z
      .object({ em: instant, protocolo: z.string() })
      .nullable()
      .meta({ description: 'A última que deu certo' }),
    em_uso: z.union([EmUso, Motivo]).nullable().meta({ description: 'Onde e com que um negócio novo é gravado' }),
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
    recomendacoes: z.array(z.string()).nullable().meta({ description: 'O que ligar, e o que isso traz' }),
    usuarios_repetidos: z
      .array(
        z.object({
          id_pipedrive: z.int(),
          consultores: z.array(z.object({ consultor_id: z.int(), nome: z.string() })),
        }),
      )
      .nullable()
      .meta({ description: 'Usuários de mais de um consultor: o que se muda lá conta para o primeiro' }),
    reconciliado_em: instant.nullable(),
    atribuicao_automatica: z.object({ em: instant, negocio_id: z.int(), o_que_fazer: z.string() }).nullable().meta({
      description: 'Três negócios seguidos trocaram de dono logo depois de criados: provavelmente uma regra de lá',
    }),
  })
  .meta({ id: 'EstadoDoPipedrive' })

/** How the connection to Pipedrive is doing. */
export type Estado = z.input<typeof EstadoDoPipedrive>

/** What an administrator can see and do. */
export interface Panel {
  /** Throws an AppError 409 while another one is under way. */
  setup(asked: { readonly simular: boolean; readonly mapear: boolean }): Promise<SetupStep[]>
  /** Answers even when Pipedrive does not: a part that could not be read says why. */
  look(): Promise<Estado>
}

const OFF: Estado = {
  ligado: false,
  conta: null,
  usuario: null,
  orcamento: null,
  pausa: null,
  pausas: null,
  fila: null,
  ultimo_erro: null,
  ultima_sincronizacao: null,
  em_uso: null,
  webhooks: null,
  consultores_sem_usuario: null,
  recomendacoes: null,
  usuarios_repetidos: null,
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
      body: z.strictObject({
        simular: z.boolean().default(false).meta({ description: 'Só olha e diz o que faria' }),
        mapear: z
          .boolean()
          .default(false)
          .meta({ description: 'Dá a cada consultor sem usuário o do mesmo e-mail; com `simular` só os mostra' }),
      }),
      bodyOptional: true,
      examples: {
        simular: { summary: 'Só olhar', value: { simular: true } },
        mapear: { summary: 'Mostrar quem receberia qual usuário', value: { simular: true, mapear: true } },
      },
      returns: Configuracao,
      fails: { 409: 'Falta PIPEDRIVE_API_TOKEN, ou outra configuração está em curso' },
      handler: async ({ body }) => {
        if (!panel) throw new AppError(409, SEM_TOKEN)
        const { simular = false, mapear = false } = body ?? {}
        return { body: { simulado: simular, passos: await panel.setup({ simular, mapear }) } }
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
