import { omitUndefined } from '../../src/lib/omit.js'
import { createOnce } from './create-once.js'
import { unlessGone } from './failure.js'
import { type Atendimento, fieldsOf, says, titleOf } from './mapping.js'
import { isSince } from './person.js'
import type { NegocioDoPipedrive } from './schema.js'
import type { Sync, SyncState } from './sync-state.js'
import { labelled, seen, take } from './take.js'

/**
 * Finds the person's open deal, else makes one. `settings.negocioDeOutro` decides about an open deal of another owner.
 *
 * @param owner the user who shall have it, if there is one
 * @returns what of the sync state changes
 * @throws PipedriveFailure
 */
export async function deal(
  deps: Sync,
  one: Atendimento,
  state: SyncState,
  owner: number | undefined,
): Promise<Partial<SyncState>> {
  const { pipedrive, account, settings } = deps
  const { pessoa_id } = state
  const custom_fields = fieldsOf(one, await account.codes())
  const { etapa } = await account.lugar(settings.lugar)
  const etiqueta = await account.etiqueta(settings.etiqueta)
  // Customers of whom nothing is known share one person, but no deal.
  const customer = one.contato && pessoa_id
  const isMarked = state.marca?.passo === 'negocio'
  const taken = customer === undefined || isMarked ? undefined : await takeOpenDeal(deps, one, owner, customer)
  if (taken && taken !== 'novo') return taken
  if (taken === 'novo') await deps.store.keep({ negocio: 'novo' })
  let made: NegocioDoPipedrive | undefined
  const negocio_id = await createOnce(deps, state, 'negocio', {
    find: (since) => madeDeal(deps, one, pessoa_id, since),
    make: async (mark) => {
      const org_id = await organizationOf(deps, customer, state)
      made = await pipedrive.addDeal(
        {
          title: titleOf(one, settings.titulo),
          stage_id: etapa.id,
          ...omitUndefined({
            owner_id: owner,
            person_id: pessoa_id,
            org_id,
            label_ids: etiqueta === undefined ? undefined : [etiqueta],
          }),
          custom_fields,
        },
        mark,
      )
      return made.id
    },
  })
  const ownerAtBirth = owner ?? made?.owner_id ?? (await account.me()).id
  const negocio = taken === 'novo' || state.negocio === 'novo' ? 'novo' : 'criado'
  return { negocio_id, negocio, ...seen(ownerAtBirth, made?.pipeline_id ?? etapa.pipeline_id) }
}

/**
 * Takes the person's open deal for this protocol, as `settings.negocioDeOutro` says.
 *
 * @returns what of the sync state changes; `novo`: there is one, of another owner, and a new one is wanted
 */
export async function takeOpenDeal(
  deps: Sync,
  one: Atendimento,
  owner: number | undefined,
  customer: number,
): Promise<Partial<SyncState> | 'novo' | undefined> {
  const { pipedrive, account, settings } = deps
  const custom_fields = fieldsOf(one, await account.codes())
  const { pipeline_id } = (await account.lugar(settings.lugar)).etapa
  const etiqueta = await account.etiqueta(settings.etiqueta)
  for (const where of ['known', 'listed'] as const) {
    const open = await openDeal(deps, where, customer, pipeline_id, owner)
    if (!open) continue
    const taken = await take(deps, 'negocio', open, owner, (change) =>
      change
        ? pipedrive.updateDeal(open.id, { custom_fields, ...change, ...labelled(open, etiqueta) })
        : pipedrive.deal(open.id),
    )
    if (taken === 'novo') return taken
    const { after, negocio, dono } = taken
    // Written to unseen, it may prove to be closed, in another pipeline or another customer's: that is not undone.
    if (isOpenOf(after, customer, pipeline_id)) return { negocio_id: open.id, negocio, ...seen(dono, pipeline_id) }
  }
  return undefined
}

/** The deal of this protocol that an earlier attempt may have made since then. */
export async function madeDeal(
  deps: Sync,
  { numero }: Atendimento,
  person_id: number | undefined,
  since: Date,
): Promise<number | undefined> {
  const codes = await deps.account.codes()
  const listed = await deps.pipedrive.dealsSince(since, omitUndefined({ person_id }))
  // Whatever the title's template was then, it said the number.
  const byTitle = listed.find(({ title, add_time }) => says(title, numero) && isSince(add_time, since))?.id
  if (byTitle !== undefined || codes.protocolo === undefined) return byTitle
  return bearing(deps, codes.protocolo, numero, since)
}

/** The organization of a person that was there before us. */
export async function organizationOf(
  { pipedrive }: Sync,
  customer: number | undefined,
  { pessoa_dono_id }: SyncState,
): Promise<number | undefined> {
  // This protocol made the person, without one.
  if (customer === undefined || pessoa_dono_id !== undefined) return undefined
  return (await pipedrive.person(customer).catch(unlessGone))?.org_id ?? undefined
}

/** The deal that has this number in our field and was made since then. An older one only got the number by an update. */
async function bearing(
  { pipedrive, store }: Sync,
  code: string,
  numero: string,
  since: Date,
): Promise<number | undefined> {
  const known = await store.known()
  for (const id of await pipedrive.dealsByField(code, numero)) {
    if (id === known.negocio_id) continue
    const read = await pipedrive.deal(id).catch(unlessGone)
    if (read && isSince(read.add_time, since)) return id
  }
  return undefined
}

/** An open deal as far as it was read: with all fields, or only its id. */
type OpenDeal = Pick<NegocioDoPipedrive, 'id' | 'owner_id' | 'label_ids'>

/** Is this deal open, as far as it says? */
export const isOpenDeal = ({
  status,
  is_deleted,
  is_archived,
}: Pick<NegocioDoPipedrive, 'status' | 'is_deleted' | 'is_archived'>): boolean =>
  (status ?? 'open') === 'open' && !is_deleted && !is_archived

/** Is it the customer's, open, and in our pipeline? What an answer does not say counts as right. */
function isOpenOf(deal: NegocioDoPipedrive, person: number | undefined, pipeline: number): boolean {
  const { person_id, pipeline_id } = deal
  if (!isOpenDeal(deal)) return false
  const isTheirs = person_id === undefined || person === undefined || person_id === person
  return isTheirs && (pipeline_id == null || pipeline_id === pipeline)
}

/**
 * The person's open deal of our pipeline. `known` is the customer's last one: by default it is taken to be still his, which saves
 * a list call; the answer to the update shows if it is not. Of those that are listed one of this owner's comes before others.
 */
async function openDeal(
  { pipedrive, store, settings }: Sync,
  where: 'known' | 'listed',
  person: number,
  pipeline: number,
  owner: number | undefined,
): Promise<OpenDeal | undefined> {
  if (where === 'listed') {
    const open = await pipedrive.openDeals(person, pipeline)
    return open.find((one) => one.owner_id === owner) ?? open[0]
  }
  const { negocio_id, negocio_funil_id } = await store.known()
  // His last one by another chat account, whose pipeline is another.
  if (negocio_id === undefined || (negocio_funil_id ?? pipeline) !== pipeline) return undefined
  if (settings.negocioDeOutro === 'manter' && negocio_funil_id !== undefined) return { id: negocio_id }
  const known = await pipedrive.deal(negocio_id)
  return isOpenOf(known, person, pipeline) ? known : undefined
}
