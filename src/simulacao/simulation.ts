import { instantOf } from '../eventos/instants.js'
import type { EventoGuardado } from '../eventos/model.js'
import { isQuadro, type LedgerRow, type Replay, type Step } from '../eventos/replay.js'
import { type Person, sameLanguage } from '../eventos/rule.js'
import { ChangedLine, suits } from './changed-line.js'
import type { Change } from './changes.js'
import { type Customer, requestOf, waitingOf } from './customer.js'
import { WaitBook, type Waits } from './waits.js'

/** Nobody waits longer than any account lets him, ms. */
const MOST_WAITED_MS = 86_400_000

export interface SimulationOptions {
  /** The period, ms; its end is not included. */
  readonly from: number
  readonly to: number
  readonly changes: readonly Change[]
  /** One consultor takes at most one waiting customer in this time, ms. */
  readonly esperaIntervaloMs: number
}

export interface SimulationResult {
  /** Turns by person, in truth and with the changes. */
  readonly antes: ReadonlyMap<number, number>
  readonly depois: ReadonlyMap<number, number>
  readonly espera: Waits
  /** Requests that cannot wait, for which nobody would have been there. */
  readonly sem_consultor: number
  /** Numbers of the period of which the ledger tells nothing. */
  readonly sem_livro: number
}

interface Choice {
  readonly person: Person
  /** With it goes the turn: he was not preferred. */
  readonly moves: boolean
}

/**
 * Replays the requests of a period on a line that is changed, while a replay of the ledger tells what that line was in truth. Who
 * is chosen, who waits and who is served when is as the rule has it; customers come when they came.
 */
export class Simulation {
  readonly #options: SimulationOptions
  readonly #line: ChangedLine
  readonly #book = new WaitBook()
  readonly #antes = new Map<number, number>()
  readonly #depois = new Map<number, number>()
  /** Who waits when the period begins. */
  readonly #waitedBefore = new Map<string, Customer>()
  #waiting: Customer[] = []
  /** Customers whom in truth somebody helped while the simulation let them wait too. */
  readonly #helped = new Set<string>()
  /** By person: when he last took a customer who had waited. */
  readonly #tookWaiting = new Map<number, number>()
  /** When a held customer may be served. */
  #wake = Number.POSITIVE_INFINITY
  #now = Number.NEGATIVE_INFINITY
  #refused = 0
  #unknown = 0

  constructor(options: SimulationOptions) {
    this.#options = options
    this.#line = new ChangedLine(options.changes)
  }

  /** The next step of the history, which it applies to this replay as well. */
  take(step: Step, replay: Replay): void {
    const at = instantOf(step)?.getTime()
    const { from, to } = this.#options
    if (at !== undefined && at >= from) this.#begin(replay)
    replay.apply(step)
    if (at === undefined || at >= to) return
    if (this.#hasBegun) this.#step(step, Math.max(at, this.#now), replay)
    else if ('registro' in step && !isQuadro(step.registro)) this.#keepWaiting(step.registro)
    else if ('protocolo' in step) this.#waitedBefore.delete(step.protocolo.espera_id ?? '')
  }

  /** The period is over. @param replay as it stands now */
  end(replay: Replay): SimulationResult {
    this.#begin(replay)
    this.#advance(this.#options.to - 1)
    for (const id of this.#line.people.keys()) {
      this.#antes.set(id, this.#antes.get(id) ?? 0)
      this.#depois.set(id, this.#depois.get(id) ?? 0)
    }
    return {
      antes: this.#antes,
      depois: this.#depois,
      espera: this.#book.result(),
      sem_consultor: this.#refused,
      sem_livro: this.#unknown,
    }
  }

  get #hasBegun(): boolean {
    return this.#now >= this.#options.from
  }

  #begin({ line, place }: Replay): void {
    if (this.#hasBegun) return
    this.#now = this.#options.from
    this.#line.begin(line, place.n, this.#now)
    for (const customer of this.#waitedBefore.values()) {
      this.#book.open(customer.key)
      this.#waiting.push(customer)
    }
    this.#serveWaiting()
  }

  #keepWaiting(evento: EventoGuardado): void {
    const { tipo, espera } = evento
    if (espera === undefined) return
    if (tipo === 'entrou_na_espera') this.#waitedBefore.set(espera, waitingOf(espera, evento))
    if (tipo === 'saiu_da_espera') this.#waitedBefore.delete(espera)
  }

  #step(step: Step, at: number, replay: Replay): void {
    this.#advance(at)
    if ('protocolo' in step) this.#protocolo(step.protocolo)
    else if (!isQuadro(step.registro)) this.#evento(step.registro, replay)
    if (this.#waiting.length > 0) this.#serveWaiting()
  }

  #evento(evento: EventoGuardado, { line, place }: Replay): void {
    const { tipo, espera, consultores, motivo, canal, canais } = evento
    if (tipo === 'inicio') this.#line.begin(line, place.n, this.#now)
    else if (tipo === 'entrou_na_espera' && espera !== undefined) {
      this.#book.open(espera)
      this.#arrive(waitingOf(espera, evento))
    } else if (tipo === 'saiu_da_espera' && espera !== undefined) this.#left(espera, motivo)
    else if (tipo === 'recontado') {
      for (const id of consultores ?? []) this.#line.counted(id, line.people.get(id)?.abertos ?? 0)
    } else if (canal !== undefined || canais !== undefined) this.#line.follow(this.#now)
    else this.#line.follow(this.#now, consultores)
  }

  #left(key: string, motivo: string | undefined): void {
    if (motivo === 'unida') this.#book.forget(key)
    else this.#book.end(key, 'antes', 'saiu')
    const waits = this.#waiting.some((one) => one.key === key)
    if (!waits) return
    this.#waiting = this.#waiting.filter((one) => one.key !== key)
    this.#book.end(key, 'depois', 'saiu')
    if (motivo === 'ajudou') this.#helped.add(key)
  }

  #protocolo(row: LedgerRow): void {
    const { n, por, consultor_id: id, created_at, encerrado_em, esperou_desde, espera_id } = row
    if (por === undefined) {
      this.#unknown += 1
      return
    }
    const key = espera_id ?? String(n)
    if (id !== undefined) this.#line.open.gotReally(n, id, encerrado_em?.getTime())
    if (encerrado_em) this.#line.open.lasts(key, encerrado_em.getTime() - created_at.getTime(), this.#now)
    const isTurn = por === 'regra' || por === 'preferido'
    if (isTurn && id !== undefined) add(this.#antes, id)
    if (!isTurn) {
      if (id !== undefined && (espera_id === undefined || this.#helped.delete(espera_id)))
        this.#line.give(key, id, this.#now, false)
      return
    }
    const waited = esperou_desde === undefined ? 0 : Math.max(0, created_at.getTime() - esperou_desde.getTime())
    if (this.#book.has(key)) this.#servedReally(key, waited)
    else this.#arrive(requestOf(row, this.#now))
  }

  /** In truth somebody has him now; in the simulation he may wait on, as long as an account lets anybody wait. */
  #servedReally(key: string, waited: number): void {
    this.#book.end(key, 'antes', waited)
    const until = this.#now + MOST_WAITED_MS
    this.#waiting = this.#waiting.map((one) => (one.key === key ? { ...one, until } : one))
  }

  /** A request comes: somebody is there for it, or it waits if it can. */
  #arrive(customer: Customer): void {
    this.#serveWaiting()
    const chosen = this.#choose(customer)
    if (chosen && !(customer.canWait && this.#mustQueue(customer, chosen.person))) {
      this.#serve(customer, chosen)
    } else if (customer.canWait) this.#wait(customer)
    else this.#refused += 1
  }

  #wait(customer: Customer): void {
    const isOnlyHere = !this.#book.has(customer.key)
    if (isOnlyHere) this.#book.open(customer.key, { antes: 0 })
    this.#waiting.push(isOnlyHere ? { ...customer, until: this.#now + MOST_WAITED_MS } : customer)
  }

  #choose(customer: Customer): Choice | undefined {
    if (customer.preferido !== undefined) {
      const person = this.#line.eligible(customer).find(({ id }) => id === customer.preferido)
      if (person) return { person, moves: false }
    }
    const person = this.#line.choose(customer)
    return person && { person, moves: true }
  }

  /** Is somebody held who waits for this person, in the language that is asked for? */
  #mustQueue({ idioma }: Customer, person: Person): boolean {
    return this.#waiting.some(
      (one) =>
        sameLanguage(one.idioma, idioma) &&
        suits({ ...person, idiomas: [one.idioma] }, one) &&
        this.#line.choose(one) !== undefined,
    )
  }

  #serve({ key, at }: Customer, { person, moves }: Choice): void {
    this.#line.give(key, person.id, this.#now, moves)
    add(this.#depois, person.id)
    this.#book.end(key, 'depois', Math.max(0, this.#now - at))
  }

  /** Those who wait, in order, as far as they can be served: each as the rule has it, and one a consultor in an interval. */
  #serveWaiting(): void {
    this.#wake = Number.POSITIVE_INFINITY
    if (this.#waiting.length === 0) return
    const held: Customer[] = []
    const nobody = new Set<string>()
    this.#waiting = this.#waiting.filter((customer) => {
      const kind = `${customer.idioma}\n${customer.equipe ?? ''}\n${customer.canal ?? ''}`
      const choice = nobody.has(kind) ? undefined : this.#choose(customer)
      if (!choice) {
        nobody.add(kind)
        return true
      }
      const { person } = choice
      const paced = (this.#tookWaiting.get(person.id) ?? Number.NEGATIVE_INFINITY) + this.#options.esperaIntervaloMs
      if (paced > this.#now || held.some((one) => suits(person, one))) {
        if (paced > this.#now) this.#wake = Math.min(this.#wake, paced)
        held.push(customer)
        return true
      }
      this.#tookWaiting.set(person.id, this.#now)
      this.#serve(customer, choice)
      return false
    })
  }

  /** All that happens by itself until then. */
  #advance(to: number): void {
    for (let next = this.#next; next <= to; next = this.#next) {
      this.#now = Math.max(this.#now, next)
      this.#line.endUntil(this.#now)
      if (this.#line.nextBoundary <= this.#now) this.#line.cross(this.#now)
      this.#expire()
      this.#serveWaiting()
    }
    this.#now = Math.max(this.#now, to)
  }

  get #next(): number {
    return Math.min(this.#line.open.nextEnd, this.#line.nextBoundary, this.#wake, this.#nextExpiry)
  }

  get #nextExpiry(): number {
    return this.#waiting.reduce((least, { until = least }) => Math.min(least, until), Number.POSITIVE_INFINITY)
  }

  #expire(): void {
    const over = this.#waiting.filter(({ until }) => until !== undefined && until <= this.#now)
    for (const { key } of over) this.#book.end(key, 'depois', 'saiu')
    if (over.length > 0) this.#waiting = this.#waiting.filter((one) => !over.includes(one))
  }
}

const add = (counts: Map<number, number>, id: number): void => void counts.set(id, (counts.get(id) ?? 0) + 1)
