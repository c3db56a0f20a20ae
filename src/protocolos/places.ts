import { LIMIT } from '../lib/mongo.js'
import { between } from '../lib/slices.js'
import type { Vez } from '../vez/document.js'
import { DIGEST_SIZE, digestOf, numbersOf, type Place, placesIn } from './digest.js'
import type { DigestRun, Digests } from './digests.js'
import { type Filter, hasTime, matches, type Path, type Row, toPath } from './filter.js'
import type { ProtocoloModel } from './model.js'
import type { Reader } from './reader.js'
import { FIRST_MS, type Pending, within } from './walk.js'

/** Documents that one query looks at, about, and the numbers that it is about at most. */
const LOOKED_AT = 500
const MOST_NUMBERS = 8_000
/** Numbers of a part by which an index is chosen. */
const SAMPLE = 300
/** Digests that may be missing where they are read instead of the protocols. */
const MOST_MISSING = 2

/** Some of those that pass, in order. */
export interface Places {
  readonly places: readonly Place[]
  /** Documents that the database looked at. */
  readonly looked: number
  /** The number where the others begin, where they all lie behind it. */
  readonly next?: number
}

interface Asked {
  readonly filter: Filter
  readonly pending: Pending
  readonly descending: boolean
  /** Begin with this number. */
  readonly continua?: number | undefined
}

interface Source extends Reader {
  readonly digests: Digests
}

/**
 * The numbers of all protocols that pass a filter without telephone, name, account and language, in order: by the digests what
 * never changes, by the index of responsável or status what does.
 */
export async function* placesOf(source: Source, vez: Vez, asked: Asked): AsyncGenerator<Places> {
  const { filter, descending, continua } = asked
  const { consultor_id, status, responsavel_id } = filter
  const [from, to] = descending ? [1, continua ?? vez.seq] : [continua ?? 1, vez.seq]
  if (!isByDigests(source, vez)) {
    const path = toPath(filter, vez.seq, startsOf(source))
    yield* byIndex(source.protocolos, path.along === 'n' ? { ...path, from, to } : path, asked)
    return
  }
  const byTime = hasTime(filter)
  const numbers = { from, to: Math.min(to, vez.seq) }
  const runs = byTime ? source.digests.runs(numbers.from, numbers.to, filter) : eachOf(numbers)
  if (descending) runs.reverse()
  if (status === undefined && responsavel_id === undefined) {
    yield* byDigests(source, asked, runs, numbers)
    return
  }
  const equals = [await narrowest(source.protocolos, { consultor_id, status, responsavel_id }, numbers)]
  for (const part of byTime ? joined(runs, descending) : [runs]) {
    const ends = part.map((run) => rangeOf(run, numbers))
    const [first, last] = [ends[0], ends.at(-1)]
    if (!first || !last) continue
    const path = { along: 'n', from: Math.min(first.from, last.from), to: Math.max(first.to, last.to), equals } as const
    const found = byIndex(source.protocolos, path, asked)
    yield* byTime ? byRun(found, ends, descending) : found
  }
}

/** Are the digests there by which protocols are found without a look at each? */
export const isByDigests = ({ digests }: Source, { seq }: Vez): boolean => digests.missing(1, seq) <= MOST_MISSING

/** Instants between which there are few enough protocols to be read at once, as far as is known. */
export const startsOf = ({ digests, clock }: Source): number[] => [...digests.starts(), clock.now().getTime()]

interface Numbers {
  readonly from: number
  /** Included. */
  readonly to: number
}

const eachOf = ({ from, to }: Numbers): DigestRun[] =>
  Array.from({ length: Math.max(0, digestOf(to) - digestOf(from) + 1) }, (_, index) => {
    const digest = digestOf(from) + index
    return { first: digest, last: digest }
  })

const rangeOf = ({ first, last }: DigestRun, { from, to }: Numbers): Numbers => ({
  from: Math.max(from, numbersOf(first).from),
  to: Math.min(to, numbersOf(last).to),
})

/** Of the fields that an index begins with, the one by which the fewest protocols are looked at, as three small parts let expect. */
async function narrowest(
  protocolos: ProtocoloModel,
  fields: Pick<Filter, 'consultor_id' | 'status' | 'responsavel_id'>,
  { from, to }: Numbers,
): Promise<Readonly<Record<string, unknown>>> {
  const all = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [{ [name]: value }]))
  const [first = {}] = all
  if (all.length < 2) return first
  const parts = [from, Math.floor((from + to - SAMPLE) / 2), to - SAMPLE + 1].map((low) => Math.max(from, low))
  const sampled: { readonly equal: Readonly<Record<string, unknown>>; readonly looked: number }[] = []
  for (const equal of all) {
    const path = { along: 'n', from, to, equals: [equal] } as const
    let looked = 0
    for (const low of new Set(parts)) looked += (await look(protocolos, path, {}, low, low + SAMPLE - 1)).looked
    sampled.push({ equal, looked })
  }
  return sampled.reduce((least, one) => (one.looked < least.looked ? one : least)).equal
}

/** Those that follow each other by number too. */
function joined(runs: readonly DigestRun[], descending: boolean): DigestRun[][] {
  const parts: DigestRun[][] = []
  for (const run of runs) {
    const before = parts.at(-1)?.at(-1)
    const follows = before && (descending ? run.last === before.first - 1 : run.first === before.last + 1)
    if (follows) parts.at(-1)?.push(run)
    else parts.push([run])
  }
  return parts
}

/** As digests have it; of a digest that there is not, as the index has it. */
async function* byDigests(
  { protocolos, digests }: Source,
  asked: Asked,
  runs: readonly DigestRun[],
  numbers: Numbers,
): AsyncGenerator<Places> {
  const { filter, pending, descending } = asked
  const { equals } = toPath({ consultor_id: filter.consultor_id }, numbers.to)
  const ends = new Set(runs.map(({ first, last }) => (descending ? first : last)))
  const order = runs.flatMap(({ first, last }) => {
    const all = Array.from({ length: last - first + 1 }, (_, index) => first + index)
    return descending ? all.reverse() : all
  })
  let [places, looked]: [Place[], number] = [[], 0]
  for await (const [digest, columns] of digests.columns(order)) {
    const { from, to } = rangeOf({ first: digest, last: digest }, numbers)
    if (columns) {
      looked += DIGEST_SIZE
      const stored = placesIn(columns, filter).filter(({ n }) => n >= from && n <= to && !pending.numbers.has(n))
      places.push(...stored, ...pendingPlaces(asked, ({ n }) => n >= from && n <= to))
    } else {
      for await (const found of byIndex(protocolos, { along: 'n', from, to, equals }, asked)) {
        places.push(...found.places)
        looked += found.looked
      }
    }
    if (!ends.has(digest)) continue
    yield { places: places.sort(orderOf(hasTime(filter), descending)), looked, next: descending ? from - 1 : to + 1 }
    places = []
    looked = 0
  }
}

/** The same in the order of time, once a run that belongs together is whole. */
async function* byRun(
  found: AsyncGenerator<Places>,
  runs: readonly Numbers[],
  descending: boolean,
): AsyncGenerator<Places> {
  let waiting: Place[] = []
  let run = 0
  for await (const { places, looked, next = 0 } of found) {
    waiting.push(...places)
    const done: Place[] = []
    for (let one = runs[run]; one && (descending ? next < one.from : next > one.to); one = runs[run]) {
      const { from, to } = one
      done.push(...waiting.filter(({ n }) => n >= from && n <= to).sort(orderOf(true, descending)))
      waiting = waiting.filter(({ n }) => n < from || n > to)
      run += 1
    }
    const behind = runs[run - 1]
    yield { places: done, looked, ...(behind && { next: descending ? behind.from - 1 : behind.to + 1 }) }
  }
}

/** Along an index, in slices of about as many documents as the database looks at without holding up the turns. */
async function* byIndex(protocolos: ProtocoloModel, path: Path, asked: Asked): AsyncGenerator<Places> {
  const { along, from, to, starts = [] } = path
  const { pending, descending } = asked
  const isByNumber = along === 'n'
  let width = isByNumber ? LOOKED_AT : FIRST_MS
  let at = descending ? to : from
  while (descending ? at >= from : at <= to) {
    const [begin, end] = between(starts, at)
    const low = descending ? Math.max(from, begin, at - width + 1) : at
    const high = descending ? at : Math.min(to, end, at + width - 1)
    const { places, looked } = await look(protocolos, path, asked.filter, low, high)
    const isInside = (row: Row) => {
      const key = isByNumber ? row.n : row.created_at.getTime()
      return key >= low && key <= high
    }
    const all = [...places.filter(({ n }) => !pending.numbers.has(n)), ...pendingPlaces(asked, isInside)]
    at = descending ? low - 1 : high + 1
    yield { places: all.sort(orderOf(!isByNumber, descending)), looked, ...(isByNumber && { next: at }) }
    if (looked < LOOKED_AT / 4) width = isByNumber ? Math.min(width * 4, MOST_NUMBERS) : width * 4
    else if (looked > LOOKED_AT) width = Math.max(1, Math.floor((width * LOOKED_AT) / looked))
  }
}

interface Group {
  readonly _id: Readonly<Record<string, unknown>> | null
  readonly n: readonly number[]
  readonly at: readonly Date[]
}

/** All of a slice, by what else is asked of them: so the database tells how many it looked at, and sends little. */
async function look(
  protocolos: ProtocoloModel,
  { along, equals }: Path,
  { consultor_id, responsavel_id, status, desde, ate }: Filter,
  low: number,
  high: number,
): Promise<{ places: Place[]; looked: number }> {
  const places: Place[] = []
  let looked = 0
  for (const equal of equals) {
    const others = Object.entries({ consultor_id, responsavel_id, status }).filter(
      ([name, value]) => value !== undefined && !(name in equal),
    )
    const _id = others.length === 0 ? null : Object.fromEntries(others.map(([name]) => [name, `$${name}`]))
    const groups = await protocolos
      .aggregate<Group>(
        [
          { $match: { ...equal, [along]: within(along, low, high) } },
          { $group: { _id, n: { $push: '$n' }, at: { $push: '$created_at' } } },
        ],
        LIMIT,
      )
      .exec()
    for (const group of groups) {
      looked += group.n.length
      if (others.some(([name, value]) => group._id?.[name] !== value)) continue
      for (const [index, n] of group.n.entries()) {
        const at = group.at[index]
        if (at && (desde === undefined || at >= desde) && (ate === undefined || at < ate)) {
          places.push({ n, at: at.getTime() })
        }
      }
    }
  }
  return { places, looked }
}

const pendingPlaces = ({ pending, filter }: Asked, isInside: (row: Row) => boolean): Place[] =>
  pending.rows
    .filter((row) => isInside(row) && matches(row, filter))
    .map(({ n, created_at }) => ({ n, at: created_at.getTime() }))

const orderOf =
  (byTime: boolean, descending: boolean) =>
  (one: Place, other: Place): number =>
    (descending ? -1 : 1) * ((byTime ? one.at - other.at : 0) || one.n - other.n)
