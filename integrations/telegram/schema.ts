import { z } from 'zod'
import { given, part } from '../../src/lib/given.js'
import { serverUrl } from '../support.js'

export const Ajustes = z.object({
  token: z
    .string()
    .regex(/^\d+:[\w-]+$/)
    .optional()
    .meta({ description: 'Token do bot (BotFather); sem ele só a resposta imediata chega', example: '123456:ABC-DEF' }),
  resposta_direta: z
    .boolean()
    .default(false)
    .meta({ description: 'Responde no próprio webhook, em vez de chamar sendMessage' }),
  servidor: serverUrl.default('https://api.telegram.org'),
})

const chat = z.object({ id: z.number().int(), type: given.text })
const from = z.object({
  id: z.number().int(),
  is_bot: given.flag,
  first_name: given.text,
  last_name: given.text,
  language_code: given.text,
})

const mensagem = z.object({
  message_id: given.id,
  date: given.number,
  chat,
  from: from.optional(),
  text: given.text,
  caption: given.text,
  contact: part({ phone_number: given.text, user_id: given.number }),
  pinned_message: given.any,
})

/** An update of the Bot API (reference 5.2): one of many kinds, of which two are a customer's. */
export const Update = z.object({
  update_id: z.number().int(),
  message: mensagem.optional().catch(undefined),
  edited_message: given.any,
  channel_post: given.any,
  edited_channel_post: given.any,
  message_reaction: given.any,
  callback_query: z
    .object({ id: given.id, from, data: given.text, message: z.object({ chat }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
})

export type MensagemDoTelegram = z.output<typeof mensagem>
export type Autor = z.output<typeof from>
