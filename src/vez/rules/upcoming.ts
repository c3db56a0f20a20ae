import type { Vez } from '../document.js'
import type { TurnCommand } from './commands.js'
import { decide } from './decide.js'
import type { DecisionContext } from './draft.js'
import type { Wanted } from './eligibility.js'
import type { Nobody } from './opening.js'
import { noPriorProtocols } from './prior-protocols.js'

/** Whom the next requests would get, and where somebody would get nobody, why. */
export interface Upcoming {
  /** In order; a team that is smaller than the number of requests comes round again. */
  readonly ids: readonly number[]
  readonly nobody?: Nobody
}

/**
 * Whom so many such requests would get if they came now, one after the other: by the function that decides them, on
 * a copy that nobody writes. Customers whose wait is over are served before them, as they would be.
 */
export function upcoming(vez: Vez, wanted: Wanted, count: number, context: DecisionContext): Upcoming {
  const command: TurnCommand = { tipo: 'turno', ...wanted }
  const ids: number[] = []
  let state: Vez = vez
  let nobody: Upcoming['nobody']
  while (ids.length < count) {
    // Nothing is owed to anybody by a copy: it has room, however many wait or are asked for.
    const decision = decide(
      { ...state, pendentes: [], eventos: [] },
      Array.from({ length: count - ids.length }, () => command),
      noPriorProtocols,
      context,
    )
    for (const result of decision.results) {
      const id = result.situacao === 'atribuido' ? result.atribuicao.consultor_id : undefined
      if (id !== undefined) ids.push(id)
      if (result.situacao === 'indisponivel' && 'fora' in result) {
        const { motivo, fora, abre } = result
        nobody = { motivo, fora, ...(abre && { abre }) }
      }
    }
    if (!decision.changed || nobody) break
    state = decision.vez
  }
  return ids.length === 0 && nobody ? { ids, nobody } : { ids }
}
