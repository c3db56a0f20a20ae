import { z } from 'zod'
import { fieldReader, parseJson } from '../src/lib/json.js'
import { isOneOf } from '../src/lib/lenient.js'
import { type Call, call, OutboundFailure } from '../src/lib/outbound.js'
import { toE164 } from '../src/lib/phone.js'
import { isPlaceholder, isUnfilled } from '../src/lib/placeholder.js'
import { TYPE_WORDS } from '../src/lib/type-words.js'
import type {
  Account,
  ChatEvent,
  ChatReply,
  HttpReply,
  IgnoredEvent,
  IgnoreReason,
  InboundMessage,
  OutboundContext,
  Recipient,
  Refusal,
  Sent,
  Verification,
} from './contract.js'

/** An address, as a setting. */
export const webUrl = (max: number) => z.url({ protocol: /^https?$/ }).max(max)

/** The address of a platform's server, as a setting. */
export const serverUrl = webUrl(300)

/** What a setting says that names another server than the platform's usual one. */
export const SERVIDOR = 'Só para outro endereço da plataforma, como o de um proxy'

/** A name, a key or a token, as a setting. */
export const line = (max: number) => z.string().min(1).max(max)

/** A text of this form, as a setting. @param says what is expected, in Portuguese */
export const matching = (form: RegExp, says: string) => z.string().regex(form, { message: says })

/** A request that is believed. */
export const authentic: Verification = { authentic: true }

/** A request that is not believed, and why. */
export const refused = (reason: Refusal): Verification => ({ authentic: false, reason })

/** Verifies by a secret that we made: what the request carried in its place, if anything. */
export function bySecret(given: string | undefined, { secrets }: Account): Verification {
  if (given === undefined) return refused('sem_segredo')
  return isOneOf(given, secrets) ? authentic : refused('segredo_errado')
}

/** The body as JSON; `undefined` when it is none. */
export const jsonOf = (body: Buffer): unknown => parseJson(body.toString('utf8'))

/** An event that takes no turn, and why. */
export const ignore = (motivo: IgnoreReason, more: Omit<IgnoredEvent, 'tipo' | 'motivo'> = {}): IgnoredEvent => ({
  tipo: 'ignorado',
  motivo,
  ...more,
})

/** An event whose body does not have the platform's form; the administrator is told which field it is. */
export const malformed = (
  error: z.ZodError,
  more: Omit<IgnoredEvent, 'tipo' | 'motivo' | 'detalhe'> = {},
): IgnoredEvent => ignore('formato', { ...more, detalhe: missing(error) })

const MOST_FIELDS = 3

/** Words for the administrator: which fields a body lacks, or has in another form. Names of fields only, never what they hold. */
export function missing({ issues }: z.ZodError): string {
  const fields = [...new Set(issues.map(describeIssue))]
  const more = fields.length > MOST_FIELDS ? `, e mais ${fields.length - MOST_FIELDS}` : ''
  return fields.slice(0, MOST_FIELDS).join('; ') + more
}

function describeIssue({ code, path, ...issue }: z.core.$ZodIssue): string {
  const expected = 'expected' in issue ? TYPE_WORDS[String(issue.expected)] : undefined
  if (path.length === 0) return `o corpo não é ${expected ?? 'do formato esperado'}${expected ? ' JSON' : ''}`
  const field = `\`${path.map(toStep).join('.')}\``
  return code === 'invalid_type' && expected !== undefined
    ? `${field}: falta, ou não é ${expected}`
    : `${field}: não é do formato esperado`
}

/** A key may be the sender's own, so one that looks unlike the name of a field is not told. */
const toStep = (step: PropertyKey): string =>
  /^(?:[A-Za-z_][\w-]{0,39}|\d{1,4})$/.test(String(step)) ? String(step) : '…'

/** A text was sent, and nothing tells its id. */
export const withoutId = (answer: Promise<unknown>): Promise<Sent> => answer.then(() => ({}))

/** What a table says of a kind that a sender named: one that is in every object, like `constructor`, is in no table. */
export const reasonOf = (table: Readonly<Record<string, IgnoreReason>>, kind = ''): IgnoreReason | undefined =>
  Object.hasOwn(table, kind) ? table[kind] : undefined

/** The same event; one that takes no turn says of which kind it is, by the platform's own name. */
export const ofKind = (especie: string | undefined, event: ChatEvent): ChatEvent =>
  event.tipo === 'ignorado' && event.especie === undefined ? { ...event, especie } : event

/** A call that nobody answered. */
export const missedCall = (call: Omit<InboundMessage, 'tipo' | 'pediu'>): IgnoredEvent => {
  const { mensagem_id, conta, conversa, enviado_em } = call
  const ligacao = { tipo: 'mensagem', pediu: false, ...call } as const
  return ignore('ligacao', { mensagem_id, conta, conversa, enviado_em, ligacao })
}

/** An event that cannot be read, with what is wrong in words for the administrator. */
export const unreadable = (detalhe: string, more: Omit<IgnoredEvent, 'tipo' | 'motivo'> = {}): IgnoredEvent =>
  ignore('formato', { ...more, detalhe })

export const NOT_JSON = 'o corpo não é um objeto JSON do formato esperado'

/** The words for a field that holds a variable in the place of an id. */
export const notFilled = (field: string): string =>
  `o campo ${field} não foi preenchido: veio o nome de um campo, ou uma variável que o fluxo não trocou pelo valor`

/** Fields of a body that a flow's author wrote. */
export interface FlowFields<K extends string> {
  /** A field's value; a variable that was not filled in counts as absent. */
  readonly field: (name: K) => string | undefined
  /** Which of the ids is a variable that was not filled in, in words for the administrator. */
  readonly unfilled: string | undefined
}

/** Is this no value of the field? A customer's own words may hold what looks like a variable. */
export const isBlank = (value: string, field: string): boolean =>
  field === 'texto' ? isPlaceholder(value) : isUnfilled(value)

/**
 * Reads the body of a flow. An id that is the same variable for every customer would make them all one, so it is told
 * (docs/vendors/chat.md#variables-that-were-not-filled-in).
 *
 * @param ids the fields that name a customer, a conversation or a message
 */
export function flowFields<K extends string>(
  json: unknown,
  names: Readonly<Record<K, readonly string[]>>,
  ids: readonly NoInfer<K>[],
): FlowFields<K> | undefined {
  const given = fieldReader(json, names)
  const field = fieldReader(json, names, isBlank)
  if (!given || !field) return undefined
  const wrong = ids.find((id) => given(id) !== undefined && field(id) === undefined)
  return { field, unfilled: wrong && notFilled(names[wrong][0] ?? wrong) }
}

/** A phone as a flow writes it, also with the name of a channel before it, as Twilio does. */
export const flowPhone = (written: string | undefined): string | undefined =>
  toE164(written?.replace(/^(?:whatsapp|tel|sms):/i, ''))

/**
 * For a platform that reads only the status. The body is never empty: some take that for a failure
 * (docs/vendors/chat.md#never-an-empty-body).
 */
export const acknowledged = (): HttpReply => jsonReply({ success: true })

export const Acknowledged = z.object({ success: z.literal(true) }).meta({ id: 'Recebido' })

/** Our answer where a flow reads it: all that became of an event. */
export const FlowAnswer = z
  .object({
    situacao: z.enum(['atribuido', 'em_atendimento', 'em_espera', 'indisponivel', 'ignorado']),
    motivo: z.string().nullable().meta({ description: 'docs/motivos.md diz o que fazer' }),
    protocolo: z.string().nullable().meta({ example: '#00001' }),
    consultor: z
      .object({ id: z.int(), nome: z.string(), email: z.string().nullable(), telefone: z.string().nullable() })
      .nullable(),
    posicao: z.int().nullable().meta({ description: 'O lugar na fila de quem espera' }),
    texto: z.string().meta({ description: 'O que se pode dizer ao cliente, no idioma dele; vazio: nada' }),
  })
  .meta({ id: 'RespostaAoFluxo' }) satisfies z.ZodType<ChatReply>

/** A JSON answer. */
export const jsonReply = (value: unknown): HttpReply => ({
  status: 200,
  contentType: 'application/json',
  body: JSON.stringify(value),
})

/** Where a person opens a conversation of WhatsApp. */
export const whatsappLink = (_account: unknown, { telefone }: Recipient): string | undefined =>
  telefone === undefined ? undefined : `https://wa.me/${telefone.replace('+', '')}`

/** An address without the slash that may end it. */
export const withoutSlash = (url: string): string => url.replace(/\/$/, '')

/** Where an account's calls go. */
export interface Endpoint extends Pick<Call, 'headers' | 'heals' | 'refusesAddress'> {
  readonly servidor: string
  /** Makes a path of the API out of the path that the adapter names; absent: a slash before it. */
  readonly at?: (path: string) => string
}

/**
 * The calls of an adapter to its platform, each answer parsed by a schema. Throws an OutboundFailure.
 *
 * @param endpointOf by the settings; `undefined` when they hold no credentials
 */
export const requester =
  <A>(endpointOf: (ajustes: A) => Endpoint | undefined) =>
  async <T>(
    { account, http, now }: OutboundContext<A>,
    method: Call['method'],
    path: string,
    content: Pick<Call, 'json' | 'text' | 'form'>,
    schema: z.ZodType<T>,
  ): Promise<T> => {
    const endpoint = endpointOf(account.ajustes)
    if (!endpoint) throw new OutboundFailure('sem_credenciais', { definitive: true })
    const { servidor, at = (given) => `/${given}`, ...rest } = endpoint
    return call(http, { method, url: withoutSlash(servidor) + at(path), ...rest, ...content }, schema, now)
  }

/** Does this stand somewhere in an answer? Its form differs between releases of a platform; its words do not. */
export const says = (body: unknown, words: RegExp): boolean => words.test(JSON.stringify(body) ?? '')

/** Tells whether an object has one of these fields, whatever is in it; `null` and an empty list count as absent. */
export const hasOneOf =
  (fields: readonly string[]) =>
  (one: Readonly<Record<string, unknown>>): boolean =>
    fields.some((field) => {
      const value = one[field]
      return value != null && !(Array.isArray(value) && value.length === 0)
    })

/**
 * Sends to the address that came in. Where the platform says for certain that there is nobody, once more to the second one:
 * never after an outcome that nobody knows, so that nobody gets a text twice.
 *
 * @param second another address of the same customer, if one is known
 */
export async function toEither<T>(
  first: string,
  second: string | undefined,
  send: (address: string) => Promise<T>,
): Promise<T> {
  try {
    return await send(first)
  } catch (error) {
    const isNobody = error instanceof OutboundFailure && error.definitive && error.noAddress
    if (!isNobody || second === undefined || second === first) throw error
    return send(second)
  }
}
