import { z } from 'zod'
import { lenient, part } from '../../src/lib/lenient.js'
import { hasOneOf, matching, serverUrl } from '../support.js'

export const Ajustes = z.object({
  token: matching(/^\d+:[\w-]+$/)
    .optional()
    .meta({ description: 'Token do bot (BotFather); sem ele só a resposta imediata chega', example: '123456:ABC-DEF' }),
  resposta_direta: z
    .boolean()
    .default(false)
    .meta({ description: 'Responde no próprio webhook, em vez de chamar sendMessage' }),
  servidor: serverUrl.default('https://api.telegram.org'),
})

const chat = z.object({ id: z.number().int(), type: lenient.text })
const from = z.object({
  id: z.number().int(),
  is_bot: lenient.flag,
  first_name: lenient.text,
  last_name: lenient.text,
  language_code: lenient.text,
})

/** The fields of a message with which a customer says something. One that has none of them is a service message. */
const SAID = [
  'text',
  'animation',
  'audio',
  'checklist',
  'contact',
  'dice',
  'document',
  'game',
  'location',
  'paid_media',
  'photo',
  'poll',
  'sticker',
  'story',
  'venue',
  'video',
  'video_note',
  'voice',
]

const mensagem = z.looseObject({
  date: lenient.number,
  chat,
  from: from.optional(),
  text: lenient.text,
  caption: lenient.text,
  contact: part({ phone_number: lenient.text, user_id: lenient.number }),
})

/**
 * An update of the Bot API (docs/vendors/chat.md#telegram-updates): one of many kinds, of which two are a customer's.
 */
export const Update = z.object({
  update_id: z.number().int(),
  message: mensagem.optional().catch(undefined),
  edited_message: lenient.any,
  channel_post: lenient.any,
  edited_channel_post: lenient.any,
  message_reaction: lenient.any,
  callback_query: part({ from, data: lenient.text, message: part({ chat }) }),
})

export type Message = z.output<typeof mensagem>

/** Does the customer say something with this message? */
export const saysSomething = hasOneOf(SAID)
export type Author = z.output<typeof from>
