import { type Connection, type Model, Schema } from 'mongoose'
import type { Escopo } from '../http/route.js'

/** An API key as it is stored: never the key itself. */
export interface Chave {
  /** Derived from the hash: the same key has the same id everywhere. */
  readonly _id: string
  readonly hash: string
  readonly descricao: string
  readonly escopos: readonly Escopo[]
  readonly ativa: boolean
  readonly criada_em: Date
  readonly revogada_em?: Date
  readonly ultimo_uso?: Date
}

/** Not strict: what a key may hold is said by the interface, which every write has passed. */
const schema = new Schema<Chave>(
  { _id: { type: String, required: true } },
  { collection: 'api_keys', strict: false, versionKey: false, autoIndex: false, autoCreate: false },
)

export type ChaveModel = Model<Chave>

export const chaveModel = (connection: Connection): ChaveModel => connection.model<Chave>('Chave', schema)
