import type { Digests } from './digests.js'
import type { Filter } from './filter.js'
import type { Reader } from './reader.js'
import { rowsByNumber } from './rows-by-number.js'
import { count, NOTHING_PENDING, type Walk } from './walk.js'

/** Filtered totals are counted so far; beyond, the answer says that there are more. */
export const MOST_COUNTED = 10_000
/** How long it is believed that there are still more, ms: few protocols change their status in so short a time. */
const BELIEVED_MS = 60_000
/** A total from here on costs much, and is told again for a moment, ms. */
const MANY = 2_000
const MANY_MS = 5_000
/** Digests that may be missing where they are read instead of the protocols. */
const MOST_MISSING = 2
/** Filters that are remembered, of each kind. */
const MOST_REMEMBERED = 500

export interface Total {
  readonly total: number
  /** There are more than `total`. */
  readonly capped: boolean
}

/** What earlier counts found. No filter with a contact: those look at a part, or are looked at whole. */
export class Totals {
  /** Filter → what was counted, and until when that is told, by the clock of what has elapsed. */
  readonly #counted = new Map<string, { readonly total: number; readonly until: number }>()
  /** Of each consultor how many were given to him up to a number: that never changes. */
  readonly #given = new Map<number, { readonly upTo: number; readonly total: number }>()

  counted(filter: string, elapsed: number): number | undefined {
    const known = this.#counted.get(filter)
    return known && known.until > elapsed ? known.total : undefined
  }

  setCounted(filter: string, total: number, elapsed: number): void {
    if (total < MANY) return
    remember(this.#counted, filter, { total, until: elapsed + (total > MOST_COUNTED ? BELIEVED_MS : MANY_MS) })
  }

  given(consultorId: number): { readonly upTo: number; readonly total: number } {
    return this.#given.get(consultorId) ?? { upTo: 0, total: 0 }
  }

  setGiven(consultorId: number, upTo: number, total: number): void {
    remember(this.#given, consultorId, { upTo, total })
  }
}

function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > MOST_REMEMBERED && oldest !== undefined) map.delete(oldest)
}

interface Source extends Reader {
  readonly totals: Totals
  readonly digests: Digests
}

type Counted = Omit<Walk, 'descending'>

/**
 * How many protocols pass a filter, as far as that is counted.
 *
 * @param seen how many there are, where all have been looked at already
 */
export async function totalOf(source: Source, along: Counted, filter: Filter, seen?: number): Promise<Total> {
  if (seen !== undefined) return capped(seen)
  const { clock, totals } = source
  const key = JSON.stringify(filter)
  const known = totals.counted(key, clock.elapsed())
  if (known !== undefined) return capped(known)
  const consultorId = onlyConsultor(filter)
  const total = consultorId === undefined ? await sum(source, along, filter) : await given(source, along, consultorId)
  totals.setCounted(key, total, clock.elapsed())
  return capped(total)
}

const capped = (total: number): Total => ({ total: Math.min(total, MOST_COUNTED), capped: total > MOST_COUNTED })

/** The consultor, where nothing else is asked for. */
function onlyConsultor({ consultor_id, ...others }: Filter): number | undefined {
  return Object.values(others).every((one) => one === undefined) ? consultor_id : undefined
}

async function sum({ protocolos, letPass }: Source, along: Counted, filter: Filter): Promise<number> {
  let total = 0
  for await (const found of count(protocolos, along, filter)) {
    total += found
    if (total > MOST_COUNTED) break
    await letPass()
  }
  return total
}

/** Goes on above the number up to which all are copied and counted. */
async function given(source: Source, along: Counted, consultor_id: number): Promise<number> {
  const known = source.totals.given(consultor_id)
  const upTo = Math.max(known.upTo, Math.min(along.to, ...[...along.pending.numbers].map((n) => n - 1)))
  const settled = known.total + (await givenWithin(source, along, consultor_id, known.upTo + 1, upTo))
  if (settled > MOST_COUNTED) return settled
  source.totals.setGiven(consultor_id, upTo, settled)
  return settled + (await sum(source, { ...along, from: upTo + 1 }, { consultor_id }))
}

/** Of numbers that are all copied: by digests where there are nearly all. */
async function givenWithin(
  source: Source,
  along: Counted,
  consultor_id: number,
  from: number,
  to: number,
): Promise<number> {
  const range = { from, to, pending: NOTHING_PENDING }
  if (source.digests.missing(from, to) > MOST_MISSING) return sum(source, { ...along, ...range }, { consultor_id })
  let total = 0
  for await (const rows of rowsByNumber(source, source.digests, { ...range, descending: true })) {
    total += rows.filter((row) => row.consultor_id === consultor_id).length
    if (total > MOST_COUNTED) break
  }
  return total
}
