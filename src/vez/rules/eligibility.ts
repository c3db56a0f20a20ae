import type { Consultor, Vez } from '../document.js'
import { isAtLimit } from './limit.js'
import { isOfTeam } from './teams.js'

/** Why nobody could be picked: what is left of nobody, in the order of the conditions. */
export type Motivo =
  | 'ninguem_ativo'
  | 'ninguem_da_equipe'
  | 'ninguem_fala_o_idioma'
  | 'fora_do_horario'
  | 'todos_em_pausa'
  | 'ninguem_online'
  | 'todos_no_limite'

/** All that eligibility is decided upon. */
export type Roster = Pick<Vez, 'consultores' | 'politica' | 'contas'>

/** What a request wants of whoever gets it. */
export interface Wanted {
  readonly idioma: string
  /** Absent: somebody of any team, or of none. */
  readonly equipe?: string
  /** The chat account that it came by; it may have hours. */
  readonly canal?: string
}

/** Two requests with the same key have the same line: as long as their accounts are open, or closed. */
export const wantedKey = (wanted: Wanted, roster: Roster): string =>
  `${wanted.idioma} ${isOpen(wanted, roster) ? '' : 'fechada'} ${wanted.equipe ?? ''}`

/** Is the account that it came by inside its hours? */
export const isOpen = ({ canal }: Wanted, { contas }: Roster): boolean =>
  canal === undefined || contas[canal]?.horario?.dentro !== false

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

/** Is this somebody for such a request, whether he can take one now or not? */
export const suits = (consultor: Consultor, { idioma, equipe }: Wanted): boolean =>
  speaks(consultor, idioma) && isOfTeam(consultor, equipe)

/** What may not hold of somebody, in no order. */
export type Condition = 'inativo' | 'fora_da_sequencia' | OfRequest | 'horario' | 'pausa' | 'offline' | 'limite'

/** Of these it depends on what is asked for. */
type OfRequest = 'equipe' | 'idioma'

interface Rule {
  readonly name: Condition
  readonly holds: (consultor: Consultor, wanted: Wanted, roster: Roster) => boolean
  /** Why nobody can be picked where this is the condition at which the last ones drop out. */
  readonly motivo: Motivo
}

/** All that has to hold of whoever takes a turn, in the order in which it is asked: his first failure is why he does not. */
const CONDITIONS: readonly Rule[] = [
  { name: 'inativo', motivo: 'ninguem_ativo', holds: ({ ativo }) => ativo },
  { name: 'fora_da_sequencia', motivo: 'ninguem_ativo', holds: ({ sequencial }) => sequencial },
  { name: 'equipe', motivo: 'ninguem_da_equipe', holds: (one, { equipe }) => isOfTeam(one, equipe) },
  { name: 'idioma', motivo: 'ninguem_fala_o_idioma', holds: (one, { idioma }) => speaks(one, idioma) },
  {
    name: 'horario',
    motivo: 'fora_do_horario',
    holds: ({ horario }, wanted, roster) => horario?.dentro !== false && isOpen(wanted, roster),
  },
  { name: 'pausa', motivo: 'todos_em_pausa', holds: ({ pausa }) => pausa === undefined },
  { name: 'offline', motivo: 'ninguem_online', holds: ({ online }) => online },
  { name: 'limite', motivo: 'todos_no_limite', holds: (one, _, roster) => !isAtLimit(one, roster) },
]

/** Whoever does not take part in the turn at all is not passed over in it. */
const APART: ReadonlySet<Condition> = new Set(['inativo', 'fora_da_sequencia'])

export const takesPart = (fails: Condition): boolean => !APART.has(fails)

/** Why this person may not take such a turn now: the first condition that fails; `undefined` when he may. */
export const whyNot = (consultor: Consultor, wanted: Wanted, roster: Roster): Condition | undefined =>
  CONDITIONS.find(({ holds }) => !holds(consultor, wanted, roster))?.name

/** A condition that fails of a person whatever is asked for. */
export type OwnCondition = Exclude<Condition, OfRequest>

const isOwn = (name: Condition): name is OwnCondition => name !== 'idioma' && name !== 'equipe'

/** Conditions of a person do not look at it. */
const ANYTHING: Wanted = { idioma: '' }

/** Every condition that fails of this person, whatever is asked for. */
export const failuresOf = (consultor: Consultor, roster: Roster): OwnCondition[] =>
  CONDITIONS.flatMap(({ name, holds }) => (isOwn(name) && !holds(consultor, ANYTHING, roster) ? [name] : []))

/** Of everybody the first failure, and how many it keeps out. */
export type Fora = Readonly<Partial<Record<Condition, number>>>

/** Whom each condition keeps out of such a turn, as the first one that fails. */
export function outOf(roster: Roster, wanted: Wanted): Fora {
  const fora: Partial<Record<Condition, number>> = {}
  for (const consultor of roster.consultores.values()) {
    const fails = whyNot(consultor, wanted, roster)
    if (fails !== undefined) fora[fails] = (fora[fails] ?? 0) + 1
  }
  return fora
}

/** Why nobody is eligible for such a turn: the condition at which, asked one by one, the last ones drop out. */
export function whyNobody(roster: Roster, wanted: Wanted): Motivo {
  let left = [...roster.consultores.values()]
  for (const { holds, motivo } of CONDITIONS) {
    left = left.filter((consultor) => holds(consultor, wanted, roster))
    if (left.length === 0) return motivo
  }
  return 'ninguem_online'
}

/** Everybody who could take such a turn, were it not for what comes and goes: hours, a pause, being offline. */
export function suited(roster: Roster, wanted: Wanted): Consultor[] {
  const lasting = CONDITIONS.slice(
    0,
    CONDITIONS.findIndex(({ name }) => name === 'horario'),
  )
  return [...roster.consultores.values()].filter((one) => lasting.every(({ holds }) => holds(one, wanted, roster)))
}
