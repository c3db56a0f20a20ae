import { Coalescer } from '../lib/coalescer.js'
import { pendingNumbers } from './commit/store.js'
import { isProtocolo, type Vez } from './document.js'
import type { Command } from './rules/commands.js'
import { failuresOf } from './rules/eligibility.js'
import { countOpen, type FindOpen, limitOf } from './rules/limit.js'

/** People a command: their look-up is part of a write, and turns wait for it. */
const MOST_A_COMMAND = 4
/** People who are looked up at once beside the line, and at each tick. */
const SLICE = 8
/** How long a slice waits for turns, at most, ms. */
const STEP_BACK_MS = 200
/** A change whose outcome is unknown may land later: ticks by which it can no longer. */
const TICKS_AGAIN = 2

export interface RecountsOptions {
  readonly submit: (command: Command) => Promise<unknown>
  readonly readVez: () => Promise<Vez>
  readonly findOpen: FindOpen
  readonly letPass: (maxMs: number) => Promise<void>
}

/** Keeps `abertos` exact where a limit holds: after each change of a protocol, and from time to time. */
export class Recounts {
  readonly #options: RecountsOptions
  readonly #changed: Coalescer<readonly number[]>
  /** Who is counted again, and at how many ticks. */
  readonly #again = new Map<number, number>()
  #place = 0

  constructor(options: RecountsOptions) {
    this.#options = options
    this.#changed = new Coalescer((all) => this.#count([...new Set(all.flat())]))
  }

  /**
   * Counts these people anew where a limit holds for them. Resolves when that is written, or is put off; never throws.
   *
   * @param after a snapshot whose read began after the change: whoever sets a limit later counts by himself
   */
  async changed(ids: readonly number[], after: Vez): Promise<void> {
    const limited = ids.filter((id) => isLimited(after, id))
    if (limited.length === 0) return
    await this.#changed.add(limited).catch(() => this.later(limited))
  }

  /** Counts these people anew at the next ticks. */
  later(ids: readonly number[]): void {
    for (const id of ids) this.#again.set(id, TICKS_AGAIN)
  }

  /** Counts again who was put off, and some of those whom only the limit keeps out. */
  async tick(vez: Vez): Promise<void> {
    for (const [id, ticks] of [...this.#again]) {
      if (ticks > 1) this.#again.set(id, ticks - 1)
      else this.#again.delete(id)
      if (isLimited(vez, id)) await this.#check([id]).catch(() => this.later([id]))
    }
    const kept = [...vez.consultores].flatMap(([id, one]) => (failuresOf(one, vez).join() === 'limite' ? [id] : []))
    if (kept.length === 0) return
    this.#place = this.#place >= kept.length ? 0 : this.#place
    const slice = kept.slice(this.#place, this.#place + SLICE)
    this.#place += SLICE
    await this.#check(slice)
  }

  /** Counts everybody for whom a limit holds. */
  async all(): Promise<void> {
    const vez = await this.#options.readVez()
    await this.checkAll([...vez.consultores.keys()].filter((id) => isLimited(vez, id)))
  }

  /** Counts these people, whether or not a limit holds for them; stands back for turns. */
  async checkAll(ids: readonly number[]): Promise<void> {
    for (let start = 0; start < ids.length; start += SLICE) {
      await this.#options.letPass(STEP_BACK_MS)
      await this.#check(ids.slice(start, start + SLICE))
    }
  }

  async openOf(id: number): Promise<number> {
    const { readVez, findOpen } = this.#options
    const vez = await readVez()
    return countOpen(id, await findOpen([id], pendingNumbers(vez)), vez.pendentes.filter(isProtocolo))
  }

  /** Looks beside the line whose count is wrong, by snapshot and look-up as a write would: mostly nobody's is. */
  async #check(ids: readonly number[]): Promise<void> {
    const { readVez, findOpen } = this.#options
    const vez = await readVez()
    const open = await findOpen(ids, pendingNumbers(vez))
    const pending = vez.pendentes.filter(isProtocolo)
    await this.#count(ids.filter((id) => countOpen(id, open, pending) !== (vez.consultores.get(id)?.abertos ?? 0)))
  }

  async #count(ids: readonly number[]): Promise<void> {
    for (let start = 0; start < ids.length; start += MOST_A_COMMAND) {
      await this.#options.submit({ tipo: 'recontar', ids: ids.slice(start, start + MOST_A_COMMAND) })
    }
  }
}

const isLimited = (vez: Vez, id: number): boolean => {
  const consultor = vez.consultores.get(id)
  return consultor !== undefined && limitOf(consultor, vez) !== undefined
}
