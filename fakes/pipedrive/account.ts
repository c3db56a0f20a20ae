import type { Clock } from '../../src/lib/clock.js'
import { time } from './clock.js'
import type { Kind, Records, State } from './state.js'
import type { Switches } from './switches.js'

/** Who did it, and where. */
export interface Actor {
  readonly userId: number
  readonly source: 'api' | 'app'
}

/** Something that happened to a record, with copies of how it was and is. */
export interface Happening {
  readonly kind: Kind | 'users'
  readonly action: 'create' | 'change' | 'delete'
  readonly id: number
  readonly before: object | null
  readonly after: object | null
  readonly by: Actor
  readonly merge?: { readonly merged_to_id?: number; readonly merged_from_id?: number }
}

type Made<K extends Kind> = Omit<Records[K], 'id' | 'add_time' | 'update_time' | 'is_deleted'>
type Merge = NonNullable<Happening['merge']>

const KEPT_VERSIONS = 20
const VANISHED_MS = 30 * 86_400_000

/** The only one who writes records: it keeps their past for who looks late, and tells what happened. */
export class Account {
  readonly state: State
  readonly clock: Clock
  readonly switches: Switches
  readonly #tell: (event: Happening) => void
  readonly #past = new Map<string, { readonly at: number; readonly copy: unknown }[]>()
  #afterwards: (() => void)[] = []

  constructor(state: State, clock: Clock, switches: Switches, tell: (event: Happening) => void) {
    this.state = state
    this.clock = clock
    this.switches = switches
    this.#tell = tell
  }

  get time(): string {
    return time(this.clock.now())
  }

  newId(): number {
    this.state.next += 1
    return this.state.next
  }

  create<K extends Kind>(kind: K, made: Made<K>, by: Actor): Records[K] {
    const stamps = { add_time: this.time, update_time: this.time, is_deleted: false }
    // The compiler cannot see that what was left out of a record and put back makes that record.
    const record = { id: this.newId(), ...made, ...stamps } as unknown as Records[K]
    this.#list(kind).push(record)
    this.#keep(kind, record)
    this.#tell({ kind, action: 'create', id: record.id, before: null, after: structuredClone(record), by })
    return record
  }

  /** Sets what differs; nothing that differs is no event. */
  change<K extends Kind>(kind: K, record: Records[K], change: Partial<Records[K]>, by: Actor, merge?: Merge): void {
    const before = structuredClone(record)
    Object.assign(record, change)
    if (JSON.stringify(before) === JSON.stringify(record) && !merge) return
    record.update_time = this.time
    this.#keep(kind, record)
    const after = structuredClone(record)
    this.#tell({ kind, action: 'change', id: record.id, before, after, by, ...(merge && { merge }) })
  }

  /** Softly. */
  remove<K extends Kind>(kind: K, record: Records[K], by: Actor, merge?: Merge): void {
    const before = structuredClone(record)
    record.is_deleted = true
    if ('status' in record) record.status = 'deleted'
    if (merge?.merged_to_id !== undefined) record.merged_to_id = merge.merged_to_id
    record.update_time = this.time
    this.#keep(kind, record)
    this.#tell({ kind, action: 'delete', id: record.id, before, after: null, by, ...(merge && { merge }) })
  }

  changeUser(id: number, change: { active_flag?: boolean; is_deleted?: boolean }, by: Actor): void {
    const user = this.state.users.find((one) => one.id === id)
    if (!user) throw new Error(`no user ${id}`)
    const before = { ...user }
    Object.assign(user, change)
    this.#tell({ kind: 'users', action: 'change', id, before, after: { ...user }, by })
  }

  /** Done once the answer of the present call is fixed. */
  afterwards(work: () => void): void {
    this.#afterwards.push(work)
  }

  settle(): void {
    const due = this.#afterwards
    this.#afterwards = []
    for (const work of due) work()
  }

  /** The records as they were so many ms ago; those that have vanished since their deletion are left out. */
  records<K extends Kind>(kind: K, behindMs: number): Records[K][] {
    const now = this.clock.now().getTime()
    const there = this.#list(kind).filter((one) => !one.is_deleted || now - Date.parse(one.update_time) < VANISHED_MS)
    if (behindMs <= 0) return there
    return there.flatMap((one) => this.#asOf(kind, one, now - behindMs) ?? [])
  }

  forget(): void {
    this.#past.clear()
    this.#afterwards = []
  }

  #asOf<K extends Kind>(kind: K, record: Records[K], at: number): Records[K] | undefined {
    const versions = this.#past.get(`${kind}/${record.id}`)
    if (!versions) return Date.parse(record.add_time) <= at ? record : undefined
    // What is kept under a kind's name is of that kind.
    return versions.findLast((one) => one.at <= at)?.copy as Records[K] | undefined
  }

  #keep<K extends Kind>(kind: K, record: Records[K]): void {
    const key = `${kind}/${record.id}`
    const versions = this.#past.get(key) ?? []
    versions.push({ at: this.clock.now().getTime(), copy: structuredClone(record) })
    if (versions.length > KEPT_VERSIONS) versions.shift()
    this.#past.set(key, versions)
  }

  #list<K extends Kind>(kind: K): Records[K][] {
    const lists: { [L in Kind]: Records[L][] } = this.state
    return lists[kind]
  }
}
