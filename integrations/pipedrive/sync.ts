import { present } from '../../src/lib/given.js'
import { deal } from './deal.js'
import { PipedriveFailure } from './failure.js'
import type { Feito, Sync } from './feito.js'
import { type Atendimento, dueAt, noteMarker, noteOf, subjectOf } from './mapping.js'
import { once } from './once.js'
import { earlierPerson, findPerson, madeSince, newPerson } from './person.js'
import { review } from './review.js'

/**
 * Person, deal, activity, note: what is missing of them, in this order. To be called again after any failure, with what has
 * been kept by then; nothing is made twice.
 *
 * @throws PipedriveFailure
 */
export async function sync(deps: Sync, one: Atendimento, before: Feito): Promise<void> {
  let feito = before
  const keep = async (change: Partial<Feito>): Promise<void> => {
    // With what was made the mark goes, and with nothing else: it is all that tells of a record of unknown outcome.
    await deps.store.keep({ ...change, marca: undefined })
    const { marca: _marca, ...rest } = feito
    feito = { ...rest, ...change }
  }
  try {
    const owner = await ownerOf(deps, one)
    if (one.contato && feito.pessoa_id === undefined) {
      await keep(await person(deps, one, feito))
      const known = await deps.store.known()
      // At once: should this come to nothing, the customer's next one must not make another person of him.
      if (known.pessoa_id !== feito.pessoa_id)
        await deps.store.learn({ ...known, ...present({ pessoa_id: feito.pessoa_id }) })
    }
    if (feito.negocio_id === undefined) await keep(await deal(deps, one, feito, owner))
    if (feito.pessoa_id !== undefined) {
      const { pessoa_id, negocio_id } = feito
      await deps.store.learn(present({ pessoa_id, negocio_id }))
    }
    if (feito.atividade_id === undefined) await keep(await activity(deps, one, feito, owner))
    if (feito.nota_id === undefined) await keep({ nota_id: await note(deps, one, feito) })
  } catch (error) {
    throw await review(deps, feito, error)
  }
}

/** The consultor's user, when records may be given to him. */
async function ownerOf({ account, store }: Sync, { usuario }: Atendimento): Promise<number | undefined> {
  if (usuario === undefined || (await account.isActive(usuario))) return usuario
  await store.userGone(usuario)
  return undefined
}

async function person(deps: Sync, one: Atendimento, feito: Feito): Promise<Partial<Feito>> {
  const { pessoa_id } = await deps.store.known()
  if (pessoa_id !== undefined) return { pessoa_id }
  const { pipeline_id } = await deps.account.etapa()
  const isMarked = feito.marca?.passo === 'pessoa'
  const found = isMarked
    ? undefined
    : ((await earlierPerson(deps.pipedrive, one, await deps.store.earlier())) ??
      (await findPerson(deps.pipedrive, one, pipeline_id)))
  if (found) return found
  const id = await once(deps, feito, 'pessoa', {
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
  feito: Feito,
  owner: number | undefined,
): Promise<Partial<Feito>> {
  const { pipedrive, settings } = deps
  const { pessoa_id, negocio_id } = feito
  if (negocio_id === undefined) throw new PipedriveFailure('recusada', 0, { code: 'sem_negocio' })
  const subject = subjectOf(one)
  const atividade_id = await once(deps, feito, 'atividade', {
    find: async () => (await pipedrive.activitiesOf(negocio_id)).find((known) => known.subject === subject)?.id,
    make: (mark) =>
      pipedrive.addActivity(
        {
          subject,
          type: settings.tipoAtividade,
          deal_id: negocio_id,
          ...present({ owner_id: owner, person_id: pessoa_id }),
          ...dueAt(new Date(deps.agora().getTime() + settings.atividadeMin * 60_000)),
        },
        mark,
      ),
  })
  return present({ atividade_id, atividade_feita: false, atividade_dono_id: owner })
}

async function note({ pipedrive, ...rest }: Sync, one: Atendimento, feito: Feito): Promise<number> {
  const { negocio_id } = feito
  if (negocio_id === undefined) throw new PipedriveFailure('recusada', 0, { code: 'sem_negocio' })
  const marker = `${noteMarker(one.numero)}<`
  return once({ pipedrive, ...rest }, feito, 'nota', {
    find: async () => (await pipedrive.notesOf(negocio_id)).find(({ content }) => content?.includes(marker))?.id,
    make: (mark) => pipedrive.addNote(negocio_id, noteOf(one), mark),
  })
}
