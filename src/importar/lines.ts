import { CsvError, parse } from 'csv-parse/sync'
import { z } from 'zod'

/** One record, by the names of its columns. */
export interface Line {
  readonly record: Readonly<Record<string, string>>
  /** In the file, from 1, where the record begins. */
  readonly line: number
  /** Why it cannot be read, if so. */
  readonly wrong?: string
}

/** What keeps a whole file from being read, and where. */
interface Unreadable {
  readonly unreadable: string
  readonly line?: number
}

const DELIMITERS = [',', ';', '\t']

const Records = z.array(
  z.object({
    record: z.record(z.string(), z.string()),
    info: z.object({ lines: z.int(), error: z.unknown().optional() }),
  }),
)

/** The records of a CSV with a header: comma, semicolon or tab between the values, with or without a byte order mark. */
export function readLines(
  csv: Buffer | string,
  needed: readonly string[],
): { readonly lines: readonly Line[] } | Unreadable {
  const text = typeof csv === 'string' ? csv : decoded(csv)
  if (typeof text !== 'string') return text
  // The parser counts each end of a line once only if it is one character.
  const plain = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  if (plain.trim() === '') return { unreadable: 'o arquivo está vazio' }
  const delimiter = DELIMITERS.find((one) => missingIn(plain, one, needed).length < needed.length) ?? ','
  const missing = missingIn(plain, delimiter, needed)
  if (missing.length === needed.length)
    return { unreadable: `a primeira linha deve ser o cabeçalho, com ${needed.join(', ')}`, line: 1 }
  if (missing.length > 0) return { unreadable: `falta a coluna ${missing.join(', ')}`, line: 1 }
  try {
    const parsed = Records.parse(
      parse(plain, {
        columns: named,
        delimiter,
        info: true,
        skip_empty_lines: true,
        relax_column_count: true,
        relax_quotes: true,
      }),
    )
    return { lines: parsed.map(toLine) }
  } catch (error) {
    return asUnreadable(error)
  }
}

const named = (header: readonly string[]): string[] => header.map((name) => name.trim().toLowerCase())

/** Needed columns that a header does not name. */
function missingIn(csv: string, delimiter: string, needed: readonly string[]): string[] {
  const [header = ''] = csv.split('\n', 1)
  const found = new Set(
    header.split(delimiter).map((name) =>
      name
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .trim()
        .toLowerCase(),
    ),
  )
  return needed.filter((name) => !found.has(name))
}

function toLine({ record, info }: z.output<typeof Records>[number]): Line {
  const within = Object.values(record).reduce((sum, value) => sum + (value.match(/\n/g)?.length ?? 0), 0)
  const wrong =
    info.error === undefined
      ? undefined
      : 'tem mais ou menos valores que o cabeçalho (um valor com vírgula vai entre aspas)'
  return { record, line: info.lines - within, ...(wrong !== undefined && { wrong }) }
}

const QUOTES =
  'aspas que não abrem ou não fecham: um valor com aspas vai entre aspas, e cada uma dele é escrita duas vezes'

function asUnreadable(error: unknown): Unreadable {
  const line: unknown = Object(error).lines
  const isQuotes = error instanceof CsvError && /QUOTE/.test(error.code)
  return {
    unreadable: isQuotes ? QUOTES : 'não é um CSV com cabeçalho',
    ...(typeof line === 'number' && { line }),
  }
}

/** A file's text, which has to be UTF-8. */
function decoded(csv: Buffer): string | Unreadable {
  const isUtf16 = (csv[0] === 0xff && csv[1] === 0xfe) || (csv[0] === 0xfe && csv[1] === 0xff)
  if (isUtf16 || csv.includes(0)) return { unreadable: `está em UTF-16, ou não é um texto: ${SAVE_AS}` }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(csv)
  } catch {
    return { unreadable: `não está em UTF-8 (parece Latin-1, como o Excel grava): ${SAVE_AS}`, line: firstBadLine(csv) }
  }
}

const SAVE_AS = 'grave-o como "CSV UTF-8", ou exporte com \\encoding UTF8 no psql'

/** Decoding puts U+FFFD where bytes are none; a file that holds that character itself is named a little early. */
function firstBadLine(csv: Buffer): number {
  const before = csv.toString('utf8').split('\uFFFD')[0] ?? ''
  return before.split(/\r\n?|\n/).length
}
