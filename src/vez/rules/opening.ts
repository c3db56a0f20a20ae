import { type Plano, trechoEm } from '../../agenda/plano.js'
import type { Abre } from '../document.js'
import type { Draft } from './draft.js'
import { type Fora, type Motivo, outOf, suited, type Wanted, whyNobody } from './eligibility.js'
import { planoOf, planoOfConta, zoneOf } from './hours.js'

/** An account and a team that never work at the same time: after so many steps there is nothing to tell. */
const MOST_STEPS = 60

/** Why nobody gets a request. */
export interface Nobody {
  readonly motivo: Motivo
  readonly fora: Fora
  /** When it opens, where it is because of the hour. */
  readonly abre?: Abre
}

export function nobodyFor(draft: Draft, wanted: Wanted): Nobody {
  const motivo = whyNobody(draft, wanted)
  const abre = motivo === 'fora_do_horario' ? opening(draft, wanted) : undefined
  return { motivo, fora: outOf(draft, wanted), ...(abre && { abre }) }
}

/** When it opens, where nobody gets such a request because of the hour. */
export const whenOpen = (draft: Draft, wanted: Wanted): Abre | undefined =>
  whyNobody(draft, wanted) === 'fora_do_horario' ? opening(draft, wanted) : undefined

/** When it opens for such a request: the account, and with it somebody who could take it. `undefined`: not that one could tell. */
function opening(draft: Draft, wanted: Wanted): Abre | undefined {
  const key = `${wanted.idioma} ${wanted.canal ?? ''} ${wanted.equipe ?? ''}`
  if (!draft.openings.has(key)) draft.openings.set(key, find(draft, wanted))
  return draft.openings.get(key)
}

function find(draft: Draft, wanted: Wanted): Abre | undefined {
  const conta = wanted.canal === undefined ? undefined : draft.contas[wanted.canal]
  const fuso = zoneOf(conta?.agenda, draft)
  const ofConta = conta && planoOfConta(conta, draft)
  const people = suited(draft, wanted)
  const plans = new Map(people.map(({ agenda }) => [JSON.stringify(agenda), planoOf(agenda, draft)]))
  const { now } = draft.moment
  // What is stored may be ahead of our clock by a boundary; both have to be open at once.
  for (let at: Date | undefined = now, step = 0; at && step < MOST_STEPS; step += 1) {
    const opens = openAt(ofConta, at)
    const there: Date | undefined = opens && earliest([...plans.values()].map((plan) => openAt(plan, opens)))
    if (opens && there && opens.getTime() === there.getTime()) return there > now ? { em: there, fuso } : undefined
    at = there
  }
  return undefined
}

/** From when on, at this instant or after it, it is open by this plan. */
function openAt(plano: Plano | undefined, at: Date): Date | undefined {
  if (!plano) return at
  const { dentro, ate } = trechoEm(plano, at)
  return dentro ? at : ate
}

const earliest = (all: readonly (Date | undefined)[]): Date | undefined =>
  all.reduce((first, one) => (one && (!first || one < first) ? one : first), undefined)
