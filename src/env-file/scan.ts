import { StartError } from '../lib/start-error.js'

/** One variable as it is written in the file. */
export interface Written {
  readonly name: string
  /** Its lines, the first is 0; more than one where quotes hold several. */
  readonly from: number
  readonly to: number
}

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/
const NOTHING = /^\s*(?:#|$)/
/** In what follows the quotes that end a value. */
const REST = /^\s*(?:#.*)?$/

/**
 * The variables of a `.env`, in order, with their places. Node's own parser says nothing of a line that it does not
 * understand: it leaves that one out, or all that follow.
 *
 * @throws StartError that names the first line that is no `NAME=value`, by its number and never by its content
 */
export function scan(text: string): Written[] {
  const lines = text.split(/\r?\n/)
  const found: Written[] = []
  for (let place = 0; place < lines.length; place += 1) {
    const line = lines[place] ?? ''
    if (NOTHING.test(line)) continue
    const [, name, value = ''] = ASSIGNMENT.exec(line) ?? []
    if (name === undefined) throw wrong(place, 'não é NOME=valor')
    const to = endOf(lines, place, value)
    found.push({ name, from: place, to })
    place = to
  }
  return found
}

/** The line in which the value ends that begins so on this line. */
function endOf(lines: readonly string[], from: number, value: string): number {
  const [quote = ''] = /^["'`]/.exec(value) ?? []
  if (quote === '') {
    // Node takes the `#` of `a#b` for a comment, docker compose for a part of the value.
    if (/[^\s#]#/.test(value))
      throw wrong(from, 'tem um # no valor: ponha o valor entre aspas, ou um espaço antes do #')
    return from
  }
  let rest = value.slice(1)
  for (let place = from; place < lines.length; place += 1) {
    const end = rest.indexOf(quote)
    if (end >= 0) {
      if (!REST.test(rest.slice(end + 1))) throw wrong(from, 'tem texto depois das aspas')
      return place
    }
    rest = lines[place + 1] ?? ''
  }
  throw wrong(from, 'abre aspas que nunca fecham')
}

const wrong = (place: number, what: string): StartError => new StartError(`A linha ${place + 1} de .env ${what}.`)
