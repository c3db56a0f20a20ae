import { omitUndefined } from '../../src/lib/omit.js'
import type { Target } from './client.js'
import { createOnce } from './create-once.js'
import { deal } from './deal.js'
import { PipedriveFailure, unlessGone, unlessRefused } from './failure.js'
import { convertedDeal, lead } from './lead.js'
import { type Atendimento, dueAt, noteMarker, noteOf, SEM_CONTATO, says, subjectOf } from './mapping.js'
import { earlierPerson, type FoundPerson, findBare, findPerson, isSince, madeSince, newPerson } from './person.js'
import type { AtividadeDoPipedrive, NegocioDoPipedrive } from './schema.js'
import type { Sync, SyncState, SyncStep } from './sync-state.js'

/** Longer than the search index was seen to lag, and than an attempt of unknown outcome waits; ms. */
const LATELY_MS = 3_600_000

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
    if (state.pessoa_id === undefined) {
      await keep(await person(deps, one, state, owner))
      const known = await deps.store.known()
      const { pessoa_id, pessoa_dono_id } = state
      // Stored before the deal: if that fails, the customer's next protocol must not make a second person.
      if (known.pessoa_id !== pessoa_id) {
        const { lead_id, negocio_id, negocio_funil_id } = known
        await deps.store.learn(omitUndefined({ lead_id, negocio_id, negocio_funil_id, pessoa_id, pessoa_dono_id }))
      }
    }
    if (state.negocio_id === undefined && state.lead_id === undefined) {
      const begun = state.marca?.passo
      const isLead = begun === 'lead' || (begun !== 'negocio' && deps.settings.criar === 'lead')
      await keep(await (isLead ? lead : deal)(deps, one, state, owner))
    }
    if (state.pessoa_id !== undefined) {
      const { pessoa_id, lead_id, negocio_id, negocio_funil_id, negocio_dono_id } = state
      const { pessoa_dono_id } = await deps.store.known()
      const ids = {
        pessoa_id,
        ...(negocio_id === undefined && { lead_id }),
        negocio_id,
        negocio_funil_id,
        negocio_dono_id,
        pessoa_dono_id,
      }
      await deps.store.learn(omitUndefined(ids))
    }
    if (state.atividade_id === undefined && isWanted(deps.settings.atividade, 'atividade', state))
      await keep(await activity(deps, one, state, owner))
    if (state.nota_id === undefined && isWanted(deps.settings.nota, 'nota', state))
      await keep({ nota_id: await note(deps, one, state) })
    await givePerson(deps, one, state, owner)
  } catch (error) {
    throw await recover(deps, state, error)
  }
}

/** What activity and note are about. */
function targetOf({ negocio_id, lead_id }: SyncState): Target {
  if (negocio_id !== undefined) return { deal_id: negocio_id }
  if (lead_id !== undefined) return { lead_id }
  throw new PipedriveFailure('recusada', 0, { code: 'sem_negocio' })
}

/** What was begun before it was switched off is finished: it may be there already. */
const isWanted = (isOn: boolean, passo: SyncStep, { marca }: SyncState): boolean => isOn || marca?.passo === passo

/** The consultor's user, when records may be given to him. */
async function ownerOf({ account, store }: Sync, { usuario }: Atendimento): Promise<number | undefined> {
  if (usuario === undefined || (await account.isActive(usuario))) return usuario
  await store.userGone(usuario)
  return undefined
}

/**
 * Gives a person that we made to the new owner of the deal, so that he sees the telephone where people see only what is
 * theirs. Where that is refused everything else is there all the same.
 */
async function givePerson(
  { pipedrive, store, settings }: Sync,
  { contato }: Atendimento,
  { pessoa_id, negocio_dono_id }: SyncState,
  owner: number | undefined,
): Promise<void> {
  if (!contato || settings.donoDaPessoa === 'token' || owner === undefined || negocio_dono_id !== owner) return
  const known = await store.known()
  if (known.pessoa_id !== pessoa_id || pessoa_id === undefined) return
  if (known.pessoa_dono_id === undefined || known.pessoa_dono_id === owner) return
  const given = await pipedrive.giveTo(pessoa_id, owner).catch(unlessRefused)
  if (given) await store.learn({ ...known, pessoa_dono_id: owner })
}

async function person(
  deps: Sync,
  one: Atendimento,
  state: SyncState,
  user: number | undefined,
): Promise<Partial<SyncState>> {
  const { pessoa_id } = await deps.store.known()
  if (pessoa_id !== undefined) return { pessoa_id }
  const { pipeline_id } = (await deps.account.lugar(deps.settings.lugar)).etapa
  const isMarked = state.marca?.passo === 'pessoa'
  const found = isMarked ? undefined : await personThere(deps, one, pipeline_id)
  if (found) return found
  const owner = one.contato && deps.settings.donoDaPessoa === 'consultor' ? user : undefined
  const pessoa_dono_id = owner ?? (await deps.account.me()).id
  let isOurs = one.contato !== undefined
  const id = await createOnce(deps, state, 'pessoa', {
    find: async (since) => {
      const isOf = one.contato ? deps.store.isAnothers : async () => false
      const made = await madeSince(deps.pipedrive, one, since, isOf)
      if (made !== undefined) return made
      isOurs = false
      return (await personThere(deps, one, pipeline_id))?.pessoa_id
    },
    make: (mark) => {
      isOurs = one.contato !== undefined
      return deps.pipedrive.addPerson(newPerson(one, owner), mark)
    },
  })
  return { pessoa_id: id, ...(isOurs && { pessoa_dono_id }) }
}

/** The customer there; where nothing is known of him, the one person of all such customers. */
async function personThere(
  { pipedrive, store, now }: Sync,
  one: Atendimento,
  pipeline: number,
): Promise<FoundPerson | undefined> {
  if (!one.contato) {
    // Another protocol may have made it a moment ago, with an outcome that it does not know yet: only the list shows that.
    const lately = new Date(now().getTime() - LATELY_MS)
    const pessoa_id =
      (await findBare(pipedrive, SEM_CONTATO)) ?? (await madeSince(pipedrive, one, lately, async () => false))
    return pessoa_id === undefined ? undefined : { pessoa_id }
  }
  return (await earlierPerson(pipedrive, one, await store.earlier())) ?? (await findPerson(pipedrive, one, pipeline))
}

async function activity(
  deps: Sync,
  one: Atendimento,
  state: SyncState,
  owner: number | undefined,
): Promise<Partial<SyncState>> {
  const { pipedrive, account, settings } = deps
  const { pessoa_id } = state
  const target = targetOf(state)
  const subject = subjectOf(one, settings.assunto)
  let made: AtividadeDoPipedrive | undefined
  const atividade_id = await createOnce(deps, state, 'atividade', {
    // Its template may have been another then; the number was in it.
    find: async (since) =>
      (await pipedrive.activitiesOf(target)).find(
        (known) => known.subject === subject || (says(known.subject, one.numero) && isSince(known.add_time, since)),
      )?.id,
    make: async (mark) => {
      made = await pipedrive.addActivity(
        {
          subject,
          type: settings.tipoAtividade,
          ...target,
          ...omitUndefined({
            owner_id: owner,
            participants: pessoa_id === undefined ? undefined : [{ person_id: pessoa_id, primary: true }],
          }),
          ...dueAt(new Date(deps.now().getTime() + settings.atividadeMin * 60_000)),
        },
        mark,
      )
      return made.id
    },
  })
  const ownerAtBirth = owner ?? made?.owner_id ?? (await account.me()).id
  return { atividade_id, atividade_feita: false, atividade_dono_id: ownerAtBirth }
}

async function note({ pipedrive, settings, ...rest }: Sync, one: Atendimento, state: SyncState): Promise<number> {
  const target = targetOf(state)
  const marker = `${noteMarker(one.numero)}<`
  return createOnce({ pipedrive, settings, ...rest }, state, 'nota', {
    find: async () => (await pipedrive.notesOf(target)).find(({ content }) => content?.includes(marker))?.id,
    make: (mark) => pipedrive.addNote(target, noteOf(one, settings.textoNota), mark),
  })
}

/**
 * After a refusal or a missing record, checks once what is cached of the account and stored of this customer, and forgets what
 * no longer exists, so that the next attempt does without it.
 *
 * @returns what to throw in its place
 */
async function recover({ pipedrive, account, store }: Sync, state: SyncState, error: unknown): Promise<unknown> {
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
  const lead = negocio === undefined ? (state.lead_id ?? known.lead_id) : undefined
  const noLead = lead !== undefined && (await gone(async () => !(await pipedrive.lead(lead)).is_archived))
  const became = noLead ? await convertedDeal(pipedrive, lead, pessoa) : undefined
  await store.keep({
    ...(became && state.lead_id !== undefined && { negocio_id: became.id }),
    ...(noLead && !became && { lead_id: undefined }),
    revisto: true,
    ...(noPerson && { pessoa_id: undefined }),
    ...(noDeal && { negocio_id: undefined, negocio: undefined }),
  })
  await store.learn(
    omitUndefined({
      pessoa_id: noPerson ? undefined : pessoa,
      pessoa_dono_id: noPerson ? undefined : known.pessoa_dono_id,
      negocio_id: became?.id ?? (noDeal ? undefined : negocio),
      lead_id: noLead ? undefined : lead,
    }),
  )
  return new PipedriveFailure('indisponivel', error.status, { code: error.code })
}
