import { z } from 'zod'
import { HorarioDaApi } from '../agenda/schema.js'
import { template, text } from '../http/text.js'
import { CAMPOS } from '../lib/template.js'
import { AjustesDaConta } from '../pipedrive/ajustes-da-conta.js'
import { Equipe, Idioma } from '../vez/schema.js'
import { IDIOMAS_DE_TEXTO, NOMES_DE_TEXTO } from './texts.js'

const textos = z
  .partialRecord(z.enum(IDIOMAS_DE_TEXTO), z.partialRecord(z.enum(NOMES_DE_TEXTO), template(1_000)))
  .meta({
    description: `Textos próprios, por idioma (${IDIOMAS_DE_TEXTO.join(', ')}). Campos: ${CAMPOS.map((one) => `{${one}}`).join(' ')}; {primeiro_nome} é o do consultor.`,
    example: { pt: { atribuido: 'Olá! {consultor} vai atender você. Protocolo {protocolo}.' } },
  })

/** What may be said of an account, each with its shape and its description. */
export const fields = {
  nome: text(1, 255).meta({ description: 'Para as pessoas', example: 'WhatsApp de vendas' }),
  ativo: z.boolean().meta({ description: 'Uma conta inativa responde 401' }),
  idioma: Idioma.meta({ description: 'De quem não diz o seu', example: 'pt' }),
  equipe: Equipe.nullable().meta({
    description: 'Os clientes desta conta são só desta equipe; `null`: de todos. Maiúsculas e acentos não contam',
    example: 'vendas',
  }),
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
  horario: HorarioDaApi.nullable().meta({
    description: 'O expediente da conta: fora dele ninguém recebe a vez por ela. `null`: sempre',
  }),
  janela_h: z.number().min(0).max(8_760).meta({
    example: 24,
    description: 'Por quantas horas sem contato o cliente continua com o mesmo consultor; 0 = nunca',
  }),
  esperar: z.boolean().meta({ description: 'Quem não encontra ninguém espera na fila' }),
  espera_max_min: z.int().min(1).max(1_440).meta({ example: 120, description: 'Por quantos minutos, no máximo' }),
  idade_max_min: z
    .int()
    .min(1)
    .max(43_200)
    .meta({ example: 1_440, description: 'Mensagens mais velhas não pegam a vez' }),
  responsavel_ausente: z.enum(['passar', 'manter']).meta({
    description:
      'O cliente volta e o seu consultor está ausente: `passar` (outro que esteja disponível o recebe, com um protocolo novo que continua o antigo) ou `manter` (fica com ele). O cliente é avisado uma vez',
  }),
  ausente_min: z.int().min(0).max(1_440).meta({
    example: 15,
    description: 'A partir de quantos minutos offline, ou fora do seu horário, um consultor está ausente',
  }),
  conversa_nossa_h: z.number().min(0).max(8_760).meta({
    example: 0,
    description:
      'Por quantas horas o cliente a quem uma pessoa escreveu do telefone da empresa não pega a vez, se não pedir alguém; 0 = sempre pega',
  }),
  ligacoes: z.boolean().meta({ description: 'Uma ligação que ninguém atendeu conta como mensagem' }),
  textos,
  avisar_consultor: z.boolean().meta({ description: 'Manda ao telefone do consultor o cliente e o protocolo' }),
  comandos: z.boolean().meta({
    description: 'O consultor escreve `online`, `offline`, `pausa` (`pausa 30 almoço`) ou `fila` do seu telefone',
  }),
  disponibilidade: z.boolean().meta({ description: 'Quem está online na plataforma está online aqui' }),
  pipedrive: AjustesDaConta,
  ajustes: z.record(z.string(), z.unknown()).meta({
    description: 'O que a plataforma pede: os campos de `ajustes` em `POST /canais`. Um segredo volta como `***`',
    example: { instancia: 'loja1', chave_api: '***' },
  }),
}

/** An account's options as they are stored. */
export type Opcoes = Omit<z.output<z.ZodObject<typeof fields>>, 'ajustes'>

/** What an account has that does not say otherwise; `gatilho` and `esperar` follow from its platform. */
export const PADROES = {
  ativo: true,
  idioma: 'pt',
  equipe: null,
  palavras: ['atendente', 'humano', 'consultor', 'vendedor', 'pessoa'],
  horario: null,
  janela_h: 24,
  espera_max_min: 120,
  idade_max_min: 1_440,
  responsavel_ausente: 'passar',
  ausente_min: 15,
  conversa_nossa_h: 0,
  ligacoes: false,
  textos: {},
  avisar_consultor: false,
  comandos: false,
  disponibilidade: false,
  pipedrive: {},
} satisfies Partial<Opcoes>

/** What an account has that a release stored which did not know these. */
export const ANTES = {
  equipe: null,
  horario: null,
  responsavel_ausente: 'manter',
  ausente_min: 15,
  conversa_nossa_h: 0,
  pipedrive: {},
} satisfies Partial<Opcoes>
