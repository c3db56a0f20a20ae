import { sameLanguage } from '../vez/rules/eligibility.js'
import { sameTeam } from '../vez/rules/teams.js'
import { type ContactQuery, holdsWords } from './contact-query.js'
import type { Protocolo, Status } from './model.js'

/** Before and after any protocol, however wrong the clock was that dated it. */
export const FIRST_INSTANT = Date.UTC(2000, 0, 1)
export const LAST_INSTANT = Date.UTC(2200, 0, 1)

/** Which protocols are asked for. */
export interface Filter {
  readonly consultor_id?: number | undefined
  readonly responsavel_id?: number | undefined
  readonly status?: Status | undefined
  /** Included. */
  readonly desde?: Date | undefined
  /** Not included. */
  readonly ate?: Date | undefined
  readonly contato?: ContactQuery | undefined
  readonly canal?: string | undefined
  readonly plataforma?: string | undefined
  readonly idioma?: string | undefined
  readonly equipe?: string | undefined
}

/** What a filter looks at. */
export type Row = Pick<
  Protocolo,
  | 'n'
  | 'created_at'
  | 'status'
  | 'consultor_id'
  | 'responsavel_id'
  | 'canal'
  | 'plataforma'
  | 'idioma'
  | 'equipe'
  | 'contato'
>

/** The stored fields of a row. */
export const ROW_FIELDS = {
  n: 1,
  created_at: 1,
  status: 1,
  consultor_id: 1,
  responsavel_id: 1,
  canal: 1,
  plataforma: 1,
  idioma: 1,
  equipe: 1,
  'contato.nome': 1,
  'contato.telefone': 1,
} as const

const telefonesOf = ({ contato }: Filter): readonly string[] | undefined =>
  contato && 'telefones' in contato ? contato.telefones : undefined

const isKnownBy = ({ contato }: Filter, n: number): boolean =>
  contato !== undefined && 'telefones' in contato && contato.numeros?.has(n) === true

export const nomeOf = ({ contato }: Filter): string | undefined =>
  contato && 'nome' in contato ? contato.nome : undefined

/** Is there no index for something that is asked for, so that one request can look at a part only? */
export const isPartial = (filter: Filter): boolean =>
  telefonesOf(filter) === undefined &&
  [nomeOf(filter), filter.canal, filter.plataforma, filter.idioma, filter.equipe].some((one) => one !== undefined)

/** Is asked for nothing but what a digest knows, by which it can be looked for? */
export const isInDigests = ({ canal, plataforma, idioma, consultor_id, ...others }: Filter): boolean =>
  isPartial({ canal, plataforma, idioma }) && Object.values(others).every((one) => one === undefined)

/** Is nothing asked for? */
export const isPlain = (filter: Filter): boolean => Object.values(filter).every((one) => one === undefined)

export const hasTime = ({ desde, ate }: Filter): boolean => desde !== undefined || ate !== undefined

/** Does a row pass, as far as it tells what is asked? */
export function matches(row: Pick<Row, 'n' | 'created_at'> & Partial<Row>, filter: Filter): boolean {
  const { consultor_id, responsavel_id, status, desde, ate, canal, plataforma, idioma, equipe } = filter
  const telefones = telefonesOf(filter)
  const nome = nomeOf(filter)
  return (
    (consultor_id === undefined || row.consultor_id === consultor_id) &&
    (responsavel_id === undefined || row.responsavel_id === responsavel_id) &&
    (status === undefined || row.status === status) &&
    (desde === undefined || row.created_at >= desde) &&
    (ate === undefined || row.created_at < ate) &&
    (canal === undefined || row.canal === canal) &&
    (plataforma === undefined || row.plataforma === plataforma) &&
    (idioma === undefined || (row.idioma !== undefined && sameLanguage(row.idioma, idioma))) &&
    (equipe === undefined || (row.equipe !== undefined && sameTeam(row.equipe, equipe))) &&
    (telefones === undefined || telefones.includes(row.contato?.telefone ?? '') || isKnownBy(filter, row.n)) &&
    (nome === undefined || holdsWords(row.contato?.nome, nome))
  )
}

/** Along which index protocols are walked: the range is closed, and `equal` are the fields that the index holds before it. */
export interface Path {
  readonly along: 'n' | 'created_at'
  readonly from: number
  /** Included. */
  readonly to: number
  /** Each of these in turn: together they hold all that can match. */
  readonly equals: readonly Readonly<Record<string, unknown>>[]
  /** Instants between which there are few enough protocols to be read at once (src/lib/slices.ts). */
  readonly starts?: readonly number[]
}

/**
 * By telephone where one is asked for, else by time, else by number: of one responsável, consultor or status if asked for.
 *
 * @param last the highest number
 * @param starts as they are known, of a path of time
 */
export function toPath(filter: Filter, last: number, starts: readonly number[] = []): Path {
  const { consultor_id, responsavel_id, status, desde, ate } = filter
  const numbers = { along: 'n', from: 1, to: last } as const
  const telefones = telefonesOf(filter)
  if (telefones) return { ...numbers, equals: telefones.map((one) => ({ 'contato.telefone': one })) }
  if (desde !== undefined || ate !== undefined) {
    const from = Math.max(FIRST_INSTANT, desde?.getTime() ?? 0)
    const to = Math.min(LAST_INSTANT, (ate?.getTime() ?? LAST_INSTANT) - 1)
    return { along: 'created_at', from, to, equals: [{}], starts }
  }
  if (responsavel_id !== undefined) return { ...numbers, equals: [{ responsavel_id }] }
  if (consultor_id !== undefined) return { ...numbers, equals: [{ consultor_id }] }
  return { ...numbers, equals: [status === undefined ? {} : { status }] }
}
