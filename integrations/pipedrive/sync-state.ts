import type { Account } from './account.js'
import type { Pipedrive } from './client.js'
import type { WantedPlace } from './stage.js'

export type SyncStep = 'pessoa' | 'negocio' | 'lead' | 'atividade' | 'nota'

/** What is known of an atendimento in Pipedrive; each id is kept as soon as it is known. */
export interface SyncState {
  readonly pessoa_id?: number
  /** Of a person that we made: who has it, as far as we know. */
  readonly pessoa_dono_id?: number
  readonly negocio_id?: number
  /** The lead that it is, or was before it became a deal. */
  readonly lead_id?: string
  /** The deal's pipeline. */
  readonly negocio_funil_id?: number
  readonly atividade_id?: number
  readonly nota_id?: number
  /** Which deal it became. */
  readonly negocio?: 'criado' | 'aproveitado' | 'mantido_com_outro' | 'transferido' | 'novo'
  /** How the records were there when we last wrote or read them: a difference was made by somebody else. */
  readonly negocio_dono_id?: number
  readonly negocio_situacao?: string
  readonly dono_trocado_logo?: boolean
  readonly motivo_da_perda?: string
  readonly atividade_feita?: boolean
  readonly atividade_dono_id?: number
  readonly atividade_excluida?: boolean
  /** `update_time` of each record when it was last read. */
  readonly negocio_hora?: string
  readonly atividade_hora?: string
  /** Other persons with this telephone, for people to merge. */
  readonly duplicadas?: readonly number[]
  readonly sem_usuario?: boolean
  /** A record is about to be made, and may exist. */
  readonly marca?: { readonly passo: SyncStep; readonly em: Date }
  /** What was known was refused once, and has been read again. */
  readonly revisto?: boolean
}

/** What is known of a customer from an earlier atendimento. */
export interface KnownIds {
  readonly pessoa_id?: number
  /** Of a person that we made: who has it, as far as we know. */
  readonly pessoa_dono_id?: number
  readonly lead_id?: string
  readonly negocio_id?: number
  /** Its pipeline; a release before did not keep it. */
  readonly negocio_funil_id?: number
  /** Who has that deal, which is open. */
  readonly negocio_dono_id?: number
}

/** Where the sync keeps what it did. Every function throws when it could not. */
export interface SyncStore {
  /** Stores these fields; `undefined` removes one. */
  keep(change: { readonly [K in keyof SyncState]?: SyncState[K] | undefined }): Promise<void>
  /** Throws when somebody else has changed what was read. */
  mark(passo: SyncStep): Promise<void>
  known(): Promise<KnownIds>
  /** The person of the same customer under another id: by a LID then and by his telephone now, or the other way round. */
  earlier(): Promise<number | undefined>
  learn(known: KnownIds): Promise<void>
  /** Does another protocol have this person? */
  isAnothers(pessoa: number): Promise<boolean>
  /** Has a protocol with a higher number this deal or lead already? */
  hasLater(what: 'negocio' | 'lead', id: number | string): Promise<boolean>
  /** The user of the responsável no longer exists: the records get no owner. */
  userGone(usuario: number): Promise<void>
}

export interface SyncSettings {
  /** What a customer without an open deal or lead becomes. */
  readonly criar: 'negocio' | 'lead'
  /** Of an open deal of somebody else. */
  readonly negocioDeOutro: 'manter' | 'transferir' | 'novo'
  /** Who has a person that we make: the user who has the deal, or the token's. */
  readonly donoDaPessoa: 'consultor' | 'token'
  /** Where a new deal begins; open deals are looked for in its pipeline. */
  readonly lugar: WantedPlace
  /** Name of the label of a deal. */
  readonly etiqueta: string | undefined
  readonly atividade: boolean
  readonly atividadeMin: number
  readonly tipoAtividade: string
  readonly nota: boolean
  /** Templates, instead of our own words. */
  readonly titulo: string | undefined
  readonly assunto: string | undefined
  readonly textoNota: string | undefined
}

export interface Sync {
  readonly pipedrive: Pipedrive
  readonly account: Account
  readonly store: SyncStore
  readonly settings: SyncSettings
  readonly now: () => Date
}
