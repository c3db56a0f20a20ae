import type { Vez } from '../vez/document.js'
import { type HistorySource, history } from './history.js'
import { CLOCKS_APART_MS, instantOf } from './instants.js'
import { Milestones, type Start } from './milestones.js'
import type { Replay, Step } from './replay.js'

/** Whoever looks at a period. */
export interface Visitor {
  /** Where it begins, which may be long before the period. */
  begin?(start: Start): void
  /** The next step of the history, which he applies to this replay. */
  take(step: Step, replay: Replay): void
}

/**
 * Replays what led to a period, and the period itself, while turns go on.
 *
 * @param vez a snapshot whose read ended before this call (docs/guarantees.md#readers)
 * @param isAlive false ends the work early: nobody waits for it any more
 * @returns the replay as it stands at the end
 */
export async function replayPeriod(
  source: HistorySource,
  vez: Vez,
  { desde, ate }: { readonly desde: Date; readonly ate: Date },
  visitor: Visitor,
  isAlive: () => boolean,
  milestones = new Milestones(source.connection),
): Promise<Replay> {
  const start = await milestones.before(vez, desde)
  const { replay } = start
  visitor.begin?.(start)
  for await (const steps of history(source, vez, replay.place)) {
    for (const step of steps) visitor.take(step, replay)
    const last = steps.at(-1)
    const at = last && instantOf(last)
    if (at) await milestones.pass(replay, at)
    // What comes so much later than the end of the period cannot be of it.
    if ((at && at.getTime() > ate.getTime() + CLOCKS_APART_MS) || !isAlive()) break
  }
  return replay
}
