import type { Clock } from '../../lib/clock.js'
import { type Evento, entryId, isPendente, isProtocolo, type Pendente, type Vez } from '../document.js'

const FULL_ENOUGH = 32
const OLD_ENOUGH_MS = 50
const MOST_AT_ONCE = 64
const IDLE_DROP_MS = 500
const MAX_PAUSE_MS = 5_000

/** The collections that the drain copies to. All throw when the outcome is unknown: then nothing counts as copied. */
export interface DrainStore {
  /** Inserts the protocols of these entries; one that is there already from the same write is fine. Returns the refused: entry id → reason. */
  insertProtocolos(entries: readonly Pendente[]): Promise<ReadonlyMap<string, string>>
  /** Ends the protocols that those of these entries continue; ended already is fine. */
  endContinued(entries: readonly Pendente[]): Promise<void>
  /** Inserts the tarefas that these entries name; there already is fine. Returns the refused: entry id → reason. */
  insertTarefas(entries: readonly Pendente[]): Promise<ReadonlyMap<string, string>>
  /** Inserts these events into the ledger; there already is fine. Returns the refused: entry id → reason. */
  insertEventos(eventos: readonly Evento[]): Promise<ReadonlyMap<string, string>>
}

/** What is owed, of both lists of the document. */
interface Todo {
  readonly entries: readonly Pendente[]
  readonly eventos: readonly Evento[]
}

const countOf = ({ entries, eventos }: Todo): number => entries.length + eventos.length
const idsOf = ({ entries, eventos }: Todo): string[] => [...entries, ...eventos].map(entryId)

export interface DrainOptions {
  readonly store: DrainStore
  readonly clock: Clock
  readonly random: () => number
  /** The `writeId` of this process's own entries starts with it. */
  readonly processId: string
  readonly readVez: () => Promise<Vez>
  /** Called with the entries whose copies were acknowledged, and with the refused ones: entry id → reason. */
  readonly onCopied: (drained: readonly string[], refused: ReadonlyMap<string, string>) => void
  /** Asks for a write that only drops copied entries, when no turn came to carry the drop. */
  readonly requestDrop: () => void
  readonly observer: {
    /** @param tipos the types of the tarefas that were inserted */
    copied(count: number, lagMs: number, tipos: ReadonlySet<string>): void
    refused(reason: string): void
    failed(): void
  }
}

/**
 * Copies the entries of `pendentes` to `protocolos`, ends the protocols that they continue, then copies their work to `tarefas`,
 * and the events to the ledger, and then reports them as copied, so that the next write drops them: only those whose inserts this process saw acknowledged. Any
 * number of drains may run at once; each does all that its entries owe, whoever did some of it before.
 */
export class Drain {
  readonly #options: DrainOptions
  /** Seen acknowledged, and not yet dropped from the document. */
  readonly #copied = new Set<string>()
  readonly #refused = new Set<string>()
  /** Of protocols that continue one which is not copied yet: looked at again with all others. */
  readonly #early = new Set<string>()
  #latest: Vez | undefined
  #running: Promise<void> | undefined
  #cancelTimer: (() => void) | undefined
  #cancelDrop: (() => void) | undefined
  #failures = 0
  #stopped = false

  constructor(options: DrainOptions) {
    this.#options = options
  }

  /** Starts a copy when there is enough to copy, or when the oldest entry has waited long enough. */
  onSnapshot(vez: Vez): void {
    this.#latest = vez
    const todo = countOf(this.#todo(vez, false))
    if (todo === 0 || this.#running || this.#stopped) return
    if (todo >= FULL_ENOUGH && this.#failures === 0) this.#start(false)
    else this.#cancelTimer ??= this.#options.clock.after(this.#pause(), () => this.#start(false), 'vez.copy')
  }

  /**
   * Copies all entries of a fresh snapshot, of every process, refused ones too. It does not wait for entries that come meanwhile:
   * under load there are always some. Throws when it could not.
   */
  async drainAll(): Promise<void> {
    await this.#running
    this.#latest = await this.#options.readVez()
    this.#refused.clear()
    this.#early.clear()
    const asked = new Set(idsOf(this.#todo(this.#latest, true)))
    while (idsOf(this.#todo(this.#latest, true)).some((id) => asked.has(id))) {
      await this.#start(true)
      if (this.#failures > 0) throw new Error('the drain could not copy')
    }
  }

  /** Starts no more copies; resolves when the one in flight has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelTimer?.()
    this.#cancelDrop?.()
    await this.#running
  }

  #todo(vez: Vez, everyones: boolean): Todo {
    const isOwed = (entry: Pendente | Evento): boolean => {
      const id = entryId(entry)
      const known = this.#copied.has(id) || this.#refused.has(id) || this.#early.has(id)
      return !known && (everyones || entry.writeId.startsWith(this.#options.processId))
    }
    return { entries: vez.pendentes.filter(isPendente).filter(isOwed), eventos: vez.eventos.filter(isOwed) }
  }

  #start(everyones: boolean): Promise<void> {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#running ??= this.#copy(everyones).finally(() => {
      this.#running = undefined
      if (this.#latest) this.onSnapshot(this.#latest)
    })
    return this.#running
  }

  async #copy(everyones: boolean): Promise<void> {
    const { store, clock, onCopied: report, observer } = this.#options
    const vez = this.#latest
    if (!vez) return
    const todo = this.#todo(vez, everyones)
    const entries = todo.entries.slice(0, MOST_AT_ONCE)
    const eventos = todo.eventos.slice(0, MOST_AT_ONCE)
    try {
      const refusedProtocolos = await store.insertProtocolos(entries)
      const early = this.#tooEarly(vez, entries, refusedProtocolos)
      const ready = entries.filter((entry) => !early.has(entryId(entry)))
      await store.endContinued(ready.filter((entry) => !refusedProtocolos.has(entryId(entry))))
      const refusedTarefas = await store.insertTarefas(ready)
      const refused = new Map([...refusedProtocolos, ...refusedTarefas, ...(await store.insertEventos(eventos))])
      const drained = [...ready, ...eventos].map(entryId).filter((id) => !refused.has(id))
      this.#remember(drained, refused)
      for (const id of early) this.#early.add(id)
      this.#failures = 0
      report(drained, refused)
      this.#dropWhenIdle()
      const times = [...entries.map(({ created_at }) => created_at), ...eventos.map(({ em }) => em)]
      const oldest = Math.min(...times.map((at) => at.getTime()))
      const tipos = new Set(entries.flatMap(({ tarefas = [] }) => tarefas))
      observer.copied(drained.length, clock.now().getTime() - oldest, tipos)
      for (const reason of refused.values()) observer.refused(reason)
    } catch {
      this.#failures += 1
      observer.failed()
    }
  }

  /** Ids of entries whose protocol continues one that, by this snapshot, may not be in `protocolos` yet. */
  #tooEarly(vez: Vez, entries: readonly Pendente[], refused: ReadonlyMap<string, string>): ReadonlySet<string> {
    const inserted = new Set(entries.map(entryId).filter((id) => !refused.has(id)))
    const missing = new Set(
      vez.pendentes.flatMap((entry) => {
        const isThere = this.#copied.has(entryId(entry)) || inserted.has(entryId(entry))
        return isProtocolo(entry) && !isThere ? [entry.n] : []
      }),
    )
    const isEarly = ({ continua }: Pendente): boolean => continua !== undefined && missing.has(continua)
    return new Set(entries.filter(isEarly).map(entryId))
  }

  #remember(drained: readonly string[], refused: ReadonlyMap<string, string>): void {
    const present = new Set(this.#latest && [...this.#latest.pendentes, ...this.#latest.eventos].map(entryId))
    for (const id of this.#copied) if (!present.has(id)) this.#copied.delete(id)
    for (const id of drained) this.#copied.add(id)
    for (const id of refused.keys()) this.#refused.add(id)
  }

  #dropWhenIdle(): void {
    this.#cancelDrop?.()
    this.#cancelDrop = this.#options.clock.after(IDLE_DROP_MS, this.#options.requestDrop, 'vez.idle-drop')
  }

  /** Wait before the next copy, ms: longer and with jitter after failures. */
  #pause(): number {
    if (this.#failures === 0) return OLD_ENOUGH_MS
    return OLD_ENOUGH_MS + this.#options.random() * Math.min(MAX_PAUSE_MS, OLD_ENOUGH_MS * 2 ** this.#failures)
  }
}
