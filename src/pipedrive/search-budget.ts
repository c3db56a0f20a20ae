import type { Connection } from 'mongoose'
import type { Clock } from '../lib/clock.js'
import { isDuplicateKey, LIMIT } from '../lib/mongo.js'
import { accountDocuments } from './model.js'

/** The part of a day's tokens that may be spent on looking for owners. */
const PART = 0.1
/** Of the smallest plan with one seat (docs/vendors/pipedrive.md#costs-and-limits): while Pipedrive has not said how many there are. */
const SMALLEST_DAY = 30_000

/** Tokens of one day (UTC) for looking for owners, shared by all processes. */
export function searchBudget(connection: Connection, clock: Clock, diario: () => number | undefined) {
  const spent = accountDocuments(connection, 'procura')
  const inc = async (dia: string, tokens: number, most: number): Promise<boolean> => {
    const { matchedCount } = await spent.updateOne(
      { _id: 'procura', dia, tokens: { $lte: most } },
      { $inc: { tokens } },
      LIMIT,
    )
    return matchedCount > 0
  }
  /** The first of a day begins to count anew; false: another was first. */
  const begin = async (dia: string, tokens: number): Promise<boolean> => {
    try {
      await spent.updateOne(
        { _id: 'procura', dia: { $ne: dia } },
        { $set: { dia, tokens } },
        { upsert: true, ...LIMIT },
      )
      return true
    } catch (error) {
      if (isDuplicateKey(error)) return false
      throw error
    }
  }
  return {
    /** Takes so many of today's; false: there are not so many left, and none are taken. */
    async take(tokens: number): Promise<boolean> {
      const dia = clock.now().toISOString().slice(0, 10)
      const most = Math.floor((diario() ?? SMALLEST_DAY) * PART) - tokens
      if (most < 0) return false
      return (await inc(dia, tokens, most)) || (await begin(dia, tokens)) || inc(dia, tokens, most)
    },
  }
}
