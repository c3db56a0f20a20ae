import { isDeepStrictEqual } from 'node:util'
import type { ClaimChange } from './claims.js'
import type { Consultor, Pendente, Vez } from './state.js'

/** Marks of writes that are older are of no use to anyone (design 4.3). */
const AUTHOR_KEPT_MS = 3_600_000

/** Where a process's claim stands on the document. */
export const claimPath = (processo: string): string => `querem.${processo}`

export interface Update {
  readonly $set: Record<string, unknown>
  readonly $inc: { readonly versao: 1 }
  readonly $unset?: Record<string, ''>
  readonly $push?: { readonly pendentes: { readonly $each: Pendente[]; readonly $slice: number } }
}

/** The state signed as this process's last write; signatures of processes that have long been gone are pruned. */
export function sign(vez: Vez, processo: string, agora: Date): Vez {
  const kept = Object.entries(vez.autores).filter(([, { em }]) => agora.getTime() - em.getTime() <= AUTHOR_KEPT_MS)
  const autor = { lote: vez.marca, em: agora }
  return { ...vez, autores: { ...Object.fromEntries(kept), [processo]: autor } }
}

/**
 * The update that makes `after` of `before`, with only what changed.
 *
 * @param claims what it does with the claims on the document, of this process and of others
 */
export function toUpdate(before: Vez, after: Vez, processo: string, claims: ClaimChange): Update {
  const $set: Record<string, unknown> = { marca: after.marca, ...(claims.set && { [claimPath(processo)]: claims.set }) }
  const $unset: Record<string, ''> = Object.fromEntries(claims.unset.map((one) => [claimPath(one), '']))
  if (after.seq !== before.seq) $set.seq = after.seq
  if (after.ultimo_consultor_id !== before.ultimo_consultor_id) $set.ultimo_consultor_id = after.ultimo_consultor_id
  if (after.espera.length + before.espera.length > 0 && !sameItems(before.espera, after.espera))
    $set.espera = after.espera
  for (const [id, consultor] of after.consultores) {
    const old = before.consultores.get(id)
    if (old !== consultor) Object.assign($set, consultorChange(`consultores.${id}`, old, consultor))
  }
  for (const id of before.consultores.keys()) if (!after.consultores.has(id)) $unset[`consultores.${id}`] = ''
  for (const [name, autor] of Object.entries(after.autores)) {
    if (autor !== before.autores[name]) $set[`autores.${name}`] = autor
  }
  for (const name of Object.keys(before.autores)) if (!after.autores[name]) $unset[`autores.${name}`] = ''
  const pendentes = pendentesChange(before.pendentes, after.pendentes)
  return {
    $set: pendentes.$set ? { ...$set, pendentes: pendentes.$set } : $set,
    $inc: { versao: 1 },
    ...(Object.keys($unset).length > 0 && { $unset }),
    ...(pendentes.$push && { $push: { pendentes: pendentes.$push } }),
  }
}

const sameItems = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((item, index) => item === other[index])

/** A turn sets three fields; anything else sets the whole person. */
function consultorChange(path: string, before: Consultor | undefined, after: Consultor): Record<string, unknown> {
  if (!before) return { [path]: after }
  const { turno, ultimo_atendimento, espera_em, ...rest } = after
  const { turno: _t, ultimo_atendimento: _u, espera_em: _e, ...restBefore } = before
  if (!isDeepStrictEqual(rest, restBefore)) return { [path]: after }
  return {
    [`${path}.turno`]: turno,
    ...(ultimo_atendimento && { [`${path}.ultimo_atendimento`]: ultimo_atendimento }),
    ...(espera_em && espera_em !== before.espera_em && { [`${path}.espera_em`]: espera_em }),
  }
}

interface PendentesChange {
  readonly $set?: readonly Pendente[]
  readonly $push?: { readonly $each: Pendente[]; readonly $slice: number }
}

/**
 * New entries are pushed; drained ones are mostly the oldest, and a `$slice` drops those without sending the rest again. It is
 * there when nothing is dropped too: without it SecantusDB compares each entry that stays, field by field.
 */
function pendentesChange(before: readonly Pendente[], after: readonly Pendente[]): PendentesChange {
  const kept = new Set(before)
  const added = after.filter((entry) => !kept.has(entry))
  const remaining = after.length - added.length
  const dropped = before.length - remaining
  if (dropped === 0 && added.length === 0) return {}
  const isOldest = before.slice(dropped).every((entry, index) => entry === after[index])
  return isOldest && after.length > 0 ? { $push: { $each: added, $slice: -after.length } } : { $set: after }
}
