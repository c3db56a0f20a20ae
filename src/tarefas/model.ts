import { createHash } from 'node:crypto'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { omitUndefined } from '../lib/omit.js'
import type { Contato, Origem, Pendente } from '../vez/document.js'
import { clienteHash } from './cliente.js'

export const ESTADOS = ['pendente', 'em_curso', 'feita', 'morta'] as const
export type Estado = (typeof ESTADOS)[number]

export const FILAS = ['chat', 'pipedrive'] as const
export type Fila = (typeof FILAS)[number]

const optional = <T extends z.ZodType>(type: T) => type.optional().catch(undefined)

/**
 * What a piece of work is about; which of these fields are there depends on its type. A field of another shape, as another
 * release may write it, counts as absent. Of the customer only what a text or a call tells: each field costs the drain, and is
 * one more to anonymise.
 */
const Payload = z.object({
  protocolo: optional(z.number()),
  aviso: optional(z.string()),
  /** The customer's place among those who wait. */
  posicao: optional(z.number()),
  /** Until what time a consultor is in pause: `14:30`. */
  ate: optional(z.string()),
  /** When it opens, and by which zone's clock that is told. */
  abre: optional(z.object({ em: z.date(), fuso: z.string() })),
  /** Whom a text names. */
  consultor_nome: optional(z.string()),
  /** Somebody at the platform, whose e-mail is not known yet, and when he was given the conversation by its clock. */
  atendente: optional(z.object({ id: z.string(), nome: z.string().exactOptional(), em: z.date().exactOptional() })),
  /** What a webhook of Pipedrive told of; its handler reads it. */
  evento: z.unknown().optional(),
  idioma: optional(z.string()),
  canal: optional(z.string()),
  conversa: optional(z.string()),
  contato: optional(z.object({ nome: optional(z.string()), telefone: optional(z.string()) })),
})

export type Payload = Readonly<z.output<typeof Payload>>

interface Common {
  /** Hash of origin and type: the same message never makes the same work twice. */
  readonly _id: string
  readonly tipo: string
  /** Whose work it is: each queue has a worker of its own, and never sees what waits in another. */
  readonly fila: Fila
  readonly estado: Estado
  /** Why it is dead, or why the last attempt failed. */
  readonly motivo?: string | undefined
  readonly criada_em: Date
  /** `pendente`: when to try. `em_curso`: when its lease ends. */
  readonly vence_em: Date
  readonly tentativas: number
  /** The id of the attempt that works on it. */
  readonly lease?: string | undefined
  /** When it was done, or died. */
  readonly encerrada_em?: Date | undefined
  /** The platform's id of the text that was sent: its echo is not taken for a person's message. Never told to anybody. */
  readonly mensagem_id?: string | undefined
}

/** Work for a chat platform or for Pipedrive: the outbox. */
export interface Tarefa extends Common {
  readonly payload: Payload
  /** An attempt ended, and it is not known whether it took effect: to be looked up before it is repeated. */
  readonly outcomeUnknown?: boolean | undefined
  /** Work of one key is done one after the other, by `sequence`. */
  readonly conversationKey?: string | undefined
  readonly sequence?: number | undefined
}

/**
 * As it is stored: the payload's fields stand beside the others. Under `payload`, as a later release may write them, they are
 * read as well.
 */
export interface TarefaDocument extends Common, Payload {
  readonly payload?: Payload
  readonly duvida?: boolean | undefined
  readonly fio?: string | undefined
  readonly ordem?: number | undefined
}

/** Each index makes the drain slower, so there is one for each hot query only: what is due, and what a conversation has. */
export const TAREFA_INDEXES = [
  { name: 'fila', key: { fila: 1, estado: 1, vence_em: 1 } },
  { name: 'fio', key: { fio: 1 }, sparse: true },
] as const

export const tarefaCollection = (connection: Connection) => connection.collection<TarefaDocument>('tarefas')

export type TarefaCollection = ReturnType<typeof tarefaCollection>

/** With the stored names, of a tarefa or of what changes of it. */
export function toDocument(tarefa: Tarefa): TarefaDocument
export function toDocument(change: Partial<Tarefa>): Partial<TarefaDocument>
export function toDocument(tarefa: Partial<Tarefa>): Partial<TarefaDocument> {
  const { payload, conversationKey, sequence, outcomeUnknown, ...same } = tarefa
  return omitUndefined({ ...same, ...payload, fio: conversationKey, ordem: sequence, duvida: outcomeUnknown })
}

/** With the names of the code. */
export function fromDocument(stored: TarefaDocument): Tarefa {
  const { _id, tipo, fila, estado, motivo, criada_em, vence_em, tentativas, lease, encerrada_em, mensagem_id } = stored
  return {
    ...{ _id, tipo, fila, estado, motivo, criada_em, vence_em, tentativas, lease, encerrada_em, mensagem_id },
    payload: Payload.parse({ ...stored, ...stored.payload }),
    conversationKey: stored.fio,
    sequence: stored.ordem,
    outcomeUnknown: stored.duvida,
  }
}

/** Work for Pipedrive; it reads all it needs from the protocol, so that it holds nothing of the customer. */
export const DO_PIPEDRIVE = 'pipedrive'
/** Work that makes the activity there follow whether the protocol is over here. */
export const STATUS_NO_PIPEDRIVE = 'pipedrive_status'

/** The queue of this type of work. */
export const filaOf = (tipo: string): Fila =>
  tipo === DO_PIPEDRIVE || tipo.startsWith(`${DO_PIPEDRIVE}_`) ? 'pipedrive' : 'chat'

/** How many `sequence` values one millisecond has; one entry makes less work than that. */
const PLACES = 16

export const toSequence = (now: Date, place = 0): number => now.getTime() * PLACES + place

interface NewTarefa extends Pick<Tarefa, 'tipo' | 'payload' | 'conversationKey'> {
  /** What it comes of: with the type it makes the id. */
  readonly origin: string
  readonly now: Date
  /** Not before so many ms. */
  readonly delayMs?: number
  /** Its place among the work that is made at this instant, 0 to 15. */
  readonly place?: number
}

/** Work that waits to be done. */
export const newTarefa = ({ origin, now, delayMs = 0, place, ...work }: NewTarefa): Tarefa => ({
  ...work,
  _id: createHash('sha256').update(`${origin}\n${work.tipo}`).digest('base64url'),
  fila: filaOf(work.tipo),
  estado: 'pendente',
  criada_em: now,
  vence_em: new Date(now.getTime() + delayMs),
  tentativas: 0,
  sequence: toSequence(now, place),
})

export const toConversationKey = (canal: string, conversa: string): string => `${canal}\n${conversa}`

/** The key of a conversation; `undefined` where there is none. */
export const conversationKeyOf = ({ canal, conversa }: Pick<Origem, 'canal' | 'conversa'>): string | undefined =>
  canal === undefined || conversa === undefined ? undefined : toConversationKey(canal, conversa)

/**
 * One customer's work for Pipedrive is done one after the other, so that he becomes one person there; `undefined` for a
 * customer of whom nothing steady is known.
 */
export function customerKeyOf(contato: Contato | undefined): string | undefined {
  const hash = contato && clienteHash(contato)
  return hash === undefined ? undefined : `${DO_PIPEDRIVE}\n${hash}`
}

/** What work in a conversation is told of it, and its key. */
export function ofConversation(origem: Origem): Pick<Tarefa, 'payload' | 'conversationKey'> {
  const { idioma, canal, conversa, contato: { nome, telefone } = {} } = origem
  const isKnown = nome !== undefined || telefone !== undefined
  const contato = isKnown ? omitUndefined({ nome, telefone }) : undefined
  return { payload: { idioma, canal, conversa, contato }, conversationKey: conversationKeyOf(origem) }
}

/** The work that an entry of `pendentes` names. */
export function toTarefas(entry: Pendente): Tarefa[] {
  const { chave, contato, created_at: now, tarefas = [] } = entry
  const origin = chave ?? (entry.tipo === 'protocolo' ? `protocolo:${entry.n}` : `${entry.writeId}:${entry.lugar}`)
  const about =
    entry.tipo === 'protocolo'
      ? { protocolo: entry.n, consultor_nome: entry.consultor_nome }
      : { aviso: entry.motivo, posicao: entry.posicao, ...(entry.abre && { abre: entry.abre }) }
  const { payload, conversationKey } = ofConversation(entry)
  const forPipedrive = { payload: about, conversationKey: customerKeyOf(contato) }
  const forChat = { payload: { ...payload, ...about }, conversationKey }
  const made = tarefas.map((tipo, place) =>
    newTarefa({ origin, tipo, now, place, ...(tipo === DO_PIPEDRIVE ? forPipedrive : forChat) }),
  )
  return [...made, ...ofContinued(entry, tarefas)]
}

/** At Pipedrive only the activity of a protocol that is continued ends: the deal is the customer's, and stays as it is. */
function ofContinued(entry: Pendente, tarefas: readonly string[]): Tarefa[] {
  const { continua, contato, created_at: now } = entry
  if (entry.tipo !== 'protocolo' || continua === undefined || !tarefas.includes(DO_PIPEDRIVE)) return []
  const payload = { protocolo: continua }
  const conversationKey = customerKeyOf(contato)
  const origin = `continuado:${continua}`
  return [newTarefa({ origin, tipo: STATUS_NO_PIPEDRIVE, payload, conversationKey, now, place: tarefas.length })]
}
