import type { Draft } from './draft.js'
import type { Roster } from './eligibility.js'

/** A change of the state that comes by itself at an instant. */
export interface Boundary {
  readonly ate: Date
  /** Makes the change and writes it into the ledger, with at most eight events. */
  readonly cross: (draft: Draft) => void
}

/** A kind of boundary. */
export interface Boundaries {
  /** The instants of all of them, in no order. */
  readonly instants: (state: Roster) => Iterable<Date>
  /** Those that have come, in the order of the ids that they are about; none stays one that has come once it is crossed. */
  readonly due: (state: Roster, now: Date) => readonly Boundary[]
}
