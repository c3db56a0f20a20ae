import { z } from 'zod'
import { Presenca } from './vez.js'

/** Equipe, Canais, Pipedrive, Justiça and Políticas. Instants are ISO 8601 in UTC; what is not known is `null`. */

const em = z.iso.datetime()
const id = z.int()

/** As `GET /consultor/{id}` tells them: `semana: {seg: ['09:00-12:00', '13:00-18:00']}`. */
const Horario = z.strictObject({
  semana: z.record(z.string(), z.array(z.string())).nullable(),
  folgas: z.array(z.string()),
  feriados: z.boolean(),
  fuso: z.string().nullable(),
})

export const Membro = z.strictObject({
  id,
  nome: z.string(),
  email: z.string().nullable(),
  telefone: z.string().nullable(),
  idiomas: z.array(z.string()),
  id_pipedrive: id.nullable(),
  ativo: z.boolean(),
  sequencial: z.boolean(),
  presenca: Presenca,
  equipes: z.array(z.string()),
  /** His own; `null`: he has none. */
  horario: Horario.nullable(),
  /** His own limit of open protocols; `null`: the common one, if there is one. */
  limite: z.int().nullable(),
  sessoes: z.int(),
  /** When his page was last open. */
  visto_em: em.nullable(),
  /** A link that nobody has opened yet holds until then. */
  link_ate: em.nullable(),
})

export const Equipe = z.strictObject({
  membros: z.array(Membro),
  /** Chat accounts that can write to a telephone: by one of them a link is sent. */
  canais: z.array(z.strictObject({ slug: z.string(), nome: z.string() })),
})

/** The same fields as `POST /consultor`; absent ones stay as they are. */
export const MudancaDeMembro = z.strictObject({
  nome: z.string().optional(),
  idiomas: z.array(z.string()).optional(),
  email: z.string().nullable().optional(),
  telefone: z.string().nullable().optional(),
  id_pipedrive: id.nullable().optional(),
  ativo: z.boolean().optional(),
  sequencial: z.boolean().optional(),
  equipes: z.array(z.string()).optional(),
  limite: z.int().nullable().optional(),
  horario: Horario.partial().nullable().optional(),
})
export const NovoMembro = MudancaDeMembro.extend({ nome: z.string(), idiomas: z.array(z.string()) })

const SituacaoDoCanal = z.enum(['bem', 'silencioso', 'recusando', 'desligado'])

export const Canal = z.strictObject({
  slug: z.string(),
  nome: z.string(),
  plataforma: z.string(),
  plataforma_nome: z.string(),
  ativo: z.boolean(),
  idioma: z.string(),
  gatilho: z.string(),
  situacao: SituacaoDoCanal,
  /** The same in words: `Nenhum evento há 26 h`. */
  frase: z.string(),
  ultimo_evento_em: em.nullable(),
  /** Customers who wait by it. */
  esperando: z.int(),
})

export const CanalDetalhe = Canal.extend({
  webhook_url: z.string(),
  eventos: z.array(
    z.strictObject({
      em,
      especie: z.string(),
      situacao: z.string(),
      motivo: z.string().nullable(),
      detalhe: z.string().nullable(),
    }),
  ),
  ultimas_24h: z.record(z.string(), z.int()),
})

export const TestarCanal = z.strictObject({ texto: z.string().trim().min(1).max(1_000).optional() })
export const TesteDoCanal = z.strictObject({
  chamaria: z.boolean(),
  situacao: z.string(),
  motivo: z.string().nullable(),
  consultor: z.string().nullable(),
  texto: z.string(),
  credenciais: z.enum(['boas', 'recusadas', 'nao_verificadas']),
  credenciais_motivo: z.string().nullable(),
  detalhe: z.string().nullable(),
})

/** `GET /pipedrive/estado`, as far as a person needs it. */
export const Pipedrive = z.strictObject({
  ligado: z.boolean(),
  conta: z.string().nullable(),
  usuario: z.string().nullable(),
  orcamento: z.strictObject({ restante: z.int(), limite: z.int().nullable(), em: em.nullable() }).nullable(),
  pausas: z.array(z.strictObject({ frase: z.string(), ate: em, tudo: z.boolean() })),
  fila: z
    .strictObject({
      pendentes: z.int(),
      em_curso: z.int(),
      mortas: z.int(),
      limitada: z.boolean(),
      motivos: z.array(
        z.strictObject({
          estado: z.enum(['morta', 'pendente']),
          tipo: z.string(),
          motivo: z.string(),
          quantas: z.int(),
          desde: em,
          protocolos: z.array(z.string()),
        }),
      ),
    })
    .nullable(),
  ultimo_erro: z.strictObject({ em, frase: z.string() }).nullable(),
  ultima_sincronizacao: z.strictObject({ em, protocolo: z.string() }).nullable(),
  webhooks: z.array(
    z.strictObject({ objeto: z.string(), acao: z.string(), ativo: z.boolean(), status: z.int().nullable() }),
  ),
  /** Why the webhooks are not known. */
  webhooks_motivo: z.string().nullable(),
  sem_usuario: z.array(z.strictObject({ consultor_id: id, nome: z.string(), sugestao: z.int().nullable() })),
  reconciliado_em: em.nullable(),
  /** Where a new deal is made: `Vendas › Entrada`. */
  em_uso: z.array(z.strictObject({ nome: z.string(), valor: z.string() })),
  recomendacoes: z.array(z.string()),
})

/** Days, as `2026-01-31`; both are counted. Without them: the last 30 days. */
export const Periodo = z.strictObject({ desde: z.iso.date().optional(), ate: z.iso.date().optional() })

export const Justica = z.strictObject({
  desde: em,
  ate: em,
  fuso: z.string(),
  total: z.int(),
  pessoas: z.array(
    z.strictObject({
      consultor_id: id.nullable(),
      nome: z.string().nullable(),
      /** All that he was given. */
      total: z.int(),
      /** Of them by the rule, to a preferred person, numbers without a turn, and helped elsewhere; `null`: the ledger does not know. */
      regra: z.int().nullable(),
      preferido: z.int().nullable(),
      numero: z.int().nullable(),
      ajudou: z.int().nullable(),
      /** Of those by the rule: whose customer came back to somebody who was absent. */
      voltaram: z.int().nullable(),
      online_s: z.int().nullable(),
      pausa_s: z.int().nullable(),
      /** Why he got more or fewer than the rule alone would have given, in a sentence. */
      frase: z.string().nullable(),
    }),
  ),
  por_dia: z.array(z.strictObject({ dia: z.string(), total: z.int() })),
  por_idioma: z.array(z.strictObject({ idioma: z.string().nullable(), total: z.int() })),
  por_canal: z.array(
    z.strictObject({ canal: z.string().nullable(), plataforma: z.string().nullable(), total: z.int() }),
  ),
  /** The largest difference between people who were there all the time and speak the same; the promise is at most 1. */
  maior_diferenca: z.strictObject({
    /** `null`: no two people could be compared. */
    diferenca: z.int().nullable(),
    cumprida: z.boolean(),
    frase: z.string(),
    desde: em.nullable(),
    ate: em.nullable(),
  }),
  espera: z.strictObject({ clientes: z.int(), mediana_s: z.int().nullable(), pior_s: z.int().nullable() }),
  /** Numbers of the period of which the ledger does not know how they came about. */
  sem_livro: z.int(),
})

/** What the replay of the whole history says. `turnos`: the last number that there is. */
export const Prova = z.strictObject({
  disponivel: z.boolean(),
  identica: z.boolean().nullable(),
  frase: z.string(),
  turnos: z.int().nullable(),
  divergencias: z.array(z.strictObject({ versao: z.int().nullable(), frase: z.string() })),
})

export const Politicas = z.strictObject({
  grupos: z.array(
    z.strictObject({
      titulo: z.string(),
      itens: z.array(
        z.strictObject({
          titulo: z.string(),
          /** In words: `20 segundos`, `ligado`. */
          valor: z.string(),
          explica: z.string(),
          /** Where it is set: `ESPERA_INTERVALO_S`, `PUT /canais/vendas`. */
          onde: z.string(),
        }),
      ),
    }),
  ),
})

export type Membro = z.output<typeof Membro>
export type Equipe = z.output<typeof Equipe>
export type MudancaDeMembro = z.input<typeof MudancaDeMembro>
export type Canal = z.output<typeof Canal>
export type CanalDetalhe = z.output<typeof CanalDetalhe>
export type TesteDoCanal = z.output<typeof TesteDoCanal>
export type Pipedrive = z.output<typeof Pipedrive>
export type Justica = z.output<typeof Justica>
export type Prova = z.output<typeof Prova>
export type Politicas = z.output<typeof Politicas>
