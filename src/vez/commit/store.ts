import type { Connection } from 'mongoose'
import { OwnError } from '../../lib/errors.js'
import { LIMIT } from '../../lib/mongo.js'
import {
  type Claim,
  type Claims,
  fromDocument,
  isProtocolo,
  toClaims,
  type toStoredEntry,
  type Vez,
} from '../document.js'
import type { Command } from '../rules/commands.js'
import type { FindOpen } from '../rules/limit.js'
import { type FindPrior, noPriorProtocols, type PriorProtocols } from '../rules/prior-protocols.js'
import { claimPath, type Update } from './update.js'

/** The limit of a look at whether the database answers, ms. */
const CHECK_MS = 2_000

/** The one document, as the sequencer needs it. */
export interface VezStore {
  /** A majority read that starts now. Throws when it cannot be had. */
  read(): Promise<Vez>
  /** The protocols that these commands' keys, contacts and people have already, looked up now: after this snapshot was read. */
  findPrior(commands: readonly Command[], vez: Vez): Promise<PriorProtocols>
  /** The document and the claims on it, if another write than this one made it; else `undefined`, and nothing is sent. */
  readAfter(writeId: string): Promise<{ readonly vez: Vez; readonly claims: Claims } | undefined>
  /** Writes the roster of this state beside the ledger, which begins anew with the next write; there already is fine. */
  beginLedger(vez: Vez): Promise<void>
  /** Returns the claims that stood on the document, or `undefined` for a miss: nothing was written. Throws: the outcome is unknown. */
  commit(guard: Vez, update: Update): Promise<Claims | undefined>
  /** Puts a claim of this process on the document, without a guard and without raising `versao`: a claim is no part of the snapshot. */
  claim(processId: string, claim: Claim): Promise<void>
}

/** Of the document only what the types of an update must know; the snapshot comes out of `fromDocument`. */
interface CounterDocument {
  readonly _id: string
  readonly versao: number
  readonly marca: string
  readonly pendentes: ReturnType<typeof toStoredEntry>[]
  readonly eventos: ReturnType<typeof toStoredEntry>[]
}

export const counters = (connection: Connection) => connection.collection<CounterDocument>('counters')

/** The snapshot of now: a majority read. Throws when it cannot be had. */
export const readVez = async (connection: Connection): Promise<Vez> =>
  fromDocument(await counters(connection).findOne({ _id: 'vez' }, LIMIT))

/** Resolves when a majority read that starts now finds the document; throws when it does not, or the read takes too long. */
export async function checkVez(connection: Connection): Promise<void> {
  const options = { projection: { _id: 1 }, timeoutMS: CHECK_MS }
  if (!(await counters(connection).findOne({ _id: 'vez' }, options))) throw new OwnError('the document vez is missing')
}

/** The numbers that wait for their copies. */
export const pendingNumbers = (vez: Vez): number[] => vez.pendentes.filter(isProtocolo).map(({ n }) => n)

/** Raw driver calls: this is on the way of each turn, and Mongoose would clone and cast the whole document for nothing. */
export function vezStore(
  connection: Connection,
  {
    findPrior,
    findOpen,
    beginLedger,
  }: { findPrior: FindPrior; findOpen: FindOpen; beginLedger: VezStore['beginLedger'] },
): VezStore {
  const collection = counters(connection)
  return {
    beginLedger,

    read: () => readVez(connection),

    async readAfter(writeId) {
      const found = await collection.findOne({ _id: 'vez', marca: { $ne: writeId } }, LIMIT)
      return found === null ? undefined : { vez: fromDocument(found), claims: toClaims(found) }
    },

    async findPrior(commands, vez) {
      const keys = commands.flatMap((command) =>
        'chave' in command && command.chave !== undefined ? [command.chave] : [],
      )
      const contactIds = commands.flatMap((command) => ('chat' in command ? command.contato.ids : []))
      const people = [...new Set(commands.flatMap((command) => (command.tipo === 'recontar' ? command.ids : [])))]
      const [known, open] = await Promise.all([
        keys.length + contactIds.length === 0 ? noPriorProtocols : findPrior(keys, contactIds),
        people.length === 0 ? undefined : findOpen(people, pendingNumbers(vez)),
      ])
      return open ? { ...known, open } : known
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
