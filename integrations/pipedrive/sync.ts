import { omitUndefined } from '../../src/lib/omit.js'
import { createOnce } from './create-once.js'
import { deal } from './deal.js'
import { PipedriveFailure } from './failure.js'
import { type Atendimento, dueAt, noteMarker, noteOf, subjectOf } from './mapping.js'
import { earlierPerson, findPerson, madeSince, newPerson } from './person.js'
import { recover } from './recover.js'
import type { Sync, SyncState } from './sync-state.js'

/**
 * Person, deal, activity, note: what is missing of them, in this order. To be called again after any failure, with what has
 * been kept by then; nothing is made twice.
 *
 * @throws PipedriveFailure
 */
export async function sync(deps: Sync, one: Atendimento, before: SyncState): Promise<void> {
  let state = before
  const keep = async (change: Partial<SyncState>): Promise<void> => {
    // The mark is removed only together with the stored result: it alone says that a record of unknown outcome may exist.
    await deps.store.keep({ ...change, marca: undefined })
    const { marca: _marca, ...rest } = state
    state = { ...rest, ...change }
  }
  try {
    const owner = await ownerOf(deps, one)
    if (one.contato && state.pessoa_id === undefined) {
      await keep(await person(deps, one, state))
      const known = await deps.store.known()
      // Stored before the deal: if that fails, the customer's next protocol must not make a second person.
      if (known.pessoa_id !== state.pessoa_id)
        await deps.store.learn({ ...known, ...omitUndefined({ pessoa_id: state.pessoa_id }) })
    }
    if (state.negocio_id === undefined) await keep(await deal(deps, one, state, owner))
    if (state.pessoa_id !== undefined) {
      const { pessoa_id, negocio_id } = state
      await deps.store.learn(omitUndefined({ pessoa_id, negocio_id }))
    }
    if (state.atividade_id === undefined) await keep(await activity(deps, one, state, owner))
    if (state.nota_id === undefined) await keep({ nota_id: await note(deps, one, state) })
  } catch (error) {
    throw await recover(deps, state, error)
  }
}

/** The consultor's user, when records may be given to him. */
async function ownerOf({ account, store }: Sync, { usuario }: Atendimento): Promise<number | undefined> {
  if (usuario === undefined || (await account.isActive(usuario))) return usuario
  await store.userGone(usuario)
  return undefined
}

async function person(deps: Sync, one: Atendimento, state: SyncState): Promise<Partial<SyncState>> {
  const { pessoa_id } = await deps.store.known()
  if (pessoa_id !== undefined) return { pessoa_id }
  const { pipeline_id } = await deps.account.etapa()
  const isMarked = state.marca?.passo === 'pessoa'
  const found = isMarked
    ? undefined
    : ((await earlierPerson(deps.pipedrive, one, await deps.store.earlier())) ??
      (await findPerson(deps.pipedrive, one, pipeline_id)))
  if (found) return found
  const id = await createOnce(deps, state, 'pessoa', {
    find: async (since) =>
      (await madeSince(deps.pipedrive, one, since, deps.store.isAnothers)) ??
      (await findPerson(deps.pipedrive, one, pipeline_id))?.pessoa_id,
    make: (mark) => deps.pipedrive.addPerson(newPerson(one), mark),
  })
  return { pessoa_id: id }
}

async function activity(
  deps: Sync,
  one: Atendimento,
  state: SyncState,
  owner: number | undefined,
): Promise<Partial<SyncState>> {
  const { pipedrive, settings } = deps
  const { pessoa_id, negocio_id } = state
  if (negocio_id === undefined) throw new PipedriveFailure('recusada', 0, { code: 'sem_negocio' })
  const subject = subjectOf(one)
  const atividade_id = await createOnce(deps, state, 'atividade', {
    find: async () => (await pipedrive.activitiesOf(negocio_id)).find((known) => known.subject === subject)?.id,
    make: (mark) =>
      pipedrive.addActivity(
        {
          subject,
          type: settings.tipoAtividade,
          deal_id: negocio_id,
          ...omitUndefined({
            owner_id: owner,
            participants: pessoa_id === undefined ? undefined : [{ person_id: pessoa_id, primary: true }],
          }),
          ...dueAt(new Date(deps.now().getTime() + settings.atividadeMin * 60_000)),
        },
        mark,
      ),
  })
  return omitUndefined({ atividade_id, atividade_feita: false, atividade_dono_id: owner })
}

async function note({ pipedrive, ...rest }: Sync, one: Atendimento, state: SyncState): Promise<number> {
  const { negocio_id } = state
  if (negocio_id === undefined) throw new PipedriveFailure('recusada', 0, { code: 'sem_negocio' })
  const marker = `${noteMarker(one.numero)}<`
  return createOnce({ pipedrive, ...rest }, state, 'nota', {
    find: async () => (await pipedrive.notesOf(negocio_id)).find(({ content }) => content?.includes(marker))?.id,
    make: (mark) => pipedrive.addNote(negocio_id, noteOf(one), mark),
  })
}
