import {
  type Abre,
  type Consultor,
  type Conta,
  type Decided,
  type Entry,
  type Espera,
  type Evento,
  entryId,
  isInLedger,
  type Origem,
  type Pendente,
  type Politica,
  type ProtocoloPendente,
  type Vez,
} from '../document.js'
import type { Position } from './commands.js'
import { type Wanted, wantedKey } from './eligibility.js'
import { isAtLimit } from './limit.js'
import { Line, next, reasonsFor } from './line.js'
import { type Choice, choose } from './preference.js'

/** Bounds that keep the document small: it is read and written whole by each turn. */
export const MAX_PENDENTES = 256
/** Events that are not copied yet, and how many of them one command may add at most. */
export const MAX_EVENTOS = 256
const MAX_EVENTOS_POR_COMANDO = 8
export const MAX_CONSULTORES = 1_000
/** Open protocols that a limit may be set to. */
export const MAX_LIMITE = 999
export const MAX_ESPERA = 500
export const MAX_ESPERA_POR_CANAL = 100
/** Characters of a contact's name that are kept. */
export const MAX_NOME = 80
/** Ids of a contact that a protocol takes over from the one that it continues, those of the request included. */
export const MAX_IDS_HERDADOS = 32

export interface DecisionContext {
  readonly now: Date
  /** The random id of the write that is being decided. */
  readonly writeId: string
  /** One consultor takes at most one waiting customer in this time; 0 = no limit. */
  readonly esperaIntervaloMs: number
  /** The time zone of hours that name none; absent: America/Sao_Paulo. */
  readonly fuso?: string
}

/** What the drain has done with entries since the last write: the next one drops the copied and marks the refused. */
export interface DrainResult {
  /** Ids of entries whose copies were acknowledged. */
  readonly drained: ReadonlySet<string>
  /** Ids of entries that the database refused, and why. */
  readonly refused: ReadonlyMap<string, string>
}

export const noDrainResult: DrainResult = { drained: new Set(), refused: new Map() }

/** An event as a rule tells it. */
export type NewEvento = Omit<Evento, 'writeId' | 'versao' | 'lugar' | 'em' | 'recusada'>

/** Whose a number is, and how that was decided. */
type Whose = Decided & Pick<ProtocoloPendente, 'consultor_id' | 'consultor_nome' | 'atendente'>

/** The next state, while a batch is decided. The snapshot itself is never changed. */
export class Draft {
  readonly moment: DecisionContext
  readonly versao: number
  seq: number
  ultimo_consultor_id: number
  readonly consultores: Map<number, Consultor>
  espera: Espera[]
  politica: Politica
  contas: Readonly<Record<string, Conta>>
  readonly pendentes: Entry[]
  readonly eventos: Evento[]
  expired = 0
  /** Copied entries were dropped, or refused ones marked. Only a tick writes for that alone. */
  readonly tidied: boolean
  /** Something has changed since the waiting customers were last looked at. */
  unsettled = true
  #places = 0
  #changed = false
  #lines = new Map<string, Line>()
  /** When it opens for requests of each kind and account; computed once for as long as the roster stays. */
  readonly openings = new Map<string, Abre | undefined>()

  constructor(vez: Vez, context: DecisionContext, owed: DrainResult) {
    this.moment = context
    this.versao = vez.versao + 1
    this.seq = vez.seq
    this.ultimo_consultor_id = vez.ultimo_consultor_id
    this.consultores = new Map(vez.consultores)
    this.espera = [...vez.espera]
    this.politica = vez.politica
    this.contas = vez.contas
    this.pendentes = tidy(vez.pendentes, owed)
    this.eventos = tidy(vez.eventos, owed)
    if (!isInLedger(vez)) this.#begin(vez)
    this.tidied = owed.drained.size + owed.refused.size > 0
  }

  get changed(): boolean {
    return this.#changed
  }

  get full(): boolean {
    return this.pendentes.length >= MAX_PENDENTES || this.eventos.length + MAX_EVENTOS_POR_COMANDO > MAX_EVENTOS
  }

  /** The place of the next event of this write. */
  place(): Position {
    this.#places += 1
    return { versao: this.versao, lugar: this.#places }
  }

  /** Whose turn it is for such a request. */
  next(wanted: Wanted): number | undefined {
    return next(this, this.#line(wanted).eligible)
  }

  /** Whom this request gets: its preferred person or the next one; `undefined` when nobody is eligible. */
  choose(request: Parameters<typeof choose>[1]): Choice | undefined {
    return choose(this, request, () => this.next(request))
  }

  /** Changes or removes one consultor; who is eligible is computed anew. */
  put(id: number, consultor: Consultor | undefined): void {
    if (consultor) this.consultores.set(id, consultor)
    else this.consultores.delete(id)
    this.#forgetLines()
    this.#touch()
  }

  /** Changes what holds for everybody; who is eligible is computed anew. */
  setPolitica(politica: Politica): void {
    this.politica = politica
    this.#forgetLines()
    this.#touch()
  }

  /** Changes or removes the hours of one account. */
  setConta(slug: string, conta: Conta | undefined): void {
    const { [slug]: _, ...others } = this.contas
    this.contas = conta ? { ...others, [slug]: conta } : others
    this.#forgetLines()
    this.#touch()
  }

  setEspera(espera: Espera[]): void {
    this.espera = espera
    this.#touch()
  }

  /** Gives the next number to this consultor, and with it the turn; who was preferred keeps his place. */
  assign(
    { id, consultor, preferencia }: Choice,
    request: Origem & Wanted,
    tarefas: readonly string[] | undefined,
    waited?: Pick<Espera, 'id' | 'desde'>,
  ): ProtocoloPendente {
    const preferred = preferencia?.seguida === true
    const reasons = preferred ? undefined : reasonsFor(this, this.#line(request), id)
    const protocolo = this.#number(request, tarefas, {
      consultor_id: id,
      consultor_nome: consultor.nome,
      ...(reasons ? { por: 'regra', ...reasons } : { por: 'preferido', conta: false }),
      ...(preferencia && { preferencia }),
      ...(waited && { esperou_desde: waited.desde, espera_id: waited.id }),
    })
    const turno = preferred ? consultor.turno : protocolo.n
    for (const line of this.#lines.values()) line.moved(id)
    this.#opened(id, { ...consultor, turno, ultimo_atendimento: this.moment.now })
    return protocolo
  }

  /** The next number, without a turn. */
  number(command: Origem, tarefas: readonly string[] | undefined, whose: Whose): ProtocoloPendente {
    const protocolo = this.#number(command, tarefas, whose)
    const { consultor_id: id } = whose
    const consultor = id === undefined ? undefined : this.consultores.get(id)
    if (id !== undefined && consultor) this.#opened(id, consultor)
    return protocolo
  }

  #number(command: Origem, tarefas: readonly string[] | undefined, whose: Whose): ProtocoloPendente {
    this.seq += 1
    const protocolo: ProtocoloPendente = {
      tipo: 'protocolo',
      n: this.seq,
      ...this.place(),
      writeId: this.moment.writeId,
      ...whose,
      created_at: this.moment.now,
      ...originOf(command),
      ...(tarefas?.length && { tarefas }),
    }
    this.owe(protocolo)
    return protocolo
  }

  /** This person, changed in nothing else that eligibility looks at, has one more open protocol. */
  #opened(id: number, consultor: Consultor): void {
    const after = { ...consultor, abertos: (consultor.abertos ?? 0) + 1 }
    this.consultores.set(id, after)
    if (isAtLimit(after, this)) this.#lines.clear()
  }

  owe(entry: Pendente): void {
    this.pendentes.push(entry)
    this.#touch()
  }

  /** Writes an event into the ledger. @param at the place of the command that it is, where that has one */
  record(evento: NewEvento, at: Position = this.place()): void {
    const { writeId, now } = this.moment
    this.eventos.push({ ...evento, ...at, writeId, em: now })
    this.#touch()
  }

  /** The state after the write. */
  seal(vez: Vez): Vez {
    const { versao, seq, ultimo_consultor_id, consultores, espera, politica, contas, pendentes, eventos } = this
    return {
      ...vez,
      versao,
      previousWriteId: this.moment.writeId,
      seq,
      ultimo_consultor_id,
      consultores,
      espera,
      politica,
      contas,
      pendentes,
      eventos,
      livro: versao,
    }
  }

  /** Who may take such a turn and who may not, computed once for as long as the roster stays. */
  #line(wanted: Wanted): Line {
    const key = wantedKey(wanted, this)
    const known = this.#lines.get(key)
    if (known) return known
    const line = new Line(this, wanted)
    this.#lines.set(key, line)
    return line
  }

  /** The first event of a ledger, before all others of its write: it names the state that the history goes on from. */
  #begin({ previousWriteId }: Vez): void {
    const { writeId, now } = this.moment
    this.eventos.push({
      tipo: 'inicio',
      versao: this.versao,
      lugar: 0,
      writeId,
      em: now,
      marca: previousWriteId,
      por: 'sistema',
    })
  }

  #forgetLines(): void {
    this.#lines.clear()
    this.openings.clear()
  }

  #touch(): void {
    this.#changed = true
    this.unsettled = true
  }
}

function tidy<T extends Entry | Evento>(list: readonly T[], { drained, refused }: DrainResult): T[] {
  if (drained.size + refused.size === 0) return [...list]
  return list.flatMap((entry) => {
    const id = entryId(entry)
    const recusada = refused.get(id)
    if (drained.has(id)) return []
    return recusada === undefined ? [entry] : [{ ...entry, recusada }]
  })
}

const ORIGIN_FIELDS = [
  'idioma',
  'equipe',
  'plataforma',
  'canal',
  'contato',
  'conversa',
  'referencia',
  'chave',
  'impressao',
  'descricao',
  'prioridade',
  'continua',
] as const satisfies readonly (keyof Origem)[]

/** The fields of a command that its protocol, its entry in `espera` and its notices keep; absent ones are left out. */
export const originOf = (command: Origem): Origem =>
  Object.fromEntries(ORIGIN_FIELDS.flatMap((field) => (command[field] === undefined ? [] : [[field, command[field]]])))
