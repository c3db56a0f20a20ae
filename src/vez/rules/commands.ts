import type {
  Abre,
  Agenda,
  Consultor,
  Contato,
  ForaPor,
  Origem,
  Politica,
  Preferido,
  TarefasDevidas,
} from '../document.js'
import type { Fora, Motivo } from './eligibility.js'

/** What a chat account adds to a request for a turn; a REST call has none of it: no window, no waiting. */
export interface ChatTerms {
  readonly esperar: boolean
  readonly espera_max_ms: number
  /** 0 = no window. */
  readonly janela_ms: number
  /** The platform's time of the message. */
  readonly enviado_em?: Date
  /** For a customer whose responsável is absent. */
  readonly ausente: {
    /** From how long offline on he is absent, ms. */
    readonly ms: number
    /** What the turn of somebody else owes then; absent: the customer stays. */
    readonly passar?: TarefasDevidas
  }
}

export interface TurnCommand extends Origem {
  readonly tipo: 'turno'
  readonly idioma: string
  readonly tarefas?: TarefasDevidas
  /** Gets the customer where he is eligible, without losing his place; else the rule decides. */
  readonly preferido?: Preferido
}

/** A customer of a chat platform: always with a key and a contact. */
export interface ChatTurnCommand extends TurnCommand {
  readonly chave: string
  readonly contato: Contato
  readonly chat: ChatTerms
}

/** A protocol number without a turn, for a consultor or for nobody. */
export interface NumberCommand extends Origem {
  readonly tipo: 'numero'
  readonly consultor_id?: number
  readonly tarefas?: TarefasDevidas
}

/** Somebody helped a customer who waits, elsewhere: he leaves the line. */
export interface LeaveLineCommand {
  readonly tipo: 'sair_da_espera'
  readonly canal: string
  readonly contato_ids: readonly string[]
  /** In which conversation he was helped; absent: in any. */
  readonly conversa?: string
  /** When, by the platform's clock: whoever joined after that stays. */
  readonly em?: Date
  /** The consultor who has him now, or the name of somebody whom only the platform knows. Absent: nobody, and no number is made. */
  readonly responsavel?: number | string
}

/** Who asks for a change, as the ledger names him, and what he says of it. */
export interface Autor {
  readonly por: string
  readonly motivo?: string
}

export type ConsultorData = Pick<
  Consultor,
  'nome' | 'email' | 'telefone' | 'id_pipedrive' | 'ativo' | 'sequencial' | 'online' | 'idiomas' | 'equipes' | 'limite'
> & { readonly agenda?: Agenda }

/** A pause as it is asked for: for so many minutes, until an instant, or until it is ended. */
export interface NovaPausa {
  readonly motivo?: string
  readonly minutos?: number
  readonly ate?: Date
}

/** A partial change: `null` clears an optional field, an absent one stays. */
export type ConsultorChange = {
  readonly [K in Exclude<keyof ConsultorData, 'agenda'>]?: ConsultorData[K] | null
} & {
  /** His hours; `null`: what is common. */
  readonly agenda?: Agenda | null
  /** `null` ends it. */
  readonly pausa?: NovaPausa | null
  /** The service takes this person out of the sequence, if he still has this user. */
  readonly fora_por?: { readonly motivo: ForaPor; readonly id_pipedrive: number }
}

/** A partial change of what holds for everybody: `null` clears a field, an absent one stays. */
export type PoliticaChange = { readonly [K in keyof Politica]?: Politica[K] | null }

/** The hours of a chat account after a change of it, as told by when it was made and its number of changes. */
export interface AccountHoursCommand {
  readonly tipo: 'conta'
  readonly slug: string
  /** `null`: it has none, or is gone. */
  readonly agenda: Agenda | null
  readonly criado_em: Date
  readonly rev: number
  readonly autor?: Autor
}

export type Command =
  | TurnCommand
  | ChatTurnCommand
  | NumberCommand
  | { readonly tipo: 'criar'; readonly dados: ConsultorData; readonly autor?: Autor }
  | { readonly tipo: 'alterar'; readonly id: number; readonly mudanca: ConsultorChange; readonly autor?: Autor }
  | { readonly tipo: 'remover'; readonly id: number; readonly autor?: Autor }
  | { readonly tipo: 'politica'; readonly mudanca: PoliticaChange; readonly autor?: Autor }
  /** Counts the open protocols of these people anew: a few, since their look-up is part of a write's. */
  | { readonly tipo: 'recontar'; readonly ids: readonly number[] }
  | AccountHoursCommand
  /** Looks the hours of everybody up again: a clock may have been wrong, or the rules of a zone have changed. */
  | { readonly tipo: 'conferir_horarios' }
  | { readonly tipo: 'cancelar_espera'; readonly id: string; readonly autor?: Autor }
  | LeaveLineCommand
  /** These ids prove to be one customer's: whoever waits under one of them is known by all. */
  | { readonly tipo: 'reconhecer'; readonly ids: readonly string[] }
  /**
   * Serves those who wait and drops what was copied. `fresco`: from a snapshot that is read after this command came. `grava`: is
   * written even if it changes nothing, to find out whether the database takes writes.
   */
  | { readonly tipo: 'tique'; readonly fresco: boolean; readonly grava?: true }

/** The fields of a protocol that an answer tells. */
export interface Assignment {
  readonly n: number
  readonly created_at: Date
  readonly idioma?: string
  readonly consultor_id?: number
  readonly consultor_nome?: string
  readonly descricao?: string
  readonly prioridade?: string
}

/** Where an event stands in the order of all events. */
export interface Position {
  readonly versao: number
  readonly lugar: number
}

/** That a consultor is absent. */
export interface Absence {
  /** Since when he is offline, and since when outside his hours: what holds of the two; `undefined`: since before this was kept. */
  readonly since: readonly (Date | undefined)[]
}

export type CommandResult = Position &
  (
    | {
        readonly situacao: 'atribuido'
        readonly atribuicao: Assignment
        readonly consultor?: Consultor
        readonly repetida: boolean
      }
    | {
        readonly situacao: 'em_atendimento'
        readonly protocolo: PriorProtocol
        readonly consultor?: Consultor
        /** Of the consultor; absent: he is there, or has left only now. */
        readonly ausencia?: Absence
      }
    | {
        readonly situacao: 'em_espera'
        readonly espera_id: string
        readonly posicao: number
        readonly repetida: boolean
        readonly abre?: Abre
      }
    | { readonly situacao: 'indisponivel'; readonly motivo: 'fila_cheia' }
    | { readonly situacao: 'indisponivel'; readonly motivo: Motivo; readonly fora: Fora; readonly abre?: Abre }
    | { readonly situacao: 'politica'; readonly politica: Politica }
    | {
        readonly situacao: 'consultor'
        readonly id: number
        readonly consultor: Consultor
        readonly politica: Politica
      }
    | {
        readonly situacao:
          | 'removido'
          | 'cancelada'
          | 'feito'
          | 'nao_encontrado'
          | 'email_em_uso'
          | 'chave_reutilizada'
          | 'roster_cheio'
      }
  )

/** A protocol that exists already, in `protocolos` or in `pendentes`, with what the decision needs of it. */
export interface PriorProtocol extends Assignment, Position {
  readonly chave?: string
  readonly impressao?: string
  readonly contato?: Contato
  readonly contato_ids: readonly string[]
  readonly status: string
  /** Who has the customer now; `null` is nobody whom we know. */
  readonly responsavel_id: number | null
  /** Who has him at the platform, where that is no consultor here. */
  readonly atendente?: string
  readonly ultimo_contato_em: Date
  readonly encerrado_em?: Date
}
