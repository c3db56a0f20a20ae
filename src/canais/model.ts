import { type Connection, type Model, Schema } from 'mongoose'

/** A secret that we made, encrypted; one that was replaced holds until `ate`. */
export interface SegredoGuardado {
  readonly valor: string
  readonly ate?: Date
}

/** A chat account as it is stored. */
export interface CanalGuardado {
  /** The slug. */
  readonly _id: string
  readonly plataforma: string
  readonly nome: string
  readonly ativo: boolean
  readonly idioma: string
  readonly gatilho: 'sempre' | 'palavra' | 'transferencia'
  readonly palavras: readonly string[]
  readonly janela_h: number
  readonly esperar: boolean
  readonly espera_max_min: number
  readonly idade_max_min: number
  /** Own words instead of the default ones: language → text's name → template. */
  readonly textos: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly avisar_consultor: boolean
  readonly comandos: boolean
  readonly disponibilidade: boolean
  /** Settings of the platform that are no secret. */
  readonly ajustes: Readonly<Record<string, unknown>>
  /** Those that are, each encrypted. */
  readonly secretos: Readonly<Record<string, string>>
  readonly segredos: readonly SegredoGuardado[]
  readonly criado_em: Date
  /** Raised by each change, and its guard. */
  readonly rev: number
  /** When lost events were last looked for, up to the end: the next look begins there. */
  readonly reconciliado_em?: Date
  /** Who was online at the platform when it was last asked, by its own ids. */
  readonly presencas?: Readonly<Record<string, boolean>>
}

const schema = new Schema<CanalGuardado>(
  {
    _id: { type: String, required: true },
    plataforma: { type: String, required: true },
    nome: { type: String, required: true },
    ativo: { type: Boolean, required: true },
    idioma: { type: String, required: true },
    gatilho: { type: String, required: true },
    palavras: [String],
    janela_h: Number,
    esperar: Boolean,
    espera_max_min: Number,
    idade_max_min: Number,
    textos: { type: Schema.Types.Mixed },
    avisar_consultor: Boolean,
    comandos: Boolean,
    disponibilidade: Boolean,
    ajustes: { type: Schema.Types.Mixed },
    secretos: { type: Schema.Types.Mixed },
    segredos: [Schema.Types.Mixed],
    criado_em: { type: Date, required: true },
    rev: { type: Number, required: true },
    reconciliado_em: Date,
    presencas: { type: Schema.Types.Mixed },
  },
  { collection: 'canais', versionKey: false, autoIndex: false, autoCreate: false, minimize: false },
)

export type CanalModel = Model<CanalGuardado>

export const canalModel = (connection: Connection): CanalModel => connection.model<CanalGuardado>('Canal', schema)
