import { entryId, isPendente, type Vez } from './document.js'

/** Nobody answers from a write that is older (design 4.3): its mark may have been pruned. */
const OPEN_KEPT_MS = 600_000

/** A write whose fate is not known yet. */
interface OpenWrite {
  readonly writeId: string
  /** The `versao` that guards it: while no higher one was seen, it may still land. */
  readonly guard: number
  /** Monotonic ms. */
  readonly at: number
  /** Lets the answers leave that were decided with it. */
  readonly answer: () => void
}

/** What the next write of `vez` owes to the drain. */
export interface Owed {
  /** Ids of entries whose copies were acknowledged. */
  readonly drained: ReadonlySet<string>
  /** Ids of entries that the database refused, and why. */
  readonly refused: ReadonlyMap<string, string>
}

export const nothingOwed: Owed = { drained: new Set(), refused: new Map() }

/** What this process must remember between two images: its writes that may or may not have happened, and its debts to the drain. */
export class Settlement {
  readonly #processo: string
  readonly #drained = new Set<string>()
  readonly #refused = new Map<string, string>()
  #open: OpenWrite[] = []

  constructor(processo: string) {
    this.#processo = processo
  }

  get owed(): Owed {
    return { drained: this.#drained, refused: this.#refused }
  }

  get owesDrop(): boolean {
    return this.#drained.size + this.#refused.size > 0
  }

  drained(ids: Iterable<string>, refused: ReadonlyMap<string, string>): void {
    for (const id of ids) this.#drained.add(id)
    for (const [id, reason] of refused) this.#refused.set(id, reason)
  }

  open(write: OpenWrite): void {
    this.#open.push(write)
  }

  /** `lastWrites` names the last write of ours that happened: it happened as it was decided. */
  settle(vez: Vez, elapsed: number): void {
    const written = vez.lastWrites[this.#processo]?.writeId
    this.#open = this.#open.filter(({ at }) => elapsed - at < OPEN_KEPT_MS)
    this.#open.find(({ writeId }) => writeId === written)?.answer()
    this.#open = this.#open.filter(({ guard }) => guard >= vez.versao)
    const reasons = new Map(vez.pendentes.filter(isPendente).map((entry) => [entryId(entry), entry.recusada]))
    for (const id of this.#drained) if (!reasons.has(id)) this.#drained.delete(id)
    for (const [id, reason] of this.#refused)
      if (!reasons.has(id) || reasons.get(id) === reason) this.#refused.delete(id)
  }
}
