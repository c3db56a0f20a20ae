/**
 * The rule once more, for those who check it: written by itself, and never used by what decides (`src/vez/rules`). A fault would
 * have to be made twice, in the same way, to pass.
 */

/** Somebody of the line, as far as it is about whose turn it is. */
export interface Person {
  readonly id: number
  readonly turno: number
  readonly ativo: boolean
  readonly sequencial: boolean
  readonly online: boolean
  readonly idiomas: readonly string[]
  readonly equipes?: readonly string[] | null
  readonly pausa?: unknown
  /** Within his hours; absent: he has none. */
  readonly dentro?: boolean | null
  /** Open protocols that he may have, his own limit before the common one; and how many he has. */
  readonly limite?: number | null
  readonly abertos?: number | null
}

/** What is common to all. */
export interface Common {
  readonly limite?: number | null
  /** By account: within its hours. */
  readonly contas: ReadonlyMap<string, boolean>
}

export interface Request {
  readonly idioma: string
  readonly equipe?: string
  readonly canal?: string
}

const plain = (code: string): string => code.toLowerCase().replace(/_/g, '-')

/** Two codes match when equal, or when one is the bare language of the other. */
export function sameLanguage(spoken: string, asked: string): boolean {
  const [one, other] = [plain(spoken), plain(asked)]
  return one === other || one.split('-')[0] === other || other.split('-')[0] === one
}

const plainTeam = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{Diacritic}/gu, '')
    .trim()
    .toLowerCase()

/** In the order in which a person's reasons are asked. */
const REASONS: readonly (readonly [reason: string, fails: (one: Person, asked: Request, common: Common) => boolean])[] =
  [
    ['inativo', ({ ativo }) => !ativo],
    ['fora_da_sequencia', ({ sequencial }) => !sequencial],
    [
      'equipe',
      ({ equipes }, { equipe }) =>
        equipe !== undefined && !equipes?.some((one) => plainTeam(one) === plainTeam(equipe)),
    ],
    ['idioma', ({ idiomas }, { idioma }) => !idiomas.some((one) => sameLanguage(one, idioma))],
    ['horario', ({ dentro }, { canal }, { contas }) => dentro === false || contas.get(canal ?? '') === false],
    ['pausa', ({ pausa }) => pausa != null],
    ['offline', ({ online }) => !online],
    [
      'limite',
      ({ limite, abertos }, _, common) => (abertos ?? 0) >= (limite ?? common.limite ?? Number.POSITIVE_INFINITY),
    ],
  ]

/** The first reason why this person may not get such a request; `undefined`: he may. */
export const reasonAgainst = (one: Person, asked: Request, common: Common): string | undefined =>
  REASONS.find(([, fails]) => fails(one, asked, common))?.[0]

/** Negative where the first stands before the second. */
export const before = (one: Person, other: Person): number => one.turno - other.turno || one.id - other.id

/** Who has waited longest of these. */
export function first(people: readonly Person[]): Person | undefined {
  let found: Person | undefined
  for (const one of people) if (found === undefined || before(one, found) < 0) found = one
  return found
}
