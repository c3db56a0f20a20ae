import { type DigestRow, digestOf, numbersOf } from './digest.js'
import type { Digests } from './digests.js'
import type { Reader } from './reader.js'
import { type Pending, walk } from './walk.js'

export interface Numbers {
  readonly from: number
  /** Included. */
  readonly to: number
  readonly descending: boolean
  readonly pending: Pending
}

/** The protocols of these numbers in order, as far as digests know them: from those, and from the database where there is none. */
export async function* rowsByNumber(
  reader: Reader,
  digests: Digests,
  range: Numbers,
): AsyncGenerator<readonly DigestRow[]> {
  for (const run of runsOf(digests, range)) {
    if (!run.every((one) => digests.has(one))) {
      yield* stored(reader, run, range)
      continue
    }
    for await (const [digest, rows] of digests.read(run)) {
      if (rows) yield merged(rows, digest, range)
      else yield* stored(reader, [digest], range)
    }
  }
}

/** The digests of a range in order, in runs of those that there are, and of those that there are not. */
function runsOf(digests: Digests, { from, to, descending }: Numbers): number[][] {
  const [first, last] = [digestOf(from), digestOf(to)]
  const all = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    descending ? last - index : first + index,
  )
  const runs: number[][] = []
  for (const one of all) {
    const run = runs.at(-1)
    if (run?.[0] !== undefined && digests.has(run[0]) === digests.has(one)) run.push(one)
    else runs.push([one])
  }
  return runs
}

async function* stored(
  { protocolos, letPass }: Reader,
  run: readonly number[],
  { from, to, descending, pending }: Numbers,
): AsyncGenerator<readonly DigestRow[]> {
  const low = Math.max(from, numbersOf(Math.min(...run)).from)
  const high = Math.min(to, numbersOf(Math.max(...run)).to)
  for await (const rows of walk(protocolos, { along: 'n', from: low, to: high, equals: [{}], descending, pending })) {
    yield rows
    await letPass()
  }
}

/** What a snapshot still held when the digest was made comes from the snapshot. */
function merged(rows: readonly DigestRow[], digest: number, { from, to, descending, pending }: Numbers): DigestRow[] {
  const own = numbersOf(digest)
  const all = [
    ...rows.filter(({ n }) => !pending.numbers.has(n)),
    ...pending.rows.filter(({ n }) => n >= own.from && n <= own.to),
  ]
  const inside = all.filter(({ n }) => n >= from && n <= to)
  return inside.sort((one, other) => (descending ? other.n - one.n : one.n - other.n))
}
