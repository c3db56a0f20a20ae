import type { z } from 'zod'
import type { HttpClient } from '../src/lib/http-client.js'

/** A request as it came over the wire. Nothing in it has been believed yet. */
export interface Chegada {
  readonly metodo: 'GET' | 'POST'
  /** The public address (API_URL) with path and query, as the platform was told it. */
  readonly url: string
  /** Names in lower case. */
  readonly cabecalhos: Readonly<Record<string, string | undefined>>
  readonly corpo: Buffer
  /** What stood in the path after the slug, where it can be a secret. */
  readonly segredoNoCaminho?: string
}

/** A chat account as its adapter sees it. */
export interface Conta<A = unknown> {
  readonly slug: string
  /** Its settings, valid by the adapter's schema, with their secrets in plain text. */
  readonly ajustes: A
  /** The secrets that we made: the one in force first, then the former ones that still hold. */
  readonly segredos: readonly string[]
}

export type Veredito = { readonly autentico: true } | { readonly autentico: false; readonly porque: Recusa }

/** Why a request is not believed; for the log, never for whoever sent it. */
export type Recusa = 'sem_segredo' | 'segredo_errado' | 'sem_assinatura' | 'assinatura_errada' | 'fora_do_prazo'

export interface ContatoDoEvento {
  /** Every id by which the platform may name this customer, the steadiest first. */
  readonly ids: readonly string[]
  readonly nome?: string
  /** E.164; absent when the platform tells none (a LID or BSUID is never one). */
  readonly telefone?: string
  readonly email?: string
  readonly idioma?: string
}

interface Comum {
  /** Idempotency key of the platform; absent where it sends none. */
  readonly mensagem_id?: string
  /** The platform's own account, instance or number that this came to. */
  readonly conta?: string
  /** Where an answer goes. */
  readonly conversa?: string
  readonly texto?: string
  /** The platform's time. */
  readonly enviado_em?: Date
}

/** A customer wrote, or a conversation began. */
export interface Pergunta extends Comum {
  readonly tipo: 'mensagem' | 'inicio'
  readonly contato: ContatoDoEvento
  readonly conversa: string
  /** The platform itself says that a person is wanted: a hand-over, or the call of a flow. */
  readonly pediu: boolean
  /** A robot there has the conversation: nobody is wanted until it hands over. */
  readonly com_robo?: boolean
  /** Where the message id alone is not unique: what the idempotency key is made of instead. */
  readonly chave?: string
  /** Id of the button or list row that was pressed. */
  readonly botao?: string
  /** What advertisement brought the customer. */
  readonly referencia?: string
  /** Somebody there has the conversation already. */
  readonly ja_atribuida?: boolean
}

/** What people did with a conversation there. */
export interface Andamento extends Comum {
  readonly tipo: 'encerramento' | 'atribuicao'
  readonly contato: ContatoDoEvento
  /** Which of the customer's; absent: whichever he has. */
  readonly conversa?: string
  /** Who has it now; absent: nobody. */
  readonly responsavel?: { readonly id: string; readonly email?: string; readonly nome?: string }
}

/** A handshake, to be answered with these words. */
export interface Verificacao extends Comum {
  readonly tipo: 'verificacao'
  readonly resposta: string
}

export interface Ignorado extends Comum {
  readonly tipo: 'ignorado'
  readonly motivo: Motivo
  /** A message of ours to this customer: the conversation goes on. */
  readonly contato?: ContatoDoEvento
}

/** Why an event takes no turn. */
export type Motivo =
  | 'propria'
  | 'recibo'
  | 'grupo'
  | 'canal'
  | 'status'
  | 'nota'
  | 'atendente'
  | 'robo'
  | 'edicao'
  | 'reacao'
  | 'digitando'
  | 'sistema'
  | 'outra_conta'
  | 'formato'

export type Evento = Pergunta | Andamento | Verificacao | Ignorado

/** What became of an event, as a flow reads it: always the same keys. */
export interface Resultado {
  readonly situacao: 'atribuido' | 'em_atendimento' | 'em_espera' | 'indisponivel' | 'ignorado'
  readonly motivo: string | null
  readonly protocolo: string | null
  readonly consultor: {
    readonly id: number
    readonly nome: string
    readonly email: string | null
    readonly telefone: string | null
  } | null
  /** Place in the line of those who wait. */
  readonly posicao: number | null
  /** What the customer may be told, in his language; empty when there is nothing to say. */
  readonly texto: string
}

/** The HTTP answer for the platform. */
export interface RespostaHttp {
  readonly status: number
  readonly tipo: 'application/json' | 'text/plain' | 'text/xml'
  readonly corpo: string
}

/** The customer, as outbound calls need him. */
export interface Destino {
  readonly conversa: string
  readonly telefone?: string
}

/** For a call that goes out: the account, and the only way to the network. */
export interface Saida<A> {
  readonly conta: Conta<A>
  readonly http: HttpClient
  readonly agora: Date
  /** When this work was made: what it did cannot be older. */
  readonly desde: Date
  /** Stays the same when this very call is repeated. */
  readonly chave: string
}

export interface Atendente {
  readonly nome: string
  readonly email?: string
}

/** What a text, a note or an assignment tells besides its words. */
export interface Contexto {
  readonly protocolo?: string
  readonly consultor?: string
  /** Also from a person who has the conversation already. */
  readonly substituir?: boolean
}

/** A person at the platform, and whether he is there. */
export interface Presenca {
  /** At the platform. */
  readonly id: string
  readonly email: string
  readonly online: boolean
}

/**
 * A chat platform. Pure but for the calls that go out, and those have HTTP client, account and time as arguments. Adding one
 * is a folder and a line in `index.ts`.
 */
export interface Adapter<S extends z.ZodObject, A = z.output<S>> {
  /** As in the webhook's path. */
  readonly plataforma: string
  readonly nome: string
  /** What an account of it has to be told. */
  readonly ajustes: S
  /** Fields of the settings that are stored encrypted and never come back. */
  readonly secretos: readonly (keyof z.output<S> & string)[]
  /** `dados`: a flow reads our answer. `texto`: the customer does. `nada`: nobody does. */
  le(ajustes: A): 'dados' | 'texto' | 'nada'
  /** When a person is wanted, unless the account says otherwise; and what else it may say. */
  readonly gatilhos: readonly [Gatilho, ...Gatilho[]]
  /** Where the secret that we made travels: in the path, in a header of this name, or nowhere (the platform has its own). */
  readonly segredo: 'caminho' | 'cabecalho' | 'proprio'
  /** Event names that the platform may append to the webhook's path: never taken for a secret. */
  readonly eventosNoCaminho?: readonly string[]
  /** Another form than 32 random bytes in base64url. */
  novoSegredo?(bytes: Buffer): string
  /** The JSON that it accepts, where the format is ours; published under `/schemas`. */
  readonly formato?: z.ZodType
  /** The platform's own id of this account; events of another one go to that one's account, if it finds them authentic. */
  contaDe?(ajustes: A): string
  /** What to do there with the webhook's address and secret (Portuguese, one step a line). */
  instrucoes(webhook: { readonly url: string; readonly segredo?: string }): readonly string[]
  verificar(chegada: Chegada, conta: Conta<A>, agora: Date): Veredito
  /** Of a request that was found authentic. Never throws; what it cannot read is `ignorado`. */
  receber(chegada: Chegada, conta: Conta<A>): readonly Evento[]
  responder(resultados: readonly Resultado[], eventos: readonly Evento[], conta: Conta<A>): RespostaHttp
  /** A text to the customer. */
  enviar?(saida: Saida<A>, destino: Destino, texto: string): Promise<unknown>
  /** Can this account send at all? Absent: always. */
  podeEnviar?(ajustes: A): boolean
  /** Was this text sent? After an outcome that is not known. */
  foiEnviado?(saida: Saida<A>, destino: Destino, texto: string): Promise<boolean>
  /** A text to a phone that did not write first: a consultor's. */
  avisar?(saida: Saida<A>, telefone: string, texto: string): Promise<unknown>
  atribuir?(saida: Saida<A>, destino: Destino, atendente: Atendente, contexto: Contexto): Promise<unknown>
  /** A line for the people there, which the customer does not see. */
  nota?(saida: Saida<A>, destino: Destino, texto: string): Promise<unknown>
  /** Registers our webhook there. Says what was done (Portuguese). */
  configurar?(saida: Saida<A>, webhook: { url: string; segredo: string }): Promise<string>
  /** Are the credentials good? Throws when not. */
  testar?(saida: Saida<A>): Promise<unknown>
  /** Where a person opens this conversation. */
  link?(conta: Conta<A>, destino: Destino): string | undefined
  /** Events that the platform may have lost: what is open there and nobody's, since then. */
  reconciliar?(saida: Saida<A>, desde: Date): Promise<readonly Pergunta[]>
  presencas?(saida: Saida<A>): Promise<readonly Presenca[]>
}

/** `sempre`: any message of who is not being attended. `palavra`: a keyword or button. `transferencia`: the platform says so. */
export type Gatilho = 'sempre' | 'palavra' | 'transferencia'

/** An adapter whose settings are not known here: they were parsed by its own schema. */
export type AnyAdapter = Adapter<z.ZodObject, unknown>

/** Lets the functions of an adapter know the type of its settings. */
export const adapter = <S extends z.ZodObject>(record: Adapter<S>): AnyAdapter => record

export const autentico: Veredito = { autentico: true }

export const recusado = (porque: Recusa): Veredito => ({ autentico: false, porque })

export const ignorar = (motivo: Motivo, more: Omit<Ignorado, 'tipo' | 'motivo'> = {}): Ignorado => ({
  tipo: 'ignorado',
  motivo,
  ...more,
})

/** For who reads only the status; never an empty body, which some take for a failure (reference 17.6). */
export const recebido = (): RespostaHttp => ({ status: 200, tipo: 'application/json', corpo: '{"success":true}' })

/** For a flow: always the same keys. */
export const emJson = (value: unknown): RespostaHttp => ({
  status: 200,
  tipo: 'application/json',
  corpo: JSON.stringify(value),
})
