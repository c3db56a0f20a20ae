import type { Consultor, Contato, ForaPor, Origem, TarefasDevidas } from './document.js'
import type { Motivo } from './who.js'

/** What a chat account adds to a request for a turn; a REST call has none of it: no window, no waiting. */
export interface Chat {
  readonly esperar: boolean
  readonly espera_max_ms: number
  /** 0 = no window. */
  readonly janela_ms: number
  /** The platform's time of the message. */
  readonly enviado_em?: Date
}

export interface PedidoDeTurno extends Origem {
  readonly tipo: 'turno'
  readonly idioma: string
  readonly tarefas?: TarefasDevidas
}

/** A customer of a chat platform: always with a key and a contact. */
export interface PedidoDeChat extends PedidoDeTurno {
  readonly chave: string
  readonly contato: Contato
  readonly chat: Chat
}

/** A protocol number without a turn, for a consultor or for nobody. */
export interface PedidoDeNumero extends Origem {
  readonly tipo: 'numero'
  readonly consultor_id?: number
  readonly tarefas?: TarefasDevidas
}

export type DadosDoConsultor = Omit<Consultor, 'turno' | 'ultimo_atendimento' | 'espera_em' | 'fora_por'>

/** A partial change: `null` clears an optional field, an absent one stays. */
export type MudancaDoConsultor = { readonly [K in keyof DadosDoConsultor]?: DadosDoConsultor[K] | null } & {
  /** Out of the sequence, by the service itself, while the user is still this one. */
  readonly fora_por?: { readonly motivo: ForaPor; readonly id_pipedrive: number }
}

export type Pedido =
  | PedidoDeTurno
  | PedidoDeChat
  | PedidoDeNumero
  | { readonly tipo: 'criar'; readonly dados: DadosDoConsultor }
  | { readonly tipo: 'alterar'; readonly id: number; readonly mudanca: MudancaDoConsultor }
  | { readonly tipo: 'remover'; readonly id: number }
  | { readonly tipo: 'cancelar_espera'; readonly id: string }
  /** Nothing new: serve those who wait, drop what is drained; `fresco` from an image that is newer than this. */
  | { readonly tipo: 'tique'; readonly fresco: boolean }

/** A protocol as an answer tells it. */
export interface Atribuicao {
  readonly n: number
  readonly created_at: Date
  readonly idioma?: string
  readonly consultor_id?: number
  readonly consultor_nome?: string
  readonly descricao?: string
  readonly prioridade?: string
}

/** Where an event stands in the order of all events. */
export interface Posto {
  readonly versao: number
  readonly lugar: number
}

export type Resposta = Posto &
  (
    | {
        readonly situacao: 'atribuido'
        readonly atribuicao: Atribuicao
        readonly consultor?: Consultor
        readonly repetida: boolean
      }
    | { readonly situacao: 'em_atendimento'; readonly protocolo: Conhecido; readonly consultor?: Consultor }
    | {
        readonly situacao: 'em_espera'
        readonly espera_id: string
        readonly posicao: number
        readonly repetida: boolean
      }
    | { readonly situacao: 'indisponivel'; readonly motivo: Motivo | 'fila_cheia' }
    | { readonly situacao: 'consultor'; readonly id: number; readonly consultor: Consultor }
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

/** A protocol that already exists, as the decision needs to see it, from `protocolos` or from `pendentes`. */
export interface Conhecido extends Atribuicao, Posto {
  readonly chave?: string
  readonly impressao?: string
  readonly contato_ids: readonly string[]
  readonly status: string
  /** Who has the customer now; `null` is nobody whom we know. */
  readonly responsavel_id: number | null
  readonly ultimo_contato_em: Date
  readonly encerrado_em?: Date
}
