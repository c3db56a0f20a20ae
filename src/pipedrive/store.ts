import type { mongo } from 'mongoose'
import type { KnownIds, SyncStep, SyncStore } from '../../integrations/pipedrive/sync-state.js'
import type { Clock } from '../lib/clock.js'
import { LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import { OutboundFailure } from '../lib/outbound.js'
import { dotted } from '../protocolos/change.js'
import type { Protocolo, ProtocoloModel } from '../protocolos/model.js'
import { CLIENTES, clienteHash } from '../tarefas/cliente.js'
import type { Contato } from '../vez/document.js'
import type { Lease } from './lease.js'
import type { Cliente, ClienteModel } from './model.js'

type Change = Parameters<SyncStore['keep']>[0]

/** The reference under which a protocol is found when this record changes. */
export const refOf = (what: 'pessoa' | 'negocio' | 'atividade', id: number): string => `${what}:${id}`

const REFS = { pessoa_id: 'pessoa', negocio_id: 'negocio', atividade_id: 'atividade' } as const

function refsOf(change: Change): string[] {
  return (['pessoa_id', 'negocio_id', 'atividade_id'] as const).flatMap((field) => {
    const id = change[field]
    return id === undefined ? [] : [refOf(REFS[field], id)]
  })
}

/** Sets each field, and takes away those that are `undefined`; an operator without fields is an error, and left out. */
function toUpdate(fields: Readonly<Record<string, unknown>>): mongo.UpdateFilter<mongo.Document> {
  const gone = Object.keys(fields).filter((field) => fields[field] === undefined)
  const set = omitUndefined(fields)
  return {
    ...(Object.keys(set).length > 0 && { $set: set }),
    ...(gone.length > 0 && { $unset: Object.fromEntries(gone.map((field) => [field, ''])) }),
  }
}

export interface StoreDeps {
  readonly protocolos: ProtocoloModel
  readonly clientes: ClienteModel
  readonly clock: Clock
  /** Called when the user of the responsável no longer exists. */
  readonly onUserGone: (usuario: number) => Promise<void>
}

/** The protocol was anonymised meanwhile: nothing more is stored of it, and the next attempt finds nothing to do. */
const forgotten = (): OutboundFailure => new OutboundFailure('anonimizado', { unasked: true })

/** Stores what the sync of one protocol did, on the protocol and, if the customer is known, with the customer. */
export function syncStore(
  { protocolos, clientes, clock, onUserGone }: StoreDeps,
  n: number,
  contato: Contato | undefined,
  lease: Lease,
): SyncStore {
  const cliente = contato && clienteHash(contato)
  const collection = protocolos.db.collection<Protocolo>('protocolos')
  const limit = LIMIT
  const ours = { _id: n, anonimizado_em: { $exists: false } }
  const keep = async (change: Change): Promise<void> => {
    const refs = refsOf(change)
    const { matchedCount } = await collection.updateOne(
      ours,
      { ...toUpdate(dotted(change)), ...(refs.length > 0 && { $addToSet: { 'pipedrive.refs': { $each: refs } } }) },
      limit,
    )
    if (matchedCount === 0) throw forgotten()
  }
  const another = async (ref: string, _id: object): Promise<boolean> =>
    (await protocolos.exists({ 'pipedrive.refs': ref, _id }).maxTimeMS(LIMIT.maxTimeMS)) !== null
  return {
    keep,
    async mark(passo: SyncStep) {
      await lease.renew()
      const set = { $set: { 'pipedrive.marca': { passo, em: clock.now() } } }
      const { matchedCount } = await collection.updateOne(ours, set, limit)
      if (matchedCount === 0) throw forgotten()
    },
    async known(): Promise<KnownIds> {
      if (cliente === undefined) return {}
      const found = await clientes.findById(cliente).maxTimeMS(LIMIT.maxTimeMS).lean()
      const { pessoa_id, negocio_id } = found ?? {}
      return omitUndefined({ pessoa_id, negocio_id })
    },
    async earlier() {
      if (!contato || contato.ids.length === 0) return undefined
      const shared = {
        'contato.ids': { $in: [...contato.ids] },
        'pipedrive.pessoa_id': { $exists: true },
        // Different telephones are different people, even if they share another id.
        ...(contato.telefone !== undefined && { 'contato.telefone': { $exists: false } }),
      }
      const found = await collection
        .find({ _id: { $ne: n }, ...shared }, limit)
        .sort({ _id: -1 })
        .limit(1)
        .toArray()
      return found[0]?.pipedrive?.pessoa_id
    },
    async learn({ pessoa_id, negocio_id }) {
      if (cliente === undefined) return
      const update = toUpdate({ pessoa_id, negocio_id })
      await clientes.db.collection<Cliente>(CLIENTES).updateOne({ _id: cliente }, update, limit)
    },
    isAnothers: (pessoa) => another(refOf('pessoa', pessoa), { $ne: n }),
    hasLater: (negocio) => another(refOf('negocio', negocio), { $gt: n }),
    async userGone(usuario) {
      await keep({ sem_usuario: true })
      await onUserGone(usuario)
    },
  }
}
