import { first, type Person, type Request, reasonAgainst } from '../eventos/rule.js'
import { LineState } from '../eventos/state.js'
import { type Change, changed, holds, type Newcomer, personOf } from './changes.js'
import { OpenProtocols } from './open-protocols.js'

/** The line as it would have been: as the ledger tells it, with the changes that are tried, and the turns that then come of it. */
export class ChangedLine {
  readonly open = new OpenProtocols()
  readonly #line = new LineState()
  readonly #changes: readonly Change[]
  readonly #newcomers: readonly Newcomer[]
  /** Instants at which a change begins or ends, the next one last. */
  readonly #boundaries: number[]
  /** As it is known now. */
  #real = new LineState()
  #seq = 0

  constructor(changes: readonly Change[]) {
    this.#changes = changes
    this.#newcomers = changes.filter((one) => one.tipo === 'novo')
    this.#boundaries = [...new Set(changes.flatMap(({ from, to }) => [from, to]))].sort((one, other) => other - one)
  }

  /** Everybody who is in it. */
  get people(): ReadonlyMap<number, Person> {
    return this.#line.people
  }

  /** Goes on from the real line as it is. @param n its last number */
  begin(real: LineState, n: number, at: number): void {
    this.#real = real
    this.#seq = Math.max(n, this.#seq)
    for (const id of [...this.people.keys()]) this.#line.remove(id)
    for (const person of real.people.values()) {
      const isLimited = (person.limite ?? real.common.limite) != null
      this.open.begin(person.id, isLimited ? (person.abertos ?? 0) : 0)
      this.#put(person, at)
    }
    this.cross(at)
  }

  /** The real line has changed: these people, or anything. */
  follow(at: number, ids: Iterable<number> = this.#all(at)): void {
    for (const id of ids) {
      const person = this.#real.people.get(id)
      // Whoever came while it runs came last.
      if (person) this.#put({ ...person, turno: this.people.get(id)?.turno ?? this.#seq }, at)
      else if (!this.#isNewcomer(id)) this.#line.remove(id)
    }
  }

  get nextBoundary(): number {
    return this.#boundaries.at(-1) ?? Number.POSITIVE_INFINITY
  }

  /** Changes begin and end. */
  cross(at: number): void {
    while (this.nextBoundary <= at) this.#boundaries.pop()
    for (const one of this.#newcomers) {
      if (!holds(one, at)) this.#line.remove(one.id)
      else if (!this.people.has(one.id)) this.#line.put(personOf(one, this.#seq))
    }
    this.follow(at)
  }

  /** In truth somebody's open protocols were counted. */
  counted(id: number, open: number): void {
    this.open.counted(id, open)
    this.#recount(id)
  }

  /** Ends protocols that end until then. */
  endUntil(at: number): void {
    for (const id of this.open.endUntil(at)) this.#recount(id)
  }

  eligible(asked: Request): readonly Person[] {
    return this.#line.standing(asked).eligible
  }

  choose(asked: Request): Person | undefined {
    return first(this.eligible(asked))
  }

  /** He gets a number. @param moves with it goes the turn */
  give(key: string, id: number, at: number, moves: boolean): void {
    if (moves) this.#seq += 1
    this.open.give(key, id, at)
    this.#line.gave(id, moves ? this.#seq : undefined)
  }

  /** Without a limit it decides nothing, and who is eligible need not be found out anew. */
  #recount(id: number): void {
    const person = this.people.get(id)
    if (person && (person.limite ?? this.#line.common.limite) != null)
      this.#line.put({ ...person, abertos: this.open.of(id) })
  }

  #put(person: Person, at: number): void {
    this.#line.put({ ...changed(person, this.#changes, at), abertos: this.open.of(person.id) })
  }

  #isNewcomer(id: number): boolean {
    return this.#newcomers.some((one) => one.id === id)
  }

  /** All that is not about one person; and everybody, those who are gone too. */
  #all(at: number): Set<number> {
    const own = this.#changes.findLast((one) => one.tipo === 'limite_comum' && holds(one, at))
    this.#line.setCommon({ limite: own?.tipo === 'limite_comum' ? own.limite : (this.#real.common.limite ?? null) })
    for (const canal of [...this.#line.accounts.keys()]) this.#line.setAccount(canal, this.#real.accounts.get(canal))
    for (const [canal, dentro] of this.#real.accounts) this.#line.setAccount(canal, dentro)
    return new Set([...this.#real.people.keys(), ...this.people.keys()])
  }
}

/** Would this person be one for such a request, whether he can take one now or not? */
export const suits = (person: Person, { idioma, equipe }: Request): boolean =>
  reasonAgainst(
    { ...person, ativo: true, sequencial: true, online: true, pausa: null, dentro: null, abertos: 0, limite: null },
    { idioma, ...(equipe !== undefined && { equipe }) },
    { contas: new Map() },
  ) === undefined
