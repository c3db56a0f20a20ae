import { z } from 'zod'
import { NovoConsultor } from '../consultores/schema.js'
import { portuguese } from '../http/portuguese.js'
import { toE164 } from '../lib/phone.js'
import { toInstant } from './instant.js'
import { type Line, readLines } from './lines.js'

/** A row that passed, with its line in the file. */
export interface Row<T> {
  readonly line: number
  readonly value: T
}

/** Rows and problems of one file. */
export interface Parsed<T> {
  readonly rows: readonly Row<T>[]
  /** One for each value that does not fit: file, line, column, what stands there and what should. */
  readonly problems: readonly string[]
  /** The file as a whole cannot be read: no row can be left out to mend that. */
  readonly unreadable?: string
  /** Numbers and ids of the rows that have problems, as far as they can be read: none of them may be given again. */
  readonly taken: Taken
}

export interface Taken {
  readonly numero: number
  readonly consultor: number
}

const INTEIRO = 'deve ser um número inteiro, como 7'
const SIM_OU_NAO = 'deve ser t ou f, true ou false'
const INSTANTE = 'deve ser data e hora, como 2024-01-23 14:30:00 ou 2024-01-23 14:30:00-03'
const IDIOMAS = 'de 1 a 20 códigos, como pt,en ou {pt,en} ou ["pt","en"]'
const NUMERO = 'deve ser um número, como #00012 ou 12'

/** What PostgreSQL, and people, write for no value. */
const NOTHING = ['', '\\N', 'NULL', 'null']
const optional = z
  .string()
  .default('')
  .transform((value): string | null | undefined => (NOTHING.includes(value.trim()) ? null : value.trim()))

const id = z
  .string({ error: INTEIRO })
  .trim()
  .regex(/^\d{1,15}$/, { error: INTEIRO })
  .transform(Number)
  .pipe(z.int({ error: INTEIRO }).min(1, { error: INTEIRO }))
const optionalId = optional
  .pipe(z.union([z.null(), id], { error: INTEIRO }))
  .transform((value): number | null | undefined => value)

const YES = ['t', 'true', 'y', 'yes', 'on', '1']
const NO = ['f', 'false', 'n', 'no', 'off', '0']
/** A boolean in every form that PostgreSQL takes. */
const flag = z
  .string({ error: SIM_OU_NAO })
  .transform((value) => value.trim().toLowerCase())
  .pipe(z.enum([...YES, ...NO], { error: SIM_OU_NAO }))
  .transform((value) => YES.includes(value))

/** `{pt,en}` of PostgreSQL, `["pt"]`, and what people write: `pt,es`, `pt;es`, `pt`. */
const list = z.string().transform((written) =>
  written
    .trim()
    .replace(/^[{[](.*)[}\]]$/s, '$1')
    .split(/[,;|]/)
    .map((one) => one.trim().replace(/^(["'])(.*)\1$/, '$2'))
    .filter((one) => one !== ''),
)

const instant = (zone: string) =>
  z.string({ error: INSTANTE }).transform((written, ctx) => {
    const value = toInstant(written, zone)
    if (!value) ctx.addIssue({ code: 'custom', message: INSTANTE })
    return value ?? z.NEVER
  })

const telefone = optional.transform((written) => (written == null ? written : (toE164(written) ?? written)))

/** What these columns should hold; of the others the API's own rules tell. */
const WANTED: Readonly<Record<string, string>> = {
  idiomas: IDIOMAS,
  telefone: 'um telefone com DDD, como 11 98765-4321 ou +5511987654321',
  email: 'um endereço de e-mail, como joao@exemplo.com.br',
}

const { shape } = NovoConsultor

const consultorColumns = (zone: string) =>
  z.object({
    id,
    nome: z.string().trim().pipe(shape.nome),
    email: optional.pipe(shape.email),
    telefone: telefone.pipe(shape.telefone),
    idiomas: list.pipe(shape.idiomas),
    status_ativo: flag,
    status_ativo_sequencial: flag,
    status_online: flag,
    ultimo_atendimento: optional.pipe(z.union([z.null(), instant(zone)], { error: INSTANTE })),
    id_pipedrive: optionalId.transform((value) => value ?? undefined),
  })

const protocoloColumns = (zone: string) =>
  z.object({
    id,
    numero: z
      .string({ error: NUMERO })
      .trim()
      .regex(/^#?\d{1,15}$/, { error: NUMERO })
      .transform((numero) => Number(numero.replace('#', '')))
      .pipe(z.int({ error: NUMERO }).min(1, { error: NUMERO })),
    consultor_id: optionalId.transform((value) => value ?? null),
    created_at: instant(zone),
  })

export type OldConsultor = z.output<ReturnType<typeof consultorColumns>>
export type OldProtocolo = z.output<ReturnType<typeof protocoloColumns>>

const CONSULTORES = ['id', 'nome', 'idiomas', 'status_ativo', 'status_ativo_sequencial', 'status_online']
const PROTOCOLOS = ['id', 'numero', 'created_at']

/** @param zone of timestamps that say none (IANA name) */
export const parseConsultores = (csv: Buffer | string, file: string, zone: string): Parsed<OldConsultor> =>
  parseFile(csv, file, consultorColumns(zone), CONSULTORES, ({ id: own }) => ({ numero: 0, consultor: whole(own) }))

/** @param zone of timestamps that say none (IANA name) */
export const parseProtocolos = (csv: Buffer | string, file: string, zone: string): Parsed<OldProtocolo> =>
  parseFile(csv, file, protocoloColumns(zone), PROTOCOLOS, ({ numero, consultor_id }) => ({
    numero: whole(numero?.replace('#', '')),
    consultor: whole(consultor_id),
  }))

const whole = (written = ''): number => (/^\d{1,15}$/.test(written.trim()) ? Number(written) : 0)

const NONE: Taken = { numero: 0, consultor: 0 }

/** @param needed columns that have to be there */
function parseFile<T>(
  csv: Buffer | string,
  file: string,
  columns: z.ZodType<T>,
  needed: readonly string[],
  takenBy: (record: Line['record']) => Taken,
): Parsed<T> {
  const read = readLines(csv, needed)
  if ('unreadable' in read) {
    const { unreadable, line } = read
    return { rows: [], problems: [], taken: NONE, unreadable: `${whereIn(file, line)}: ${unreadable}` }
  }
  const rows: Row<T>[] = []
  const problems: string[] = []
  let taken = NONE
  for (const { record, line, wrong } of read.lines) {
    const result = columns.safeParse(record, { error: portuguese })
    if (wrong === undefined && result.success) {
      rows.push({ line, value: result.data })
      continue
    }
    const other = takenBy(record)
    taken = {
      numero: Math.max(taken.numero, other.numero),
      consultor: Math.max(taken.consultor, other.consultor),
    }
    const told = wrong === undefined ? (result.error?.issues ?? []).map((issue) => describe(issue, record)) : [wrong]
    problems.push(...[...new Set(told)].map((what) => `${whereIn(file, line)}: ${what}`))
  }
  return { rows, problems, taken }
}

const whereIn = (file: string, line: number | undefined): string =>
  line === undefined ? file : `${file}, linha ${line}`

function describe({ path, message }: z.core.$ZodIssue, record: Line['record']): string {
  const column = String(path[0] ?? 'linha')
  const wanted = WANTED[column] === undefined ? message : `deve ser ${WANTED[column]}`
  return `${column} ${quoted(record[column])} não serve: ${wanted.charAt(0).toLowerCase()}${wanted.slice(1)}`
}

/** Characters of a value that are shown. */
const MAX_SHOWN = 60

/** A value as it stands in the file, short, and without what would move the cursor. */
function quoted(value: string | undefined): string {
  if (value === undefined || value === '') return '(vazio)'
  const shown = [...value].slice(0, MAX_SHOWN).join('')
  return `${JSON.stringify(shown).replace(/[\p{Cc}\p{Cf}]/gu, '')}${shown.length < value.length ? '…' : ''}`
}
