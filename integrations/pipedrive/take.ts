import { omitUndefined } from '../../src/lib/omit.js'
import type { Sync, SyncState } from './sync-state.js'

/** A deal or lead, as far as it says who has it. */
interface Owned {
  readonly owner_id?: number | null | undefined
}

export interface Taken<R> {
  /** As it is after what was written to it. */
  readonly after: R
  readonly negocio: NonNullable<SyncState['negocio']>
  readonly dono: number | undefined
}

/**
 * Takes a customer's open deal or lead for this protocol, as `settings.negocioDeOutro` says of one of another owner.
 *
 * @param owner the user who shall have it, if there is one
 * @param write writes to it what is ours and this change; given nothing it only reads it
 * @returns `novo`: it is another's, and a new one is wanted
 */
export async function take<R extends Owned>(
  { store, settings }: Sync,
  what: 'negocio' | 'lead',
  open: Owned & { readonly id: number | string },
  owner: number | undefined,
  write: (change: { readonly owner_id?: number } | undefined) => Promise<R>,
): Promise<Taken<R> | 'novo'> {
  const isOthers = isAnothers(open, owner)
  if (isOthers && settings.negocioDeOutro === 'novo') return 'novo'
  // A later protocol may have written its fields to it already: then nothing is overwritten.
  const isLate = await store.hasLater(what, open.id)
  const given = !isLate && isOthers && settings.negocioDeOutro === 'transferir' ? owner : undefined
  const after = await write(isLate ? undefined : omitUndefined({ owner_id: given }))
  const isKept = isOthers || isAnothers(after, owner)
  const negocio = given !== undefined ? 'transferido' : isKept ? 'mantido_com_outro' : 'aproveitado'
  return { after, negocio, dono: after.owner_id ?? given }
}

const isAnothers = ({ owner_id }: Owned, owner: number | undefined): boolean =>
  owner !== undefined && owner_id != null && owner_id !== owner

/** Adds our label to those of a record. An update replaces the list, so nothing is sent when the labels were not read. */
export function labelled<L>(
  { label_ids }: { readonly label_ids?: readonly L[] | null | undefined },
  etiqueta: L | undefined,
): { readonly label_ids?: L[] } {
  if (etiqueta === undefined || label_ids === undefined || label_ids?.includes(etiqueta)) return {}
  return { label_ids: [...(label_ids ?? []), etiqueta] }
}

/** Of a record that is open, with whom it is now. */
export const seen = (owner: number | undefined, pipeline?: number): Partial<SyncState> =>
  omitUndefined({ negocio_situacao: 'open', negocio_dono_id: owner, negocio_funil_id: pipeline })
