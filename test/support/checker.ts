/** What happened, as a client was told it. */
export interface Event {
  /** `X-Vez-Versao`: `versao.lugar`. */
  readonly at: string
  readonly what:
    | {
        readonly tipo: 'turno'
        readonly idioma: string
        readonly equipe?: string
        /** Whom the customer would rather have: if it is him, he keeps his place. */
        readonly preferido?: number
        readonly n: number
        readonly consultor_id: number
      }
    | { readonly tipo: 'numero'; readonly n: number }
    | { readonly tipo: 'ninguem'; readonly idioma: string; readonly equipe?: string }
    | {
        readonly tipo: 'consultor'
        readonly id: number
        readonly idiomas: readonly string[]
        readonly equipes?: readonly string[]
        readonly elegivel: boolean
        readonly pausado?: boolean
        /** Of open protocols; absent: he has none. */
        readonly limite?: number
      }
    /** His open protocols were counted anew. */
    | { readonly tipo: 'contado'; readonly id: number; readonly abertos: number }
    /** His pause ended by itself. */
    | { readonly tipo: 'volta'; readonly id: number }
    | { readonly tipo: 'removido'; readonly id: number }
}

interface Person {
  readonly idiomas: readonly string[]
  readonly equipes: readonly string[]
  readonly elegivel: boolean
  readonly pausado: boolean
  readonly limite: number
  readonly abertos: number
  readonly turno: number
}

const place = (at: string): [number, number] => {
  const [versao, lugar] = at.split('.').map(Number)
  return [versao ?? 0, lugar ?? 0]
}

const inOrder = (a: Event, b: Event): number => {
  const [x, y] = [place(a.at), place(b.at)]
  return x[0] - y[0] || x[1] - y[1]
}

/**
 * Replays a history by the order that it claims, with a rule of its own. Returns what is wrong; nothing is a good sign.
 *
 * @param events all turns, numbers, roster changes and refusals; a replayed answer is one event with its first
 */
export function check(events: readonly Event[]): string[] {
  const problems: string[] = []
  const people = new Map<number, Person>()
  const numbers = new Set<number>()
  let last = 0
  for (const { at, what } of [...events].sort(inOrder)) {
    if (what.tipo === 'consultor') {
      const { id, idiomas, equipes = [], elegivel, pausado = false, limite = Number.POSITIVE_INFINITY } = what
      const { turno = last, abertos = 0 } = people.get(id) ?? {}
      people.set(id, { idiomas, equipes, elegivel, pausado, limite, turno, abertos })
    } else if (what.tipo === 'contado') {
      const person = people.get(what.id)
      if (person) people.set(what.id, { ...person, abertos: what.abertos })
    } else if (what.tipo === 'volta') {
      const person = people.get(what.id)
      if (person) people.set(what.id, { ...person, pausado: false })
    } else if (what.tipo === 'removido') people.delete(what.id)
    else if (what.tipo === 'ninguem') {
      const first = pick(people, what)
      if (first !== undefined) problems.push(`${at}: nobody, but consultor ${first} was there`)
    } else {
      if (what.n !== last + 1) problems.push(`${at}: number ${what.n} after ${last}`)
      if (numbers.has(what.n)) problems.push(`${at}: number ${what.n} twice`)
      numbers.add(what.n)
      last = Math.max(last, what.n)
      if (what.tipo !== 'turno') continue
      const preferred = there(people, what).find(([id]) => id === what.preferido)
      const expected = preferred?.[0] ?? pick(people, what)
      if (expected !== what.consultor_id) problems.push(`${at}: consultor ${what.consultor_id} instead of ${expected}`)
      const person = people.get(what.consultor_id)
      if (!person) continue
      const turno = preferred ? person.turno : what.n
      people.set(what.consultor_id, { ...person, turno, abertos: person.abertos + 1 })
    }
  }
  return problems
}

interface Asked {
  readonly idioma: string
  readonly equipe?: string
}

const there = (people: ReadonlyMap<number, Person>, { idioma, equipe }: Asked): [number, Person][] =>
  [...people].filter(
    ([, one]) =>
      one.elegivel &&
      !one.pausado &&
      one.abertos < one.limite &&
      one.idiomas.includes(idioma) &&
      (equipe === undefined || one.equipes.includes(equipe)),
  )

const pick = (people: ReadonlyMap<number, Person>, asked: Asked): number | undefined =>
  there(people, asked).sort(([idA, a], [idB, b]) => a.turno - b.turno || idA - idB)[0]?.[0]

/** The largest difference of turns by the rule, in any interval, of two who are always there for the same. */
export function unfairness(events: readonly Event[], one: number, other: number): number {
  const sums = [0]
  for (const { what } of [...events].sort(inOrder)) {
    if (what.tipo !== 'turno' || what.preferido === what.consultor_id) continue
    const step = what.consultor_id === one ? 1 : what.consultor_id === other ? -1 : 0
    sums.push((sums.at(-1) ?? 0) + step)
  }
  return Math.max(...sums) - Math.min(...sums)
}
