import { z } from 'zod'
import { STATUS } from '../../protocolos/model.js'
import { ESTADOS } from '../../tarefas/model.js'
import { PRIORIDADES } from '../../vez/document.js'
import { Presenca } from './vez.js'

/** Espera, Protocolos, Problemas and what can be done there. Instants are ISO 8601 in UTC; what is not known is `null`. */

const em = z.iso.datetime()
const id = z.int()
const quem = z.strictObject({ consultor_id: id, nome: z.string().nullable() })
const motivo = z.string().trim().min(1).max(200)

export const Porque = z.strictObject({
  /** The whole reason in words. */
  frase: z.string(),
  por: z.enum(['regra', 'preferido', 'numero', 'ajudou']).nullable(),
  candidatos: z.int().nullable(),
  /** Who stood before him and could not. */
  antes: z.array(quem.extend({ motivo: z.string(), desde: em.nullable() })),
  /** How many more, by reason. */
  mais: z.record(z.string(), z.int()).nullable(),
  depois: quem.nullable(),
  /** Why it was not this person, where that was asked. */
  perguntado: quem.extend({ motivo: z.string(), frase: z.string() }).nullable(),
})

export const Espera = z.strictObject({
  itens: z.array(
    z.strictObject({
      id: z.string(),
      posicao: z.int(),
      idioma: z.string(),
      equipe: z.string().nullable(),
      canal: z.string().nullable(),
      cliente: z.string().nullable(),
      /** Masked: `+55 11 •••••-4321`. */
      telefone: z.string().nullable(),
      desde: em,
      ate: em,
      /** Of the first 50: docs/motivos.md. */
      motivo: z.string().nullable(),
      frase: z.string().nullable(),
    }),
  ),
  total: z.int(),
})

export const ComMotivo = z.strictObject({ motivo })

/** What is looked for. `q` is a telephone, the begin of a name, or a number with or without `#`. */
export const BuscaDeProtocolos = z.strictObject({
  q: z.string().trim().max(128).optional(),
  status: z.enum(STATUS).optional(),
  responsavel_id: id.min(1).optional(),
  canal: z.string().max(64).optional(),
  idioma: z.string().max(16).optional(),
  /** Days, as `2026-01-31`, in the service's zone. */
  desde: z.iso.date().optional(),
  ate: z.iso.date().optional(),
  limit: z.int().min(1).max(100).default(50),
  /** Where the answer before ended: its `continua`. */
  continua: z.string().max(80).optional(),
})

export const ProtocoloNaLista = z.strictObject({
  n: z.int(),
  numero: z.string(),
  em,
  cliente: z.string().nullable(),
  /** Masked. */
  telefone: z.string().nullable(),
  consultor: quem.nullable(),
  /** Who has the customer now; somebody whom only the platform knows has no id. */
  responsavel: z.strictObject({ consultor_id: id.nullable(), nome: z.string().nullable() }).nullable(),
  idioma: z.string().nullable(),
  canal: z.string().nullable(),
  plataforma: z.string().nullable(),
  status: z.enum(STATUS),
  prioridade: z.enum(PRIORIDADES),
  /** The protocol that it continues. */
  continua: z.int().nullable(),
  /** The deal or lead at Pipedrive. */
  negocio: z.string().nullable(),
})

export const ProtocolosAchados = z.strictObject({
  itens: z.array(ProtocoloNaLista),
  total: z.int(),
  /** There are more than `total`. */
  limitado: z.boolean(),
  /** To be sent for the next ones; `null`: these are all. */
  continua: z.string().nullable(),
})

export const Tarefa = z.strictObject({
  id: z.string(),
  tipo: z.string(),
  /** What it is, in words: `Texto ao cliente: atribuído`. */
  titulo: z.string(),
  estado: z.enum(ESTADOS),
  motivo: z.string().nullable(),
  /** The same in words. */
  frase: z.string().nullable(),
  /** Nobody knows whether it took effect: done again it may come twice. */
  incerta: z.boolean(),
  protocolo: z.string().nullable(),
  n: z.int().nullable(),
  canal: z.string().nullable(),
  tentativas: z.int(),
  criada_em: em,
  vence_em: em,
  encerrada_em: em.nullable(),
})

export const ProtocoloDetalhe = ProtocoloNaLista.extend({
  descricao: z.string().nullable(),
  email: z.string().nullable(),
  tem_telefone: z.boolean(),
  ultimo_contato_em: em,
  encerrado_em: em.nullable(),
  anonimizado_em: em.nullable(),
  esperou_desde: em.nullable(),
  porque: Porque,
  /** All that happened, the oldest first, in words. */
  historia: z.array(z.strictObject({ em, tipo: z.string(), frase: z.string(), por: z.string().nullable() })),
  trabalho: z.array(Tarefa),
  pipedrive: z
    .strictObject({
      pessoa: z.string().nullable(),
      negocio: z.string().nullable(),
      lead: z.string().nullable(),
      atividade: z.string().nullable(),
      situacao: z.string().nullable(),
      motivo_da_perda: z.string().nullable(),
      /** What a person should look at. */
      avisos: z.array(z.string()),
    })
    .nullable(),
  /** Where the conversation is opened at the platform. */
  conversa: z.string().nullable(),
})

/** The telephone that was masked, when somebody asks for it. */
export const Contato = z.strictObject({
  nome: z.string().nullable(),
  telefone: z.string().nullable(),
  email: z.string().nullable(),
  /** `https://wa.me/…` */
  whatsapp: z.string().nullable(),
})

export const Passar = z.strictObject({ consultor_id: id.min(1), motivo })
export const NovoStatus = z.strictObject({ status: z.enum(STATUS), motivo: motivo.optional() })

/** Pause, online, offline. */
export const NovaPresenca = z.strictObject({
  presenca: Presenca,
  motivo: motivo.optional(),
  /** When a pause ends by itself. */
  ate: z.iso.datetime({ offset: true }).optional(),
})

/** Out of the sequence, with a reason; and back, which is also what undoes it. The place in the line stays. */
export const NovaSequencia = z.strictObject({ participa: z.boolean(), motivo: motivo.optional() })

export const Problemas = z.strictObject({
  mortas: z.array(Tarefa),
  repetindo: z.array(Tarefa),
  /** Up to 1,000 of each are counted. */
  contagem: z.strictObject({ mortas: z.int(), repetindo: z.int(), limitada: z.boolean() }),
  canais: z.array(
    z.strictObject({
      slug: z.string(),
      nome: z.string(),
      situacao: z.enum(['silencioso', 'recusando', 'desligado']),
      frase: z.string(),
    }),
  ),
  pipedrive: z.strictObject({ frase: z.string(), ate: em.nullable() }).nullable(),
  /** Entries that the database refused, and whether it takes writes. */
  banco: z.strictObject({ recusados: z.int(), grava: z.boolean() }),
})

/** Dead work that is done again at once: of one reason, or of one queue. */
export const RepetirVarias = z.strictObject({
  motivo: z.string().min(1).max(200).optional(),
  fila: z.enum(['chat', 'pipedrive']).optional(),
})
export const Repetidas = z.strictObject({ repetidas: z.int(), ha_mais: z.boolean() })

export type Porque = z.output<typeof Porque>
export type Espera = z.output<typeof Espera>
export type BuscaDeProtocolos = z.input<typeof BuscaDeProtocolos>
export type ProtocoloNaLista = z.output<typeof ProtocoloNaLista>
export type ProtocolosAchados = z.output<typeof ProtocolosAchados>
export type ProtocoloDetalhe = z.output<typeof ProtocoloDetalhe>
export type Contato = z.output<typeof Contato>
export type Tarefa = z.output<typeof Tarefa>
export type Problemas = z.output<typeof Problemas>
export type NovaPresenca = z.input<typeof NovaPresenca>
