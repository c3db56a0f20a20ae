import { z } from 'zod'
import { type Common, type Person, type Request, reasonAgainst } from './rule.js'

/** What the ledger keeps of a person; fields of a later release stay in it. */
const Portrait = z.looseObject({
  turno: z.number().optional(),
  ativo: z.boolean().optional(),
  sequencial: z.boolean().optional(),
  online: z.boolean().optional(),
  idiomas: z.array(z.string()).optional(),
  equipes: z.array(z.string()).nullish(),
  pausa: z.unknown().optional(),
  dentro: z.boolean().nullish(),
  horario: z.looseObject({ dentro: z.boolean() }).nullish(),
  limite: z.number().nullish(),
  abertos: z.number().nullish(),
})

/** Whoever nothing is known of yet may get nothing. */
const NOBODY = { turno: 0, ativo: false, sequencial: false, online: false, idiomas: [] }

/** What a portrait says, added to what was known. Throws a ZodError when it is none. */
export function withPortrait(id: number, known: Person | undefined, portrait: unknown): Person {
  const {
    horario,
    dentro = horario === undefined ? undefined : (horario?.dentro ?? true),
    ...rest
  } = Portrait.parse(portrait)
  // Whoever has no hours is always in.
  const isOut = dentro === undefined ? undefined : dentro === false ? false : null
  const given = Object.entries({ ...rest, dentro: isOut }).filter(([, value]) => value !== undefined)
  return { ...NOBODY, ...known, ...Object.fromEntries(given), id }
}

const Stored = z.object({
  pessoas: z.array(z.looseObject({ id: z.number() })),
  espera: z.array(z.object({ espera: z.string(), idioma: z.string(), canal: z.string().exactOptional() })),
  contas: z.array(z.object({ canal: z.string(), dentro: z.boolean() })),
  limite: z.number().exactOptional(),
})

export interface StoredLine extends Omit<z.input<typeof Stored>, 'pessoas'> {
  pessoas: readonly Person[]
}

/** Everybody as he stands to one kind of request. */
export interface Standing {
  readonly eligible: readonly Person[]
  /** Whoever takes part and may not get it, with the first reason. */
  readonly out: readonly { readonly person: Person; readonly reason: string }[]
}

const APART = new Set(['inativo', 'fora_da_sequencia'])

/** The line as a replay knows it. */
export class LineState {
  readonly people = new Map<number, Person>()
  /** Who waits, in order: entry → language and account. */
  readonly waiting = new Map<string, { readonly idioma: string; readonly canal?: string }>()
  readonly accounts = new Map<string, boolean>()
  limit: number | undefined
  #standings = new Map<string, { eligible: Set<number>; out: Map<number, string> }>()

  put(person: Person): void {
    this.people.set(person.id, person)
    this.#standings.clear()
  }

  remove(id: number): void {
    this.people.delete(id)
    this.#standings.clear()
  }

  setCommon(change: { readonly limite?: number | null | undefined }): void {
    if (change.limite !== undefined) this.limit = change.limite ?? undefined
    this.#standings.clear()
  }

  setAccount(canal: string, dentro: boolean | undefined): void {
    if (dentro === undefined) this.accounts.delete(canal)
    else this.accounts.set(canal, dentro)
    this.#standings.clear()
  }

  clear(): void {
    this.people.clear()
    this.waiting.clear()
    this.accounts.clear()
    this.limit = undefined
    this.#standings.clear()
  }

  get common(): Common {
    return { ...(this.limit !== undefined && { limite: this.limit }), contas: this.accounts }
  }

  /** As it is stored, to go on from. */
  toStored(): StoredLine {
    return {
      pessoas: [...this.people.values()],
      espera: [...this.waiting].map(([espera, one]) => ({ espera, ...one })),
      contas: [...this.accounts].map(([canal, dentro]) => ({ canal, dentro })),
      ...(this.limit !== undefined && { limite: this.limit }),
    }
  }

  /** The line as it was stored. Throws a ZodError when it is none. */
  static fromStored(stored: unknown): LineState {
    const { pessoas, espera, contas, limite } = Stored.parse(stored)
    const line = new LineState()
    for (const { id, ...portrait } of pessoas) line.put(withPortrait(id, undefined, portrait))
    for (const { espera: entry, ...one } of espera) line.waiting.set(entry, one)
    for (const { canal, dentro } of contas) line.setAccount(canal, dentro)
    if (limite !== undefined) line.setCommon({ limite })
    return line
  }

  /** Somebody got a number: a turn moves him in the line, and he has one more that is open. */
  gave(id: number, turno: number | undefined): void {
    const person = this.people.get(id)
    if (!person) return
    const abertos = (person.abertos ?? 0) + 1
    this.people.set(id, { ...person, ...(turno !== undefined && { turno }), abertos })
    if (abertos >= (person.limite ?? this.limit ?? Number.POSITIVE_INFINITY)) this.#standings.clear()
  }

  standing(asked: Request): Standing {
    const { eligible, out } = this.#known(asked)
    const personOf = (id: number): Person[] => {
      const person = this.people.get(id)
      return person ? [person] : []
    }
    return {
      eligible: [...eligible].flatMap(personOf),
      out: [...out].flatMap(([id, reason]) => personOf(id).map((person) => ({ person, reason }))),
    }
  }

  /** The same for all requests of a kind until somebody changes: turns only move people. */
  #known(asked: Request) {
    const { idioma, equipe = '', canal = '' } = asked
    const key = `${idioma}\n${equipe}\n${this.accounts.has(canal) ? canal : ''}`
    const known = this.#standings.get(key)
    if (known) return known
    const made = { eligible: new Set<number>(), out: new Map<number, string>() }
    for (const person of this.people.values()) {
      const reason = reasonAgainst(person, asked, this.common)
      if (reason === undefined) made.eligible.add(person.id)
      else if (!APART.has(reason)) made.out.set(person.id, reason)
    }
    this.#standings.set(key, made)
    return made
  }
}
