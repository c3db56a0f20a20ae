import type { Clock } from '../lib/clock.js'
import { LIMIT } from '../lib/mongo.js'
import { type Anonymising, anonymise } from './anonimizar.js'
import { FIRST_INSTANT } from './filter.js'
import { NOTHING_PENDING, walk } from './walk.js'

const DAY_MS = 86_400_000

interface Mark {
  readonly _id: string
  /** All before this instant are anonymous. */
  readonly ate: Date
}

export interface RetentionOptions extends Anonymising {
  readonly clock: Clock
  /** 0 = never. */
  readonly dias: number
}

/** Anonymises what is older than so many days; goes on where the last run ended. Any process may run it. Returns how many. */
export async function applyRetention(options: RetentionOptions): Promise<number> {
  const { protocolos, clock, dias } = options
  if (dias === 0) return 0
  const marks = protocolos.db.collection<Mark>('counters')
  const mark = await marks.findOne({ _id: 'retencao' }, LIMIT)
  const from = mark?.ate.getTime() ?? FIRST_INSTANT
  const until = clock.now().getTime() - dias * DAY_MS
  let count = 0
  const range = { along: 'created_at', from, to: until - 1, descending: false, equals: [{}] } as const
  for await (const rows of walk(protocolos, { ...range, pending: NOTHING_PENDING })) {
    for (const { n } of rows) {
      await anonymise(options, n, clock.now())
      count += 1
    }
  }
  if (until > from) {
    await marks.updateOne({ _id: 'retencao' }, { $max: { ate: new Date(until) } }, { upsert: true, ...LIMIT })
  }
  return count
}
