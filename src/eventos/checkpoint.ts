import type { Connection } from 'mongoose'
import { z } from 'zod'
import { LIMIT } from '../lib/mongo.js'
import type { Vez } from '../vez/document.js'
import { Replay } from './replay.js'
import { LineState } from './state.js'

/** Where a verification that found nothing wrong has come to, in `counters`. */
const ID = 'verificacao'

const Checkpoint = z.object({
  versao: z.number(),
  lugar: z.number(),
  n: z.number(),
  entradas: z.number(),
  linha: z.unknown(),
})

const collection = (connection: Connection) => connection.collection<{ _id: string }>('counters')

export const beginning = ({ base }: Vez): Replay => new Replay({ versao: 0, lugar: 0, n: base })

/** A replay that goes on from the last checkpoint, and how many entries came before; one from the beginning where there is none. */
export async function resume(connection: Connection, vez: Vez): Promise<{ replay: Replay; before: number }> {
  const stored = await collection(connection).findOne({ _id: ID }, LIMIT)
  const found = Checkpoint.safeParse(stored)
  // Above the line there is nothing: another history has been put back since.
  if (!found.success || found.data.versao > vez.versao || found.data.n > vez.seq)
    return { replay: beginning(vez), before: 0 }
  const { linha, entradas, ...place } = found.data
  return { replay: new Replay(place, LineState.fromStored(linha)), before: entradas }
}

/** Keeps where a replay has come to; nothing while it is not known what the line is. */
export async function keep(connection: Connection, replay: Replay, entradas: number, at: Date): Promise<void> {
  if (!replay.isKnown || replay.problems.length > 0) return
  const checkpoint = { ...replay.place, entradas, linha: replay.line.toStored(), em: at }
  await collection(connection).updateOne({ _id: ID }, { $set: checkpoint }, { upsert: true, ...LIMIT })
}
