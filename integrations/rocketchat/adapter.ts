import type { z } from 'zod'
import { type Identity, identityOf } from '../../src/lib/jid.js'
import { omitUndefined } from '../../src/lib/omit.js'
import { OutboundFailure } from '../../src/lib/outbound.js'
import { toE164 } from '../../src/lib/phone.js'
import {
  type AssignedTo,
  adapter,
  type ChatEvent,
  type ConversationChange,
  type EventContact,
  type InboundMessage,
} from '../contract.js'
import {
  Acknowledged,
  acknowledged,
  bySecret,
  ignore,
  jsonOf,
  jsonReply,
  ofKind,
  requester,
  says,
  unreadable,
  withoutId,
  withoutSlash,
} from '../support.js'
import {
  Agentes,
  Ajustes,
  Done,
  Outgoing,
  OutgoingReply,
  type Pessoa,
  Sala,
  type SalaDoRocket,
  saysSomething,
} from './schema.js'

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
  proof:
    'O segredo da conta em `x-rocketchat-livechat-token`; no webhook de saída de um canal, no campo `token` do corpo.',
  answers: [OutgoingReply, Acknowledged],
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
    if (room.success) return readRoom(room.data, ajustes.robos).map((one) => ofKind(room.data.type, one))
    const outgoing = Outgoing.safeParse(json)
    if (!outgoing.success)
      return [unreadable('não é o webhook do Livechat, nem o de saída de um canal', { especie: 'webhook' })]
    return [ofKind('outgoing', readOutgoing(outgoing.data, ajustes.usuario_id))]
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

  // docs/vendors/chat.md#rocketchat-errors
  connection: {
    server: ({ servidor }) => ({ field: 'servidor', url: servidor }),
    keys: ['usuario_id', 'token'],
    account: 'usuario_id',
    explain: ({ status, body }) =>
      status === 401 && says(body, /"status":"error"|"success":false/)
        ? { motivo: 'chave_errada', hint: 'O Rocket.Chat não diz qual dos dois está errado' }
        : undefined,
  },

  link: ({ ajustes: { servidor } }, { conversa }) =>
    servidor === undefined ? undefined : `${withoutSlash(servidor)}/live/${conversa}`,
})

function readOutgoing(one: z.output<typeof Outgoing>, ourselves: string | undefined): ChatEvent {
  const { bot, message_id, channel_id, user_id, user_name, text, timestamp, trigger_word, isEdited } = one
  const about = { mensagem_id: message_id, conversa: channel_id }
  // A robot's message, ours included, would trigger the webhook again without end (Rocket.Chat issue 14723).
  if (bot != null && bot !== false) return ignore('robo', about)
  if (user_id === undefined) return unreadable('falta user_id: não se sabe quem escreveu', about)
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
function readRoom(room: SalaDoRocket, robos: readonly string[]): ChatEvent[] {
  const { _id: conversa, type, messages = [] } = room
  const { contato, naoPessoa } = toContato(room)
  if (naoPessoa) return [ignore(naoPessoa, { conversa })]
  if (contato.ids.length === 0)
    return [unreadable('faltam visitor._id e visitor.token: não se sabe quem é o visitante', { conversa })]
  const known = { conversa, contato }
  const one = agentOf(room)
  const assignedTo = one === undefined ? 'nobody' : isRobot(one, robos) ? 'robot' : 'person'
  const start = { tipo: 'inicio', ...known, pediu: true, texto: messages[0]?.msg } as const
  switch (type) {
    case 'LivechatSessionStart':
    case 'LivechatSessionQueued':
      return [{ ...start, mensagem_id: `sala ${conversa}`, assignedTo }]
    case 'LivechatSession':
      return [{ tipo: 'encerramento', ...known, enviado_em: room.closedAt ?? closedAt(messages) }]
    case 'LivechatSessionTaken':
      // A robot that takes a chat is nobody's responsável, and takes it from nobody.
      if (assignedTo === 'robot') return [ignore('robo', { conversa })]
      return [{ tipo: 'atribuicao', ...known, enviado_em: one?.ts, responsavel: toResponsavel(one) }]
    case 'LivechatSessionForwarded':
      // A robot that lets go hands over to whoever is there: nobody has it yet.
      if (assignedTo === 'nobody' && isRobot(room.oldServedBy, robos))
        return [{ ...start, mensagem_id: `sala ${conversa} passada`, assignedTo }]
      return [
        {
          tipo: 'atribuicao',
          ...known,
          enviado_em: one?.ts,
          responsavel: assignedTo === 'robot' ? undefined : toResponsavel(one),
        },
      ]
    case 'Message':
      return messages.map((line) => readLine(line, known, assignedTo, robos))
    default:
      return [ignore('sistema', { conversa })]
  }
}

/** When a chat ended, in versions that do not tell it of the room: its last line does. */
const closedAt = (messages: NonNullable<SalaDoRocket['messages']>): Date | undefined =>
  messages.findLast(({ closingMessage, t }) => closingMessage || t === 'livechat-close')?.ts

function readLine(
  line: NonNullable<SalaDoRocket['messages']>[number],
  known: Pick<InboundMessage, 'conversa' | 'contato'>,
  assignedTo: AssignedTo,
  robos: readonly string[],
): ChatEvent {
  const { _id, msg, ts, agentId, t, closingMessage, navigation, username, editedAt } = line
  const about = { mensagem_id: _id, conversa: known.conversa }
  if (agentId !== undefined)
    return isRobot({ _id: agentId, username }, robos)
      ? ignore('robo', about)
      : ignore('atendente', { ...about, contato: known.contato })
  if (t !== undefined || closingMessage) return ofKind(t ?? 'closingMessage', ignore('sistema', about))
  if (navigation != null) return ofKind('navigation', ignore('sistema', about))
  if (editedAt != null) return ignore('edicao', about)
  if (!saysSomething(line)) return ignore('sistema', about)
  return { tipo: 'mensagem', ...about, ...known, pediu: false, assignedTo, texto: msg, enviado_em: ts }
}

/** `servedBy` and `agent` are the same person, each with some of his fields. */
function agentOf({ servedBy, agent }: SalaDoRocket): Pessoa {
  if ((servedBy?._id ?? agent?._id) === undefined) return undefined
  return { ...agent, ...omitUndefined({ ...servedBy }) }
}

/**
 * Rocket.Chat knows robots by a role, which the webhook leaves out: they are told by the account's list, by its own robot, or
 * by a user name that has `bot` for one of its parts (docs/vendors/chat.md#rocketchat-rooms).
 */
function isRobot(one: Pessoa, robos: readonly string[]): boolean {
  if (one === undefined) return false
  const { _id = '', username = '', type = '', roles = [] } = one
  if (type === 'bot' || type === 'app' || roles.includes('bot') || roles.includes('app')) return true
  return robos.includes(_id) || robos.includes(username) || ROBOT_NAME.test(username)
}

const ROBOT_NAME = /^rocket\.cat$|(?:^|[._-])(?:chat|ro)?bot\d*(?:[._-]|$)/i

/** The visitor. A bridge of WhatsApp may leave an address in the token or the phone. */
function toContato({ visitor, label }: SalaDoRocket): Pick<Identity, 'naoPessoa'> & { contato: EventContact } {
  const phone = firstOf(visitor?.phone, 'phoneNumber')
  const { addresses, telefone, naoPessoa } = identityOf([visitor?.token, visitor?.username, phone], toE164(phone))
  const ids = [visitor?._id, visitor?.token].filter((id) => id !== undefined)
  const named = ids.length === 0 ? [] : [...new Set([...ids, ...addresses])]
  return omitUndefined({ contato: { ids: named, nome: visitor?.name ?? label, telefone }, naoPessoa })
}

function toResponsavel(one: Pessoa): ConversationChange['responsavel'] {
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
