import { type Connection, type Model, Schema } from 'mongoose'
import { CLIENTES } from '../tarefas/cliente.js'

/** The ids of a customer at Pipedrive, so that he is searched for once, and by one process at a time. */
export interface Cliente {
  /** `clienteHash`, or of a protocol whose customer nobody knows, `protocolo:<n>`. */
  readonly _id: string
  readonly pessoa_id?: number
  readonly negocio_id?: number
  /** The lease of the process that works for this customer. */
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

/** What all replicas share about the account: one document a subject, absent until there is something to store. */
export interface AccountDocuments {
  /**
   * How webhooks prove that they come from our set-up; each value is encrypted. User and password may be the
   * environment's instead.
   */
  readonly webhook: { readonly segredo: string; readonly usuario?: string; readonly senha?: string }
  /** The lease of the set-up that is under way. */
  readonly setup: { readonly lease: string; readonly lease_ate: Date }
  /** Up to when changes there have been read, and when the last reconciliation ended. */
  readonly reconciliacao: {
    readonly ate?: Date
    /** The same for what is read less often. */
    readonly raras_em?: Date
    readonly concordou_em?: Date
    readonly lease_ate: Date
  }
  /** Why calls are paused and until when; the last failure. */
  readonly estado: {
    readonly pausa?: { readonly falha: string; readonly ate: Date }
    readonly ultimo_erro?: { readonly em: Date; readonly falha: string }
  }
  /** A rule of the account gave a deal of ours to somebody else, right after it was made. */
  readonly atribuicao_automatica: { readonly em: Date; readonly negocio_id: number }
}

export const ACCOUNT_COLLECTION = 'pipedrive_conta'

/** The collection of `Conta`, as one subject sees it. */
export const accountDocuments = <S extends keyof AccountDocuments>(connection: Connection, _subject: S) =>
  connection.collection<AccountDocuments[S] & { _id: S }>(ACCOUNT_COLLECTION)
