import type { mongo } from 'mongoose'
import type { KnownIds, SyncStep, SyncStore } from '../../integrations/pipedrive/sync-state.js'
import { LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import { OutboundFailure } from '../lib/outbound.js'
import { dotted } from '../protocolos/change.js'
import type { Protocolo } from '../protocolos/model.js'
import { clienteHash } from '../tarefas/cliente.js'
import { noteDeal } from './clientes.js'
import type { PipedriveCore } from './connect.js'
import type { Lease } from './model.js'

type Change = Parameters<SyncStore['keep']>[0]

/** The reference under which a protocol is found when this record changes. */
export const refOf = (what: 'pessoa' | 'negocio' | 'lead' | 'atividade', id: number | string): string => `${what}:${id}`

/** Where the one person is known of all customers of whom nothing is known. */
export const SEM_CONTATO_ID = 'sem_contato'

const refsOf = ({ pessoa_id, negocio_id, lead_id, atividade_id }: Change): string[] =>
  Object.entries({ pessoa: pessoa_id, negocio: negocio_id, lead: lead_id, atividade: atividade_id }).flatMap(
    ([what, id]) => (id === undefined ? [] : [`${what}:${id}`]),
  )

/** Sets each field, and takes away those that are `undefined`; an operator without fields is an error, and left out. */
function toUpdate(fields: Readonly<Record<string, unknown>>): mongo.UpdateFilter<mongo.Document> {
  const gone = Object.keys(fields).filter((field) => fields[field] === undefined)
  const set = omitUndefined(fields)
  return {
    ...(Object.keys(set).length > 0 && { $set: set }),
    ...(gone.length > 0 && { $unset: Object.fromEntries(gone.map((field) => [field, ''])) }),
  }
}

/** Stores what the sync of one protocol did, on the protocol and, if the customer is known, with the customer. */
export function syncStore(
  { protocolos, clientes, clock, onUserGone }: PipedriveCore,
  { n, contato }: Protocolo,
  lease: Lease,
): SyncStore {
  const cliente = contato ? clienteHash(contato) : SEM_CONTATO_ID
  const collection = protocolos.db.collection<Protocolo>('protocolos')
  const update = async (change: mongo.UpdateFilter<Protocolo>): Promise<void> => {
    const { matchedCount } = await collection.updateOne({ _id: n, anonimizado_em: { $exists: false } }, change, LIMIT)
    // Nothing more is stored of it, and the next attempt finds nothing to do.
    if (matchedCount === 0) throw new OutboundFailure('anonimizado', { unasked: true })
  }
  const keep = async (change: Change): Promise<void> => {
    const refs = refsOf(change)
    await update({
      ...toUpdate(dotted(change)),
      ...(refs.length > 0 && { $addToSet: { 'pipedrive.refs': { $each: refs } } }),
    })
  }
  const another = async (ref: string, _id: object): Promise<boolean> =>
    (await protocolos.exists({ 'pipedrive.refs': ref, _id }).maxTimeMS(LIMIT.maxTimeMS)) !== null
  return {
    keep,
    async mark(passo: SyncStep) {
      await lease.renew()
      await update({ $set: { 'pipedrive.marca': { passo, em: clock.now() } } })
    },
    async known(): Promise<KnownIds> {
      if (cliente === undefined) return {}
      const found = (await clientes.findOne({ _id: cliente }, LIMIT)) ?? {}
      const { pessoa_id, pessoa_dono_id, lead_id, negocio_id, negocio_funil_id }: KnownIds = found
      return omitUndefined({ pessoa_id, pessoa_dono_id, ...(contato && { lead_id, negocio_id, negocio_funil_id }) })
    },
    async earlier() {
      if (!contato || contato.ids.length === 0) return undefined
      const shared = {
        'contato.ids': { $in: [...contato.ids] },
        'pipedrive.pessoa_id': { $exists: true },
        // Different telephones are different people, even if they share another id.
        ...(contato.telefone !== undefined && { 'contato.telefone': { $exists: false } }),
      }
      const found = await collection.findOne({ _id: { $ne: n }, ...shared }, { sort: { _id: -1 }, ...LIMIT })
      return found?.pipedrive?.pessoa_id
    },
    async learn({ pessoa_id, pessoa_dono_id, lead_id, negocio_id, negocio_funil_id, negocio_dono_id }) {
      if (cliente === undefined) return
      await clientes.updateOne(
        { _id: cliente },
        toUpdate({ pessoa_id, pessoa_dono_id, lead_id, negocio_id, negocio_funil_id }),
        LIMIT,
      )
      if (negocio_id !== undefined && negocio_dono_id !== undefined)
        await noteDeal(clientes, { _id: cliente }, { id: negocio_id, owner_id: negocio_dono_id })
    },
    isAnothers: (pessoa) => another(refOf('pessoa', pessoa), { $ne: n }),
    hasLater: (what, id) => another(refOf(what, id), { $gt: n }),
    async userGone(usuario) {
      await keep({ sem_usuario: true })
      await onUserGone(usuario)
    },
  }
}
