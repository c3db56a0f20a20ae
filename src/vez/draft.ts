import type { Posto } from './ask.js'
import {
  type Consultor,
  type Entry,
  type Espera,
  entryId,
  isPendente,
  type Origem,
  type Pendente,
  type ProtocoloPendente,
  type Vez,
} from './document.js'
import type { Owed } from './settlement.js'
import { eligible, next } from './who.js'

/** Bounds of the document (design 4.6). */
export const MAX_PENDENTES = 256
export const MAX_CONSULTORES = 1_000
export const MAX_ESPERA = 500
export const MAX_ESPERA_POR_CANAL = 100
/** Characters of a contact's name; the rest is cut off. */
export const MAX_NOME = 80

export interface Moment {
  readonly now: Date
  /** The random id of the write that is being decided. */
  readonly writeId: string
  /** One consultor takes at most one waiting customer in this time; 0 = no limit. */
  readonly espera_intervalo_ms: number
}

/** The next state while it is being made: `vez` is only read, all changes are here. */
export class Draft {
  readonly moment: Moment
  readonly versao: number
  seq: number
  ultimo_consultor_id: number
  readonly consultores: Map<number, Consultor>
  espera: Espera[]
  readonly pendentes: Entry[]
  expiradas = 0
  /** Drained entries were dropped, or refused ones marked: worth a write of its own only when nothing else comes. */
  readonly tidied: boolean
  /** Something has changed that the line of waiting customers has not yet been looked at with. */
  unsettled = true
  #places = 0
  #changed = false
  #speakers = new Map<string, number[]>()

  constructor(vez: Vez, moment: Moment, owed: Owed) {
    this.moment = moment
    this.versao = vez.versao + 1
    this.seq = vez.seq
    this.ultimo_consultor_id = vez.ultimo_consultor_id
    this.consultores = new Map(vez.consultores)
    this.espera = [...vez.espera]
    this.pendentes = tidy(vez.pendentes, owed)
    this.tidied = owed.drained.size + owed.refused.size > 0
  }

  get changed(): boolean {
    return this.#changed
  }

  get full(): boolean {
    return this.pendentes.length >= MAX_PENDENTES
  }

  /** The place of the next event of this write. */
  place(): Posto {
    this.#places += 1
    return { versao: this.versao, lugar: this.#places }
  }

  /** Whose turn it is in this language. */
  next(idioma: string): number | undefined {
    let ids = this.#speakers.get(idioma)
    if (!ids) {
      ids = eligible(this.consultores, idioma)
      this.#speakers.set(idioma, ids)
    }
    return next(this.consultores, ids)
  }

  /** A roster change: who is eligible is asked anew. */
  put(id: number, consultor: Consultor | undefined): void {
    if (consultor) this.consultores.set(id, consultor)
    else this.consultores.delete(id)
    this.#speakers.clear()
    this.#touch()
  }

  setEspera(espera: Espera[]): void {
    this.espera = espera
    this.#touch()
  }

  /** Gives the turn and the next number to this consultor. */
  assign(id: number, consultor: Consultor, pedido: Origem, tarefas: readonly string[] | undefined): ProtocoloPendente {
    const protocolo = this.number(pedido, tarefas, { consultor_id: id, consultor_nome: consultor.nome })
    this.consultores.set(id, { ...consultor, turno: protocolo.n, ultimo_atendimento: this.moment.now })
    return protocolo
  }

  /** The next number, without a turn. */
  number(
    pedido: Origem,
    tarefas: readonly string[] | undefined,
    whose: { readonly consultor_id?: number; readonly consultor_nome?: string },
  ): ProtocoloPendente {
    this.seq += 1
    const protocolo: ProtocoloPendente = {
      tipo: 'protocolo',
      n: this.seq,
      ...this.place(),
      writeId: this.moment.writeId,
      ...whose,
      created_at: this.moment.now,
      ...originOf(pedido),
      ...(tarefas?.length && { tarefas }),
    }
    this.owe(protocolo)
    return protocolo
  }

  owe(entry: Pendente): void {
    this.pendentes.push(entry)
    this.#touch()
  }

  /** The state that the write makes of this image. */
  seal(vez: Vez): Vez {
    const { versao, seq, ultimo_consultor_id, consultores, espera, pendentes } = this
    return {
      ...vez,
      versao,
      previousWriteId: this.moment.writeId,
      seq,
      ultimo_consultor_id,
      consultores,
      espera,
      pendentes,
    }
  }

  #touch(): void {
    this.#changed = true
    this.unsettled = true
  }
}

function tidy(pendentes: readonly Entry[], { drained, refused }: Owed): Entry[] {
  if (drained.size + refused.size === 0) return [...pendentes]
  return pendentes.flatMap((entry) => {
    const id = entryId(entry)
    const recusada = refused.get(id)
    if (drained.has(id)) return []
    return recusada === undefined || !isPendente(entry) ? [entry] : [{ ...entry, recusada }]
  })
}

const ORIGIN_FIELDS = [
  'idioma',
  'plataforma',
  'canal',
  'contato',
  'conversa',
  'referencia',
  'chave',
  'impressao',
  'descricao',
  'prioridade',
] as const satisfies readonly (keyof Origem)[]

/** The fields of a request that its protocol, its place in the line and its notices carry on; absent ones are left out. */
export const originOf = (command: Origem): Origem =>
  Object.fromEntries(ORIGIN_FIELDS.flatMap((field) => (command[field] === undefined ? [] : [[field, command[field]]])))
