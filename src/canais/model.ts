import { type Connection, type Model, Schema } from 'mongoose'
import type { Opcoes } from './options.js'

/** A secret that we made, encrypted; one that was replaced holds until `ate`. */
export interface SegredoGuardado {
  readonly valor: string
  readonly ate?: Date
}

/** A chat account as it is stored. */
export interface CanalGuardado extends Readonly<Opcoes> {
  /** The slug. */
  readonly _id: string
  readonly plataforma: string
  /** Settings of the platform that are no secret. */
  readonly ajustes: Readonly<Record<string, unknown>>
  /** Those that are, each encrypted. */
  readonly secretos: Readonly<Record<string, string>>
  readonly segredos: readonly SegredoGuardado[]
  readonly criado_em: Date
  /** Raised by each change; a change is guarded by the value that it read. */
  readonly rev: number
  /** When lost events were last looked for completely: the next search begins there. */
  readonly reconciliado_em?: Date
  /** Who was online at the platform when it was last asked, by its own ids. */
  readonly presencas?: Readonly<Record<string, boolean>>
}

/** Not strict: what an account may hold is said by the schema of the API, which every write has passed. */
const schema = new Schema<CanalGuardado>(
  { _id: { type: String, required: true } },
  { collection: 'canais', strict: false, versionKey: false, autoIndex: false, autoCreate: false, minimize: false },
)

export type CanalModel = Model<CanalGuardado>

export const canalModel = (connection: Connection): CanalModel => connection.model<CanalGuardado>('Canal', schema)
