import type { Start } from '../eventos/milestones.js'
import type { EventoGuardado } from '../eventos/model.js'
import { askedBy, isQuadro, type LedgerRow, type Replay, type Step } from '../eventos/replay.js'
import { type Person, reasonAgainst } from '../eventos/rule.js'
import type { LocalTime } from '../lib/local-time.js'
import type { Period } from '../protocolos/report.js'
import { Alternatives, type Share } from './alternatives.js'
import { type Difference, Pairs } from './pairs.js'
import { PresenceTimes, type Situation, situationOf } from './presence.js'
import { type Waits, WaitTimes } from './waits.js'

/** How numbers came about. */
export const WAYS = ['regra', 'preferido', 'ajudou', 'numero'] as const
export type Way = (typeof WAYS)[number]

/** Numbers, by how they came about; `continuados`: of those by the rule, whose customer came back to somebody who was absent. */
export type Ways = Record<Way | 'continuados' | 'total', number>

export interface PersonReport {
  readonly id: number
  readonly ways: Ways
  readonly languages: ReadonlyMap<string, number>
  readonly teams: ReadonlyMap<string | undefined, number>
  readonly times: Readonly<Record<Situation, number>> | undefined
  readonly share: Share
}

export interface FairnessReport {
  /** Since when the ledger tells who could take turns; absent: it does not yet. */
  readonly known: Date | undefined
  /** Numbers of the period of which the ledger tells nothing. */
  readonly unknown: number
  readonly ways: Ways
  readonly people: readonly PersonReport[]
  readonly languages: ReadonlyMap<string, number>
  readonly teams: ReadonlyMap<string | undefined, number>
  readonly days: ReadonlyMap<string, number>
  readonly waits: Waits
  /** Absent: no two people of the same languages and teams could take turns at the same time. */
  readonly worst: Difference | undefined
}

const noWays = (): Ways => ({ total: 0, regra: 0, preferido: 0, ajudou: 0, numero: 0, continuados: 0 })
const addTo = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1)

interface Counts {
  readonly ways: Ways
  readonly languages: Map<string, number>
  readonly teams: Map<string | undefined, number>
}
const noCounts = (): Counts => ({ ways: noWays(), languages: new Map(), teams: new Map() })

/**
 * How turns were shared in a period, from a replay of the ledger: it looks at the line before each step and after it, and reads
 * nothing else.
 */
export class Fairness {
  readonly #period: Period
  readonly #time: LocalTime
  readonly #all = noCounts()
  readonly #people = new Map<number, Counts>()
  readonly #days = new Map<string, number>()
  readonly #pairs = new Pairs()
  readonly #alternatives = new Alternatives()
  readonly #times: PresenceTimes
  readonly #waits = new WaitTimes()
  #known: Date | undefined
  #unknown = 0

  constructor(period: Period, now: Date, time: LocalTime) {
    this.#period = period
    this.#time = time
    this.#times = new PresenceTimes(period.desde, period.ate < now ? period.ate : now)
  }

  /** The replay begins here: from the middle of the history on everybody is as he is then. */
  begin({ replay, em }: Start): void {
    this.#known = replay.knownSince
    if (em) for (const id of replay.line.people.keys()) this.#look(replay, id, em)
  }

  take(step: Step, replay: Replay): void {
    this.#before(step, replay)
    replay.apply(step)
    this.#after(step, replay)
  }

  /** @param replay as it stands before this step */
  #before(step: Step, { line, isKnown }: Replay): void {
    if (!('protocolo' in step) || !this.#isWithin(step.protocolo.created_at)) return
    const { protocolo: row } = step
    const { n, por, consultor_id: id, conta, created_at: em } = row
    if (!isKnown || por === undefined) {
      this.#unknown += 1
      return
    }
    this.#count(row, por)
    if (id === undefined) return
    if (por === 'regra') {
      this.#alternatives.turn(n, id, line.standing(askedBy(row)))
      this.#pairs.turn(id, { n, em })
    } else if (por === 'preferido' && conta !== false) {
      this.#alternatives.moved(n, id)
      this.#pairs.restart(id)
    }
  }

  /** @param replay as it stands after this step */
  #after(step: Step, replay: Replay): void {
    if ('protocolo' in step) {
      const { consultor_id, por, created_at } = step.protocolo
      if (por === undefined) this.#forget(created_at)
      else if (consultor_id !== undefined) this.#look(replay, consultor_id, created_at)
      return
    }
    if (isQuadro(step.registro)) return
    const { tipo, consultores, em }: EventoGuardado = step.registro
    this.#known ??= replay.knownSince
    const isOfAll = tipo === 'inicio' || tipo === 'politica' || consultores === undefined
    for (const id of isOfAll ? replay.line.people.keys() : consultores) this.#look(replay, id, em)
  }

  end(): FairnessReport {
    const times = this.#times.end()
    const ids = new Set([...this.#people.keys(), ...times.keys(), ...this.#alternatives.ids])
    return {
      known: this.#known,
      unknown: this.#unknown,
      ...this.#all,
      days: this.#days,
      people: [...ids]
        .sort((one, other) => one - other)
        .map((id) => ({
          id,
          ...(this.#people.get(id) ?? noCounts()),
          times: times.get(id),
          share: this.#alternatives.shareOf(id),
        })),
      waits: this.#waits.end(),
      worst: this.#pairs.worst,
    }
  }

  #isWithin(at: Date): boolean {
    return at >= this.#period.desde && at < this.#period.ate
  }

  #count({ consultor_id, idioma, equipe, continua, esperou_desde, created_at }: LedgerRow, por: Way): void {
    const own = consultor_id === undefined ? undefined : (this.#people.get(consultor_id) ?? noCounts())
    if (own && consultor_id !== undefined) this.#people.set(consultor_id, own)
    for (const { ways, languages, teams } of own ? [this.#all, own] : [this.#all]) {
      ways.total += 1
      ways[por] += 1
      if (por === 'regra' && continua !== undefined) ways.continuados += 1
      if (idioma !== undefined) addTo(languages, idioma)
      addTo(teams, equipe)
    }
    addTo(this.#days, this.#time.dayOf(created_at))
    if (esperou_desde) this.#waits.add(created_at.getTime() - esperou_desde.getTime())
  }

  /** How somebody stands now: how long he was so, and with whom he is compared. */
  #look({ line }: Replay, id: number, at: Date): void {
    const person = line.people.get(id)
    this.#times.put(id, person && situationOf(person), at)
    const [idioma = ''] = person?.idiomas ?? []
    const may = person !== undefined && reasonAgainst(person, { idioma }, line.common) === undefined
    this.#pairs.put(id, may ? kindOf(person) : undefined)
  }

  /** A release that keeps no ledger has written: who may take turns is not known until the roster is told again. */
  #forget(at: Date): void {
    this.#times.forgetAll(at)
    this.#pairs.forgetAll()
  }
}

/** People of the same kind may take the same turns. */
const kindOf = ({ idiomas, equipes }: Person): string =>
  JSON.stringify([idiomas, equipes ?? []].map((names) => names.map((one) => one.toLowerCase()).sort()))
