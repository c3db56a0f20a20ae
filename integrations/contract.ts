import type { z } from 'zod'
import type { HttpClient } from '../src/lib/http-client.js'

/** A request as it came over the wire. Nothing in it has been believed yet. */
export interface WebhookRequest {
  readonly method: 'GET' | 'POST'
  /** The public address (API_URL) with path and query, as the platform was told it. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
  /** What stood in the path after the slug, where it can be a secret. */
  readonly pathSecret?: string
}

/** A chat account as its adapter sees it. */
export interface Account<A = unknown> {
  readonly slug: string
  /** Its settings, valid by the adapter's schema, with their secrets in plain text. */
  readonly ajustes: A
  /** The secrets that we made: the one in force first, then the former ones that still hold. */
  readonly secrets: readonly string[]
}

export type Verification = { readonly authentic: true } | { readonly authentic: false; readonly reason: Refusal }

/** Why a request is not believed; for the log, never for whoever sent it. */
export type Refusal = 'sem_segredo' | 'segredo_errado' | 'sem_assinatura' | 'assinatura_errada' | 'fora_do_prazo'

export interface EventContact {
  /** Every id by which the platform may name this customer, the steadiest first. */
  readonly ids: readonly string[]
  readonly nome?: string
  /** E.164; absent when the platform tells none (a LID or BSUID is never one). */
  readonly telefone?: string
  readonly email?: string
  readonly idioma?: string
}

interface EventBase {
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
export interface InboundMessage extends EventBase {
  readonly tipo: 'mensagem' | 'inicio'
  readonly contato: EventContact
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
export interface ConversationChange extends EventBase {
  readonly tipo: 'encerramento' | 'atribuicao'
  readonly contato: EventContact
  /** Which of the customer's; absent: whichever he has. */
  readonly conversa?: string
  /** Who has it now; absent: nobody. */
  readonly responsavel?: { readonly id: string; readonly email?: string; readonly nome?: string }
}

/** A handshake, to be answered with these words. */
export interface Handshake extends EventBase {
  readonly tipo: 'verificacao'
  readonly resposta: string
}

export interface IgnoredEvent extends EventBase {
  readonly tipo: 'ignorado'
  readonly motivo: IgnoreReason
  /** A message of ours to this customer: the conversation goes on. */
  readonly contato?: EventContact
}

/** Why an event takes no turn. */
export type IgnoreReason =
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

export type ChatEvent = InboundMessage | ConversationChange | Handshake | IgnoredEvent

/** What became of an event, as a flow reads it: always the same keys. */
export interface ChatReply {
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
export interface HttpReply {
  readonly status: number
  readonly contentType: 'application/json' | 'text/plain' | 'text/xml'
  readonly body: string
}

/** The customer, as outbound calls need him. */
export interface Recipient {
  readonly conversa: string
  readonly telefone?: string
}

/** For a call that goes out: the account, and the only way to the network. */
export interface OutboundContext<A> {
  readonly account: Account<A>
  readonly http: HttpClient
  readonly now: Date
  /** When this work was made: what it did cannot be older. */
  readonly since: Date
  /** Stays the same when this very call is repeated. */
  readonly idempotencyKey: string
}

export interface Assignee {
  readonly nome: string
  readonly email?: string
}

/** What a text, a note or an assignment tells besides its words. */
export interface AssignmentDetails {
  readonly protocolo?: string
  readonly consultor?: string
  /** Also from a person who has the conversation already. */
  readonly replace?: boolean
}

/** A person at the platform, and whether he is there. */
export interface Presence {
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
  /** Who reads the body of our answer: the flow that called, the customer, or nobody. */
  replyReader(ajustes: A): 'flow' | 'customer' | 'nobody'
  /** When a person is wanted, unless the account says otherwise; and what else it may say. */
  readonly gatilhos: readonly [Gatilho, ...Gatilho[]]
  /** Where the secret that we made travels: in the path, in a header, or nowhere because the platform has its own. */
  readonly secretIn: 'path' | 'header' | 'vendor'
  /** Event names that the platform may append to the webhook's path: never taken for a secret. */
  readonly pathEvents?: readonly string[]
  /** Another form than 32 random bytes in base64url. */
  newSecret?(bytes: Buffer): string
  /** The JSON that it accepts, where the format is ours; published under `/schemas`. */
  readonly format?: z.ZodType
  /** The platform's own id of this account; events of another one go to that one's account, if it finds them authentic. */
  accountIdOf?(ajustes: A): string
  /** What to do there with the webhook's address and secret (Portuguese, one step a line). */
  instructions(webhook: { readonly url: string; readonly secret?: string }): readonly string[]
  verify(request: WebhookRequest, account: Account<A>, now: Date): Verification
  /** Of a request that was found authentic. Never throws; what it cannot read is `ignorado`. */
  parse(request: WebhookRequest, account: Account<A>): readonly ChatEvent[]
  reply(replies: readonly ChatReply[], events: readonly ChatEvent[], account: Account<A>): HttpReply
  /** A text to the customer. */
  sendText?(out: OutboundContext<A>, recipient: Recipient, text: string): Promise<unknown>
  /** Can this account send at all? Absent: always. */
  canSend?(ajustes: A): boolean
  /** Was this text sent? After an outcome that is not known. */
  wasSent?(out: OutboundContext<A>, recipient: Recipient, text: string): Promise<boolean>
  /** A text to a phone that did not write first: a consultor's. */
  textPhone?(out: OutboundContext<A>, telefone: string, text: string): Promise<unknown>
  assign?(
    out: OutboundContext<A>,
    recipient: Recipient,
    assignee: Assignee,
    details: AssignmentDetails,
  ): Promise<unknown>
  /** A line for the people there, which the customer does not see. */
  addNote?(out: OutboundContext<A>, recipient: Recipient, text: string): Promise<unknown>
  /** Registers our webhook there. Says what was done (Portuguese). */
  configure?(out: OutboundContext<A>, webhook: { url: string; secret: string }): Promise<string>
  /** Are the credentials good? Throws when not. */
  checkCredentials?(out: OutboundContext<A>): Promise<unknown>
  /** Where a person opens this conversation. */
  link?(account: Account<A>, recipient: Recipient): string | undefined
  /** Events that the platform may have lost: what is open there and nobody's, since then. */
  findMissed?(out: OutboundContext<A>, since: Date): Promise<readonly InboundMessage[]>
  listPresences?(out: OutboundContext<A>): Promise<readonly Presence[]>
}

/** `sempre`: any message of who is not being attended. `palavra`: a keyword or button. `transferencia`: the platform says so. */
export type Gatilho = 'sempre' | 'palavra' | 'transferencia'

/** An adapter whose settings are not known here: they were parsed by its own schema. */
export type AnyAdapter = Adapter<z.ZodObject, unknown>

/** Lets the functions of an adapter know the type of its settings. */
export const adapter = <S extends z.ZodObject>(record: Adapter<S>): AnyAdapter => record
