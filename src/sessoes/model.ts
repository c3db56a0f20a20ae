import type { Connection } from 'mongoose'

/** A session, or what opens one: a seller's link or code. Of each secret only a hash is stored. */
export interface Guardada {
  /** Random; of a link `link:<consultor>`, so that a new one takes the place of the one before; of a code its hash. */
  readonly _id: string
  readonly tipo: 'gestor' | 'parede' | 'consultor' | 'link' | 'codigo'
  /** SHA-256 of the secret part of the cookie (or of the link). A wall that was never opened has none. */
  readonly hash?: string
  /** Of a wall: SHA-256 of its link's secret part. */
  readonly link_hash?: string
  /** Of a manager, or of whoever made the wall: the session ends with this key. */
  readonly chave_id?: string
  readonly consultor_id?: number
  /** What a key or a wall is called. */
  readonly nome?: string
  /** `Chrome no Android`. */
  readonly aparelho?: string
  readonly criada_em: Date
  readonly visto_em?: Date
  readonly vence_em: Date
}

/** The database forgets what is over; until it does, whoever reads looks at `vence_em`. */
export const SESSAO_INDEXES = [
  { name: 'vence_em', key: { vence_em: 1 }, expireAfterSeconds: 0 },
  { name: 'consultor', key: { consultor_id: 1 }, sparse: true },
  { name: 'chave', key: { chave_id: 1 }, sparse: true },
] as const

export const sessaoCollection = (connection: Connection) => connection.collection<Guardada>('sessoes')

export type SessaoCollection = ReturnType<typeof sessaoCollection>
