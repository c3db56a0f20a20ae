import type { Collection, mongo } from 'mongoose'
import { LIMIT } from '../lib/mongo.js'
import type { Protocolo } from '../protocolos/model.js'
import type { Cliente, clienteCollection } from './model.js'
import { refOf } from './store.js'

/** What is known of a customer only as long as that deal is open, or that person is his. */
const OF_A_DEAL = { 'donos.negocio': '', negocio_funil_id: '' } as const
const OF_A_PERSON = { donos: '' } as const

/** The ids of Pipedrive's records under which customers and protocols are known. */
export interface RecordIds {
  /** Protocols that refer to one of these records. */
  withRefs(refs: readonly string[]): Promise<Protocolo[]>
  /** Forgets these ids of customers, so that the next sync searches for them again. */
  forget(field: 'pessoa_id' | 'negocio_id', ids: readonly number[], only?: mongo.Filter<Cliente>): Promise<void>
  /** Two records became one: who had the one that is gone has the other. */
  merged(objeto: 'negocio' | 'pessoa', from: number, to: number): Promise<void>
}

export function recordIds(
  clientes: ReturnType<typeof clienteCollection>,
  protocolos: Collection<Protocolo>,
): RecordIds {
  const withRefs = (refs: readonly string[]): Promise<Protocolo[]> =>
    protocolos.find({ 'pipedrive.refs': { $in: [...refs] } }, LIMIT).toArray()
  return {
    withRefs,
    async forget(field, ids, only = {}) {
      if (ids.length === 0) return
      const known = field === 'pessoa_id' ? OF_A_PERSON : OF_A_DEAL
      await clientes.updateMany({ ...only, [field]: { $in: [...ids] } }, { $unset: { [field]: '', ...known } }, LIMIT)
    },
    async merged(objeto, from, to) {
      const field = objeto === 'negocio' ? 'negocio_id' : 'pessoa_id'
      // Whether we made the one that stays is not known.
      const gone = objeto === 'pessoa' ? { pessoa_dono_id: '' as const } : { negocio_funil_id: '' as const }
      await clientes.updateMany({ [field]: from }, { $set: { [field]: to }, $unset: gone }, LIMIT)
      for (const { n } of await withRefs([refOf(objeto, from)])) {
        const set = {
          $set: { [`pipedrive.${field}`]: to },
          $addToSet: { 'pipedrive.refs': refOf(objeto, to) },
          ...(objeto === 'pessoa' && { $unset: { 'pipedrive.pessoa_dono_id': '' as const } }),
        }
        await protocolos.updateOne({ _id: n, [`pipedrive.${field}`]: from }, set, LIMIT)
        await protocolos.updateOne({ _id: n }, { $pull: { 'pipedrive.refs': refOf(objeto, from) } }, LIMIT)
      }
    },
  }
}
