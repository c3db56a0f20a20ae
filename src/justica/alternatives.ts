import { before, type Person } from '../eventos/rule.js'
import type { Standing } from '../eventos/state.js'

/** What may keep turns from somebody, in the order in which the models take it into account, with the reasons that it covers. */
const CAUSES = [
  ['equipe', ['equipe']],
  ['idioma', ['idioma']],
  ['ausencia', ['horario', 'pausa', 'offline']],
  ['limite', ['limite']],
] as const
export type Cause = (typeof CAUSES)[number][0]
export const CAUSE_NAMES: readonly Cause[] = CAUSES.map(([name]) => name)

/** Of one person: what the rule alone would have given him, and how much each cause changed. */
export interface Share {
  readonly regra_sozinha: number
  readonly por_que: Readonly<Record<Cause, number>>
}

/** One line in which some causes count and others do not. */
interface Model {
  /** Reasons that count. */
  readonly reasons: ReadonlySet<string>
  readonly places: Map<number, number>
  readonly turns: Map<number, number>
}

/**
 * Replays the turns of the rule in other lines: one in which everybody may take every turn, then with teams, then with languages, then
 * with absences; the last one, with limits, is what happened. From one to the next a person's turns change by that cause.
 */
export class Alternatives {
  readonly #models: readonly Model[] = CAUSES.map((_, count) => ({
    reasons: new Set(CAUSES.slice(0, count).flatMap(([, reasons]) => reasons as readonly string[])),
    places: new Map(),
    turns: new Map(),
  }))
  readonly #real = new Map<number, number>()

  /** A turn by the rule went to somebody; as everybody stood to it just before. */
  turn(n: number, id: number, { eligible, out }: Standing): void {
    this.#real.set(id, (this.#real.get(id) ?? 0) + 1)
    for (const { reasons, places, turns } of this.#models) {
      let found: Person | undefined
      const look = (person: Person): void => {
        const turno = places.get(person.id) ?? person.turno
        places.set(person.id, turno)
        const there = { ...person, turno }
        if (found === undefined || before(there, found) < 0) found = there
      }
      for (const person of eligible) look(person)
      for (const { person, reason } of out) if (!reasons.has(reason)) look(person)
      if (found === undefined) continue
      places.set(found.id, n)
      turns.set(found.id, (turns.get(found.id) ?? 0) + 1)
    }
  }

  /** A turn that the rule did not give moved somebody to the end of each line. */
  moved(n: number, id: number): void {
    for (const { places } of this.#models) places.set(id, n)
  }

  shareOf(id: number): Share {
    const counts = [...this.#models.map(({ turns }) => turns.get(id) ?? 0), this.#real.get(id) ?? 0]
    const change = (index: number): number => (counts[index + 1] ?? 0) - (counts[index] ?? 0)
    const [equipe, idioma, ausencia, limite] = [change(0), change(1), change(2), change(3)]
    return { regra_sozinha: counts[0] ?? 0, por_que: { equipe, idioma, ausencia, limite } }
  }

  /** Whom any of the lines gave a turn. */
  get ids(): readonly number[] {
    return [...new Set([...this.#real.keys(), ...this.#models.flatMap(({ turns }) => [...turns.keys()])])]
  }
}
