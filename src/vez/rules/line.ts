import type { Decided } from '../document.js'
import { type Condition, type Roster, takesPart, whyNot } from './eligibility.js'

/** Who was passed over is named up to here; of the others it is kept how many they were. */
export const MAX_PULADOS = 40

/** Everybody who takes part in the turn, as he stands to one language: the first condition that fails of him, if any does. */
export interface Line {
  /** In no order. */
  readonly eligible: readonly number[]
  /** Those who may not take a turn, in the order of the line as it was when this was made. */
  readonly out: readonly { readonly id: number; readonly fails: Condition }[]
}

export function lineOf(roster: Roster, idioma: string): Line {
  const eligible: number[] = []
  const out: { id: number; fails: Condition }[] = []
  for (const [id, consultor] of roster) {
    const fails = whyNot(consultor, idioma)
    if (fails === undefined) eligible.push(id)
    else if (takesPart(fails)) out.push({ id, fails })
  }
  return { eligible, out: out.sort((one, other) => byTurn(roster, one.id, other.id)) }
}

const turnoOf = (roster: Roster, id: number): number => roster.get(id)?.turno ?? Number.POSITIVE_INFINITY

/** Negative where the first stands before the second: the lowest `turno`, then the lowest id. Not by a date: ties and clock steps would make it unfair. */
const byTurn = (roster: Roster, one: number, other: number): number =>
  turnoOf(roster, one) - turnoOf(roster, other) || one - other

/** The ids of those who may take a turn in this language now, in the order in which their turns come. */
export const turnOrder = (roster: Roster, idioma: string): number[] =>
  [...lineOf(roster, idioma).eligible].sort((one, other) => byTurn(roster, one, other))

/** Whose turn it is among these, but for one of them. */
export function next(roster: Roster, ids: readonly number[], except?: number): number | undefined {
  let chosen: number | undefined
  for (const id of ids) {
    if (id !== except && (chosen === undefined || byTurn(roster, id, chosen) < 0)) chosen = id
  }
  return chosen
}

/** What a protocol keeps of the decision by which the rule made it. */
type Reasons = Pick<Decided, 'candidatos' | 'segundo' | 'turno_antes' | 'pulados' | 'pulados_cortados'>

/** Why the turn is this person's, on the state before it: who else could have got it, and who stood before him and could not. */
export function reasonsFor(roster: Roster, { eligible, out }: Line, chosen: number): Reasons {
  const segundo = next(roster, eligible, chosen)
  const before = out.filter(({ id }) => byTurn(roster, id, chosen) < 0)
  return {
    candidatos: eligible.length,
    ...(segundo !== undefined && { segundo }),
    turno_antes: turnoOf(roster, chosen),
    ...(before.length > 0 && passedOver(roster, before)),
  }
}

/** The first of them by reason, in the order of the line; those who are only offline are the first to be left out. */
function passedOver(roster: Roster, before: Line['out']): Pick<Reasons, 'pulados' | 'pulados_cortados'> {
  // Turns in other languages may have moved some of them since the line was made.
  const ordered = [...before].sort((one, other) => byTurn(roster, one.id, other.id))
  const preferred = ordered.filter(({ fails }) => fails !== 'offline')
  const kept = new Set([...preferred, ...ordered.filter(({ fails }) => fails === 'offline')].slice(0, MAX_PULADOS))
  const pulados: Partial<Record<Condition, number[]>> = {}
  const cut: Partial<Record<Condition, number>> = {}
  for (const one of ordered) {
    const { id, fails } = one
    if (kept.has(one)) pulados[fails] = [...(pulados[fails] ?? []), id]
    else cut[fails] = (cut[fails] ?? 0) + 1
  }
  return { pulados, ...(kept.size < ordered.length && { pulados_cortados: cut }) }
}
