import { omitUndefined } from '../../src/lib/omit.js'
import { PipedriveFailure, unlessGone } from './failure.js'
import type { NegocioDoPipedrive } from './schema.js'
import type { Sync, SyncState } from './sync-state.js'

/**
 * After a refusal or a missing record, checks once what is cached of the account and stored of this customer, and forgets what
 * no longer exists, so that the next attempt does without it.
 *
 * @returns what to throw in its place
 */
export async function recover({ pipedrive, account, store }: Sync, state: SyncState, error: unknown): Promise<unknown> {
  if (!(error instanceof PipedriveFailure)) return error
  if (state.revisto || !['recusada', 'nao_encontrado'].includes(error.falha)) return error
  account.forget()
  const gone = async (isThere: () => Promise<boolean>): Promise<boolean> => !(await isThere().catch(unlessGone))
  const known = await store.known()
  const pessoa = state.pessoa_id ?? known.pessoa_id
  const negocio = state.negocio_id ?? known.negocio_id
  // The deal of this protocol itself may be closed; a deal of an earlier one must be open.
  const isOurs = ({ is_deleted, is_archived, status }: NegocioDoPipedrive): boolean =>
    !is_deleted && !is_archived && (status === 'open' || (state.negocio_id !== undefined && status !== 'deleted'))
  const noPerson = pessoa !== undefined && (await gone(async () => !(await pipedrive.person(pessoa)).is_deleted))
  const noDeal = negocio !== undefined && (await gone(async () => isOurs(await pipedrive.deal(negocio))))
  await store.keep({
    revisto: true,
    ...(noPerson && { pessoa_id: undefined }),
    ...(noDeal && { negocio_id: undefined, negocio: undefined }),
  })
  await store.learn(
    omitUndefined({ pessoa_id: noPerson ? undefined : pessoa, negocio_id: noDeal ? undefined : negocio }),
  )
  return new PipedriveFailure('indisponivel', error.status, { code: error.code })
}
