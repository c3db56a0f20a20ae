import { z } from 'zod'
import { instant, lenient, part } from '../../src/lib/lenient.js'
import { hasOneOf, line, serverUrl } from '../support.js'

export const Ajustes = z.object({
  modo: z
    .enum(['omnichannel', 'webhook'])
    .default('omnichannel')
    .meta({ description: '`omnichannel`: webhook do Livechat. `webhook`: integração de saída de um canal' }),
  servidor: serverUrl
    .optional()
    .meta({ description: 'Endereço do Rocket.Chat, para responder', example: 'https://chat.exemplo.com' }),
  usuario_id: line(64).optional().meta({ description: 'X-User-Id de quem fala por nós', example: 'o-id-do-usuario' }),
  token: line(256).optional().meta({ description: 'X-Auth-Token dele', example: 'o-token' }),
  robos: z
    .array(line(128))
    .max(20)
    .default([])
    .meta({
      description: 'Usuários (username ou id) que são robôs: o webhook do Rocket.Chat não diz',
      example: ['rocket.cat'],
    }),
})

const instante = instant(
  z.union([z.string(), z.number(), z.object({ $date: z.number() }).transform(({ $date }) => $date)]),
)

/** The outgoing webhook of a channel (docs/vendors/chat.md#rocketchat): its secret is a field of the body. */
export const Outgoing = z.object({
  token: lenient.text,
  bot: lenient.any,
  trigger_word: lenient.text,
  channel_id: z.string(),
  message_id: lenient.text,
  timestamp: instante,
  user_id: lenient.text,
  user_name: lenient.text,
  text: lenient.text,
  isEdited: lenient.flag,
})

/** Our answer to it, which the channel shows. */
export const OutgoingReply = z.object({ text: z.string() })

const pessoa = part({
  _id: lenient.text,
  username: lenient.text,
  name: lenient.text,
  email: lenient.any,
  type: lenient.text,
  roles: z.array(z.string()).optional().catch(undefined),
  /** Since when he serves the room. */
  ts: instante,
})

export type Pessoa = z.output<typeof pessoa>

const mensagem = z.object({
  _id: lenient.text,
  msg: lenient.text,
  ts: instante,
  username: lenient.text,
  editedAt: lenient.any,
  file: lenient.any,
  attachments: lenient.any,
  blocks: lenient.any,
  agentId: lenient.text,
  t: lenient.text,
  /** The line that ends a chat, though it bears the visitor's name. */
  closingMessage: lenient.flag,
  /** Which page the visitor went to. */
  navigation: lenient.any,
})

/** The fields of a line with which a visitor says something. */
export const saysSomething = hasOneOf(['msg', 'file', 'attachments', 'blocks'])

/** The Livechat webhook (docs/vendors/chat.md#rocketchat-rooms). */
export const Sala = z.object({
  _id: z.string(),
  type: z.string(),
  label: lenient.text,
  visitor: part({
    _id: lenient.text,
    token: lenient.text,
    username: lenient.text,
    name: lenient.text,
    phone: lenient.any,
  }),
  agent: pessoa,
  servedBy: pessoa,
  oldServedBy: pessoa,
  closedAt: instante,
  messages: z.array(mensagem).optional().catch(undefined),
})

const agente = z.object({ _id: z.string(), emails: z.array(z.object({ address: z.string() })).optional() })

export const Agentes = z.object({ users: z.array(agente) })

export const Done = z.looseObject({ success: z.literal(true) })

export type SalaDoRocket = z.output<typeof Sala>
