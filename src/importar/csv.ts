import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { NovoConsultor } from '../consultores/schema.js'
import { toInstant } from './instant.js'

/** A row that passed, with its line in the file. */
export interface Row<T> {
  readonly line: number
  readonly value: T
}

/** Rows and problems of one file; a problem names file and line, and never quotes what stands there. */
export interface Parsed<T> {
  readonly rows: readonly Row<T>[]
  readonly problems: readonly string[]
}

const id = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
  .pipe(z.int().min(1))
const optionalId = z.union([z.literal('').transform(() => null), id])
const flag = z.enum(['t', 'f', 'true', 'false']).transform((value) => value.startsWith('t'))

/** PostgreSQL writes an array as `{pt,en}`, its items quoted where need be. */
const array = z
  .string()
  .regex(/^\{.*\}$/)
  .transform((list) => [...list.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/g)])
  .transform((items) => items.map(([, quoted, plain = '']) => quoted?.replace(/\\(.)/g, '$1') ?? plain))

const instant = (zone: string) =>
  z.string().transform((written, ctx) => {
    const value = toInstant(written, zone)
    if (!value) ctx.addIssue({ code: 'custom', message: 'not an instant' })
    return value ?? z.NEVER
  })

const optional = z.string().transform((value) => (value === '' ? null : value))

const consultorColumns = (zone: string) =>
  z
    .object({
      id,
      nome: z.string(),
      email: optional,
      telefone: optional,
      idiomas: array,
      status_ativo: flag,
      status_ativo_sequencial: flag,
      status_online: flag,
      ultimo_atendimento: z.union([z.literal('').transform(() => null), instant(zone)]),
      id_pipedrive: optionalId,
    })
    .transform((row, ctx) => {
      const checked = NovoConsultor.strip().safeParse(row)
      if (checked.success) return { ...row, ...checked.data }
      for (const { path } of checked.error.issues) ctx.addIssue({ code: 'custom', path, message: 'not valid' })
      return z.NEVER
    })

const protocoloColumns = (zone: string) =>
  z.object({
    id,
    numero: z
      .string()
      .regex(/^#?\d{1,15}$/)
      .transform((numero) => Number(numero.replace('#', '')))
      .pipe(z.int().min(1)),
    consultor_id: optionalId,
    created_at: instant(zone),
  })

export type OldConsultor = z.output<ReturnType<typeof consultorColumns>>
export type OldProtocolo = z.output<ReturnType<typeof protocoloColumns>>

/** @param zone of timestamps that say none (IANA name) */
export const parseConsultores = (csv: string, file: string, zone: string): Parsed<OldConsultor> =>
  parseFile(csv, file, consultorColumns(zone))

/** @param zone of timestamps that say none (IANA name) */
export const parseProtocolos = (csv: string, file: string, zone: string): Parsed<OldProtocolo> =>
  parseFile(csv, file, protocoloColumns(zone))

function parseFile<T>(csv: string, file: string, columns: z.ZodType<T>): Parsed<T> {
  const rows: Row<T>[] = []
  const problems: string[] = []
  for (const { record, line } of read(csv, file, problems)) {
    const result = columns.safeParse(record)
    if (result.success) rows.push({ line, value: result.data })
    else {
      const fields = [...new Set(result.error.issues.map(({ path }) => String(path[0] ?? 'linha')))]
      problems.push(`${file}, linha ${line}: ${fields.join(', ')} não serve`)
    }
  }
  return { rows, problems }
}

const withInfo = z.array(z.object({ record: z.record(z.string(), z.string()), info: z.object({ lines: z.int() }) }))

/** The records by column name, each with the line on which it ends. */
function read(csv: string, file: string, problems: string[]): { record: Record<string, string>; line: number }[] {
  try {
    const parsed = withInfo.parse(parse(csv, { columns: true, bom: true, info: true, skip_empty_lines: true }))
    return parsed.map(({ record, info }) => ({ record, line: info.lines }))
  } catch (error) {
    const { lines } = Object(error)
    problems.push(`${file}${typeof lines === 'number' ? `, linha ${lines}` : ''}: não é um CSV com cabeçalho`)
    return []
  }
}
