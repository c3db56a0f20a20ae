import type { mongo } from 'mongoose'
import { isOpenDeal } from '../../integrations/pipedrive/deal.js'
import type { KnownOwners } from '../../integrations/pipedrive/known-owner.js'
import type { NegocioDoPipedrive, PessoaDoPipedrive } from '../../integrations/pipedrive/schema.js'
import { Coalescer } from '../lib/coalescer.js'
import { LIMIT } from '../lib/mongo.js'
import type { Cliente, clienteCollection } from './model.js'

type Clientes = ReturnType<typeof clienteCollection>

/** Customers that one query reads. */
const CHUNK = 100

/** Reads customers by their hash; while a query runs, the next ones wait and become one. */
export function clienteReader(clientes: Clientes): (hash: string) => Promise<Cliente | undefined> {
  interface Wanted {
    readonly hash: string
    found?: Cliente | undefined
  }
  const reads = new Coalescer<Wanted>(async (all) => {
    const byHash = new Map<string, Cliente>()
    const hashes = [...new Set(all.map(({ hash }) => hash))]
    for (let start = 0; start < hashes.length; start += CHUNK) {
      const some = { _id: { $in: hashes.slice(start, start + CHUNK) } }
      for (const one of await clientes.find(some, LIMIT).toArray()) byHash.set(one._id, one)
    }
    for (const one of all) one.found = byHash.get(one.hash)
  })
  return async (hash) => {
    const wanted: Wanted = { hash }
    await reads.add(wanted)
    return wanted.found
  }
}

type SeenDeal = Pick<NegocioDoPipedrive, 'id' | 'owner_id' | 'status' | 'is_deleted' | 'is_archived'>

/** Keeps a deal's owner with these customers while it is open, if they have no newer open one; forgets it once it is not. */
export async function noteDeal(clientes: Clientes, whose: mongo.Filter<Cliente>, deal: SeenDeal): Promise<void> {
  const { id, owner_id } = deal
  if (!isOpenDeal(deal)) {
    await clientes.updateMany({ ...whose, 'donos.negocio.id': id }, { $unset: { 'donos.negocio': '' } }, LIMIT)
  } else if (owner_id != null) {
    const negocio: KnownOwners['negocio'] = { id, usuario: owner_id }
    await clientes.updateMany(
      { ...whose, 'donos.negocio.id': { $not: { $gt: id } } },
      { $set: { 'donos.negocio': negocio } },
      LIMIT,
    )
  }
}

/** Keeps up who has our customers, as records change there. */
export interface OwnerRecords {
  /** Our customers who are this person. */
  ofPerson(pessoa_id: number): Promise<readonly Cliente[]>
  deals(found: readonly NegocioDoPipedrive[]): Promise<void>
  persons(found: readonly PessoaDoPipedrive[]): Promise<void>
}

/** @param readDeal reads a deal of ours again; `undefined` when it is gone */
export function ownerRecords(
  clientes: Clientes,
  readDeal: (id: number) => Promise<NegocioDoPipedrive | undefined>,
): OwnerRecords {
  /** Whose newest deal has ended may still have the one that we made or took. */
  async function olderOf(ended: readonly NegocioDoPipedrive[]): Promise<void> {
    const older = new Set<number>()
    for (let start = 0; start < ended.length; start += CHUNK) {
      const persons = ended.slice(start, start + CHUNK).flatMap(({ person_id }) => person_id ?? [])
      const left = { pessoa_id: { $in: persons }, negocio_id: { $exists: true }, 'donos.negocio': { $exists: false } }
      for (const { negocio_id } of await clientes.find(left, LIMIT).toArray())
        if (negocio_id !== undefined && !ended.some(({ id }) => id === negocio_id)) older.add(negocio_id)
    }
    for (const id of older) {
      const one = await readDeal(id)
      if (one && isOpenDeal(one)) await noteDeal(clientes, { negocio_id: id }, one)
    }
  }
  /** Calls `note` for each record of a customer of ours, in the order given. */
  async function each<T>(
    found: readonly T[],
    personOf: (one: T) => number | null | undefined,
    note: (one: T, pessoa_id: number) => Promise<void>,
  ): Promise<void> {
    for (let start = 0; start < found.length; start += CHUNK) {
      const part = found.slice(start, start + CHUNK).map((one) => ({ one, pessoa_id: personOf(one) }))
      const wanted = [...new Set(part.map(({ pessoa_id }) => pessoa_id))].filter((id) => id != null)
      if (wanted.length === 0) continue
      const known = await clientes.find({ pessoa_id: { $in: wanted } }, LIMIT).toArray()
      const ours = new Set(known.map(({ pessoa_id }) => pessoa_id))
      for (const { one, pessoa_id } of part) if (pessoa_id != null && ours.has(pessoa_id)) await note(one, pessoa_id)
    }
  }
  return {
    ofPerson: (pessoa_id) => clientes.find({ pessoa_id }, LIMIT).toArray(),
    deals: async (found) => {
      const [open, ended] = [found.filter(isOpenDeal), found.filter((one) => !isOpenDeal(one))]
      // Those that have ended first: they make room for one that is open.
      for (const some of [ended, open])
        await each(
          some,
          ({ person_id }) => person_id,
          (one, pessoa_id) => noteDeal(clientes, { pessoa_id }, one),
        )
      await olderOf(ended)
    },
    persons: (found) =>
      each(
        found,
        ({ id, owner_id, is_deleted }) => (owner_id == null || is_deleted ? undefined : id),
        async ({ owner_id }, pessoa_id) => {
          if (owner_id != null) await clientes.updateMany({ pessoa_id }, { $set: { 'donos.pessoa': owner_id } }, LIMIT)
        },
      ),
  }
}
