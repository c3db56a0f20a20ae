import { toNumero } from '../lib/numero.js'
import { inWords } from '../lib/words.js'
import { CAUSE_NAMES, type Cause, type Share } from './alternatives.js'
import type { Difference } from './pairs.js'

/** What the rule promises: two people of the same kind are never farther apart. */
export const PROMISE = 1

const BY: Readonly<Record<Cause, string>> = {
  equipe: 'pelas equipes',
  idioma: 'pelos idiomas',
  ausencia: 'por ausência',
  limite: 'pelo limite',
}

const signed = (count: number): string => (count > 0 ? `+${count}` : `−${Math.abs(count)}`)
const turns = (count: number): string => (count === 1 ? '1 vez' : `${count} vezes`)

/** What the rule alone would have given somebody, and why he got more or fewer. */
export function shareInWords(nome: string, got: number, { regra_sozinha, por_que }: Share): string {
  const causes = CAUSE_NAMES.flatMap((name) => (por_que[name] === 0 ? [] : [`${signed(por_que[name])} ${BY[name]}`]))
  const why = causes.length === 0 ? '' : `: ${inWords(causes)}`
  if (got === regra_sozinha) return `${nome} recebeu ${turns(got)}, o mesmo que a regra sozinha daria${why}.`
  const more = got > regra_sozinha ? 'a mais' : 'a menos'
  return `${nome} recebeu ${turns(got)}, ${Math.abs(got - regra_sozinha)} ${more} do que a regra sozinha daria${why}.`
}

/** How far apart two people of the same kind were at most. */
export function differenceInWords(worst: Difference | undefined, nameOf: (id: number) => string): string {
  if (!worst)
    return 'No período, duas pessoas com os mesmos idiomas e equipes não puderam receber a vez ao mesmo tempo.'
  const { mais, menos, diferenca, de, ate } = worst
  if (diferenca <= PROMISE)
    return 'Entre duas pessoas com os mesmos idiomas e equipes, enquanto as duas podiam receber a vez, a diferença nunca passou de 1.'
  return `De ${toNumero(de.n)} a ${toNumero(ate.n)}, ${nameOf(mais)} recebeu ${diferenca} vezes a mais do que ${nameOf(menos)}, embora as duas pessoas pudessem receber as mesmas.`
}
