import { z } from 'zod'
import { STATUS } from '../../protocolos/model.js'
import { Presenca } from './vez.js'

/** What `/eu` asks. Who it is about is said by the session only. Of colleagues it tells names and the order, never a customer. */

const em = z.iso.datetime()
const id = z.int()
/** Seconds since 1970, UTC. */
const instante = z.int()

/** His place in the line of one language (and team). */
export const Lugar = z.strictObject({
  idioma: z.string(),
  equipe: z.string().nullable(),
  /** 1 is next; `null`: he takes no turn in it now. */
  posicao: z.int().nullable(),
  /** Who stands before him, by name and in order; at most 10. */
  a_frente: z.array(z.string()),
  /** How many could take it. */
  de: z.int(),
  esperando: z.int(),
})

/** Sent on each change that concerns him: event `eu` of the stream. */
export const Eu = z.strictObject({
  marca: z.string(),
  agora: instante,
  id,
  nome: z.string(),
  presenca: Presenca,
  desde: instante.nullable(),
  por: z.string().nullable(),
  motivo: z.string().nullable(),
  ate: instante.nullable(),
  /** What keeps him out, and in words what to do. */
  fora: z.array(z.strictObject({ motivo: z.string(), frase: z.string() })),
  lugares: z.array(Lugar),
  /** The last protocol that he was given: a higher `n` than before is a new customer. */
  ultimo: z.strictObject({ n: z.int(), numero: z.string(), em: instante }).nullable(),
  abertos: z.int().nullable(),
  limite: z.int().nullable(),
  colegas: z.array(z.strictObject({ id, nome: z.string(), presenca: Presenca })),
})

export const Cliente = z.strictObject({
  n: z.int(),
  numero: z.string(),
  em,
  cliente: z.string().nullable(),
  telefone: z.string().nullable(),
  canal: z.string().nullable(),
  idioma: z.string().nullable(),
  descricao: z.string().nullable(),
  status: z.enum(STATUS),
  /** Given to him by a colleague. */
  recebido_de: z.string().nullable(),
  ultimo_contato_em: em,
  /** `https://wa.me/…`, and where the conversation is at the platform. */
  whatsapp: z.string().nullable(),
  conversa: z.string().nullable(),
})

/** His open protocols, the newest first. */
export const Clientes = z.strictObject({ itens: z.array(Cliente), ha_mais: z.boolean() })

/** The last turns of all: whether it was his, or why not. No customers. */
export const MeusTurnos = z.array(
  z.strictObject({
    numero: z.string(),
    em,
    idioma: z.string().nullable(),
    meu: z.boolean(),
    /** Who got it. */
    nome: z.string().nullable(),
    /** `escolhido`, `offline`, `idioma`, `atras` …: docs/motivos.md. */
    motivo: z.string(),
    frase: z.string(),
  }),
)

export const MeusNumeros = z.strictObject({
  desde: em,
  ate: em,
  total: z.int(),
  hoje: z.int(),
  /** Of the people of the team who had at least one. */
  media: z.number(),
  media_hoje: z.number(),
  pessoas: z.int(),
  /** Empty where it is not counted by day. */
  por_dia: z.array(z.strictObject({ dia: z.string(), total: z.int(), media: z.number() })),
})

export type Lugar = z.output<typeof Lugar>
export type Eu = z.output<typeof Eu>
export type Cliente = z.output<typeof Cliente>
export type Clientes = z.output<typeof Clientes>
export type MeusTurnos = z.output<typeof MeusTurnos>
export type MeusNumeros = z.output<typeof MeusNumeros>
