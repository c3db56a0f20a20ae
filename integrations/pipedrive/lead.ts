import { omitUndefined } from '../../src/lib/omit.js'
import type { Pipedrive } from './client.js'
import { createOnce } from './create-once.js'
import { madeDeal, organizationOf, takeOpenDeal } from './deal.js'
import { PipedriveFailure, unlessGone } from './failure.js'
import { type Atendimento, fieldsOf, says, titleOf } from './mapping.js'
import { isSince } from './person.js'
import type { LeadDoPipedrive, NegocioDoPipedrive } from './schema.js'
import type { Sync, SyncState } from './sync-state.js'
import { labelled, seen, take } from './take.js'

/**
 * Finds the person's lead or open deal, else makes a lead. `settings.negocioDeOutro` decides about one of another owner.
 *
 * @param owner the user who shall have it, if there is one
 * @returns what of the sync state changes
 * @throws PipedriveFailure
 */
export async function lead(
  deps: Sync,
  one: Atendimento,
  state: SyncState,
  owner: number | undefined,
): Promise<Partial<SyncState>> {
  const { pipedrive, account, settings } = deps
  const { pessoa_id } = state
  const { etapa } = await account.lugar(settings.lugar)
  const etiqueta = await account.etiquetaDeLead(settings.etiqueta)
  const custom = fieldsOf(one, await account.codes())
  const customer = one.contato && pessoa_id
  const isMarked = state.marca?.passo === 'lead'
  const taken = customer === undefined || isMarked ? undefined : await takeOpen(deps, one, owner, customer)
  if (taken && taken !== 'novo') return taken
  if (taken === 'novo') await deps.store.keep({ negocio: 'novo' })
  const negocio = taken === 'novo' || state.negocio === 'novo' ? 'novo' : 'criado'
  // Whoever else has one that is found was given it meanwhile.
  const ownerAtBirth = async (made?: LeadDoPipedrive): Promise<number> =>
    owner ?? made?.owner_id ?? (await account.me()).id
  return createOnce<Partial<SyncState>>(deps, state, 'lead', {
    find: async (since) => {
      if (pessoa_id === undefined) return undefined
      const isIt = ({ title, add_time }: LeadDoPipedrive): boolean =>
        says(title, one.numero) && isSince(add_time, since)
      const made =
        (await pipedrive.leadsOf(pessoa_id)).find(isIt) ?? (await pipedrive.archivedLeadsOf(pessoa_id)).find(isIt)
      if (made) return { lead_id: made.id, negocio, ...seen(await ownerAtBirth()) }
      // A person may have turned it into a deal meanwhile.
      const deal = await madeDeal(deps, one, pessoa_id, since)
      if (deal === undefined) return undefined
      return { negocio_id: deal, negocio, ...seen(await ownerAtBirth(), etapa.pipeline_id) }
    },
    make: async (mark) => {
      if (pessoa_id === undefined) throw new PipedriveFailure('recusada', 0, { code: 'sem_pessoa' })
      const organization_id = await organizationOf(deps, customer, state)
      const made = await pipedrive.addLead(
        {
          title: titleOf(one, settings.titulo),
          ...omitUndefined({
            ...{ owner_id: owner, person_id: pessoa_id, organization_id },
            label_ids: etiqueta === undefined ? undefined : [etiqueta],
          }),
          ...custom,
        },
        mark,
      )
      return { lead_id: made.id, negocio, ...seen(await ownerAtBirth(made)) }
    },
  })
}

/** The customer's last lead, else an open deal, else one of the leads that the person has there. */
async function takeOpen(
  deps: Sync,
  one: Atendimento,
  owner: number | undefined,
  customer: number,
): Promise<Partial<SyncState> | 'novo' | undefined> {
  const { pipedrive, account, settings } = deps
  const known = await knownLead(deps, customer)
  const deal = known ? undefined : await takeOpenDeal(deps, one, owner, customer)
  if (deal) return deal
  const open = known ?? (await listedLead(pipedrive, customer, owner))
  if (!open) return undefined
  const etiqueta = await account.etiquetaDeLead(settings.etiqueta)
  const custom = fieldsOf(one, await account.codes())
  const taken = await take(deps, 'lead', open, owner, async (change) => {
    const all = { ...change, ...labelled(open, etiqueta), ...custom }
    return change === undefined || Object.keys(all).length === 0 ? open : pipedrive.updateLead(open.id, all)
  })
  return taken === 'novo' ? taken : { lead_id: open.id, negocio: taken.negocio, ...seen(taken.dono) }
}

/** The customer's last lead, if it still is one and his. */
async function knownLead({ pipedrive, store }: Sync, person: number): Promise<LeadDoPipedrive | undefined> {
  const { lead_id } = await store.known()
  const known = lead_id === undefined ? undefined : await pipedrive.lead(lead_id).catch(unlessGone)
  return known && !known.is_archived && known.person_id === person ? known : undefined
}

/** Of several one of this owner's comes before others, then the newest. */
async function listedLead(
  pipedrive: Pipedrive,
  person: number,
  owner: number | undefined,
): Promise<LeadDoPipedrive | undefined> {
  const all = (await pipedrive.leadsOf(person)).filter(({ is_archived }) => !is_archived)
  return all.findLast(({ owner_id }) => owner_id === owner) ?? all.at(-1)
}

/** The deal that people made of this lead; `undefined` when there is none. */
export async function convertedDeal(
  pipedrive: Pipedrive,
  lead_id: string,
  person: number | undefined,
): Promise<NegocioDoPipedrive | undefined> {
  if (person === undefined) return undefined
  return (await pipedrive.dealsOf(person)).find(({ source_lead_id }) => source_lead_id === lead_id)
}
