import type { Consultor, Preferencia, Preferido } from '../document.js'
import { type Roster, type Wanted, whyNot } from './eligibility.js'

/** Whom a request gets, and what became of its preference. */
export interface Choice {
  readonly id: number
  readonly consultor: Consultor
  readonly preferencia?: Preferencia
}

interface Request extends Wanted {
  readonly preferido?: Preferido
}

/**
 * The preferred person of a request where he is eligible, else the one whom the rule picks.
 *
 * @param byRule whose turn it is in the request's language; `undefined`: nobody is eligible, whoever is preferred included
 */
export function choose(roster: Roster, request: Request, byRule: () => number | undefined): Choice | undefined {
  const { preferido } = request
  const { consultores } = roster
  const preferred = preferido?.consultor_id === undefined ? undefined : consultores.get(preferido.consultor_id)
  const fails = preferred && whyNot(preferred, request, roster)
  if (preferido?.consultor_id !== undefined && preferred && fails === undefined) {
    const { consultor_id, motivo } = preferido
    return { id: consultor_id, consultor: preferred, preferencia: { consultor_id, seguida: true, motivo } }
  }
  const id = byRule()
  const consultor = id === undefined ? undefined : consultores.get(id)
  if (id === undefined || consultor === undefined) return undefined
  return { id, consultor, ...(preferido && { preferencia: notFollowed(preferido, fails ?? 'inexistente') }) }
}

/** Nobody was preferred where it could not be found out who is: the reason for that stays. */
const notFollowed = ({ consultor_id, motivo }: Preferido, fails: string): Preferencia =>
  consultor_id === undefined
    ? { consultor_id: null, seguida: false, motivo }
    : { consultor_id, seguida: false, motivo: fails }
