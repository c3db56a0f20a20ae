import { z } from 'zod'
import { text } from '../http/text.js'
import { Idioma } from '../vez/schema.js'
import { CAMPOS, IDIOMAS_DE_TEXTO, NOMES_DE_TEXTO, unknownField } from './texts.js'

/** `/webhooks/pipedrive` is Pipedrive's own: no chat platform and no account is called so. */
export const RESERVED = 'pipedrive'
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/

/** What the routes of one account say of a slug that is nobody's. */
export const DESCONHECIDO = { 404: 'Canal não encontrado' }

export const Detalhe = z.object({ detail: z.string() })

export const Slug = z.object({
  slug: z
    .string()
    .regex(SLUG, { message: 'De 1 a 40 letras minúsculas, números e hífens' })
    .refine((slug) => slug !== RESERVED, { message: `\`${RESERVED}\` é um nome reservado` })
    .meta({ description: 'O nome da conta no endereço do webhook', example: 'vendas' }),
})

const template = text(1, 1_000).superRefine((value, ctx) => {
  const unknown = unknownField(value)
  if (unknown === undefined) return
  ctx.addIssue({
    code: 'custom',
    message: `{${unknown.slice(0, 40)}} não existe: use ${CAMPOS.map((one) => `{${one}}`).join(', ')}`,
  })
})

const textos = z.partialRecord(z.enum(IDIOMAS_DE_TEXTO), z.partialRecord(z.enum(NOMES_DE_TEXTO), template)).meta({
  description: `Textos próprios, por idioma (${IDIOMAS_DE_TEXTO.join(', ')}). Campos: ${CAMPOS.map((one) => `{${one}}`).join(' ')}; {primeiro_nome} é o do consultor.`,
})

const fields = {
  nome: text(1, 255).meta({ description: 'Para as pessoas', example: 'WhatsApp de vendas' }),
  ativo: z.boolean().meta({ description: 'Uma conta inativa responde 401' }),
  idioma: Idioma.meta({ description: 'De quem não diz o seu', example: 'pt' }),
  gatilho: z.enum(['sempre', 'palavra', 'transferencia']).meta({
    description:
      'Quando alguém é chamado: `sempre` (qualquer mensagem de quem não está em atendimento), `palavra` (palavra-chave ou botão), `transferencia` (a plataforma diz)',
  }),
  palavras: z
    .array(text(1, 64))
    .max(50)
    .meta({
      description: 'Palavras e ids de botão; maiúsculas e acentos não contam',
      example: ['atendente', 'humano'],
    }),
  janela_h: z.number().min(0).max(8_760).meta({
    description: 'Por quantas horas sem contato o cliente continua com o mesmo consultor; 0 = nunca',
  }),
  esperar: z.boolean().meta({ description: 'Quem não encontra ninguém espera na fila' }),
  espera_max_min: z.int().min(1).max(1_440).meta({ description: 'Por quantos minutos, no máximo' }),
  idade_max_min: z.int().min(1).max(43_200).meta({ description: 'Mensagens mais velhas não pegam a vez' }),
  textos,
  avisar_consultor: z.boolean().meta({ description: 'Manda ao telefone do consultor o cliente e o protocolo' }),
  comandos: z.boolean().meta({ description: 'O consultor escreve `online` ou `offline` do seu telefone' }),
  disponibilidade: z.boolean().meta({ description: 'Quem está online na plataforma está online aqui' }),
  ajustes: z.record(z.string(), z.unknown()).meta({
    description: 'O que a plataforma pede: veja `GET /plataformas`',
  }),
}

export const NovoCanal = z
  .object({
    ...Slug.shape,
    plataforma: z.string().meta({ example: 'evolution' }),
    ...z.object(fields).partial().shape,
    nome: fields.nome,
  })
  .meta({ id: 'NovoCanal' })

export const MudancaDeCanal = z
  .object({ ...fields, palavras: fields.palavras })
  .partial()
  .meta({
    id: 'MudancaDeCanal',
    description: 'Só o que muda; em `ajustes`, um campo que não vem fica como está e `null` o apaga',
  })

export const CanalDaApi = z
  .object({
    ...Slug.shape,
    plataforma: z.string(),
    ...fields,
    webhook_url: z.string().meta({ description: 'Sem o segredo, que só aparece quando é feito' }),
    criado_em: z.iso.datetime(),
  })
  .meta({ id: 'Canal' })

export const CanalComSegredo = CanalDaApi.extend({
  segredo: z.string().nullable().meta({ description: 'Só aparece aqui, agora' }),
  instrucoes: z.array(z.string()).meta({ description: 'O que fazer na plataforma, passo a passo' }),
}).meta({ id: 'CanalComSegredo' })

export const Amostra = z
  .object({
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
    credenciais: z.enum(['boas', 'recusadas', 'nao_verificadas']),
    detalhe: z.string().nullable(),
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
    cliente: z.string().nullable(),
    desde: z.iso.datetime(),
    ate: z.iso.datetime(),
  })
  .meta({ id: 'Espera' })
