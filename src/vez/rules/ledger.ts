import { isDeepStrictEqual } from 'node:util'
import type { Consultor, Espera, Politica } from '../document.js'
import type { Autor, Position } from './commands.js'
import type { Draft } from './draft.js'

/** What decides whether a person is picked, but for `turno`, which only turns move. */
const KEPT = [
  'ativo',
  'sequencial',
  'online',
  'pausa',
  'equipes',
  'agenda',
  'horario',
  'idiomas',
  'limite',
  'fora_por',
] as const satisfies readonly (keyof Consultor)[]

type Kept = Partial<Record<(typeof KEPT)[number], unknown>>

/** A change of these is told as one of presence. */
const PRESENCE: ReadonlySet<string> = new Set(['online', 'pausa'])

export const SISTEMA: Autor = { por: 'sistema' }

/** What the ledger keeps of a person; absent fields are left out. */
export const portraitOf = (consultor: Consultor): Kept =>
  Object.fromEntries(KEPT.flatMap((field) => (consultor[field] === undefined ? [] : [[field, consultor[field]]])))

/** Writes down that a person was added; his `turno` with him, since no turn gave it to him. */
export function recordNew(draft: Draft, id: number, consultor: Consultor, autor: Autor, at: Position): void {
  const para = { ...portraitOf(consultor), turno: consultor.turno }
  draft.record({ tipo: 'criado', consultores: [id], para, ...autor }, at)
}

/**
 * Writes down what changed of a person; nothing where it is nothing that decides whether he is picked.
 *
 * @param ate of what begins with it, when it ends; of what ended by itself, when that was due
 */
export function recordChange(
  draft: Draft,
  id: number,
  before: Consultor,
  after: Consultor,
  autor: Autor,
  at: Position,
  ate?: Date,
): void {
  const changed = KEPT.filter((field) => !isDeepStrictEqual(before[field], after[field]))
  if (changed.length === 0) return
  const only = (consultor: Consultor): Kept =>
    Object.fromEntries(changed.map((field) => [field, consultor[field] ?? null]))
  const tipo = changed.every((field) => PRESENCE.has(field)) ? 'presenca' : 'alterado'
  draft.record({ tipo, consultores: [id], de: only(before), para: only(after), ...autor, ...(ate && { ate }) }, at)
}

export function recordRemoved(draft: Draft, id: number, before: Consultor, autor: Autor, at: Position): void {
  draft.record({ tipo: 'removido', consultores: [id], de: portraitOf(before), ...autor }, at)
}

/** Writes down that somebody's open protocols were counted anew. */
export function recordCounted(draft: Draft, id: number, abertos: number): void {
  draft.record({ tipo: 'recontado', consultores: [id], para: { abertos }, ...SISTEMA })
}

/** Writes down what changed of what holds for everybody. */
export function recordPolitica(draft: Draft, before: Politica, after: Politica, autor: Autor, at: Position): void {
  const fields = { ...before, ...after }
  const changed = Object.keys(fields).filter(
    (field) => !isDeepStrictEqual(fieldOf(before, field), fieldOf(after, field)),
  )
  const only = (politica: Politica) => Object.fromEntries(changed.map((field) => [field, fieldOf(politica, field)]))
  draft.record({ tipo: 'politica', de: only(before), para: only(after), ...autor }, at)
}

const fieldOf = (politica: Readonly<Record<string, unknown>>, field: string): unknown => politica[field] ?? null

/** Writes down that a customer joined the line. */
export function recordJoined(draft: Draft, cliente: Espera): void {
  draft.record({ tipo: 'entrou_na_espera', ...aboutOf(cliente), por: 'sistema' })
}

/** Writes down that a customer left the line without a turn. @param motivo `cancelada`, `expirada`, `ajudou` or `unida` */
export function recordLeft(draft: Draft, cliente: Espera, motivo: string, { por }: Autor = SISTEMA): void {
  draft.record({ tipo: 'saiu_da_espera', ...aboutOf(cliente), motivo, por })
}

const aboutOf = ({ id, canal, idioma, equipe }: Espera) => ({
  espera: id,
  idioma,
  ...(equipe !== undefined && { equipe }),
  ...(canal !== undefined && { canal }),
})
