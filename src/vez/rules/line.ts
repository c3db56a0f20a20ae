import type { Decided } from '../document.js'
import { type Condition, type Roster, takesPart, type Wanted, whyNot } from './eligibility.js'

/** Who was passed over is named up to here; of the others it is kept how many they were. */
export const MAX_PULADOS = 40

type PassedOver = Pick<Decided, 'pulados' | 'pulados_cortados'>

interface Out {
  readonly id: number
  readonly fails: Condition
}

/**
 * Everybody who takes part in the turn, as he stands to one kind of request: the first condition that fails of him, if any does. Good for
 * as long as the roster stays; only turns may move people meanwhile.
 */
export class Line {
  /** In no order. */
  readonly eligible: readonly number[]
  readonly #roster: Roster
  /** Those who may not take a turn, in the order of the line unless one of them has moved. */
  readonly #out: Out[] = []
  readonly #outIds: ReadonlySet<number>
  #isSorted = false
  /** By how many of `#out` stand before the chosen one: the same for most turns of a write. */
  readonly #passedOver = new Map<number, PassedOver>()

  constructor(roster: Roster, wanted: Wanted) {
    this.#roster = roster
    const eligible: number[] = []
    for (const [id, consultor] of roster.consultores) {
      const fails = whyNot(consultor, wanted, roster)
      if (fails === undefined) eligible.push(id)
      else if (takesPart(fails)) this.#out.push({ id, fails })
    }
    this.eligible = eligible
    this.#outIds = new Set(this.#out.map(({ id }) => id))
  }

  /** This person has another `turno` now, by a turn in whatever language. */
  moved(id: number): void {
    if (this.#outIds.has(id)) this.#isSorted = false
  }

  /** Who stands before this person and may not take a turn. */
  passedOver(chosen: number): PassedOver {
    const roster = this.#roster
    if (!this.#isSorted) {
      this.#out.sort((one, other) => byTurn(roster, one.id, other.id))
      this.#passedOver.clear()
      this.#isSorted = true
    }
    const count = this.#countBefore(chosen)
    const known = this.#passedOver.get(count)
    if (known) return known
    const found = toPassedOver(this.#out.slice(0, count))
    this.#passedOver.set(count, found)
    return found
  }

  #countBefore(chosen: number): number {
    let low = 0
    let high = this.#out.length
    while (low < high) {
      const middle = (low + high) >> 1
      const one = this.#out[middle]
      if (one && byTurn(this.#roster, one.id, chosen) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

const turnoOf = (roster: Roster, id: number): number => roster.consultores.get(id)?.turno ?? Number.POSITIVE_INFINITY

/** Negative where the first stands before the second: the lowest `turno`, then the lowest id. Not by a date: ties and clock steps would make it unfair. */
const byTurn = (roster: Roster, one: number, other: number): number =>
  turnoOf(roster, one) - turnoOf(roster, other) || one - other

/** The ids of those who may take such a turn now, in the order in which their turns come. */
export const turnOrder = (roster: Roster, wanted: Wanted): number[] =>
  [...new Line(roster, wanted).eligible].sort((one, other) => byTurn(roster, one, other))

/** Whose turn it is among these, but for one of them. Each person is looked up once: this is asked for each turn. */
export function next(roster: Roster, ids: readonly number[], except?: number): number | undefined {
  let chosen: number | undefined
  let lowest = Number.POSITIVE_INFINITY
  for (const id of ids) {
    if (id === except) continue
    const turno = turnoOf(roster, id)
    if (turno < lowest || (turno === lowest && chosen !== undefined && id < chosen)) {
      chosen = id
      lowest = turno
    }
  }
  return chosen
}

/** Why the turn is this person's, on the state before it: who else could have got it, and who stood before him and could not. */
export function reasonsFor(roster: Roster, line: Line, chosen: number): Omit<Decided, 'por'> {
  const segundo = next(roster, line.eligible, chosen)
  return {
    candidatos: line.eligible.length,
    ...(segundo !== undefined && { segundo }),
    turno_antes: turnoOf(roster, chosen),
    ...line.passedOver(chosen),
  }
}

/** The first of them by reason, in the order of the line; those who are only offline are the first to be left out. */
function toPassedOver(before: readonly Out[]): PassedOver {
  if (before.length === 0) return {}
  const [others, offline] = [before.filter(({ fails }) => fails !== 'offline'), before.filter(isOffline)]
  const kept = new Set([...others, ...offline].slice(0, MAX_PULADOS))
  const pulados: Partial<Record<Condition, number[]>> = {}
  const cut: Partial<Record<Condition, number>> = {}
  for (const one of before) {
    const { id, fails } = one
    if (!kept.has(one)) cut[fails] = (cut[fails] ?? 0) + 1
    else if (pulados[fails]) pulados[fails].push(id)
    else pulados[fails] = [id]
  }
  return { pulados, ...(kept.size < before.length && { pulados_cortados: cut }) }
}

const isOffline = ({ fails }: Out): boolean => fails === 'offline'
