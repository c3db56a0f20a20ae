import type { Boundaries } from './boundary.js'
import type { Draft } from './draft.js'
import type { Roster } from './eligibility.js'
import { ENDS_OF_HOURS } from './hours.js'
import { ENDS_OF_PAUSES } from './pause.js'

/** Kinds of boundaries. Of two at the same instant the one whose kind is first here is crossed first. */
const KINDS: readonly Boundaries[] = [ENDS_OF_PAUSES, ENDS_OF_HOURS]

/** When the state changes by itself the next time; `undefined`: never, as things stand. */
export function nextBoundary(state: Roster): Date | undefined {
  let next: Date | undefined
  for (const { instants } of KINDS) for (const at of instants(state)) if (next === undefined || at < next) next = at
  return next
}

/**
 * Makes all changes whose instant has come, in the order of the instants. Eligibility reads no clock: it depends on the state
 * alone, and this is called before anything else of a batch, so that no turn is decided past a boundary that was not crossed.
 * A change that was made stays, however clocks step. Where the ledger has no room for all of them the draft is full: nothing is
 * decided then, until the drain has made some.
 */
export function crossBoundaries(draft: Draft): void {
  const due = KINDS.flatMap((kind) => kind.due(draft, draft.moment.now))
  due.sort((one, other) => one.ate.getTime() - other.ate.getTime())
  for (const boundary of due) {
    if (draft.full) return
    boundary.cross(draft)
  }
}
