import type { Person } from '../eventos/rule.js'

/** When a change holds, ms. */
interface Span {
  readonly from: number
  /** Not included. */
  readonly to: number
}

/** Somebody who was not there. */
export interface Newcomer extends Span {
  readonly tipo: 'novo'
  /** Nobody of the line has it. */
  readonly id: number
  readonly nome: string
  readonly idiomas: readonly string[]
  readonly equipes: readonly string[]
  readonly limite?: number
}

/** Something that was otherwise with somebody who was there. */
type Difference = Span & { readonly id: number } & (
    | { readonly tipo: 'ausencia' | 'pausa' | 'presenca' | 'saida' }
    | { readonly tipo: 'idiomas'; readonly idiomas: readonly string[] }
    | { readonly tipo: 'equipes'; readonly equipes: readonly string[] }
    | { readonly tipo: 'limite'; readonly limite: number | null }
  )

/** The limit of all who have none of their own. */
export interface CommonLimit extends Span {
  readonly tipo: 'limite_comum'
  readonly limite: number | null
}

/** What a simulation changes. */
export type Change = Newcomer | Difference | CommonLimit

/** Does it hold at this instant? */
export const holds = ({ from, to }: Span, at: number): boolean => from <= at && at < to

/** Somebody as he is with these changes, the later ones last. */
export function changed(person: Person, changes: readonly Change[], at: number): Person {
  const own = changes.flatMap((one) => ('id' in one && one.id === person.id && holds(one, at) ? [effectOf(one)] : []))
  return Object.assign({}, person, ...own)
}

function effectOf(change: Newcomer | Difference): Partial<Person> {
  switch (change.tipo) {
    case 'ausencia':
      return { online: false }
    case 'pausa':
      return { pausa: true }
    case 'presenca':
      return { online: true, pausa: null, dentro: null }
    case 'saida':
      return { sequencial: false }
    case 'idiomas':
      return { idiomas: change.idiomas }
    case 'equipes':
      return { equipes: change.equipes }
    case 'limite':
      return { limite: change.limite }
    default:
      return {}
  }
}

/** Somebody new, as he joins the line: behind all others. */
export const personOf = ({ id, idiomas, equipes, limite }: Newcomer, turno: number): Person => ({
  id,
  turno,
  ativo: true,
  sequencial: true,
  online: true,
  idiomas,
  equipes,
  ...(limite !== undefined && { limite }),
})
