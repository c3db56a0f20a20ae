import type { mongo } from 'mongoose'
import { PipedriveFailure } from '../../integrations/pipedrive/failure.js'
import { LIMIT } from '../lib/mongo.js'
import { omitUndefined } from '../lib/omit.js'
import { dotted, isOver } from '../protocolos/change.js'
import type { NoPipedrive, Protocolo, ProtocoloModel } from '../protocolos/model.js'
import type { PipedriveCore } from './connect.js'
import { userOf } from './consultores-by-user.js'
import type { Inbound } from './inbound.js'
import { refOf } from './store.js'

/** What it takes to write what changed here into the records at Pipedrive. */
export interface Outbound extends PipedriveCore {
  /** The answer to an update holds the whole record, so changes that people made there meanwhile are taken over from it. */
  readonly inbound: Inbound
}

/** Marks the activity done when the protocol is over, and not done when it is open again. */
export async function followStatus(deps: Outbound, protocolo: Protocolo): Promise<void> {
  const { atividade_id, atividade_feita = false, atividade_excluida } = protocolo.pipedrive ?? {}
  const done = isOver(protocolo.status)
  if (atividade_id === undefined || atividade_excluida || done === atividade_feita) return
  await changeActivity(deps, atividade_id, { done }, { atividade_feita: done })
}

/** Deal, activity and a person that we made go to the user of whoever has the customer now. */
export async function followResponsavel(deps: Outbound, protocolo: Protocolo): Promise<void> {
  const { account } = deps
  const owner_id = await userOf(deps.vez, protocolo.responsavel_id)
  if (owner_id === undefined || !protocolo.pipedrive) return
  if (!(await account.isActive(owner_id))) return deps.onUserGone(owner_id)
  const its = protocolo.pipedrive
  const { negocio_id, lead_id, atividade_id } = its
  const isOpen = (its.negocio_situacao ?? 'open') === 'open'
  try {
    if (isOpen && its.negocio_dono_id !== owner_id) {
      if (negocio_id !== undefined) await changeDeal(deps, negocio_id, owner_id)
      else if (lead_id !== undefined) await changeLead(deps, lead_id, owner_id)
    }
    const isDone = its.atividade_excluida || its.atividade_feita
    if (atividade_id !== undefined && !isDone && its.atividade_dono_id !== owner_id)
      await changeActivity(deps, atividade_id, { owner_id }, { atividade_dono_id: owner_id })
    await givePerson(deps, protocolo, owner_id)
  } catch (error) {
    if (error instanceof PipedriveFailure && error.falha === 'recusada') await noteRefusal(deps, protocolo, error)
    throw error
  }
  if (its.dono_recusado) await changePipedrive(deps, protocolo, { $unset: { 'pipedrive.dono_recusado': '' } })
}

/** It stays with whom it is there, though the protocol says somebody else: people must see that. */
const noteRefusal = (deps: Outbound, protocolo: Protocolo, { status, code }: PipedriveFailure): Promise<void> =>
  changePipedrive(deps, protocolo, {
    $set: { 'pipedrive.dono_recusado': omitUndefined({ em: deps.clock.now(), status, codigo: code }) },
  })

/** Moves a person that we made; one that was there before belongs to whoever has it. */
async function givePerson(deps: Outbound, protocolo: Protocolo, owner_id: number): Promise<void> {
  const { config, pipedrive, clientes } = deps
  const { pessoa_id, pessoa_dono_id } = protocolo.pipedrive ?? {}
  if (config.PIPEDRIVE_DONO_DA_PESSOA === 'token' || pessoa_id === undefined) return
  const known = await clientes.findOne({ pessoa_id, pessoa_dono_id: { $exists: true } }, LIMIT)
  const owner = known?.pessoa_dono_id ?? pessoa_dono_id
  if (owner === undefined || owner === owner_id) return
  await pipedrive.giveTo(pessoa_id, owner_id)
  await clientes.updateMany({ pessoa_id }, { $set: { pessoa_dono_id: owner_id } }, LIMIT)
  await changePipedrive(deps, protocolo, { $set: { 'pipedrive.pessoa_dono_id': owner_id } })
}

async function changePipedrive(
  { protocolos }: Outbound,
  { n }: Protocolo,
  update: mongo.UpdateFilter<Protocolo>,
): Promise<void> {
  const filter = { _id: n, anonimizado_em: { $exists: false } }
  await protocolos.db.collection<Protocolo>('protocolos').updateOne(filter, update, LIMIT)
}

async function changeDeal({ pipedrive, protocolos, inbound }: Outbound, id: number, owner_id: number): Promise<void> {
  const after = await pipedrive.updateDeal(id, { owner_id })
  await noteOwner(protocolos, refOf('negocio', id), owner_id, after.update_time)
  await inbound.deals([after])
}

async function changeLead({ pipedrive, protocolos, inbound }: Outbound, id: string, owner_id: number): Promise<void> {
  const after = await pipedrive.updateLead(id, { owner_id })
  await noteOwner(protocolos, refOf('lead', id), owner_id, after.update_time)
  await inbound.leads([after])
}

async function changeActivity(
  { pipedrive, protocolos, inbound }: Outbound,
  id: number,
  change: { readonly done: boolean } | { readonly owner_id: number },
  ours: NoPipedrive,
): Promise<void> {
  const after = await pipedrive.updateActivity(id, change)
  await note(protocolos, refOf('atividade', id), { ...ours, atividade_hora: after.update_time ?? undefined })
  await inbound.activities([after])
}

/** A deal and a lead are told of by the same fields. */
const noteOwner = (protocolos: ProtocoloModel, ref: string, owner_id: number, at: string | null | undefined) =>
  note(protocolos, ref, { negocio_dono_id: owner_id, negocio_hora: at ?? undefined })

/**
 * Stores what we have just written there, on all protocols of this record, so that none of them takes our own change for one
 * made by a person there.
 */
async function note(protocolos: ProtocoloModel, ref: string, state: Parameters<typeof dotted>[0]): Promise<void> {
  const update = { $set: dotted(omitUndefined({ ...state })) }
  await protocolos.db.collection<Protocolo>('protocolos').updateMany({ 'pipedrive.refs': ref }, update, LIMIT)
}
