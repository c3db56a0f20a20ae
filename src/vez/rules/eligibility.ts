import type { Consultor } from '../document.js'

/** Why nobody could be picked: the first that holds, in this order. */
export type Motivo = 'ninguem_ativo' | 'ninguem_fala_o_idioma' | 'ninguem_online'

/** What has to hold of whoever takes a turn, in the order in which it is asked. */
export type Condition = 'inativo' | 'fora_da_sequencia' | 'idioma' | 'offline'

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

const inRotation = (consultor: Consultor): boolean => consultor.ativo && consultor.sequencial

/** Why this person may not take a turn in this language now: the first condition that fails; `undefined` when he may. */
export function whyNot(consultor: Consultor, idioma: string): Condition | undefined {
  if (!consultor.ativo) return 'inativo'
  if (!consultor.sequencial) return 'fora_da_sequencia'
  if (!speaks(consultor, idioma)) return 'idioma'
  return consultor.online ? undefined : 'offline'
}

/** The ids of those who may take a turn in this language now. */
export function eligible(roster: Roster, idioma: string): number[] {
  const ids: number[] = []
  for (const [id, consultor] of roster) {
    if (whyNot(consultor, idioma) === undefined) ids.push(id)
  }
  return ids
}

/** The same in the order in which their turns come: the lowest `turno` first, then the lowest id. */
export function turnOrder(roster: Roster, idioma: string): number[] {
  const turnoOf = (id: number): number => roster.get(id)?.turno ?? 0
  return eligible(roster, idioma).sort((one, other) => turnoOf(one) - turnoOf(other) || one - other)
}

/** Whose turn it is among these: the lowest `turno`, then the lowest id. Not by a date: ties and clock steps would make it unfair. */
export function next(roster: Roster, ids: readonly number[]): number | undefined {
  let chosen: number | undefined
  let lowest = Number.POSITIVE_INFINITY
  for (const id of ids) {
    const turno = roster.get(id)?.turno ?? Number.POSITIVE_INFINITY
    if (turno < lowest || (turno === lowest && chosen !== undefined && id < chosen)) {
      chosen = id
      lowest = turno
    }
  }
  return chosen
}

/** Why nobody is eligible for this language. */
export function whyNobody(roster: Roster, idioma: string): Motivo {
  const rotation = [...roster.values()].filter(inRotation)
  if (rotation.length === 0) return 'ninguem_ativo'
  return rotation.some((consultor) => speaks(consultor, idioma)) ? 'ninguem_online' : 'ninguem_fala_o_idioma'
}
