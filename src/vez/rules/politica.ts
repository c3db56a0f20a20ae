import { isDeepStrictEqual } from 'node:util'
import type { Politica } from '../document.js'
import type { Command, CommandResult, PoliticaChange } from './commands.js'
import type { Draft } from './draft.js'
import { reviewHours } from './hours.js'
import { recordPolitica, SISTEMA } from './ledger.js'

type Comando = Extract<Command, { tipo: 'politica' }>

/** Changes what holds for everybody. */
export function applyPolitica(draft: Draft, { mudanca, autor = SISTEMA }: Comando): CommandResult {
  const position = draft.place()
  const before = draft.politica
  const politica = merge(before, mudanca)
  if (!isDeepStrictEqual(before, politica)) {
    draft.setPolitica(politica)
    recordPolitica(draft, before, politica, autor, position)
    reviewHours(draft, autor)
  }
  return { ...position, situacao: 'politica', politica }
}

/** Fields that this release does not know stay. */
function merge(before: Politica, mudanca: PoliticaChange): Politica {
  const after = Object.entries({ ...before, ...mudanca }).filter(([, value]) => value != null)
  return Object.fromEntries(after)
}
