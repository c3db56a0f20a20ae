import { z } from 'zod'
import { bearer, isOneOf, present } from '../../src/lib/given.js'
import { fieldOf, parseJson, toFields } from '../../src/lib/json.js'
import { call, OutboundFailure } from '../../src/lib/outbound.js'
import { toE164 } from '../../src/lib/phone.js'
import {
  acknowledged,
  adapter,
  authentic,
  type ChatEvent,
  ignore,
  jsonReply,
  type OutboundContext,
  refused,
} from '../contract.js'
import { Ajustes, Mensagem, NOMES } from './schema.js'

type Outbound = OutboundContext<z.output<typeof Ajustes>>

/** Botpress Cloud (reference 11): an Execute Code card reads our answer; the Chat integration's webhook only tells. */
export const botpress = adapter({
  plataforma: 'botpress',
  nome: 'Botpress',
  ajustes: Ajustes,
  secretos: ['webhook_segredo'],
  replyReader: ({ modo }) => (modo === 'codigo' ? 'flow' : 'nobody'),
  gatilhos: ['transferencia', 'sempre', 'palavra'],
  secretIn: 'header',
  instructions: ({ url, secret }) => [
    `No fluxo, ponha um cartão Execute Code e cole o de integrations/botpress/cartao.js, com a URL: ${url}`,
    `O segredo vai no cabeçalho x-secret-key: ${secret ?? '<segredo>'}`,
    'Para avisar quem esperou: instale a integração Webhook e ponha o endereço dela em ajustes.webhook_url',
  ],

  verify({ headers }, { secrets }) {
    const given = headers['x-secret-key'] ?? headers['x-webhook-segredo'] ?? bearer(headers.authorization)
    if (given === undefined) return refused('sem_segredo')
    return isOneOf(given, secrets) ? authentic : refused('segredo_errado')
  },

  parse({ body }, { ajustes }) {
    const json = parseJson(body.toString('utf8'))
    const event = Mensagem.safeParse(json)
    return [event.success ? readEvent(event.data) : readCard(json, ajustes.modo === 'codigo')]
  },

  reply: ([reply], _events, { ajustes }) => (ajustes.modo === 'codigo' ? jsonReply(reply) : acknowledged()),

  canSend: ({ webhook_url }) => webhook_url !== undefined,

  sendText: (out, { conversa }, texto) => raise(out, { tipo: 'mensagem', conversationId: conversa, texto }),

  assign: (out, { conversa }, { nome, email }, { protocolo }) =>
    raise(out, {
      tipo: 'atribuicao',
      conversationId: conversa,
      consultor: { nome, email: email ?? null },
      protocolo: protocolo ?? null,
    }),
})

function readEvent({ type, data }: z.output<typeof Mensagem>): ChatEvent {
  const { id, conversationId, userId, isBot, payload } = data ?? {}
  const about = present({ mensagem_id: id, conversa: conversationId })
  if (type !== 'message_created') return ignore('sistema', about)
  if (isBot) return ignore('robo', about)
  if (conversationId === undefined) return ignore('formato', about)
  return {
    tipo: 'mensagem',
    ...about,
    conversa: conversationId,
    contato: { ids: [userId ?? conversationId] },
    pediu: false,
    ...present({ texto: payload?.text }),
  }
}

function readCard(json: unknown, pediu: boolean): ChatEvent {
  const fields = toFields(json)
  if (!fields) return ignore('formato')
  const field = (name: keyof typeof NOMES): string | undefined => fieldOf(fields, NOMES[name])
  const conversa = field('conversa') ?? field('usuario')
  const user = field('usuario') ?? conversa
  if (conversa === undefined || user === undefined) return ignore('formato')
  const written = field('telefone')
  return {
    tipo: 'mensagem',
    conversa,
    contato: {
      ids: [user],
      ...present({
        telefone: written === undefined ? undefined : toE164(written),
        nome: field('nome'),
        idioma: field('idioma'),
      }),
    },
    pediu,
    ...present({ mensagem_id: field('id'), texto: field('texto') }),
  }
}

/** An event in the bot, which its flow has to speak (reference 11.4). */
function raise({ account: { ajustes }, http, now }: Outbound, json: object): Promise<unknown> {
  const { webhook_url: url, webhook_segredo } = ajustes
  if (url === undefined) throw new OutboundFailure('sem_credenciais', { definitive: true })
  const headers = webhook_segredo === undefined ? {} : { 'x-bp-secret': webhook_segredo }
  return call(http, { method: 'POST', url, headers, json }, z.unknown(), now)
}
