import { createHash } from 'node:crypto'
import { type Connection, type Model, Schema } from 'mongoose'
import type { Origem, Pendente } from '../vez/state.js'

export const ESTADOS = ['pendente', 'em_curso', 'feita', 'morta'] as const

/** Work for a chat platform or for Pipedrive: the outbox. */
export interface Tarefa extends Origem {
  /** Hash of origin and type: the same message never makes the same work twice. */
  readonly _id: string
  readonly tipo: string
  readonly estado: (typeof ESTADOS)[number]
  readonly motivo?: string
  readonly protocolo?: number
  readonly aviso?: string
  readonly posicao?: number
  readonly criada_em: Date
  readonly vence_em: Date
  readonly tentativas: number
  readonly feita_em?: Date
}

const schema = new Schema<Tarefa>(
  {
    _id: { type: String, required: true },
    tipo: { type: String, required: true },
    estado: { type: String, enum: ESTADOS, required: true },
    motivo: String,
    protocolo: Number,
    aviso: String,
    posicao: Number,
    criada_em: { type: Date, required: true },
    vence_em: { type: Date, required: true },
    tentativas: { type: Number, required: true },
    feita_em: Date,
    idioma: String,
    plataforma: String,
    canal: String,
    contato: { type: Schema.Types.Mixed },
    chave: String,
  },
  { collection: 'tarefas', versionKey: false, autoIndex: false, autoCreate: false },
)

/** Finished work stays so long: a late drain must not make it again (design 4.4). */
export const TAREFA_KEPT_S = 30 * 86_400

export const TAREFA_INDEXES = [
  { name: 'estado', key: { estado: 1, vence_em: 1 } },
  { name: 'protocolo', key: { protocolo: 1 }, sparse: true },
  { name: 'feita_em', key: { feita_em: 1 }, expireAfterSeconds: TAREFA_KEPT_S },
] as const

export type TarefaModel = Model<Tarefa>

export const tarefaModel = (connection: Connection): TarefaModel => connection.model<Tarefa>('Tarefa', schema)

/** The work that an entry of `pendentes` names. */
export function toTarefas(entry: Pendente): Tarefa[] {
  const { chave, idioma, plataforma, canal, contato } = entry
  const origin = chave ?? (entry.tipo === 'protocolo' ? `protocolo:${entry.n}` : `${entry.lote}:${entry.lugar}`)
  return (entry.tarefas ?? []).map((tipo) => ({
    _id: createHash('sha256').update(`${origin}\n${tipo}`).digest('base64url'),
    tipo,
    estado: 'pendente',
    ...(entry.tipo === 'protocolo'
      ? { protocolo: entry.n }
      : { aviso: entry.motivo, ...(entry.posicao !== undefined && { posicao: entry.posicao }) }),
    criada_em: entry.created_at,
    vence_em: entry.created_at,
    tentativas: 0,
    ...(chave !== undefined && { chave }),
    ...(idioma !== undefined && { idioma }),
    ...(plataforma !== undefined && { plataforma }),
    ...(canal !== undefined && { canal }),
    ...(contato !== undefined && { contato }),
  }))
}
