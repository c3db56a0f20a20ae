import { z } from 'zod'
import { identityOf } from '../../src/lib/jid.js'
import { bearer } from '../../src/lib/lenient.js'
import { omitUndefined } from '../../src/lib/omit.js'
import { adapter, type ChatEvent, type OutboundContext } from '../contract.js'
import {
  Acknowledged,
  acknowledged,
  bySecret,
  FlowAnswer,
  flowFields,
  flowPhone,
  ignore,
  jsonOf,
  jsonReply,
  NOT_JSON,
  ofKind,
  reasonOf,
  requester,
  unreadable,
  withoutId,
} from '../support.js'
import { Ajustes, Mensagem, NAMES, NOT_SAID, SAID } from './schema.js'

type Config = z.output<typeof Ajustes>
type Outbound = OutboundContext<Config>

/**
 * Botpress Cloud (docs/vendors/chat.md#botpress): an Execute Code card asks and reads our answer; the Chat
 * integration's webhook only reports messages.
 */
export const botpress = adapter({
  plataforma: 'botpress',
  nome: 'Botpress',
  ajustes: Ajustes,
  secretos: ['webhook_segredo'],
  replyReader: ({ modo }) => (modo === 'codigo' ? 'flow' : 'nobody'),
  gatilhos: ['transferencia', 'sempre', 'palavra'],
  secretIn: 'header',
  proof: 'O segredo da conta em `x-secret-key`, `x-webhook-segredo` ou `Authorization: Bearer`.',
  answers: [FlowAnswer, Acknowledged],
  instructions: ({ url, secret }) => [
    `No fluxo, ponha um cartão Execute Code e cole o de integrations/botpress/cartao.js, com a URL: ${url}`,
    `O segredo vai no cabeçalho x-secret-key: ${secret ?? '<segredo>'}`,
    'Para avisar quem esperou: instale a integração Webhook e ponha o endereço dela em ajustes.webhook_url',
  ],

  verify: ({ headers }, account) =>
    bySecret(headers['x-secret-key'] ?? headers['x-webhook-segredo'] ?? bearer(headers.authorization), account),

  parse({ body }, { ajustes }) {
    const json = jsonOf(body)
    const event = Mensagem.safeParse(json)
    return [
      event.data?.data
        ? ofKind(event.data.data.payload?.type ?? event.data.type, readEvent(event.data))
        : ofKind('execute-code', readCard(json, ajustes.modo === 'codigo')),
    ]
  },

  reply: ([reply], _events, { ajustes }) => (ajustes.modo === 'codigo' ? jsonReply(reply) : acknowledged()),

  canSend: ({ webhook_url }) => webhook_url !== undefined,

  sendText: (out, { conversa }, text) =>
    withoutId(raise(out, { tipo: 'mensagem', conversationId: conversa, texto: text })),

  assign: (out, { conversa }, { nome, email }, { protocolo }) =>
    raise(out, {
      tipo: 'atribuicao',
      conversationId: conversa,
      consultor: { nome, email: email ?? null },
      protocolo: protocolo ?? null,
    }),

  // Any POST to it is an event in the bot, so it is only asked whether it answers.
  connection: {
    server: ({ webhook_url }) => ({ field: 'webhook_url', url: webhook_url }),
    isWhole: true,
    keys: ['webhook_segredo'],
  },
})

function readEvent({ type, data }: z.output<typeof Mensagem>): ChatEvent {
  const { id, conversationId, userId, isBot, payload } = data ?? {}
  const about = { mensagem_id: id, conversa: conversationId }
  if (type !== 'message_created') return ignore(reasonOf(NOT_SAID, type) ?? 'sistema', about)
  if (isBot) return ignore('robo', about)
  if (conversationId === undefined) return unreadable('falta conversationId', about)
  if (!SAID.has(payload?.type ?? (payload?.text && 'text') ?? '')) return ignore('sistema', about)
  return {
    tipo: 'mensagem',
    ...about,
    conversa: conversationId,
    contato: { ids: [userId ?? conversationId] },
    pediu: false,
    texto: payload?.text ?? payload?.markdown,
  }
}

function readCard(json: unknown, pediu: boolean): ChatEvent {
  const fields = flowFields(json, NAMES, ['usuario', 'conversa', 'id'])
  if (!fields) return unreadable(NOT_JSON)
  const { field, unfilled } = fields
  if (unfilled) return unreadable(unfilled)
  const conversa = field('conversa') ?? field('usuario')
  const user = field('usuario') ?? conversa
  if (conversa === undefined || user === undefined) return unreadable('faltam conversationId e userId')
  const written = field('telefone')
  const { addresses, telefone, naoPessoa } = identityOf([user, written], flowPhone(written))
  if (naoPessoa) return ignore(naoPessoa, { conversa })
  return {
    tipo: 'mensagem',
    conversa,
    contato: { ids: [...new Set([user, ...addresses])], telefone, nome: field('nome'), idioma: field('idioma') },
    pediu,
    mensagem_id: field('id'),
    texto: field('texto'),
  }
}

const request = requester(({ webhook_url, webhook_segredo }: Config) =>
  webhook_url === undefined
    ? undefined
    : { servidor: webhook_url, at: () => '', headers: omitUndefined({ 'x-bp-secret': webhook_segredo }) },
)

/**
 * Raises an event in the bot; what its flow says to the customer is up to the flow
 * (docs/vendors/chat.md#botpress-custom-events).
 */
const raise = (out: Outbound, json: object): Promise<unknown> => request(out, 'POST', '', { json }, z.unknown())
