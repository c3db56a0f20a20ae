import type { LocalTime } from '../lib/local-time.js'
import type { Vez } from '../vez/document.js'
import { type Filter, matches, toPath } from './filter.js'
import type { Protocolo } from './model.js'
import type { Reader } from './reader.js'
import { type Pending, walkWhole } from './walk.js'

/** By it spreadsheets know that a file is UTF-8. */
export const BOM = '\uFEFF'
const SEPARATOR = ';'
const LINE_END = '\r\n'
/** How long the database rests after each read at most, ms: a file is read for minutes, and nobody waits for each line. */
const MAX_REST_MS = 50

/** A spreadsheet may take a text that begins so for a formula. */
const FORMULA = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/u
/** Digits alone do nothing as a formula, and a telephone has to be read. */
const PHONE = /^\+\d{7,15}$/
const SPECIAL = /[";\r\n]/

/** A cell as it is written: quoted where need be, and never a formula. */
export function toCell(value: string | number | undefined): string {
  if (value === undefined || typeof value === 'number') return String(value ?? '')
  const text = FORMULA.test(value) && !PHONE.test(value) ? `'${value}` : value
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

type Column = readonly [name: string, of: (one: Protocolo, time: LocalTime, vez: Vez) => string | number | undefined]

const COLUMNS: readonly Column[] = [
  ['numero', ({ numero }) => numero],
  ['criado_em', ({ created_at }, time) => time.write(created_at)],
  ['consultor_id', ({ consultor_id }) => consultor_id],
  ['consultor_nome', ({ consultor_nome }) => consultor_nome],
  ['responsavel_id', ({ responsavel_id }) => responsavel_id ?? undefined],
  ['responsavel_nome', ({ responsavel_id }, _time, vez) => vez.consultores.get(responsavel_id ?? 0)?.nome],
  ['status', ({ status }) => status],
  ['prioridade', ({ prioridade }) => prioridade],
  ['idioma', ({ idioma }) => idioma],
  ['plataforma', ({ plataforma }) => plataforma],
  ['canal', ({ canal }) => canal],
  ['contato_nome', ({ contato }) => contato?.nome],
  ['contato_telefone', ({ contato }) => contato?.telefone],
  ['contato_email', ({ contato }) => contato?.email],
  ['descricao', ({ descricao }) => descricao],
  ['continua', ({ continua }) => continua],
  ['ultimo_contato_em', ({ ultimo_contato_em }, time) => time.write(ultimo_contato_em)],
  ['encerrado_em', ({ encerrado_em }, time) => encerrado_em && time.write(encerrado_em)],
  ['pipedrive_negocio_id', ({ pipedrive }) => pipedrive?.negocio_id],
]

/** A line of cells that are written already. */
export const toLine = (cells: readonly string[]): string => cells.join(SEPARATOR) + LINE_END

/**
 * All protocols that pass, as a CSV file for spreadsheets, piece by piece; the first piece holds its first lines, so that a
 * failure before it can be told.
 *
 * @param vez a snapshot whose read ended before this call (docs/guarantees.md#readers)
 * @param pending what of it is not copied, as it is now
 * @param isAlive false once nobody reads any more
 */
export async function* toCsv(
  { protocolos, clock, letPass }: Reader,
  vez: Vez,
  pending: Pending<Protocolo>,
  filter: Filter,
  { descending, time, isAlive }: { descending: boolean; time: LocalTime; isAlive: () => boolean },
): AsyncGenerator<string> {
  const range = { ...toPath(filter, vez.seq), descending, pending }
  let text = BOM + toLine(COLUMNS.map(([name]) => name))
  let began = clock.elapsed()
  for await (const documents of walkWhole(protocolos, range)) {
    for (const one of documents) {
      if (one.n <= vez.seq && matches(one, filter)) text += toLine(COLUMNS.map(([, of]) => toCell(of(one, time, vez))))
    }
    const rest = Math.min(MAX_REST_MS, clock.elapsed() - began)
    if (text !== '') yield text
    text = ''
    if (!isAlive()) return
    await clock.wait(rest)
    await letPass()
    began = clock.elapsed()
  }
  if (text !== '') yield text
}
