import type { Consultor } from '../document.js'

/** Teams of one consultor. */
export const MAX_EQUIPES = 20
/** Characters of a team's name. */
export const MAX_EQUIPE = 40

/** Names of teams are the same whatever their case and accents. */
export const plainTeam = (equipe: string): string =>
  equipe
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .trim()
    .toLowerCase()

export const sameTeam = (one: string, other: string): boolean => plainTeam(one) === plainTeam(other)

/** Of each list of teams their plain names: a list is never changed, and stays from one state of the line to the next. */
const plainOf = new WeakMap<readonly string[], ReadonlySet<string>>()

function plainTeams(equipes: readonly string[]): ReadonlySet<string> {
  const known = plainOf.get(equipes) ?? new Set(equipes.map(plainTeam))
  plainOf.set(equipes, known)
  return known
}

/** Is this person of the team? Everybody is where none is asked for. */
export const isOfTeam = ({ equipes }: Consultor, equipe: string | undefined): boolean =>
  equipe === undefined || (equipes !== undefined && plainTeams(equipes).has(plainTeam(equipe)))

/** Each team of a list once, as it is written first. */
export function distinctTeams(equipes: Iterable<string>): string[] {
  const found = new Map<string, string>()
  for (const one of equipes) if (!found.has(plainTeam(one))) found.set(plainTeam(one), one)
  return [...found.values()]
}
