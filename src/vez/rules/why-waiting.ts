import type { Vez } from '../document.js'
import { crossBoundaries } from './boundaries.js'
import { type DecisionContext, Draft, noDrainResult } from './draft.js'
import { isOpen } from './eligibility.js'
import { type Nobody, nobodyFor } from './opening.js'
import { serveWaiting } from './waiting.js'

/** Why a customer waits still. */
export type WhyWaiting =
  /** `fechada`: the account that he came by is outside its hours. */
  | (Nobody & { readonly fechada?: true })
  /** `intervalo`: whose turn it is took one of those who wait a moment ago. */
  | { readonly motivo: 'intervalo'; readonly consultor_id: number; readonly a_partir_de: Date }
  /** `atras`: whose turn it is takes one who waits before him. `agora`: he is served with the next write. */
  | { readonly motivo: 'atras' | 'agora'; readonly consultor_id: number }
  /** His time is over: the next write drops him. */
  | { readonly motivo: 'expirada' }

/** Why this customer waits: by the function that serves those who wait, on a copy that nobody writes. */
export function whyWaiting(vez: Vez, id: string, context: DecisionContext): WhyWaiting {
  const draft = new Draft({ ...vez, pendentes: [], eventos: [] }, context, noDrainResult)
  crossBoundaries(draft)
  let why: WhyWaiting = { motivo: 'expirada' }
  serveWaiting(draft, (cliente, { situacao, choice }) => {
    if (cliente.id !== id) return
    if (choice === undefined) {
      why = { ...nobodyFor(draft, cliente), ...(!isOpen(cliente, draft) && { fechada: true }) }
      return
    }
    const { id: consultor_id, consultor } = choice
    if (situacao === 'intervalo' && consultor.espera_em) {
      const a_partir_de = new Date(consultor.espera_em.getTime() + context.esperaIntervaloMs)
      why = { motivo: 'intervalo', consultor_id, a_partir_de }
    } else why = { motivo: situacao === 'atras' ? 'atras' : 'agora', consultor_id }
  })
  return why
}
