import { omitUndefined } from '../../src/lib/omit.js'
import { fill, type Valores } from '../../src/lib/template.js'

/** An atendimento as the sync needs it: independent of the database, and without any message. */
export interface Atendimento {
  /** `#00001` */
  readonly numero: string
  readonly contato?: { readonly nome?: string; readonly telefone?: string; readonly email?: string }
  /** Whom the turn was given to. */
  readonly consultor?: string
  /** The user of whom the turn was given to. */
  readonly usuarioDaVez?: number
  /** The user of whoever has the customer now. */
  readonly usuario?: number
  /** True when the turn's rule chose the consultor, false when the call named one. */
  readonly pelaVez: boolean
  readonly plataforma?: string
  readonly canal?: string
  readonly idioma?: string
  readonly referencia?: string
}

/** Names of our fields on a deal, as people read them there. */
export const CAMPOS = {
  protocolo: 'Protocolo',
  consultor: 'Consultor da vez',
  canal: 'Canal',
  idioma: 'Idioma',
} as const
export type Campo = keyof typeof CAMPOS

const MAX_VARCHAR = 255
/** Cuts, but never within a surrogate pair. */
const cut = (text: string, most = MAX_VARCHAR): string => text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')

export const nameOf = ({ contato, numero }: Atendimento): string =>
  contato?.nome || contato?.telefone || contato?.email || `Cliente ${numero}`

/** The person of all customers of whom nothing is known: a deal needs one (docs/vendors/pipedrive.md#a-deal-needs-somebody). */
export const SEM_CONTATO = 'Sem contato'

export const personNameOf = (one: Atendimento): string => (one.contato ? nameOf(one) : SEM_CONTATO)

/** What a template may name. What looks like the number of another protocol loses its mark: by its number a record is found. */
function valoresOf(one: Atendimento): Valores {
  const plain = (text: string | undefined): string | undefined => text?.replaceAll(/#(?=\d{5})/g, '')
  const isNamed = Object.values(one.contato ?? {}).some((part) => part !== '')
  return {
    consultor: plain(one.consultor),
    cliente: isNamed ? plain(nameOf(one)) : nameOf(one),
    protocolo: one.numero,
  }
}

/** One line that says the protocol's number. */
function lineOf(template: string, one: Atendimento): string {
  const { numero } = one
  const text = fill(template.replace(/\s+/g, ' '), valoresOf(one))
  if (says(cut(text), numero)) return cut(text)
  return `${cut(text, MAX_VARCHAR - numero.length - 1).trimEnd()} ${numero}`
}

/** Does this text name the protocol, and not one whose number begins like its own? */
export const says = (text: string | null | undefined, numero: string): boolean =>
  text?.split(numero).some((rest, place) => place > 0 && !/^\d/.test(rest)) === true

export const titleOf = (one: Atendimento, template = 'Atendimento {protocolo} – {cliente}'): string =>
  lineOf(template, one)

export const subjectOf = (one: Atendimento, template = 'Atender {protocolo}'): string => lineOf(template, one)

/** Which field of the account each of ours is, by its key or its name; absent: the name that we give it. */
export type NamedFields = Readonly<Partial<Record<Campo, string | undefined>>>

/** The account's own codes of our fields; those that it does not have are left out. */
export type Codes = Readonly<Partial<Record<Campo, string>>> & {
  /** The field of the consultor takes a user, not a name. */
  readonly porUsuario?: true
}

/** Our fields of a deal, by the account's own codes; a field that the account does not have is left out. */
export function fieldsOf(one: Atendimento, codes: Codes): Record<string, string | number> {
  const values: Partial<Record<Campo, string | number | undefined>> = {
    protocolo: one.numero,
    consultor: codes.porUsuario ? one.usuarioDaVez : one.consultor,
    canal: one.canal ?? one.plataforma,
    idioma: one.idioma,
  }
  const found: Record<string, string | number> = {}
  for (const campo of ['protocolo', 'consultor', 'canal', 'idioma'] as const) {
    const [code, value] = [codes[campo], values[campo]]
    if (code !== undefined && value !== undefined) found[code] = typeof value === 'string' ? cut(value) : value
  }
  return found
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const toHtml = (text: string): string => text.replace(/[&<>"']/g, (one) => ESCAPES[one] ?? one)

/** The text by which a note is found again. */
export const noteMarker = (numero: string): string => `Protocolo ${numero}`

/** Short HTML, which begins with the number; nothing of what the customer wrote. */
export const noteOf = (one: Atendimento, template?: string): string =>
  `<p><b>${toHtml(noteMarker(one.numero))}</b></p>${template === undefined ? listOf(one) : ownWords(one, template)}`

/** A template without marks of HTML is text. What fills it in is text always. */
function ownWords(one: Atendimento, template: string): string {
  if (/<[a-z]/i.test(template)) return fill(template, valoresOf(one), toHtml)
  return `<p>${fill(toHtml(template), valoresOf(one), toHtml).replace(/\r?\n/g, '<br>')}</p>`
}

function listOf(one: Atendimento): string {
  const { consultor, pelaVez, canal, plataforma, idioma, referencia } = one
  const why = pelaVez ? 'era a sua vez na fila' : 'escolhido na chamada'
  const told = omitUndefined({
    Consultor: consultor && `${consultor} (${why})`,
    Canal: [canal, plataforma].filter((part) => part !== undefined).join(', ') || undefined,
    Idioma: idioma,
    Anúncio: referencia,
  })
  const items = Object.entries(told).map(([name, value]) => `<li>${toHtml(`${name}: ${value}`)}</li>`)
  return `<ul>${items.join('')}</ul>`
}

/** `YYYY-MM-DD` and zero-padded `HH:MM`, UTC (docs/vendors/pipedrive.md#times-and-dates). */
export function dueAt(instant: Date): { readonly due_date: string; readonly due_time: string } {
  const iso = instant.toISOString()
  return { due_date: iso.slice(0, 10), due_time: iso.slice(11, 16) }
}
