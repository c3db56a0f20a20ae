import { isDeepStrictEqual } from 'node:util'
import type { Politica } from '../document.js'
import type { Command, CommandResult, PoliticaChange } from './commands.js'
import type { Draft } from './draft.js'
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
  }
  return { ...position, situacao: 'politica', politica }
}

/** Fields that this release does not know stay. */
function merge(before: Politica, mudanca: PoliticaChange): Politica {
  const { limite: oldLimite, ...kept } = before
  const limite = mudanca.limite === undefined ? oldLimite : (mudanca.limite ?? undefined)
  return { ...kept, ...(limite !== undefined && { limite }) }
}
