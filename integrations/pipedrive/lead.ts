import { omitUndefined } from '../../src/lib/omit.js'
import type { Pipedrive } from './client.js'
import { createOnce } from './create-once.js'
import { isAnothers, madeDeal, organizationOf, seen, takeOpenDeal } from './deal.js'
import { PipedriveFailure, unlessGone } from './failure.js'
import { type Atendimento, fieldsOf, says, titleOf } from './mapping.js'
import { isSince } from './person.js'
import type { LeadDoPipedrive, NegocioDoPipedrive } from './schema.js'
import type { Sync, SyncState } from './sync-state.js'

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
  let isNew = state.negocio === 'novo'
  if (state.marca?.passo !== 'lead' && customer !== undefined) {
    const known = await knownLead(deps, customer)
    const taken = known ? undefined : await takeOpenDeal(deps, one, owner, customer)
    if (taken && taken !== 'novo') return taken
    const open = taken === 'novo' ? undefined : (known ?? (await listedLead(pipedrive, customer, owner)))
    const isOthers = open !== undefined && isAnothers(open, owner)
    isNew = taken === 'novo' || (isOthers && settings.negocioDeOutro === 'novo')
    if (open && !isNew) return take(deps, open, { custom, etiqueta, owner, isOthers })
    if (isNew) await deps.store.keep({ negocio: 'novo' })
  }
  return createOnce<Partial<SyncState>>(deps, state, 'lead', {
    find: async (since) => {
      if (pessoa_id === undefined) return undefined
      const isIt = ({ title, add_time }: LeadDoPipedrive): boolean =>
        says(title, one.numero) && isSince(add_time, since)
      const made =
        (await pipedrive.leadsOf(pessoa_id)).find(isIt) ?? (await pipedrive.archivedLeadsOf(pessoa_id)).find(isIt)
      if (made) return { lead_id: made.id, negocio: isNew ? 'novo' : 'criado', ...seen(made.owner_id ?? owner) }
      // A person may have turned it into a deal meanwhile.
      const deal = await madeDeal(deps, one, pessoa_id, since)
      return deal === undefined ? undefined : { negocio_id: deal, negocio: 'criado', ...seen(owner, etapa.pipeline_id) }
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
      const ownerAtBirth = owner ?? made.owner_id ?? (await account.me()).id
      return { lead_id: made.id, negocio: isNew ? 'novo' : 'criado', ...seen(ownerAtBirth) }
    },
  })
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

interface Taking {
  readonly custom: Readonly<Record<string, string | number>>
  readonly etiqueta: string | undefined
  readonly owner: number | undefined
  readonly isOthers: boolean
}

async function take(
  { pipedrive, store, settings }: Sync,
  open: LeadDoPipedrive,
  { custom, etiqueta, owner, isOthers }: Taking,
): Promise<Partial<SyncState>> {
  // A later protocol may have written its fields to this lead already: then nothing is overwritten.
  const isLate = await store.hasLater('lead', open.id)
  const takes = !isLate && isOthers && settings.negocioDeOutro === 'transferir'
  const labels = open.label_ids ?? []
  const isLabelled = etiqueta === undefined || labels.includes(etiqueta)
  const change = {
    ...omitUndefined({
      owner_id: takes ? owner : undefined,
      label_ids: isLabelled ? undefined : [...labels, etiqueta],
    }),
    ...custom,
  }
  const after = isLate || Object.keys(change).length === 0 ? open : await pipedrive.updateLead(open.id, change)
  const negocio = takes ? 'transferido' : isOthers ? 'mantido_com_outro' : 'aproveitado'
  return { lead_id: open.id, negocio, ...seen(after.owner_id ?? (takes ? owner : undefined)) }
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
