import { entryId, isPendente, type Vez } from '../document.js'
import type { DrainResult } from '../rules/draft.js'

/** No answer leaves for a write that is older, ms: its entry in `lastWrites` may have been pruned. */
const OPEN_KEPT_MS = 600_000

/** A write whose outcome is not known yet. */
interface InflightWrite {
  readonly writeId: string
  /** The `versao` that guards it: while no higher one was seen, it may still land. */
  readonly guard: number
  /** Monotonic ms. */
  readonly at: number
  /** Lets the answers leave that were decided with it. */
  readonly answer: () => void
}

/** What this process remembers between two snapshots: its writes of unknown outcome, and what its drain has done since. */
export class InflightWrites {
  readonly #processId: string
  readonly #drained = new Set<string>()
  readonly #refused = new Map<string, string>()
  #writes: InflightWrite[] = []

  constructor(processId: string) {
    this.#processId = processId
  }

  get drainResult(): DrainResult {
    return { drained: this.#drained, refused: this.#refused }
  }

  get hasDrainResult(): boolean {
    return this.#drained.size + this.#refused.size > 0
  }

  drained(ids: Iterable<string>, refused: ReadonlyMap<string, string>): void {
    for (const id of ids) this.#drained.add(id)
    for (const [id, reason] of refused) this.#refused.set(id, reason)
  }

  add(write: InflightWrite): void {
    this.#writes.push(write)
  }

  /** Answers the write that the snapshot names as the last of this process: it happened as it was decided. */
  resolve(vez: Vez, elapsed: number): void {
    const written = vez.lastWrites[this.#processId]?.writeId
    this.#writes = this.#writes.filter(({ at }) => elapsed - at < OPEN_KEPT_MS)
    this.#writes.find(({ writeId }) => writeId === written)?.answer()
    this.#writes = this.#writes.filter(({ guard }) => guard >= vez.versao)
    const reasons = new Map(
      [...vez.pendentes.filter(isPendente), ...vez.eventos].map((entry) => [entryId(entry), entry.recusada]),
    )
    for (const id of this.#drained) if (!reasons.has(id)) this.#drained.delete(id)
    for (const [id, reason] of this.#refused)
      if (!reasons.has(id) || reasons.get(id) === reason) this.#refused.delete(id)
  }
}
