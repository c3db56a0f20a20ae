/**
 * The rule with all policies together, once more and small: from the description of the product, not from the code that decides.
 * Time is in seconds from an instant that the test chooses.
 */

/** When somebody works, as a test makes it up. */
export interface Hours {
  readonly holds: (at: number) => boolean
  /** Since when it has been so. */
  readonly since: (at: number) => number
}

export interface Person {
  readonly id: number
  turno: number
  idiomas: readonly string[]
  equipes: readonly string[]
  ativo: boolean
  sequencial: boolean
  online: boolean
  /** In pause until then, `Infinity`: until it is ended. */
  paused?: number | undefined
  /** His hours, and the latest instant that they were looked up for: a clock that steps back opens nothing again. */
  hours?: { readonly of: Hours; seen: number } | undefined
  limite?: number | undefined
  /** Open protocols, as they were counted last, and each number since. */
  counted: number
  tookWaiting?: number
}

export interface Asked {
  readonly idioma: string
  readonly equipe?: string | undefined
  readonly canal?: string | undefined
  readonly preferido?: number | undefined
}

interface Waiting extends Asked {
  readonly key: string
}

interface Made {
  of: number | undefined
  open: boolean
  readonly key: string | undefined
}

/** Longer than that a clock is not ahead of another one. */
const HOUR_S = 3_600
/** One waiting customer a person in this time. */
export const INTERVAL_S = 20

const languages = (one: string, other: string): boolean =>
  one === other || one.split('-')[0] === other || other.split('-')[0] === one
const team = (name: string): string => name.toLowerCase().replace('ó', 'o')
const isOf = ({ equipes }: Person, wanted: string | undefined): boolean =>
  wanted === undefined || equipes.some((one) => team(one) === team(wanted))
const speaks = ({ idiomas }: Person, idioma: string): boolean => idiomas.some((one) => languages(one, idioma))
const isIn = (hours: Person['hours']): boolean => hours === undefined || hours.of.holds(hours.seen)

type Fails = (one: Person, asked: Asked, line: LineModel) => boolean

/** Each policy is a condition here: its name, what a 404 says when it keeps out the last ones, and of whom it does not hold. */
const CONDITIONS: readonly (readonly [name: string, motivo: string, fails: Fails])[] = [
  ['inativo', 'ninguem_ativo', (one) => !one.ativo],
  ['fora_da_sequencia', 'ninguem_ativo', (one) => !one.sequencial],
  ['equipe', 'ninguem_da_equipe', (one, { equipe }) => !isOf(one, equipe)],
  ['idioma', 'ninguem_fala_o_idioma', (one, { idioma }) => !speaks(one, idioma)],
  [
    'horario',
    'fora_do_horario',
    (one, { canal }, line) => !isIn(one.hours) || !isIn(line.accounts.get(canal ?? '')?.hours),
  ],
  ['pausa', 'todos_em_pausa', (one) => one.paused !== undefined],
  ['offline', 'ninguem_online', (one) => !one.online],
  [
    'limite',
    'todos_no_limite',
    (one, _, line) => one.counted >= (one.limite ?? line.limite ?? Number.POSITIVE_INFINITY),
  ],
]

/** What the line says of a number that it gave, of a customer who waits, or of nobody. */
export type Said = Readonly<Record<string, unknown>>

export class LineModel {
  readonly people = new Map<number, Person>()
  readonly accounts = new Map<string, { hours: Person['hours'] }>()
  readonly protocols = new Map<number, Made>()
  /** What each key that may be asked with again asked for. */
  readonly asked: { readonly key: string; readonly asked: Asked; readonly chat: boolean }[] = []
  waiting: Waiting[] = []
  limite: number | undefined
  now = 0
  /** The numbers of this write. */
  made: Said[] = []
  #lastId = 0

  get number(): number {
    return this.protocols.size
  }

  /** A write begins, at this instant by the clock of whoever makes it. */
  begin(now: number): void {
    this.now = now
    this.made = []
    for (const one of this.people.values()) if ((one.paused ?? now + 1) <= now) one.paused = undefined
    for (const { hours } of [...this.people.values(), ...this.accounts.values()])
      if (hours) hours.seen = Math.max(hours.seen, now)
  }

  create(idiomas: readonly string[], equipes: readonly string[]): string {
    this.#lastId += 1
    const there = { ativo: true, sequencial: true, online: true, counted: 0 }
    this.people.set(this.#lastId, { id: this.#lastId, turno: this.number, idiomas, equipes, ...there })
    return 'consultor'
  }

  change(id: number, work: (one: Person) => void): string {
    const one = this.people.get(id)
    if (!one) return 'nao_encontrado'
    work(one)
    return 'consultor'
  }

  /** Other hours hold from now on, but no boundary that was crossed a moment ago is crossed back. */
  lookUp(before: Person['hours'], of: Hours | undefined): Person['hours'] {
    const since = before ? before.of.since(before.seen) : this.now
    return of && { of, seen: since > this.now && since - this.now <= HOUR_S ? since : this.now }
  }

  setLimit(limite: number | undefined): string {
    if (limite === this.limite) return 'politica'
    this.limite = limite
    for (const one of [...this.people.values(), ...this.accounts.values()])
      one.hours = this.lookUp(one.hours, one.hours?.of)
    return 'politica'
  }

  recount(id: number): string {
    const open = [...this.protocols.values()].filter((one) => one.of === id && one.open).length
    this.change(id, (one) => {
      one.counted = open
    })
    return 'feito'
  }

  /** Those who wait, in order: whoever's turn it is takes one in a while, and is kept for whoever is held for him. */
  serve(): void {
    const held: Asked[] = []
    for (const one of [...this.waiting]) {
      const [person] = this.#choose(one)
      if (!person) continue
      const isPaced = Math.abs(this.now - (person.tookWaiting ?? Number.NEGATIVE_INFINITY)) < INTERVAL_S
      if (isPaced || held.some((each) => speaks(person, each.idioma) && isOf(person, each.equipe))) {
        held.push(one)
        continue
      }
      this.waiting = this.waiting.filter((each) => each !== one)
      person.tookWaiting = this.now
      this.#turn(one, one.key)
    }
  }

  turn(asked: Asked, key: string): Said {
    return this.#again(key) ?? this.#turn(asked, key) ?? this.#nobody(asked)
  }

  chat(asked: Asked, key: string): Said {
    const known = this.#again(key)
    if (known) return known
    const place = this.waiting.findIndex((one) => one.key === key)
    if (place >= 0) return { waits: place + 1 }
    const [person] = this.#choose(asked)
    const isBehind = this.waiting.some(
      (one) =>
        person && languages(one.idioma, asked.idioma) && isOf(person, one.equipe) && this.#eligible(one).length > 0,
    )
    const given = isBehind ? undefined : this.#turn(asked, key)
    if (given) return given
    this.waiting.push({ ...asked, key })
    return { waits: this.waiting.length }
  }

  /** A number for somebody, without a turn. */
  numberFor(id: number): Said | string {
    if (!this.people.has(id)) return 'nao_encontrado'
    return this.#give(id, undefined, { por: 'numero' })
  }

  /** How everybody and everything stands. */
  standing(): unknown {
    return {
      people: [...this.people.values()].map(({ id, turno, counted, hours, paused }) => ({
        ...{ id, turno, abertos: counted, dentro: isIn(hours) },
        ...(paused !== undefined && { pausa: paused }),
      })),
      closed: [...this.accounts].flatMap(([slug, { hours }]) => (isIn(hours) ? [] : [slug])).sort(),
      waiting: this.waiting.map(({ key }) => key),
    }
  }

  #again(key: string): Said | undefined {
    const [n] = [...this.protocols].find(([, one]) => one.key === key) ?? []
    return n === undefined ? undefined : { again: n }
  }

  #whyNot = (one: Person, asked: Asked): string | undefined =>
    CONDITIONS.find(([, , fails]) => fails(one, asked, this))?.[0]

  #line = (): Person[] => [...this.people.values()].sort((a, b) => a.turno - b.turno || a.id - b.id)

  #eligible = (asked: Asked): Person[] => this.#line().filter((one) => this.#whyNot(one, asked) === undefined)

  /** Who gets it, and whether because he is preferred. */
  #choose(asked: Asked): readonly [person: Person | undefined, isPreferred: boolean] {
    const there = this.#eligible(asked)
    const wanted = there.find(({ id }) => id === asked.preferido)
    return wanted ? [wanted, true] : [there[0], false]
  }

  #turn(asked: Asked, key: string): Said | undefined {
    const { preferido: consultor_id } = asked
    const [person, isPreferred] = this.#choose(asked)
    if (!person) return undefined
    const wished = consultor_id === undefined ? undefined : this.people.get(consultor_id)
    const motivo = isPreferred ? 'pedido' : wished ? this.#whyNot(wished, asked) : 'inexistente'
    const preferencia =
      consultor_id === undefined ? {} : { preferencia: { consultor_id, seguida: isPreferred, motivo } }
    if (isPreferred) return this.#give(person.id, key, { por: 'preferido', ...preferencia })
    const [, second] = this.#eligible(asked)
    const pulados: Record<string, number[]> = {}
    for (const one of this.#line().slice(0, this.#line().indexOf(person))) {
      const why = this.#whyNot(one, asked) ?? ''
      if (why !== 'inativo' && why !== 'fora_da_sequencia') pulados[why] = [...(pulados[why] ?? []), one.id]
    }
    const reasons = {
      candidatos: this.#eligible(asked).length,
      ...(second && { segundo: second.id }),
      turno_antes: person.turno,
      ...(Object.keys(pulados).length > 0 && { pulados }),
    }
    person.turno = this.number + 1
    return this.#give(person.id, key, { por: 'regra', ...reasons, ...preferencia })
  }

  #give(id: number, key: string | undefined, how: Said): Said {
    const n = this.number + 1
    this.protocols.set(n, { of: id, open: true, key })
    this.change(id, (one) => {
      one.counted += 1
    })
    const said = { n, consultor_id: id, ...how }
    this.made.push(said)
    return said
  }

  #nobody(asked: Asked): Said {
    let left = [...this.people.values()]
    const fora: Record<string, number> = {}
    let why: string | undefined
    for (const [name, motivo, fails] of CONDITIONS) {
      const out = left.filter((one) => fails(one, asked, this))
      left = left.filter((one) => !out.includes(one))
      if (out.length > 0) fora[name] = out.length
      if (left.length === 0) why ??= motivo
    }
    return { motivo: why, fora }
  }
}
