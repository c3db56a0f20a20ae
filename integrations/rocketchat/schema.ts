import { z } from 'zod'
import { given, part } from '../../src/lib/given.js'
import { serverUrl } from '../support.js'

export const Ajustes = z.object({
  modo: z
    .enum(['omnichannel', 'webhook'])
    .default('omnichannel')
    .meta({ description: '`omnichannel`: webhook do Livechat. `webhook`: integração de saída de um canal' }),
  servidor: serverUrl.optional().meta({ example: 'https://chat.exemplo.com' }),
  usuario_id: z.string().min(1).max(64).optional().meta({ description: 'X-User-Id de quem fala por nós' }),
  token: z.string().min(1).max(256).optional().meta({ description: 'X-Auth-Token dele' }),
})

const instante = z
  .union([z.string(), z.number(), z.object({ $date: z.number() }).transform(({ $date }) => $date)])
  .transform((given) => new Date(given))
  .refine((date) => !Number.isNaN(date.getTime()))
  .optional()
  .catch(undefined)

/** The outgoing webhook of a channel (reference 13): its secret is a field of the body. */
export const Saida = z.object({
  token: given.text,
  bot: given.any,
  trigger_word: given.text,
  channel_id: z.string(),
  message_id: given.text,
  timestamp: instante,
  user_id: given.text,
  user_name: given.text,
  text: given.text,
  isEdited: given.flag,
})

const pessoa = part({ _id: given.text, username: given.text, name: given.text, email: given.any })

/** The Livechat webhook. */
export const Sala = z.object({
  _id: z.string(),
  type: z.string(),
  label: given.text,
  visitor: part({
    _id: given.text,
    token: given.text,
    name: given.text,
    username: given.text,
    email: given.any,
    phone: given.any,
  }),
  agent: pessoa,
  servedBy: pessoa,
  messages: z
    .array(z.object({ _id: given.text, msg: given.text, ts: instante, agentId: given.text, t: given.text }))
    .optional()
    .catch(undefined),
})

export const Agentes = z.object({
  users: z.array(
    z.object({
      _id: z.string(),
      emails: z.array(z.object({ address: z.string() })).optional(),
    }),
  ),
})

export const Feito = z.looseObject({ success: z.literal(true) })

export type SalaDoRocket = z.output<typeof Sala>
