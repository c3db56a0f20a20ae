import type { z } from 'zod'
import type { HttpClient } from '../src/lib/http-client.js'

/** A request as it came over the wire, before anything in it is verified. */
export interface WebhookRequest {
  readonly method: 'GET' | 'POST'
  /** The public address (API_URL) with path and query, as the platform was told it. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
  /** What stood in the path after the slug, where that can be a secret. */
  readonly pathSecret?: string | undefined
}

/** A request before its body is read. */
export type WebhookHead = Omit<WebhookRequest, 'body'>

/** The signature of a body, verified while it comes. */
export interface BodySignature {
  update(chunk: Uint8Array): unknown
  /** Once the whole body was shown. */
  verdict(): Verification
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

/** Why a request is not authentic. It is logged, and never told to the sender. */
export type Refusal = 'sem_segredo' | 'segredo_errado' | 'sem_assinatura' | 'assinatura_errada' | 'fora_do_prazo'

export interface EventContact {
  /** Every id by which the platform may name this customer, the most stable first. */
  readonly ids: readonly string[]
  readonly nome?: string | undefined
  /** E.164; absent when the platform tells none (a LID or BSUID is never one). */
  readonly telefone?: string | undefined
  readonly email?: string | undefined
  readonly idioma?: string | undefined
}

interface EventBase {
  /** Idempotency key of the platform; absent where it sends none. */
  readonly mensagem_id?: string | undefined
  /** The platform's own account, instance or number that this came to. */
  readonly conta?: string | undefined
  /** Where an answer goes. */
  readonly conversa?: string | undefined
  readonly texto?: string | undefined
  /** When it was written, by the platform's clock. */
  readonly enviado_em?: Date | undefined
}

/** A customer wrote, or a conversation began. */
export interface InboundMessage extends EventBase {
  readonly tipo: 'mensagem' | 'inicio'
  readonly contato: EventContact
  readonly conversa: string
  /** The platform itself says that a person is wanted: a hand-over, or the call of a flow. */
  readonly pediu: boolean
  /** A robot there still answers: an ordinary message asks for nobody until it hands over. */
  readonly com_robo?: boolean | undefined
  /** What the idempotency key is made of, where the message id alone is not unique. */
  readonly chave?: string | undefined
  /** Id of the button or list row that was pressed. */
  readonly botao?: string | undefined
  /** What advertisement brought the customer. */
  readonly referencia?: string | undefined
  /** Whom the platform says the conversation is assigned to; absent: it does not tell. */
  readonly assignedTo?: AssignedTo | undefined
}

/** A conversation that a robot has is not attended: only a person's is. */
export type AssignedTo = 'nobody' | 'robot' | 'person'

/** What people did with a conversation there: it was resolved, given to somebody (or to nobody), or opened again. */
export interface ConversationChange extends EventBase {
  readonly tipo: 'encerramento' | 'atribuicao' | 'reabertura'
  readonly contato: EventContact
  /** Which of the customer's; absent: whichever he has. */
  readonly conversa?: string | undefined
  /** The person who has it now; absent: nobody, or a robot. */
  readonly responsavel?: ({ readonly id: string } & Pick<EventContact, 'nome' | 'email'>) | undefined
  /** Whom it is assigned to, where a robot may have it; absent: `responsavel` says it all. */
  readonly assignedTo?: AssignedTo | undefined
}

/** A handshake, and the text to answer it with. */
export interface Handshake extends EventBase {
  readonly tipo: 'verificacao'
  readonly resposta: string
}

export interface IgnoredEvent extends EventBase {
  readonly tipo: 'ignorado'
  readonly motivo: IgnoreReason
  /** Whom a message of ours went to: it renews the window of his protocol. */
  readonly contato?: EventContact | undefined
  /** The names that prove to be one person's: his phone or his id changed. */
  readonly mesmaPessoa?: readonly EventContact[] | undefined
  /** `ligacao` only: the message that a call counts as, where the account wants that. */
  readonly ligacao?: InboundMessage | undefined
  /** The platform's own name of this kind of event or message, as it is counted. Never anything that a person typed. */
  readonly especie?: string | undefined
  /** What is missing or odd, in words for the administrator (Portuguese). Never a text, phone, name or id. */
  readonly detalhe?: string | undefined
  /** `propria` only: a person may have typed it, on the company's own phone. Absent: it was sent through the platform's API. */
  readonly typed?: boolean | undefined
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
  | 'ligacao'
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

/** Whom an outbound call is for. */
export interface Recipient {
  readonly conversa: string
  readonly telefone?: string | undefined
}

/** What an outbound call needs: the account, the HTTP client (the only way to the network) and the time. */
export interface OutboundContext<A> {
  readonly account: Account<A>
  readonly http: HttpClient
  readonly now: Date
  /** When this work was created: a message that it sent is not older. */
  readonly since: Date
  /** The same for each attempt of the same work. */
  readonly idempotencyKey: string
}

/** What the platform says of a text that we sent. */
export interface Sent {
  /** Its id there, by which its echo is known. Absent: the platform tells none, or sends no echo. */
  readonly mensagem_id?: string | undefined
}

export interface Assignee {
  readonly nome: string
  readonly email?: string | undefined
}

/** What a text, a note or an assignment tells besides its words. */
export interface AssignmentDetails {
  readonly protocolo?: string | undefined
  readonly consultor?: string | undefined
  /** Assign even if another person has the conversation already. */
  readonly replace?: boolean
}

/** A person at the platform, and whether he is online there. */
export interface Presence {
  /** The platform's id of the person. */
  readonly id: string
  readonly email: string
  readonly online: boolean
}

/** An answer of the platform, as `explain` sees it: the body is parsed when it is JSON. */
export interface VendorAnswer {
  readonly status: number
  /** What was asked for, with the query. */
  readonly path: string
  readonly body: unknown
}

/** What is wrong, in the platform's own words read: the setting that is to blame, and what to do where that needs saying (Portuguese). */
export interface Explanation {
  readonly motivo: 'chave_errada' | 'conta_desconhecida' | 'sem_permissao'
  readonly field?: string
  readonly hint?: string
}

/** What a test of an account has to know to name the setting that is wrong. */
export interface Connection<A> {
  /** Which setting says where calls go, and where that is; no `url` while it is not set. */
  server(ajustes: A): { readonly field: string; readonly url: string | undefined }
  /** The whole address is the setting's: nothing is put behind it, so its path is right. */
  readonly isWhole?: boolean
  /** Settings by which the platform knows who calls. */
  readonly keys: readonly string[]
  /** The setting that names the account, instance or number there. */
  readonly account?: string
  /** Reads a refusal of `checkCredentials`; `undefined`: nothing in it is known, and its status says what it can. */
  explain?(answer: VendorAnswer): Explanation | undefined
}

/**
 * A chat platform. Its functions are pure, but for those that call out; these take HTTP client, account and time as arguments.
 * `README.md` says how to add one.
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
  /** What calls for a person: the first is the default, the others may be chosen for an account. */
  readonly gatilhos: readonly [Gatilho, ...Gatilho[]]
  /** Where the secret that we made travels: in the path, in a header, or nowhere because the platform has its own. */
  readonly secretIn: 'path' | 'header' | 'vendor'
  /** How a request shows that it comes from there, for the API's documentation (Portuguese, ends with a full stop). */
  readonly proof: string
  /** Events do not come as JSON. */
  readonly bodyType?: 'application/x-www-form-urlencoded'
  /** Before it sends events it asks by GET, and is answered with what it said. */
  readonly handshake?: boolean
  /** The forms of our answer: JSON, or one text. Absent: `{"success": true}`. */
  readonly answers?: readonly [z.ZodType, ...z.ZodType[]]
  /** Event names that the platform may append to the webhook's path, and that are therefore no secret. */
  readonly pathEvents?: readonly string[]
  /** Makes a secret out of 32 random bytes, where base64url will not do. */
  newSecret?(bytes: Buffer): string
  /** The JSON that it accepts, where the format is ours; published under `/schemas`. */
  readonly format?: z.ZodType
  /** The platform's own id of this account. An event that names another id goes to the account of that id, if it verifies there. */
  accountIdOf?(ajustes: A): string
  /** What to do there with the webhook's address and secret (Portuguese, one step a line). */
  instructions(webhook: { readonly url: string; readonly secret?: string | undefined }): readonly string[]
  /**
   * Its events may bring media: up to 25 MB are read, of which the texts in the JSON that are longer than 16 kB are cut while they
   * come. So the body is not what was signed: `verify` is asked before the body is read, with an empty one.
   */
  readonly largeEvents?: boolean
  /**
   * With `largeEvents`, where the platform signs the body: begins to verify a request whose body is still to come.
   * `undefined`: this one carries no signature, and `verify` decides.
   */
  beginSignature?(head: WebhookHead, account: Account<A>, now: Date): BodySignature | undefined
  verify(request: WebhookRequest, account: Account<A>, now: Date): Verification
  /** Of a request that was found authentic. Never throws; what it cannot read is `ignorado`. */
  parse(request: WebhookRequest, account: Account<A>): readonly ChatEvent[]
  reply(replies: readonly ChatReply[], events: readonly ChatEvent[], account: Account<A>): HttpReply
  /** A text to the customer. */
  sendText?(out: OutboundContext<A>, recipient: Recipient, text: string): Promise<Sent>
  /** Can this account send at all? Absent: always. */
  canSend?(ajustes: A): boolean
  /** Was this text sent? Asked after a call whose outcome is unknown. */
  wasSent?(out: OutboundContext<A>, recipient: Recipient, text: string): Promise<boolean>
  /** A text to a phone that did not write first: a consultor's. */
  textPhone?(out: OutboundContext<A>, telefone: string, text: string): Promise<Sent>
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
  /** Are the credentials good? Throws when not. Changes nothing there. */
  checkCredentials?(out: OutboundContext<A>): Promise<unknown>
  /** Absent where there is no server to ask. Without `checkCredentials` it is only asked whether the server answers. */
  readonly connection?: Connection<A>
  /** Where a person opens this conversation. */
  link?(account: Account<A>, recipient: Recipient): string | undefined
  /** Messages whose webhook may have been lost: conversations that are open and unassigned, with activity since then. */
  findMissed?(out: OutboundContext<A>, since: Date): Promise<readonly InboundMessage[]>
  listPresences?(out: OutboundContext<A>): Promise<readonly Presence[]>
}

/** `sempre`: any message of who is not being attended. `palavra`: a keyword or button. `transferencia`: the platform says so. */
export type Gatilho = 'sempre' | 'palavra' | 'transferencia'

/** An adapter whose settings are not known here: they were parsed by its own schema. */
export type AnyAdapter = Adapter<z.ZodObject, unknown>

/** Lets the functions of an adapter know the type of its settings. */
export const adapter = <S extends z.ZodObject>(record: Adapter<S>): AnyAdapter => record
