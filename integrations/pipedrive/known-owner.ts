import { omitUndefined } from '../../src/lib/omit.js'
import type { Pipedrive } from './client.js'
import { unlessGone } from './failure.js'
import type { Atendimento } from './mapping.js'
import { personsOf } from './person.js'
import type { PessoaDoPipedrive } from './schema.js'

/** Who has a customer at Pipedrive, as far as it is known: ids of users. */
export interface KnownOwners {
  /** The newest open deal, and its owner. */
  readonly negocio?: { readonly id: number; readonly usuario: number }
  readonly pessoa?: number
  readonly organizacao?: number
}

/** Whose customer somebody is, and by what. */
export interface KnownOwner {
  readonly usuario: number
  readonly motivo: 'negocio' | 'pessoa' | 'organizacao'
}

/** The owners of the newest open deal, of the person and of its organisation, in this order, as far as they are known. */
export function ownersIn({ negocio, pessoa, organizacao }: KnownOwners): KnownOwner[] {
  const all = [
    { usuario: negocio?.usuario, motivo: 'negocio' as const },
    { usuario: pessoa, motivo: 'pessoa' as const },
    { usuario: organizacao, motivo: 'organizacao' as const },
  ]
  return all.flatMap(({ usuario, motivo }) => (usuario === undefined ? [] : [{ usuario, motivo }]))
}

/** What `findOwners` uses at most, but for odd accounts: three searches, three hits, a list and an organisation. Tokens. */
export const SEARCH_TOKENS = 3 * 20 + 3 + 10 + 1
/** The same for a person whose id is known. */
export const READ_TOKENS = 1 + 10 + 1

/**
 * Asks Pipedrive who has this customer; changes nothing there. Of several persons with his telephone the one that was changed
 * last counts.
 *
 * @param isConsultor whether this user is a consultor here: the organisation is asked only where no other owner is one
 * @param pessoa_id where it is known, so that nothing is searched
 * @returns nothing in it: there is no such person
 * @throws PipedriveFailure
 */
export async function findOwners(
  pipedrive: Pipedrive,
  contato: Atendimento['contato'],
  isConsultor: (usuario: number) => boolean,
  pessoa_id?: number,
): Promise<KnownOwners> {
  const known = pessoa_id === undefined ? undefined : await pipedrive.person(pessoa_id).catch(unlessGone)
  const person = known && !known.is_deleted ? known : latest(await personsOf(pipedrive, contato))
  if (!person) return {}
  const deal = await pipedrive.newestOpenDeal(person.id)
  const isFound = [deal?.owner_id, person.owner_id].some((usuario) => usuario != null && isConsultor(usuario))
  const organization =
    isFound || person.org_id == null ? undefined : await pipedrive.organization(person.org_id).catch(unlessGone)
  return omitUndefined({
    negocio: deal?.owner_id == null ? undefined : { id: deal.id, usuario: deal.owner_id },
    pessoa: person.owner_id ?? undefined,
    organizacao: organization?.owner_id ?? undefined,
  })
}

const latest = (persons: readonly PessoaDoPipedrive[]): PessoaDoPipedrive | undefined =>
  [...persons].sort((a, b) => Date.parse(b.update_time ?? '') - Date.parse(a.update_time ?? ''))[0]
