import { z } from 'zod'
import { instant, orNull, text } from '../http/text.js'
import { Fora, Idioma, MOTIVOS } from '../vez/schema.js'
import { fields } from './options.js'

/** `/webhooks/pipedrive` is the CRM's webhook: no platform and no account may have this name. */
export const RESERVED = 'pipedrive'
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/

/** The failure of routes that name an account that does not exist. */
export const DESCONHECIDO = { 404: 'Canal não encontrado' }

export const Detalhe = z.object({ detail: z.string() })

export const Slug = z.object({
  slug: z
    .string()
    .regex(SLUG, {
      message: 'De 1 a 40 letras minúsculas sem acento, números e hífens, sem hífen nas pontas, como vendas-2',
    })
    .refine((slug) => slug !== RESERVED, { message: `\`${RESERVED}\` é um nome reservado` })
    .meta({ description: 'O nome da conta no endereço do webhook, como `vendas`' }),
})

export const MudancaDeCanal = z
  .strictObject({ ...fields, palavras: fields.palavras })
  .partial()
  .meta({
    id: 'MudancaDeCanal',
    description: 'Só o que muda; em `ajustes`, um campo que não vem fica como está e `null` o apaga',
  })

export const CanalDaApi = z
  .object({
    slug: Slug.shape.slug.meta({ example: 'vendas' }),
    plataforma: z.string().meta({ example: 'evolution' }),
    ...fields,
    // An earlier release took others than codes.
    idioma: z.string(),
    webhook_url: z.string().meta({
      description:
        'O que se cola na plataforma. O segredo só aparece quando é feito: depois, onde ele viaja no endereço, este termina em `/<segredo>`, assim mesmo',
    }),
    segredo_dica: z
      .string()
      .nullable()
      .meta({ description: 'O que fazer se o segredo se perdeu; `null` quando ele é da plataforma' }),
    criado_em: z.iso.datetime(),
  })
  .meta({ id: 'Canal' })

const EventoDoCanal = z
  .object({
    em: z.iso.datetime(),
    especie: z
      .string()
      .meta({ description: 'O tipo do evento, como a plataforma o chama', example: 'messages.upsert' }),
    situacao: z.string().meta({ example: 'ignorado' }),
    motivo: z.string().nullable().meta({ description: 'docs/motivos.md diz o que fazer', example: 'outra_conta' }),
    detalhe: z.string().nullable().meta({ description: 'O que falta ou não confere, em palavras' }),
  })
  .meta({ id: 'EventoDoCanal' })

export const CanalComEventos = CanalDaApi.extend({
  eventos: z.array(EventoDoCanal).meta({
    description: 'Os últimos 20, os mais novos primeiro; os de outros processos aparecem em até 5 s',
  }),
  ultimas_24h: z.record(z.string(), z.int()).meta({
    description: 'Quantos eventos, por `motivo` dos ignorados e recusados e por `situacao` dos outros',
    example: { atribuido: 12, recibo: 300, segredo_errado: 1 },
  }),
}).meta({ id: 'CanalComEventos' })

export const CanalComSegredo = CanalDaApi.extend({
  segredo: z.string().nullable().meta({ description: 'Só aparece aqui, agora' }),
  segredo_anterior_ate: z.iso
    .datetime()
    .optional()
    .meta({ description: 'Até quando o anterior ainda vale; só quando este o substitui' }),
  instrucoes: z.array(z.string()).meta({ description: 'O que fazer na plataforma, passo a passo' }),
}).meta({ id: 'CanalComSegredo' })

export const Amostra = z
  .strictObject({
    texto: text(1, 1_000).default('atendente'),
    idioma: Idioma.optional(),
    contato_id: text(1, 128).optional(),
  })
  .partial()
  .meta({ id: 'Amostra', description: 'Uma mensagem de exemplo' })

export const ResultadoDoTeste = z
  .object({
    chamaria: z.boolean().meta({ description: 'Esta mensagem pediria um consultor' }),
    situacao: z.string(),
    motivo: z.string().nullable(),
    consultor: z.string().nullable(),
    texto: z.string(),
    credenciais: z.enum(['boas', 'recusadas', 'nao_verificadas']).meta({
      description: '`recusadas`: endereço, conta ou chave não servem. `nao_verificadas`: não há o que perguntar',
    }),
    credenciais_motivo: z
      .string()
      .nullable()
      .meta({ description: 'O que está errado: docs/motivos.md', example: 'chave_errada' }),
    detalhe: z.string().nullable().meta({ description: 'O que está errado e o que fazer, em palavras' }),
  })
  .meta({ id: 'ResultadoDoTeste' })

export const PlataformaDaApi = z
  .object({
    plataforma: z.string(),
    nome: z.string(),
    gatilhos: z.array(z.string()).meta({ description: 'O primeiro é o padrão' }),
    envia: z.boolean(),
    atribui: z.boolean(),
    secretos: z.array(z.string()),
    ajustes: z.unknown().meta({ description: 'JSON Schema de `ajustes`' }),
  })
  .meta({ id: 'Plataforma' })

export const EsperaDaApi = z
  .object({
    id: z.string().meta({ description: 'Um hash: não diz nada do cliente' }),
    posicao: z.int(),
    canal: z.string().nullable(),
    idioma: z.string(),
    equipe: orNull(z.string()),
    cliente: z.string().nullable(),
    desde: z.iso.datetime(),
    ate: z.iso.datetime(),
  })
  .meta({ id: 'Espera' })

export const PorqueDaEspera = z
  .object({
    id: z.string(),
    posicao: z.int(),
    idioma: z.string(),
    desde: instant,
    ate: instant,
    motivo: z
      .enum([...MOTIVOS, 'intervalo', 'atras', 'agora', 'expirada'])
      .meta({ description: 'docs/motivos.md diz o que significa', example: 'ninguem_online' }),
    consultor: orNull(z.object({ consultor_id: z.int(), nome: z.string() }), { description: 'De quem é a vez' }),
    a_partir_de: orNull(instant, { description: 'Quando ele recebe o próximo da espera' }),
    fora: orNull(Fora),
    abre_em: orNull(instant, { description: 'De `fora_do_horario`: quando alguém está lá de novo' }),
    frase: z.string().meta({
      example:
        'Espera desde 09:40, até 11:40, no lugar 2 da fila. Ninguém pode atender agora: 2 offline e 1 não fala inglês.',
    }),
  })
  .meta({ id: 'PorqueDaEspera' })
