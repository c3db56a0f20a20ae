import type { z } from 'zod'
import { OutboundFailure } from '../../src/lib/outbound.js'
import { toE164 } from '../../src/lib/phone.js'
import { adapter, type ChatEvent, type ConversationChange, type EventContact } from '../contract.js'
import { acknowledged, bySecret, ignore, jsonOf, jsonReply, requester, withoutId, withoutSlash } from '../support.js'
import { Agentes, Ajustes, Done, Outgoing, Sala, type SalaDoRocket } from './schema.js'

type Config = z.output<typeof Ajustes>

/**
 * Rocket.Chat (docs/vendors/chat.md#rocketchat): the Livechat webhook, whose rooms are forwarded, or a channel's
 * outgoing webhook.
 */
export const rocketchat = adapter({
  plataforma: 'rocketchat',
  nome: 'Rocket.Chat',
  ajustes: Ajustes,
  secretos: ['token'],
  replyReader: ({ modo }) => (modo === 'webhook' ? 'customer' : 'nobody'),
  gatilhos: ['transferencia', 'sempre', 'palavra'],
  secretIn: 'header',
  instructions: ({ url, secret }) => [
    `Omnichannel → Webhooks: URL ${url}, Secret Token ${secret ?? '<segredo>'}, evento "Chat start" e "Visitor message"`,
    `Ou Integrações → Nova → Saída: URL ${url}, Token ${secret ?? '<segredo>'}, com uma palavra-gatilho`,
    'Para encaminhar salas: um usuário com permissão de gerente do Livechat em ajustes.usuario_id e ajustes.token',
  ],

  verify({ headers, body }, account) {
    const header = headers['x-rocketchat-livechat-token']
    return bySecret(header ?? Outgoing.safeParse(jsonOf(body)).data?.token, account)
  },

  parse({ body }, { ajustes }) {
    const json = jsonOf(body)
    const room = Sala.safeParse(json)
    if (room.success) return readRoom(room.data)
    const outgoing = Outgoing.safeParse(json)
    return [outgoing.success ? readOutgoing(outgoing.data, ajustes.usuario_id) : ignore('formato')]
  },

  // An empty body would count as a failure (docs/vendors/chat.md#never-an-empty-body).
  reply: ([reply], _events, { ajustes }) =>
    ajustes.modo === 'webhook' && reply?.texto ? jsonReply({ text: reply.texto }) : acknowledged(),

  canSend: ({ servidor, usuario_id, token }) =>
    servidor !== undefined && usuario_id !== undefined && token !== undefined,

  sendText: (out, { conversa }, text) =>
    withoutId(request(out, 'POST', 'chat.postMessage', { json: { roomId: conversa, text } }, Done)),

  async assign(out, { conversa }, { email }) {
    const { users } = await request(out, 'GET', 'livechat/users/agent', {}, Agentes)
    const wanted = email?.toLowerCase()
    const agent = users.find(({ emails = [] }) => emails.some(({ address }) => address.toLowerCase() === wanted))
    if (!agent) throw new OutboundFailure('agente_nao_encontrado', { definitive: true })
    await request(out, 'POST', 'livechat/room.forward', { json: { roomId: conversa, userId: agent._id } }, Done)
  },

  checkCredentials: (out) => request(out, 'GET', 'me', {}, Done),

  link: ({ ajustes: { servidor } }, { conversa }) =>
    servidor === undefined ? undefined : `${withoutSlash(servidor)}/live/${conversa}`,
})

function readOutgoing(one: z.output<typeof Outgoing>, ourselves: string | undefined): ChatEvent {
  const { bot, message_id, channel_id, user_id, user_name, text, timestamp, trigger_word, isEdited } = one
  const about = { mensagem_id: message_id, conversa: channel_id }
  // A robot's message, ours included, would trigger the webhook again without end (Rocket.Chat issue 14723).
  if (bot != null && bot !== false) return ignore('robo', about)
  if (user_id === undefined) return ignore('formato', about)
  if (user_id === ourselves) return ignore('propria', about)
  if (isEdited) return ignore('edicao', about)
  return {
    tipo: 'mensagem',
    ...about,
    contato: { ids: [user_id], nome: user_name },
    pediu: trigger_word !== undefined,
    texto: text,
    enviado_em: timestamp,
  }
}

/** A visitor of the Livechat: a chat that starts or waits asks for a person; one that is over ends the protocol. */
function readRoom(room: SalaDoRocket): ChatEvent[] {
  const { _id: conversa, type, messages = [], agent, servedBy } = room
  const contato = toContato(room)
  if (!contato) return [ignore('formato', { conversa })]
  const known = { conversa, contato }
  const assignedTo = (servedBy?._id ?? agent?._id) === undefined ? 'nobody' : 'person'
  switch (type) {
    case 'LivechatSessionStart':
    case 'LivechatSessionQueued':
      return [
        {
          tipo: 'inicio',
          ...known,
          mensagem_id: `sala ${conversa}`,
          pediu: true,
          assignedTo,
          texto: messages[0]?.msg,
        },
      ]
    case 'LivechatSession':
      return [{ tipo: 'encerramento', ...known }]
    case 'LivechatSessionTaken':
    case 'LivechatSessionForwarded':
      return [{ tipo: 'atribuicao', ...known, responsavel: toResponsavel(room) }]
    case 'Message':
      return messages.map(({ _id, msg, ts, agentId, t, closingMessage }): ChatEvent => {
        const about = { mensagem_id: _id, conversa }
        if (agentId !== undefined) return ignore('atendente', { ...about, contato })
        if (t !== undefined || closingMessage) return ignore('sistema', about)
        return { tipo: 'mensagem', ...about, contato, pediu: false, assignedTo, texto: msg, enviado_em: ts }
      })
    default:
      return [ignore('sistema', { conversa })]
  }
}

function toContato({ visitor, label }: SalaDoRocket): EventContact | undefined {
  const ids = [visitor?._id, visitor?.token].filter((id) => id !== undefined)
  if (ids.length === 0) return undefined
  return { ids, nome: visitor?.name ?? label, telefone: toE164(firstOf(visitor?.phone, 'phoneNumber')) }
}

function toResponsavel({ servedBy, agent }: SalaDoRocket): ConversationChange['responsavel'] {
  const one = servedBy ?? agent
  if (one?._id === undefined) return undefined
  return { id: one._id, email: firstOf(one.email, 'address'), nome: one.name ?? one.username }
}

/** Phones and e-mails come as a text, or as a list of objects. */
function firstOf(value: unknown, field: string): string | undefined {
  const [first] = Array.isArray(value) ? value : [value]
  const found: unknown = typeof first === 'object' && first !== null && field in first ? Object(first)[field] : first
  return typeof found === 'string' && found !== '' ? found : undefined
}

const request = requester(({ servidor, usuario_id, token }: Config) =>
  servidor === undefined || usuario_id === undefined || token === undefined
    ? undefined
    : { servidor, at: (path) => `/api/v1/${path}`, headers: { 'x-auth-token': token, 'x-user-id': usuario_id } },
)
