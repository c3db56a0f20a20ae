import { randomBytes } from 'node:crypto'
import type { Connection } from 'mongoose'
import type { KnownOwners } from '../../integrations/pipedrive/known-owner.js'
import type { Budget } from '../../integrations/pipedrive/limits.js'
import type { Clock } from '../lib/clock.js'
import { OwnError } from '../lib/errors.js'
import { isDuplicateKey, LIMIT } from '../lib/mongo.js'
import { CLIENTES } from '../tarefas/cliente.js'

/** The ids of a customer at Pipedrive, so that he is searched for once, and by one process at a time. */
export interface Cliente extends Leased {
  /** `clienteHash`, or of a protocol whose customer nobody knows, `protocolo:<n>`. */
  readonly _id: string
  readonly pessoa_id?: number
  /** Of a person that we made: who has it, as far as we know. */
  readonly pessoa_dono_id?: number
  readonly negocio_id?: number
  readonly negocio_funil_id?: number
  readonly lead_id?: string
  /** Who has him there. */
  readonly donos?: KnownOwners
  /** When that was last looked for. */
  readonly procurado_em?: Date
}

export const clienteCollection = (connection: Connection) => connection.collection<Cliente>(CLIENTES)

/** By which a customer is found when his records there are merged, closed or deleted. */
export const CLIENTE_INDEXES = [
  { name: 'pessoa', key: { pessoa_id: 1 }, sparse: true },
  { name: 'negocio', key: { negocio_id: 1 }, sparse: true },
] as const

/** The same for leads, which came with a later release. */
export const LEAD_INDEX = { name: 'lead', key: { lead_id: 1 }, sparse: true } as const

/** What all replicas share about the account: one document a subject, absent until there is something to store. */
export interface AccountDocuments {
  /**
   * How webhooks prove that they come from our set-up; each value is encrypted. User and password may be the
   * environment's instead.
   */
  readonly webhook: { readonly segredo: string; readonly usuario?: string; readonly senha?: string }
  /** The lease of the set-up that is under way. */
  readonly setup: Leased
  /** Up to when changes there have been read, and when the last reconciliation ended. */
  readonly reconciliacao: {
    readonly ate?: Date
    /** The same for what is read less often. */
    readonly raras_em?: Date
    readonly concordou_em?: Date
    readonly lease_ate: Date
  }
  /** Why calls are paused and until when; the last failure and the last success; what is left of the day. */
  readonly estado: {
    /** The last one that stops all calls; written for replicas of the release before. */
    readonly pausa?: { readonly falha: string; readonly ate: Date }
    /** By kind of failure: several may hold at once. */
    readonly pausas?: Readonly<Record<string, { readonly ate: Date }>>
    readonly ultimo_erro?: { readonly em: Date; readonly falha: string }
    readonly ultima_sincronizacao?: { readonly em: Date; readonly protocolo: string }
    /** As the last answer to any replica said. */
    readonly orcamento?: Budget
  }
  /** What looking for owners has cost on one day (UTC), in tokens. */
  readonly procura: { readonly dia: string; readonly tokens: number }
  /** The last time that several deals of ours in a row were given to somebody else right after they were made. */
  readonly atribuicao_automatica: { readonly em: Date; readonly negocio_id: number }
}

export const ACCOUNT_COLLECTION = 'pipedrive_conta'

/** The collection of these documents, as one subject sees it. */
export const accountDocuments = <S extends keyof AccountDocuments>(connection: Connection, _subject: S) =>
  connection.collection<AccountDocuments[S] & { _id: S }>(ACCOUNT_COLLECTION)

export const readAccount = <S extends keyof AccountDocuments>(connection: Connection, subject: S) =>
  connection.collection<{ _id: string }>(ACCOUNT_COLLECTION).findOne<AccountDocuments[S]>({ _id: subject }, LIMIT)

const ENDED = new Date(0)

/** Of a document that is made without a lease: anybody may take it. */
export const NO_LEASE = { lease: '', lease_ate: ENDED } as const

/** The fields of a lease, in a document that may hold others. */
interface Leased {
  readonly lease: string
  readonly lease_ate: Date
}

export interface LeaseOptions {
  readonly connection: Connection
  readonly clock: Clock
  readonly colecao: string
  readonly id: string
  /** How long it holds without being renewed. */
  readonly ms: number
}

export interface Lease {
  /** Extends it by its full time. Throws when another process has it by now. */
  renew(): Promise<void>
  release(): Promise<void>
  /** Releases it by deleting the document. */
  remove(): Promise<void>
}

/** Takes the lease of a document, which is made when it is not there; `undefined` when somebody else has it. */
export async function takeLease({ connection, clock, colecao, id, ms }: LeaseOptions): Promise<Lease | undefined> {
  const collection = connection.collection<Leased & { _id: string }>(colecao)
  const lease = randomBytes(9).toString('base64url')
  const mine = { _id: id, lease }
  const until = (): Date => new Date(clock.now().getTime() + ms)
  const ended = { _id: id, lease_ate: { $lte: clock.now() } }
  try {
    await collection.updateOne(ended, { $set: { lease, lease_ate: until() } }, { upsert: true, ...LIMIT })
  } catch (error) {
    // It is there and not ended, so that the update would have made a second one.
    if (isDuplicateKey(error)) return undefined
    throw error
  }
  return {
    async renew() {
      const { matchedCount } = await collection.updateOne(mine, { $set: { lease_ate: until() } }, LIMIT)
      if (matchedCount === 0) throw new OwnError('this lease is lost')
    },
    async release() {
      await collection.updateOne(mine, { $set: { lease_ate: ENDED } }, LIMIT)
    },
    async remove() {
      await collection.deleteOne(mine, LIMIT)
    },
  }
}
