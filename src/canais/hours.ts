import { toGuardado } from '../agenda/schema.js'
import type { Autor } from '../vez/rules/commands.js'
import type { Guardada } from './accounts.js'
import type { ChatDeps } from './deps.js'

type Deps = Pick<ChatDeps, 'vez' | 'contas'>

/** Tells the turn which hours an account has after a change of it. */
export async function tellHours(
  { vez }: Pick<Deps, 'vez'>,
  { _id: slug, horario, criado_em, rev }: Guardada,
  autor: Autor = { por: 'sistema' },
): Promise<void> {
  const agenda = horario ? toGuardado(horario) : null
  const known = vez.latest()?.contas[slug]
  if (agenda === null && !known) return
  await vez.submit({ tipo: 'conta', slug, agenda, criado_em, rev, autor })
}

/** The account is gone, and with it its hours. */
export const forgetHours = (deps: Pick<Deps, 'vez'>, gone: Guardada, autor?: Autor): Promise<void> =>
  tellHours(deps, { ...gone, horario: null, rev: gone.rev + 1 }, autor)

/**
 * What the turn knows of the accounts' hours is what is stored of them: whoever changed an account may have died in between.
 * An account that the turn knows and the read after that does not find is gone.
 */
export async function syncHours(deps: Deps): Promise<void> {
  const { vez, contas } = deps
  const known = vez.latest()?.contas ?? (await vez.readFresh()).contas
  if (Object.keys(known).length === 0 && contas.stored().every(({ horario }) => !horario)) return
  await contas.refresh()
  const stored = new Map(contas.stored().map((one) => [one._id, one]))
  for (const one of stored.values()) if (one.horario && known[one._id]?.rev !== one.rev) await tellHours(deps, one)
  for (const [slug, { criado_em, rev }] of Object.entries(known)) {
    const one = stored.get(slug)
    if (!one) await forgetHours(deps, { _id: slug, horario: null, criado_em, rev })
    else if (!one.horario) await tellHours(deps, one)
  }
}
