/** The sequencer's document, `counters/_id: 'vez'`, as the program holds it. Everything in it is immutable: a change is a new object. */
export interface Vez {
  /** Raised by every write, and the guard of the next. */
  readonly versao: number
  /** The `lote` of the write that made this version: two histories may reach one number, not one mark. */
  readonly marca: string
  /** The last write of each process, so that it can find out what became of it. */
  readonly autores: Readonly<Record<string, Autor>>
  /** The last protocol number given. */
  readonly seq: number
  /** The highest imported number, else 0. */
  readonly base: number
  /** The highest consultor id ever given: ids are not given twice. */
  readonly ultimo_consultor_id: number
  readonly consultores: ReadonlyMap<number, Consultor>
  readonly espera: readonly Espera[]
  readonly pendentes: readonly Pendente[]
}

export interface Autor {
  readonly lote: string
  readonly em: Date
}

export type ForaPor = 'usuario_do_pipedrive_inativo'

export interface Consultor {
  readonly nome: string
  readonly email?: string
  readonly telefone?: string
  readonly id_pipedrive?: number
  readonly ativo: boolean
  readonly sequencial: boolean
  readonly online: boolean
  readonly idiomas: readonly string[]
  /** The number of the protocol of the last turn; the order of the queue. */
  readonly turno: number
  /** For people to read; nothing is ordered by it. */
  readonly ultimo_atendimento?: Date
  /** When this person last took a customer who had waited. */
  readonly espera_em?: Date
  /** Why nobody but the service took this person out of the sequence; whoever puts him back or gives him another user clears it. */
  readonly fora_por?: ForaPor
}

export interface Contato {
  /** Every id by which the platform may name this customer, the steadiest first. */
  readonly ids: readonly string[]
  readonly nome?: string
  readonly telefone?: string
  readonly email?: string
}

/** What a request says beyond its language, carried unchanged from the request to the protocol. */
export interface Origem {
  readonly idioma?: string
  readonly plataforma?: string
  readonly canal?: string
  readonly contato?: Contato
  /** Where at the platform an answer goes. */
  readonly conversa?: string
  /** What advertisement brought the customer. */
  readonly referencia?: string
  /** Idempotency key. */
  readonly chave?: string
  /** SHA-256 of what was asked for, of an Idempotency-Key only. */
  readonly impressao?: string
  readonly descricao?: string
  readonly prioridade?: string
}

/** The types of the `tarefas` that each outcome owes, decided with the turn so that a drainer reads no settings. */
export interface TarefasDevidas {
  readonly atribuido?: readonly string[]
  /** Of who had to wait first; absent: as `atribuido`. */
  readonly servido?: readonly string[]
  readonly em_espera?: readonly string[]
  readonly expirada?: readonly string[]
}

/** A customer who waits for someone to come online. */
export interface Espera extends Origem {
  /** Opaque: a hash. */
  readonly id: string
  readonly chave: string
  readonly idioma: string
  readonly contato: Contato
  readonly desde: Date
  readonly ate: Date
  readonly tarefas?: TarefasDevidas
}

/** What a write owes to other collections, until the drain has copied it. `lote` and `lugar` together are its identity. */
interface Devido {
  readonly lote: string
  /** Place among the events of its write, from 1. */
  readonly lugar: number
  readonly tarefas?: readonly string[]
  /** Why the database refused it; it stays here until it is accepted. */
  readonly recusada?: string
}

export interface ProtocoloPendente extends Origem, Devido {
  readonly tipo: 'protocolo'
  readonly n: number
  readonly versao: number
  readonly created_at: Date
  readonly consultor_id?: number
  readonly consultor_nome?: string
}

/** A text owed to a customer who has no protocol (yet). */
export interface Aviso extends Origem, Devido {
  readonly tipo: 'aviso'
  readonly motivo: 'em_espera' | 'expirada'
  readonly created_at: Date
  readonly posicao?: number
}

export type Pendente = ProtocoloPendente | Aviso

/** An entry's identity: no two writes share a `lote`. */
export const entryId = (entry: Pendente): string => `${entry.lote}:${entry.lugar}`

/** The state of a database in which nothing has happened yet. */
export const emptyVez = (marca: string): Vez => ({
  versao: 0,
  marca,
  autores: {},
  seq: 0,
  base: 0,
  ultimo_consultor_id: 0,
  consultores: new Map(),
  espera: [],
  pendentes: [],
})
