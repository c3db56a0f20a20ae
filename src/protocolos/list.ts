import { LIMIT } from '../lib/mongo.js'
import type { Vez } from '../vez/document.js'
import { type Filter, isPartial, isPlain, matches, ROW_FIELDS, type Row, toPath } from './filter.js'
import type { ProtocoloModel } from './model.js'
import { readAll, settle } from './reader.js'
import { type Page, type Part, type SearchSource, searchPart } from './search-part.js'
import { MOST_COUNTED, type Totals, totalOf } from './totals.js'
import { type Pending, walk } from './walk.js'

/** Phones that are walked along one by one; more of them are looked up at once first. */
const MOST_PHONES = 8

/** What a list reads by. */
export interface ListSource extends SearchSource {
  readonly totals: Totals
}

/**
 * One page of the protocols that pass a filter, and how many there are.
 *
 * @param vez a snapshot whose read ended before this call (docs/guarantees.md#readers)
 * @param importados how many protocols have numbers up to `vez.base`
 */
export async function listProtocolos(
  source: ListSource,
  vez: Vez,
  importados: number,
  asked: Filter,
  part: Part,
): Promise<Page> {
  const total = importados + vez.seq - vez.base
  const isWhole = isPlain(asked) && part.continua === undefined
  if (isWhole && importados === 0) {
    return { protocolos: await readAll(source, vez, numbersAt(vez, part, total)), total, capped: false }
  }
  const pending = await settle(source.protocolos, vez)
  const filter = await narrowed(source.protocolos, asked, pending)
  const path = toPath(filter, vez.seq)
  if (isPartial(filter) || part.continua !== undefined) {
    return searchPart(source, vez, { path, pending, filter, part })
  }
  const { numbers, seen, isAll } = await collect(
    source,
    { ...path, descending: part.ordem === 'desc', pending },
    filter,
    part,
  )
  const protocolos = await readAll(source, vez, numbers)
  if (isWhole) return { protocolos, total, capped: false }
  return { protocolos, ...(await totalOf(source, { ...path, pending }, filter, isAll ? seen : undefined)) }
}

/** Without gaps a place in the list is a number: nothing need be walked over. */
function numbersAt(vez: Vez, { skip, limit, ordem }: Part, total: number): number[] {
  const places = Array.from({ length: Math.max(0, Math.min(limit, total - skip)) }, (_, index) => skip + index)
  return places.map((place) => (ordem === 'desc' ? vez.seq - place : vez.base + 1 + place))
}

/** The numbers of a page, and how many pass of the rows that were looked at: of all, or as many as are ever counted. */
async function collect(
  { protocolos, letPass }: ListSource,
  along: Parameters<typeof walk>[1],
  filter: Filter,
  { skip, limit }: Part,
): Promise<{ numbers: readonly number[]; seen: number; isAll: boolean }> {
  const numbers: number[] = []
  // What else is asked of a telephone's protocols the database does not count.
  const isCounted = filter.contato === undefined
  let seen = 0
  for await (const rows of walk(protocolos, along)) {
    if (seen >= skip + limit && (isCounted || seen > MOST_COUNTED)) return { numbers, seen, isAll: !isCounted }
    for (const row of rows.filter((one) => matches(one, filter))) {
      if (seen >= skip && seen < skip + limit) numbers.push(row.n)
      seen += 1
    }
    await letPass()
  }
  return { numbers, seen, isAll: true }
}

/** Of very many forms of a telephone those that there are: without its area code a number may be one of each area. */
export async function narrowed(protocolos: ProtocoloModel, filter: Filter, { rows }: Pending): Promise<Filter> {
  const { contato } = filter
  if (!contato || !('telefones' in contato) || contato.telefones.length <= MOST_PHONES) return filter
  const asked = { 'contato.telefone': { $in: [...contato.telefones] } }
  const found = await protocolos.find(asked, ROW_FIELDS, LIMIT).lean<Row[]>()
  const there = new Set([...found, ...rows].map((one) => one.contato?.telefone))
  return { ...filter, contato: { telefones: contato.telefones.filter((one) => there.has(one)) } }
}
