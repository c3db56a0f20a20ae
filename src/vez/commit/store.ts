import type { Connection } from 'mongoose'
import { LIMIT } from '../../lib/mongo.js'
import { fromDocument, toClaims, type toStoredEntry, type Vez } from '../document.js'
import { type FindPrior, noPriorProtocols } from '../rules/prior-protocols.js'
import type { VezStore } from './sequencer.js'
import { claimPath } from './update.js'

/** Of the document only what the types of an update must know; the snapshot comes out of `fromDocument`. */
interface CounterDocument {
  readonly _id: string
  readonly versao: number
  readonly marca: string
  readonly pendentes: ReturnType<typeof toStoredEntry>[]
}

export const counters = (connection: Connection) => connection.collection<CounterDocument>('counters')

/** The snapshot of now: a majority read. Throws when it cannot be had. */
export const readVez = async (connection: Connection): Promise<Vez> =>
  fromDocument(await counters(connection).findOne({ _id: 'vez' }, LIMIT))

/** Raw driver calls: this is on the way of each turn, and Mongoose would clone and cast the whole document for nothing. */
export function vezStore(connection: Connection, findPrior: FindPrior): VezStore {
  const collection = counters(connection)
  return {
    read: () => readVez(connection),

    async readAfter(writeId) {
      const found = await collection.findOne({ _id: 'vez', marca: { $ne: writeId } }, LIMIT)
      return found === null ? undefined : { vez: fromDocument(found), claims: toClaims(found) }
    },

    async findPrior(commands) {
      const keys = commands.flatMap((command) =>
        'chave' in command && command.chave !== undefined ? [command.chave] : [],
      )
      const contactIds = commands.flatMap((command) => ('chat' in command ? command.contato.ids : []))
      return keys.length + contactIds.length === 0 ? noPriorProtocols : findPrior(keys, contactIds)
    },

    async commit(guard, update) {
      const filter = { _id: 'vez', versao: guard.versao, marca: guard.previousWriteId }
      const options = { projection: { _id: 1, querem: 1 }, ...LIMIT }
      const found = await collection.findOneAndUpdate(filter, update, options)
      return found === null ? undefined : toClaims(found)
    },

    async claim(processId, claim) {
      await collection.updateOne({ _id: 'vez' }, { $set: { [claimPath(processId)]: claim } }, LIMIT)
    },
  }
}
