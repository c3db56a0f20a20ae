import type { Filter } from './filter.js'
import type { Reader } from './reader.js'
import { count, NOTHING_PENDING, type Walk } from './walk.js'

/** Filtered totals are counted so far; beyond, the answer says that there are more. */
export const MOST_COUNTED = 10_000
/** How long it is believed that there are still more, ms: few protocols change their status in so short a time. */
const BELIEVED_MS = 60_000
/** Filters that are remembered, of each kind. */
const MOST_REMEMBERED = 500

export interface Total {
  readonly total: number
  /** There are more than `total`. */
  readonly capped: boolean
}

/** What earlier counts found. No filter with a contact: those look at a part, or are looked at whole. */
export class Totals {
  /** Filters that more pass than are counted → until when that is believed, by the clock of what has elapsed. */
  readonly #full = new Map<string, number>()
  /** Of each consultor how many were given to him up to a number: that never changes. */
  readonly #given = new Map<number, { readonly upTo: number; readonly total: number }>()

  isFull(filter: string, elapsed: number): boolean {
    return (this.#full.get(filter) ?? 0) > elapsed
  }

  setFull(filter: string, elapsed: number): void {
    remember(this.#full, filter, elapsed + BELIEVED_MS)
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
  if (totals.isFull(key, clock.elapsed())) return capped(Number.POSITIVE_INFINITY)
  const consultorId = onlyConsultor(filter)
  const total = consultorId === undefined ? await sum(source, along, filter) : await given(source, along, consultorId)
  if (total > MOST_COUNTED) totals.setFull(key, clock.elapsed())
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
async function given(source: Source, along: Counted, consultorId: number): Promise<number> {
  const known = source.totals.given(consultorId)
  const upTo = Math.min(along.to, ...[...along.pending.numbers].map((n) => n - 1))
  const asked = { consultor_id: consultorId }
  const settled =
    upTo <= known.upTo
      ? known.total
      : known.total + (await sum(source, { ...along, from: known.upTo + 1, to: upTo, pending: NOTHING_PENDING }, asked))
  if (settled > MOST_COUNTED) return settled
  if (upTo > known.upTo) source.totals.setGiven(consultorId, upTo, settled)
  return settled + (await sum(source, { ...along, from: Math.max(upTo, known.upTo) + 1 }, asked))
}
