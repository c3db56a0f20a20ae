import type { Account } from '../../integrations/pipedrive/account.js'
import type { Pipedrive } from '../../integrations/pipedrive/api.js'
import { dotted, isOver } from '../protocolos/change.js'
import type { NoPipedrive, Protocolo, ProtocoloModel } from '../protocolos/model.js'
import type { VezService } from '../vez/service.js'
import type { Look } from './look.js'
import { refOf } from './store.js'

const MAX_TIME_MS = 3_000

export interface PushDeps {
  readonly pipedrive: Pipedrive
  readonly account: Account
  readonly protocolos: ProtocoloModel
  readonly vez: VezService
  /** An answer shows the whole record: what people changed there meanwhile is taken in with it. */
  readonly look: Pick<Look, 'deals' | 'activities'>
  readonly onUserGone: (usuario: number) => Promise<void>
}

/** Is it over here? Then the activity is done there, and the other way round. */
export async function followStatus(deps: PushDeps, protocolo: Protocolo): Promise<void> {
  const { atividade_id, atividade_feita = false, atividade_excluida } = protocolo.pipedrive ?? {}
  const done = isOver(protocolo.status)
  if (atividade_id === undefined || atividade_excluida || done === atividade_feita) return
  await changeActivity(deps, atividade_id, { done }, { atividade_feita: done })
}

/** Deal and activity go to the user of whoever has the customer now. */
export async function followResponsavel(deps: PushDeps, protocolo: Protocolo): Promise<void> {
  const { account } = deps
  const owner_id = await userOf(deps, protocolo)
  if (owner_id === undefined || !protocolo.pipedrive) return
  if (!(await account.isActive(owner_id))) return deps.onUserGone(owner_id)
  const its = protocolo.pipedrive
  const isOpen = (its.negocio_situacao ?? 'open') === 'open'
  if (its.negocio_id !== undefined && isOpen && its.negocio_dono_id !== owner_id) {
    await changeDeal(deps, its.negocio_id, owner_id)
  }
  const { atividade_id } = its
  if (atividade_id === undefined || its.atividade_excluida || its.atividade_feita) return
  if (its.atividade_dono_id === owner_id) return
  await changeActivity(deps, atividade_id, { owner_id }, { atividade_dono_id: owner_id })
}

async function changeDeal({ pipedrive, protocolos, look }: PushDeps, id: number, owner_id: number): Promise<void> {
  const after = await pipedrive.updateDeal(id, { owner_id })
  const now = { negocio_dono_id: owner_id, ...(after.update_time != null && { negocio_hora: after.update_time }) }
  // All protocols of this deal: for none of them was it a person over there who gave it away.
  await note(protocolos, { 'pipedrive.refs': refOf('negocio', id) }, now)
  await look.deals([after])
}

async function changeActivity(
  { pipedrive, protocolos, look }: PushDeps,
  id: number,
  change: { readonly done: boolean } | { readonly owner_id: number },
  ours: NoPipedrive,
): Promise<void> {
  const after = await pipedrive.updateActivity(id, change)
  const now = { ...ours, ...(after.update_time != null && { atividade_hora: after.update_time }) }
  await note(protocolos, { 'pipedrive.refs': refOf('atividade', id) }, now)
  await look.activities([after])
}

/** How it is there now, since we wrote it: what comes back as an event is no news. */
async function note(
  protocolos: ProtocoloModel,
  filter: { readonly 'pipedrive.refs': string },
  now: NoPipedrive,
): Promise<void> {
  await protocolos.db
    .collection<Protocolo>('protocolos')
    .updateMany(filter, { $set: dotted(now) }, { maxTimeMS: MAX_TIME_MS })
}

/** The user of whoever has the customer now; nobody we know has none. */
export async function userOf(
  { vez }: Pick<PushDeps, 'vez'>,
  { responsavel_id }: Protocolo,
): Promise<number | undefined> {
  if (responsavel_id === null) return undefined
  const { consultores } = vez.seen() ?? (await vez.fresh())
  return consultores.get(responsavel_id)?.id_pipedrive
}
