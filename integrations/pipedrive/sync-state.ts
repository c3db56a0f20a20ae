import type { Account } from './account.js'
import type { Pipedrive } from './api.js'

export type SyncStep = 'pessoa' | 'negocio' | 'atividade' | 'nota'
/** Which deal it became. */
export type DealOrigin = 'criado' | 'aproveitado' | 'mantido_com_outro' | 'transferido' | 'novo'

/** What is known of an atendimento in Pipedrive; each id is kept as soon as it is known. */
export interface SyncState {
  readonly pessoa_id?: number
  readonly negocio_id?: number
  readonly atividade_id?: number
  readonly nota_id?: number
  readonly negocio?: DealOrigin
  /** How it was there when we last wrote or looked: what differs from it was changed by others. */
  readonly negocio_dono_id?: number
  readonly negocio_situacao?: string
  readonly motivo_da_perda?: string
  readonly atividade_feita?: boolean
  readonly atividade_dono_id?: number
  readonly atividade_excluida?: boolean
  /** `update_time` of what was last looked at. */
  readonly negocio_hora?: string
  readonly atividade_hora?: string
  /** Other persons with this telephone, for people to merge. */
  readonly duplicadas?: readonly number[]
  readonly sem_usuario?: boolean
  /** A record was about to be made. */
  readonly marca?: { readonly passo: SyncStep; readonly em: Date }
  /** What we knew did not hold, and was looked at again: once. */
  readonly revisto?: boolean
}

/** What is known of a customer from an earlier atendimento. */
export interface KnownIds {
  readonly pessoa_id?: number
  readonly negocio_id?: number
}

/** Where the sync keeps what it did. Every function throws when it could not. */
export interface SyncStore {
  /** Keeps these; `undefined` forgets one. */
  keep(change: { readonly [K in keyof SyncState]?: SyncState[K] | undefined }): Promise<void>
  /** Throws when somebody else has changed what was read. */
  mark(passo: SyncStep): Promise<void>
  known(): Promise<KnownIds>
  /** The person whom this customer became under another of his ids: known by a LID then, by his telephone now, or the other way round. */
  earlier(): Promise<number | undefined>
  learn(known: KnownIds): Promise<void>
  /** Did another protocol become this person? */
  isAnothers(pessoa: number): Promise<boolean>
  /** Has a protocol with a higher number this deal already? */
  hasLater(negocio: number): Promise<boolean>
  /** The user of whoever has the customer is gone: it becomes nobody's. */
  userGone(usuario: number): Promise<void>
}

export interface SyncSettings {
  /** Of an open deal of somebody else. */
  readonly negocioDeOutro: 'manter' | 'transferir' | 'novo'
  readonly atividadeMin: number
  readonly tipoAtividade: string
}

export interface Sync {
  readonly pipedrive: Pipedrive
  readonly account: Account
  readonly store: SyncStore
  readonly settings: SyncSettings
  readonly now: () => Date
}
