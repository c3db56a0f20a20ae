import { identityOf } from '../../src/lib/jid.js'
import { fieldReader } from '../../src/lib/json.js'
import { bearer } from '../../src/lib/lenient.js'
import { isPlaceholder, isUnfilled } from '../../src/lib/placeholder.js'
import { adapter, type ChatEvent, type ChatReply } from '../contract.js'
import {
  bySecret,
  flowPhone,
  ignore,
  isBlank,
  jsonOf,
  jsonReply,
  NOT_JSON,
  notFilled,
  ofKind,
  unreadable,
} from '../support.js'
import { Ajustes, Fulfillment, FulfillmentCx, FulfillmentEs, NAMES } from './schema.js'

/**
 * Fulfillment of Dialogflow ES and CX (docs/vendors/chat.md#dialogflow). It repeats calls that time out, under the same
 * response id.
 */
export const dialogflow = adapter({
  plataforma: 'dialogflow',
  nome: 'Dialogflow (ES e CX)',
  ajustes: Ajustes,
  secretos: [],
  replyReader: () => 'flow',
  gatilhos: ['transferencia'],
  secretIn: 'header',
  proof:
    'O segredo da conta em `x-webhook-segredo`, em `Authorization: Bearer` ou como senha de `Authorization: Basic`.',
  answers: [FulfillmentCx, FulfillmentEs],
  instructions: ({ url, secret }) => [
    `Em Fulfillment (ES) ou Manage → Webhooks (CX), cole a URL: ${url}`,
    `Em Headers: x-webhook-segredo = ${secret ?? '<segredo>'} (ou Basic, com o segredo como senha)`,
    'Ligue o webhook só na intenção ou página que transfere a um consultor',
  ],

  verify({ headers }, account) {
    const { authorization } = headers
    return bySecret(headers['x-webhook-segredo'] ?? bearer(authorization) ?? passwordOf(authorization), account)
  },

  parse: ({ body }) => [ofKind('fulfillment', read(jsonOf(body)))],

  reply: ([reply], [event], { ajustes }) =>
    jsonReply(ajustes.versao === 'es' ? toEs(reply, event?.conversa) : toCx(reply)),
})

function passwordOf(header: string | undefined): string | undefined {
  const [, encoded] = /^Basic (\S+)$/i.exec(header ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  return text.slice(text.indexOf(':') + 1)
}

/**
 * Older samples of CX write `session_info` for `sessionInfo` (docs/vendors/chat.md#older-dialogflow-cx-samples). Deeper
 * names are the flow's own, and stay as they are.
 */
function camel(json: unknown, depth = 2): unknown {
  if (depth === 0 || typeof json !== 'object' || json === null || Array.isArray(json)) return json
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_whole, letter: string) => letter.toUpperCase()),
      camel(value, name === 'payload' ? 0 : depth - 1),
    ]),
  )
}

function read(json: unknown): ChatEvent {
  const parsed = Fulfillment.safeParse(camel(json))
  if (!parsed.success) return unreadable(NOT_JSON)
  const one = parsed.data
  const { queryResult, sessionInfo, originalDetectIntentRequest, fulfillmentInfo } = one
  const session = one.session ?? sessionInfo?.session
  if (session === undefined) return unreadable('falta o campo session')
  // Whoever calls the API chooses the last part: an id of his own, or the customer's address.
  const own = session.split('/').at(-1) ?? session
  if (own === '' || isUnfilled(own)) return unreadable(notFilled('session'))
  // A turn is asked for by a fulfillment only, which has one of these.
  if (!queryResult && !sessionInfo && !fulfillmentInfo) return ignore('sistema', { conversa: session })
  const { payload } = originalDetectIntentRequest ?? {}
  const parts = [
    queryResult?.parameters,
    sessionInfo?.parameters,
    payload,
    one.payload,
    payload?.telephony,
    one.payload?.telephony,
  ]
  const readers = parts.flatMap((part) => fieldReader(part, NAMES, isBlank) ?? [])
  const field = (name: keyof typeof NAMES): string | undefined =>
    readers.map((read) => read(name)).find((value) => value !== undefined)
  const written = field('telefone')
  const { addresses, telefone, naoPessoa } = identityOf([own, written], flowPhone(written))
  if (naoPessoa) return ignore(naoPessoa, { conversa: session })
  const texto = queryResult?.queryText ?? one.text ?? one.transcript
  return {
    tipo: 'mensagem',
    conversa: session,
    contato: {
      ids: [session, ...addresses],
      telefone,
      nome: field('nome'),
      idioma: [queryResult?.languageCode, one.languageCode].find((code) => code !== undefined && !isUnfilled(code)),
    },
    pediu: true,
    mensagem_id: [one.responseId, one.detectIntentResponseId].find((id) => id !== undefined && !isUnfilled(id)),
    texto: texto !== undefined && isPlaceholder(texto) ? undefined : texto,
  }
}

/** Parameters for the rest of the flow. Their names are always the same, and empty when nobody was assigned. */
const parameters = (reply: ChatReply | undefined) => ({
  situacao: reply?.situacao ?? '',
  protocolo: reply?.protocolo ?? '',
  consultor: reply?.consultor?.nome ?? '',
})

const textOf = (reply: ChatReply | undefined) => [{ text: { text: [reply?.texto ?? ''] } }]

const toEs = (reply: ChatReply | undefined, session: string | undefined): object => ({
  fulfillmentText: reply?.texto ?? '',
  fulfillmentMessages: textOf(reply),
  outputContexts:
    session === undefined
      ? []
      : [{ name: `${session}/contexts/consultor-da-vez`, lifespanCount: 5, parameters: parameters(reply) }],
})

const toCx = (reply: ChatReply | undefined): object => ({
  fulfillmentResponse: { messages: textOf(reply), mergeBehavior: 'REPLACE' },
  sessionInfo: { parameters: parameters(reply) },
})
