import { createHash } from 'node:crypto'
import { type Connection, type Model, Schema } from 'mongoose'
import { clienteHash } from '../protocolos/cliente.js'
import type { Contato, Origem, Pendente } from '../vez/document.js'

export const ESTADOS = ['pendente', 'em_curso', 'feita', 'morta'] as const
export type Estado = (typeof ESTADOS)[number]

export const FILAS = ['chat', 'pipedrive'] as const
export type Fila = (typeof FILAS)[number]

/** Of the customer only what a text or a call tells: each field costs the drain, and is one more to forget. */
type Sobre = Pick<Origem, 'idioma' | 'canal' | 'conversa'> & { readonly contato?: Pick<Contato, 'nome' | 'telefone'> }

/** Work for a chat platform or for Pipedrive: the outbox. */
export interface Tarefa extends Sobre {
  /** Hash of origin and type: the same message never makes the same work twice. */
  readonly _id: string
  readonly tipo: string
  /** Whose work it is: each queue has a worker of its own, and never sees what waits in another. */
  readonly fila: Fila
  readonly estado: Estado
  /** Why it is dead, or why the last attempt failed. */
  readonly motivo?: string
  readonly protocolo?: number
  readonly aviso?: string
  readonly posicao?: number
  /** Whom a text names. */
  readonly consultor_nome?: string
  /** Somebody at the platform, whom it has yet to be asked about. */
  readonly atendente?: { readonly id: string; readonly nome?: string }
  /** What a webhook of Pipedrive told of. */
  readonly evento?: unknown
  readonly criada_em: Date
  /** `pendente`: when to try. `em_curso`: when its lease ends. */
  readonly vence_em: Date
  readonly tentativas: number
  /** Whoever works on it, for this attempt. */
  readonly lease?: string
  /** An attempt ended, and nobody knows how: to be looked up before it is repeated. */
  readonly duvida?: boolean
  /** What must be done one after the other: a conversation. */
  readonly fio?: string
  /** Its place in the thread. */
  readonly ordem?: number
  /** When it was done, or died. */
  readonly encerrada_em?: Date
}

const schema = new Schema<Tarefa>(
  {
    _id: { type: String, required: true },
    tipo: { type: String, required: true },
    fila: { type: String, enum: FILAS, required: true },
    estado: { type: String, enum: ESTADOS, required: true },
    motivo: String,
    protocolo: Number,
    aviso: String,
    posicao: Number,
    consultor_nome: String,
    atendente: { type: Schema.Types.Mixed },
    evento: { type: Schema.Types.Mixed },
    criada_em: { type: Date, required: true },
    vence_em: { type: Date, required: true },
    tentativas: { type: Number, required: true },
    lease: String,
    duvida: Boolean,
    fio: String,
    ordem: Number,
    encerrada_em: Date,
    idioma: String,
    canal: String,
    contato: { type: Schema.Types.Mixed },
    conversa: String,
  },
  { collection: 'tarefas', versionKey: false, autoIndex: false, autoCreate: false },
)

/** Each costs the drain, so each is here for a query that is hot: what is due, and what belongs to a conversation. */
export const TAREFA_INDEXES = [
  { name: 'fila', key: { fila: 1, estado: 1, vence_em: 1 } },
  { name: 'fio', key: { fio: 1 }, sparse: true },
] as const

export type TarefaModel = Model<Tarefa>

export const tarefaModel = (connection: Connection): TarefaModel => connection.model<Tarefa>('Tarefa', schema)

export const tarefaId = (origin: string, tipo: string): string =>
  createHash('sha256').update(`${origin}\n${tipo}`).digest('base64url')

export const toFio = (canal: string, conversa: string): string => `${canal}\n${conversa}`

/** Work for Pipedrive; it reads all it needs from the protocol, so that it holds nothing of the customer. */
export const DO_PIPEDRIVE = 'pipedrive'

/** One customer's work for Pipedrive is done one after the other, so that he becomes one person there. */
const toFioDoPipedrive = (hash: string): string => `${DO_PIPEDRIVE}\n${hash}`

/** Places within one instant: more work than that does not come of one entry. */
const PLACES = 16

export const toOrdem = (em: Date, place = 0): number => em.getTime() * PLACES + place

/** The thread of a customer's work for Pipedrive; of one whom nobody knows it is in none. */
export function ofCustomer(contato: Contato | undefined): Pick<Tarefa, 'fio'> {
  const hash = contato && clienteHash(contato)
  return hash === undefined ? {} : { fio: toFioDoPipedrive(hash) }
}

/** The thread of a conversation; `undefined` where there is none. */
export const fioOf = ({ canal, conversa }: Pick<Origem, 'canal' | 'conversa'>): string | undefined =>
  canal === undefined || conversa === undefined ? undefined : toFio(canal, conversa)

/** What work in a conversation is told of it, and its thread. */
export function ofConversation(origem: Origem): Sobre & Pick<Tarefa, 'fio'> {
  const { idioma, canal, conversa, contato } = origem
  const { nome, telefone } = contato ?? {}
  const fio = fioOf(origem)
  return {
    ...(fio !== undefined && { fio }),
    ...(idioma !== undefined && { idioma }),
    ...(canal !== undefined && { canal }),
    ...(conversa !== undefined && { conversa }),
    ...((nome !== undefined || telefone !== undefined) && {
      contato: { ...(nome !== undefined && { nome }), ...(telefone !== undefined && { telefone }) },
    }),
  }
}

/** The work that an entry of `pendentes` names. */
export function toTarefas(entry: Pendente): Tarefa[] {
  const { chave, contato, created_at: em } = entry
  const origin = chave ?? (entry.tipo === 'protocolo' ? `protocolo:${entry.n}` : `${entry.writeId}:${entry.lugar}`)
  const told = ofConversation(entry)
  return (entry.tarefas ?? []).map((tipo, place) => ({
    _id: tarefaId(origin, tipo),
    tipo,
    estado: 'pendente',
    ...(entry.tipo === 'protocolo'
      ? { protocolo: entry.n, ...(entry.consultor_nome !== undefined && { consultor_nome: entry.consultor_nome }) }
      : { aviso: entry.motivo, ...(entry.posicao !== undefined && { posicao: entry.posicao }) }),
    criada_em: em,
    vence_em: em,
    ordem: toOrdem(em, place),
    tentativas: 0,
    ...(tipo === DO_PIPEDRIVE
      ? { fila: 'pipedrive' as const, ...ofCustomer(contato) }
      : { fila: 'chat' as const, ...told }),
  }))
}
