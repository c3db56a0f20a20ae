import { type Connection, type Model, Schema } from 'mongoose'
import { CLIENTES } from '../protocolos/cliente.js'

/** A customer at Pipedrive, so that he is looked for once only, and by one process at a time. */
export interface Cliente {
  /** `clienteHash`, or of a protocol whose customer nobody knows, `protocolo:<n>`. */
  readonly _id: string
  readonly pessoa_id?: number
  readonly negocio_id?: number
  /** Whoever works for this customer now. */
  readonly lease: string
  readonly lease_ate: Date
}

const schema = new Schema<Cliente>(
  {
    _id: { type: String, required: true },
    pessoa_id: Number,
    negocio_id: Number,
    lease: String,
    lease_ate: Date,
  },
  { collection: CLIENTES, versionKey: false, autoIndex: false, autoCreate: false },
)

/** By which a customer is found when his records there are merged, closed or deleted. */
export const CLIENTE_INDEXES = [
  { name: 'pessoa', key: { pessoa_id: 1 }, sparse: true },
  { name: 'negocio', key: { negocio_id: 1 }, sparse: true },
] as const

export type ClienteModel = Model<Cliente>

export const clienteModel = (connection: Connection): ClienteModel => connection.model<Cliente>('Cliente', schema)
