import type { Consultor, Vez } from '../document.js'

/** How many open protocols this person may have; `undefined`: as many as come. */
export const limitOf = ({ limite }: Consultor, { politica }: Pick<Vez, 'politica'>): number | undefined =>
  limite ?? politica.limite

/** Has this person as many open protocols as he may have? */
export const isAtLimit = (consultor: Consultor, roster: Pick<Vez, 'politica'>): boolean =>
  (consultor.abertos ?? 0) >= (limitOf(consultor, roster) ?? Number.POSITIVE_INFINITY)

/** What decides of a protocol whether it counts. */
export interface OpenState {
  readonly responsavel_id: number | null
  readonly status: string
}

/** What `protocolos` knows of open protocols, looked up after the snapshot was read. */
export interface OpenProtocols {
  /** Of each person the numbers of his open protocols: all, or 1,000 of them. */
  readonly byConsultor: ReadonlyMap<number, readonly number[]>
  /** Of the snapshot's `pendentes` those that are copied already, as their copies are. */
  readonly copied: ReadonlyMap<number, OpenState>
}

/** Looks up the open protocols of these people, and these numbers, in `protocolos`, now. */
export type FindOpen = (people: readonly number[], numbers: readonly number[]) => Promise<OpenProtocols>

export const isOpenStatus = (status: string): boolean => status !== 'concluido' && status !== 'cancelado'

/**
 * How many open protocols this person has: by number, since one that waits for its copy may be in the collection too, and may have
 * been changed there. Those whose copies are about to be dropped are among `pending` still: the look-up may have come before the copy.
 *
 * @param pending the protocols of the snapshot's `pendentes`, and those of the batch that is being decided
 */
export function countOpen(
  id: number,
  { byConsultor, copied }: OpenProtocols,
  pending: Iterable<{ readonly n: number; readonly consultor_id?: number }>,
): number {
  const own = new Set(byConsultor.get(id))
  for (const { n, consultor_id = null } of pending) {
    const { responsavel_id, status } = copied.get(n) ?? { responsavel_id: consultor_id, status: 'aberto' }
    if (responsavel_id === id && isOpenStatus(status)) own.add(n)
    else own.delete(n)
  }
  return own.size
}
