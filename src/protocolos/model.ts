import { type Connection, type Model, Schema } from 'mongoose'
import type { Contato, Decided, Prioridade } from '../vez/document.js'

export const STATUS = ['aberto', 'em_andamento', 'concluido', 'cancelado'] as const
export type Status = (typeof STATUS)[number]

/** One line of what happened to a protocol after its turn. */
export interface HistoryEntry {
  readonly em: Date
  readonly tipo: 'status' | 'responsavel' | 'anonimizado' | 'pipedrive'
  readonly de?: string | number | null
  readonly para?: string | number | null
  /** Why, where it was not a person here who did it. */
  readonly motivo?: string
  /** Who did it, as the ledger names him; of what was done on a page only. */
  readonly por?: string
  /** The protocol by which this one is continued. */
  readonly protocolo?: number
}

/** What the protocol has become at Pipedrive: what the sync keeps there, as it is stored. */
export interface NoPipedrive {
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
  /** The deal had another owner within a minute of its birth. */
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
  /** Deal, activity or person could not be given to the responsável: it stays there with whom it was. */
  readonly dono_recusado?: { readonly em: Date; readonly status: number; readonly codigo?: string }
  /** A record is about to be made. */
  readonly marca?: { readonly passo: 'pessoa' | 'negocio' | 'lead' | 'atividade' | 'nota'; readonly em: Date }
  /** What was known was refused once, and has been read again. */
  readonly revisto?: boolean
  /** `pessoa:1`, `negocio:2`, `atividade:3`: by which it is found when something changes there. */
  readonly refs?: readonly string[]
}

/** A protocol as it is stored. Optional fields are left out, never `null`: unique sparse indexes rely on it. */
export interface Protocolo extends Decided {
  /** The number. */
  readonly _id: number
  /** The number once more: this engine scans for a range on `_id` (docs/vendors/database.md#ranges). */
  readonly n: number
  readonly numero: string
  readonly versao: number
  readonly lugar: number
  /** The write that made it. */
  readonly lote: string
  /** Whom the turn was given to; never changes. */
  readonly consultor_id?: number
  readonly consultor_nome?: string
  readonly created_at: Date
  readonly idioma?: string
  /** The team that was asked for. */
  readonly equipe?: string
  readonly plataforma?: string
  readonly canal?: string
  readonly contato?: Contato
  /** Where at the platform an answer goes. */
  readonly conversa?: string
  /** Threads of the outbox where the customer came by other conversations meanwhile. */
  readonly outros_fios?: readonly string[]
  /** What advertisement brought the customer. */
  readonly referencia?: string
  readonly chave?: string
  readonly impressao?: string
  readonly descricao?: string
  /** The protocol that this one took the place of, whose responsável was absent. */
  readonly continua?: number
  readonly prioridade: Prioridade
  readonly status: Status
  /** Who has the customer now; `null` is nobody whom we know. */
  readonly responsavel_id: number | null
  readonly ultimo_contato_em: Date
  readonly encerrado_em?: Date
  /** Until when what people did at the chat platform is known, by its clock: what is older comes too late. */
  readonly heard_at?: { readonly status?: Date; readonly responsavel?: Date }
  readonly anonimizado_em?: Date
  /** The id in the system that this one replaced. */
  readonly id_antigo?: number
  readonly historico: readonly HistoryEntry[]
  readonly pipedrive?: NoPipedrive
  /** Raised by each change: a change is guarded by the state that it read. */
  readonly rev: number
}

/** Who has the customer at the platform, where that is no consultor here; `undefined` where nobody or a consultor has him. */
export function atendenteOf({
  responsavel_id,
  historico,
}: Pick<Protocolo, 'responsavel_id' | 'historico'>): string | undefined {
  if (responsavel_id !== null) return undefined
  const para = historico.findLast(({ tipo }) => tipo === 'responsavel')?.para
  return typeof para === 'string' ? para : undefined
}

/** Not strict: what a protocol may hold is said by the interface, which every write has passed. */
const schema = new Schema<Protocolo>(
  { _id: { type: Number, required: true } },
  { collection: 'protocolos', strict: false, versionKey: false, autoIndex: false, autoCreate: false },
)

/**
 * Each costs the drain (docs/vendors/database.md#cost-of-an-index), so each is here for a query that is hot: closed
 * slices of `n`, keys, contacts, and the filters.
 */
export const PROTOCOLO_INDEXES = [
  { name: 'n', key: { n: 1 }, unique: true },
  { name: 'chave', key: { chave: 1 }, unique: true, sparse: true },
  { name: 'contato', key: { 'contato.ids': 1 }, sparse: true },
  { name: 'consultor', key: { consultor_id: 1, n: 1 } },
  { name: 'status', key: { status: 1, n: 1 } },
  { name: 'created_at', key: { created_at: 1 } },
] as const

/**
 * What people look for by: who has the customer, and his telephone. The field holds it as it came, and a search asks for each of
 * its forms: so protocols of any release are found, and nothing need be kept in step with it.
 */
export const BUSCA_INDEXES = [
  { name: 'responsavel', key: { responsavel_id: 1, n: 1 } },
  { name: 'telefone', key: { 'contato.telefone': 1, n: 1 } },
] as const

/** By which the open protocols of a responsável are counted: of a closed one this finds nothing. */
export const ABERTOS_INDEX = { name: 'abertos', key: { responsavel_id: 1, status: 1 } } as const

/** Of those that are at Pipedrive; the copy of a turn has nothing for it yet. */
export const PIPEDRIVE_INDEX = { name: 'pipedrive', key: { 'pipedrive.refs': 1 }, sparse: true } as const

export type ProtocoloModel = Model<Protocolo>

export const protocoloModel = (connection: Connection): ProtocoloModel =>
  connection.model<Protocolo>('Protocolo', schema)
