import type { Vez } from '../vez/document.js'
import { type Filter, hasTime, isPartial, isPlain, matches, toPath } from './filter.js'
import { byPhones } from './phones.js'
import { isByDigests, type Places, placesOf, startsOf } from './places.js'
import { readAll, settle } from './reader.js'
import { type Continua, type Page, type Part, type SearchSource, searchPart } from './search-part.js'
import { capped, MOST_COUNTED, type Totals } from './totals.js'
import { type Pending, walk } from './walk.js'

/** How long a request counts on once its page is full, and how long it looks for its page, ms. */
const COUNT_MS = 300
const LOOK_MS = 600
/** Documents that it looks at in any case: the list of a small team does not depend on how fast its machine is. */
const LEAST_LOOKED = 1_000
/** How long the database rests between two looks of a count that nobody waits for, ms. */
const REST_MS = 50

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
  const settled = await settle(source.protocolos, vez)
  const { filter, pending } = await byPhones(source.protocolos, asked, settled)
  if (isPartial(filter)) {
    const path = toPath(filter, vez.seq, startsOf(source))
    return searchPart(source, vez, { path, pending, filter, part })
  }
  if (filter.contato !== undefined) return listOfPhones(source, vez, filter, part, pending)
  if (part.continua !== undefined && !isByDigests(source, vez) && hasTime(filter)) {
    const path = toPath(filter, vez.seq, startsOf(source))
    return searchPart(source, vez, { path, pending, filter, part: { ...part, ordem: part.ordem ?? 'asc' } })
  }
  const found = placesOf(source, vez, {
    filter,
    pending,
    descending: part.ordem === 'desc',
    continua: part.continua?.n,
  })
  if (part.continua !== undefined) {
    const { numbers, seen, continua } = await collect(source, found, filter, part)
    return { protocolos: await readAll(source, vez, numbers), total: seen, capped: continua !== undefined, continua }
  }
  return firstPage(source, vez, found, filter, part, isWhole ? total : undefined)
}

/** A page that does not go on from another one, with how many there are: known, counted just before, or counted as far as time allows. */
async function firstPage(
  source: ListSource,
  vez: Vez,
  found: AsyncGenerator<Places>,
  filter: Filter,
  part: Part,
  all: number | undefined,
): Promise<Page> {
  const { clock, totals, letPass } = source
  const key = JSON.stringify(filter)
  const known = all ?? totals.counted(key, clock.elapsed())
  const { numbers, seen, isAll, continua } = await collect(source, found, filter, part, known)
  const protocolos = await readAll(source, vez, numbers)
  if (continua !== undefined) return { protocolos, total: seen, capped: true, continua }
  if (all !== undefined) return { protocolos, total: all, capped: false }
  if (!isAll && known !== undefined) return { protocolos, ...capped(Math.max(known, seen)) }
  if (isAll || seen > MOST_COUNTED) {
    totals.setCounted(key, seen, clock.elapsed())
    return { protocolos, ...capped(seen) }
  }
  void totals.behind(async (isOver) => {
    let total = seen
    for await (const { places } of found) {
      total += places.length
      if (total > MOST_COUNTED) break
      if (isOver(clock.elapsed())) return
      await clock.wait(REST_MS)
      await letPass()
    }
    totals.setCounted(key, total, clock.elapsed(), true)
  }, clock.elapsed())
  return { protocolos, total: seen, capped: true }
}

interface Collected {
  readonly numbers: readonly number[]
  /** How many that pass were seen. */
  readonly seen: number
  /** Those are all. */
  readonly isAll: boolean
  /** Where it stopped before the page was full, or behind a full page. */
  readonly continua?: Continua
}

/** The numbers of a page, and how many pass of what was looked at: on from another page no more than that needs. */
async function collect(
  { clock, letPass }: ListSource,
  found: AsyncGenerator<Places>,
  filter: Filter,
  { skip, limit, continua }: Part,
  known?: number,
): Promise<Collected> {
  const began = clock.elapsed()
  const first = continua?.pular ?? skip
  const numbers: number[] = []
  let begin = continua?.n
  let [seen, looked] = [0, 0]
  for (;;) {
    const step = await found.next()
    if (step.done) return { numbers, seen, isAll: true }
    const { places, next } = step.value
    for (const [index, { n }] of places.entries()) {
      if (begin !== undefined && seen >= first + limit) {
        return { numbers, seen, isAll: false, continua: hasTime(filter) ? { n: begin, pular: index } : { n, pular: 0 } }
      }
      if (seen >= first && seen < first + limit) numbers.push(n)
      seen += 1
    }
    looked += step.value.looked
    const isFull = seen >= first + limit
    const spent = looked < LEAST_LOOKED ? 0 : clock.elapsed() - began
    if (continua === undefined && isFull) {
      if (known !== undefined || seen > MOST_COUNTED || spent >= COUNT_MS) return { numbers, seen, isAll: false }
    } else if (spent >= LOOK_MS && next !== undefined) {
      return { numbers, seen, isAll: false, continua: { n: next, pular: Math.max(0, first - seen) } }
    }
    begin = continua && (next ?? begin)
    await letPass()
  }
}

/** A telephone's protocols are few, and are looked at whole. */
async function listOfPhones(source: ListSource, vez: Vez, filter: Filter, part: Part, pending: Pending): Promise<Page> {
  const path = toPath(filter, vez.seq)
  const numbers: number[] = []
  for await (const rows of walk(source.protocolos, { ...path, descending: part.ordem === 'desc', pending })) {
    numbers.push(...rows.filter((one) => matches(one, filter)).map(({ n }) => n))
    if (numbers.length > Math.max(MOST_COUNTED, part.skip + part.limit)) break
    await source.letPass()
  }
  const page = numbers.slice(part.skip, part.skip + part.limit)
  return { protocolos: await readAll(source, vez, page), ...capped(numbers.length) }
}

/** Without gaps a place in the list is a number: nothing need be walked over. */
function numbersAt(vez: Vez, { skip, limit, ordem }: Part, total: number): number[] {
  const places = Array.from({ length: Math.max(0, Math.min(limit, total - skip)) }, (_, index) => skip + index)
  return places.map((place) => (ordem === 'desc' ? vez.seq - place : vez.base + 1 + place))
}
