import type { Connection } from 'mongoose'
import { z } from 'zod'
import { LIMIT } from '../lib/mongo.js'
import type { Vez } from '../vez/document.js'
import { beginning } from './checkpoint.js'
import { CLOCKS_APART_MS } from './instants.js'
import { Replay } from './replay.js'
import { LineState } from './state.js'

/** Numbers between two milestones. */
const EVERY = 10_000

const Milestone = z.object({
  versao: z.number(),
  lugar: z.number(),
  n: z.number(),
  em: z.date(),
  livro_desde: z.date().exactOptional(),
  linha: z.unknown(),
})

/** A replay that begins somewhere in the history, and the instant that it has come to; none at the beginning. */
export interface Start {
  readonly replay: Replay
  readonly em?: Date
}

/**
 * The line as it was after each so many numbers, stored as replays pass there, so that one that is about a week need not begin years
 * before it. Whoever verifies the ledger does not use them.
 */
export class Milestones {
  readonly #connection: Connection
  readonly #every: number
  #last = 0

  constructor(connection: Connection, every = EVERY) {
    this.#connection = connection
    this.#every = every
  }

  /** A replay from the last milestone before this instant, or from the beginning. */
  async before(vez: Vez, at: Date): Promise<Start> {
    for (let place = this.#placeOf(vez.seq); place > 0; place -= 1) {
      const stored = await this.#collection.findOne({ _id: place }, LIMIT)
      const { data } = Milestone.safeParse(stored)
      // Above the line there is nothing: another history has been put back since.
      if (!data || data.versao > vez.versao || data.n > vez.seq || data.em.getTime() > at.getTime() - CLOCKS_APART_MS)
        continue
      this.#last = place
      const { versao, lugar, n, em, linha, livro_desde } = data
      return { replay: new Replay({ versao, lugar, n }, LineState.fromStored(linha), livro_desde), em }
    }
    return { replay: beginning(vez) }
  }

  /** Stores where a replay has come to, once each so many numbers: while nothing is wrong, and nobody waits. */
  async pass(replay: Replay, em: Date): Promise<void> {
    const { place, line, isKnown, knownSince, problems } = replay
    const here = this.#placeOf(place.n)
    if (here <= this.#last || !isKnown || problems.length > 0 || line.waiting.size > 0) return
    this.#last = here
    const since = knownSince && { livro_desde: knownSince }
    const milestone = { ...place, em, ...since, linha: line.toStored() }
    await this.#collection.updateOne({ _id: here }, { $set: milestone }, { upsert: true, ...LIMIT })
  }

  #placeOf(n: number): number {
    return Math.floor(n / this.#every)
  }

  get #collection() {
    return this.#connection.collection<{ _id: number }>('marcos')
  }
}
