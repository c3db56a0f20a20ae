import { isDeepStrictEqual } from 'node:util'
import { type Consultor, type Entry, type Evento, toStoredEntry, toStoredWrite, type Vez } from '../document.js'
import type { ClaimChange } from './write-claims.js'

/** Older entries of `lastWrites` are pruned, ms: no process answers for a write that is older than ten minutes. */
const LAST_WRITE_KEPT_MS = 3_600_000

/** An update of the stored document, with stored names. */
export interface Update {
  readonly $set: Record<string, unknown>
  readonly $inc: { readonly versao: 1 }
  readonly $unset?: Record<string, ''>
  readonly $push?: Readonly<Partial<Record<'pendentes' | 'eventos', Push>>>
}

type Stored = ReturnType<typeof toStoredEntry>

interface Push {
  readonly $each: Stored[]
  readonly $slice: number
}

/** Where a process's claim stands on the document. */
export const claimPath = (processId: string): string => `querem.${processId}`

/** The state signed as this process's last write; signatures of processes that have long been gone are pruned. */
export function signWrite(vez: Vez, processId: string, now: Date): Vez {
  const kept = Object.entries(vez.lastWrites).filter(([, { at }]) => now.getTime() - at.getTime() <= LAST_WRITE_KEPT_MS)
  const own = { writeId: vez.previousWriteId, at: now }
  return { ...vez, lastWrites: { ...Object.fromEntries(kept), [processId]: own } }
}

/**
 * The update that makes `after` of `before`, with only what changed.
 *
 * @param claims what it does with the claims on the document, of this process and of others
 */
export function toUpdate(before: Vez, after: Vez, processId: string, claims: ClaimChange): Update {
  const $set: Record<string, unknown> = { marca: after.previousWriteId }
  const $unset: Record<string, ''> = {}
  if (claims.set) $set[claimPath(processId)] = claims.set
  for (const one of claims.unset) $unset[claimPath(one)] = ''
  if (after.seq !== before.seq) $set.seq = after.seq
  if (after.ultimo_consultor_id !== before.ultimo_consultor_id) $set.ultimo_consultor_id = after.ultimo_consultor_id
  if (after.politica !== before.politica) $set.politica = after.politica
  for (const slug of Object.keys({ ...before.contas, ...after.contas })) {
    const conta = after.contas[slug]
    if (!conta) $unset[`contas.${slug}`] = ''
    else if (conta !== before.contas[slug]) $set[`contas.${slug}`] = conta
  }
  if (!sameItems(before.espera, after.espera)) $set.espera = after.espera
  for (const [id, consultor] of after.consultores) {
    const old = before.consultores.get(id)
    if (old !== consultor) Object.assign($set, consultorChange(`consultores.${id}`, old, consultor))
  }
  for (const id of before.consultores.keys()) if (!after.consultores.has(id)) $unset[`consultores.${id}`] = ''
  for (const [name, write] of Object.entries(after.lastWrites)) {
    if (write !== before.lastWrites[name]) $set[`autores.${name}`] = toStoredWrite(write)
  }
  for (const name of Object.keys(before.lastWrites)) if (!after.lastWrites[name]) $unset[`autores.${name}`] = ''
  if (after.livro !== before.livro) $set.livro = after.livro
  const $push: Partial<Record<'pendentes' | 'eventos', Push>> = {}
  for (const list of ['pendentes', 'eventos'] as const) {
    const change = listChange(before[list], after[list])
    if (change.$set) $set[list] = change.$set
    if (change.$push) $push[list] = change.$push
  }
  return {
    $set,
    $inc: { versao: 1 },
    ...(Object.keys($unset).length > 0 && { $unset }),
    ...(Object.keys($push).length > 0 && { $push }),
  }
}

const sameItems = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((item, index) => item === other[index])

/** A turn sets four fields; anything else sets the whole person. */
function consultorChange(path: string, before: Consultor | undefined, after: Consultor): Record<string, unknown> {
  if (!before) return { [path]: after }
  const { turno, ultimo_atendimento, espera_em, abertos, ...rest } = after
  const { turno: _t, ultimo_atendimento: _u, espera_em: _e, abertos: _a, ...restBefore } = before
  if (!isDeepStrictEqual(rest, restBefore)) return { [path]: after }
  return {
    [`${path}.turno`]: turno,
    ...(abertos !== undefined && abertos !== before.abertos && { [`${path}.abertos`]: abertos }),
    ...(ultimo_atendimento && { [`${path}.ultimo_atendimento`]: ultimo_atendimento }),
    ...(espera_em && espera_em !== before.espera_em && { [`${path}.espera_em`]: espera_em }),
  }
}

interface ListChange {
  readonly $set?: readonly Stored[]
  readonly $push?: Push
}

/**
 * New entries are pushed; drained ones are mostly the oldest, and a `$slice` drops those without sending the rest again. It is
 * there when nothing is dropped too: without it SecantusDB compares each entry that stays, field by field.
 */
function listChange<T extends Entry | Evento>(before: readonly T[], after: readonly T[]): ListChange {
  const kept = new Set(before)
  const added = after.filter((entry) => !kept.has(entry))
  const remaining = after.length - added.length
  const dropped = before.length - remaining
  if (dropped === 0 && added.length === 0) return {}
  const isOldest = before.slice(dropped).every((entry, index) => entry === after[index])
  if (!isOldest || after.length === 0) return { $set: after.map(toStoredEntry) }
  return { $push: { $each: added.map(toStoredEntry), $slice: -after.length } }
}
