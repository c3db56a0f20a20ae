import { type Connection, type Model, Schema } from 'mongoose'
import { ESCOPOS, type Escopo } from '../http/route.js'

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

const schema = new Schema<Chave>(
  {
    _id: { type: String, required: true },
    hash: { type: String, required: true },
    descricao: { type: String, required: true },
    escopos: [{ type: String, enum: ESCOPOS }],
    ativa: { type: Boolean, required: true },
    criada_em: { type: Date, required: true },
    revogada_em: Date,
    ultimo_uso: Date,
  },
  { collection: 'api_keys', versionKey: false, autoIndex: false, autoCreate: false },
)

export type ChaveModel = Model<Chave>

export const chaveModel = (connection: Connection): ChaveModel => connection.model<Chave>('Chave', schema)
