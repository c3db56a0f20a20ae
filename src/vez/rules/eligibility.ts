import type { Consultor } from '../document.js'

/** Why nobody could be picked: what is left of nobody, in the order of the conditions. */
export type Motivo = 'ninguem_ativo' | 'ninguem_fala_o_idioma' | 'ninguem_online'

export type Roster = ReadonlyMap<number, Consultor>

const plain = (idioma: string): string => idioma.toLowerCase().replaceAll('_', '-')

/** Two codes match when equal, or when one is the bare language of the other: `pt` and `pt-BR` do, `pt-PT` and `pt-BR` do not. */
export function sameLanguage(one: string, other: string): boolean {
  const a = plain(one)
  const b = plain(other)
  return a === b || isBareOf(a, b) || isBareOf(b, a)
}

const isBareOf = (bare: string, full: string): boolean => !bare.includes('-') && full.startsWith(`${bare}-`)

export const speaks = (consultor: Consultor, idioma: string): boolean =>
  consultor.idiomas.some((spoken) => sameLanguage(spoken, idioma))

interface Rule {
  readonly name: string
  readonly holds: (consultor: Consultor, idioma: string) => boolean
  /** Why nobody can be picked where this is the condition at which the last ones drop out. */
  readonly motivo: Motivo
}

/** All that has to hold of whoever takes a turn, in the order in which it is asked: his first failure is why he does not. */
const CONDITIONS = [
  { name: 'inativo', motivo: 'ninguem_ativo', holds: ({ ativo }) => ativo },
  { name: 'fora_da_sequencia', motivo: 'ninguem_ativo', holds: ({ sequencial }) => sequencial },
  { name: 'idioma', motivo: 'ninguem_fala_o_idioma', holds: speaks },
  { name: 'offline', motivo: 'ninguem_online', holds: ({ online }) => online },
] as const satisfies readonly Rule[]

/** What does not hold of somebody who may not take a turn. */
export type Condition = (typeof CONDITIONS)[number]['name']

/** Whoever does not take part in the turn at all is not passed over in it. */
const APART: ReadonlySet<Condition> = new Set(['inativo', 'fora_da_sequencia'])

export const takesPart = (fails: Condition): boolean => !APART.has(fails)

/** Why this person may not take a turn in this language now: the first condition that fails; `undefined` when he may. */
export const whyNot = (consultor: Consultor, idioma: string): Condition | undefined =>
  CONDITIONS.find(({ holds }) => !holds(consultor, idioma))?.name

/** Every condition that fails of this person, whatever language is asked for. */
export const failuresOf = (consultor: Consultor): Exclude<Condition, 'idioma'>[] =>
  CONDITIONS.flatMap((one) => (one.name === 'idioma' || one.holds(consultor) ? [] : [one.name]))

/** Of everybody the first failure, and how many it keeps out. */
export type Fora = Readonly<Partial<Record<Condition, number>>>

/** Whom each condition keeps out of this language, as the first one that fails. */
export function outOf(roster: Roster, idioma: string): Fora {
  const fora: Partial<Record<Condition, number>> = {}
  for (const consultor of roster.values()) {
    const fails = whyNot(consultor, idioma)
    if (fails !== undefined) fora[fails] = (fora[fails] ?? 0) + 1
  }
  return fora
}

/** Why nobody is eligible for this language: the condition at which, asked one by one, the last ones drop out. */
export function whyNobody(roster: Roster, idioma: string): Motivo {
  let left = [...roster.values()]
  for (const { holds, motivo } of CONDITIONS) {
    left = left.filter((consultor) => holds(consultor, idioma))
    if (left.length === 0) return motivo
  }
  return 'ninguem_online'
}
