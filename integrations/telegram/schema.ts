import { z } from 'zod'
import { lenient, part } from '../../src/lib/lenient.js'
import type { IgnoreReason } from '../contract.js'
import { hasOneOf, matching, SERVIDOR, serverUrl } from '../support.js'

export const Ajustes = z.object({
  token: matching(/^\d+:[\w-]+$/, 'O token inteiro, como o BotFather o deu: dígitos, dois-pontos, letras')
    .optional()
    .meta({ description: 'Token do bot (BotFather); sem ele só a resposta imediata chega', example: '123456:ABC-DEF' }),
  resposta_direta: z
    .boolean()
    .default(false)
    .meta({ description: 'Responde no próprio webhook, em vez de chamar sendMessage' }),
  servidor: serverUrl.default('https://api.telegram.org').meta({ description: SERVIDOR }),
})

/** Our answer where it carries the text. */
export const SendMessage = z.object({ method: z.literal('sendMessage'), chat_id: z.int(), text: z.string() })

const chat = z.object({ id: z.number().int(), type: lenient.text })
const from = z.object({
  id: z.number().int(),
  is_bot: lenient.flag,
  first_name: lenient.text,
  last_name: lenient.text,
  language_code: lenient.text,
})

/**
 * The fields of a message with which a customer says something. One that has none of them is a service message
 * (docs/vendors/chat.md#telegram-service-messages).
 */
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
  'web_app_data',
]

/** Why other kinds of update take no turn, where there is more to say than `sistema`. */
export const NOT_SAID: Readonly<Record<string, IgnoreReason>> = {
  edited_message: 'edicao',
  edited_business_message: 'edicao',
  deleted_business_messages: 'edicao',
  channel_post: 'canal',
  edited_channel_post: 'canal',
  message_reaction: 'reacao',
  message_reaction_count: 'reacao',
  poll_answer: 'reacao',
}

/** The fields that any message has; a further one names the kind of a service message. */
const COMMON: readonly string[] = [
  'message_id',
  'message_thread_id',
  'date',
  'chat',
  'from',
  'sender_chat',
  'business_connection_id',
  'reply_to_message',
  'via_bot',
  'has_protected_content',
]

export const serviceOf = (message: Readonly<Record<string, unknown>>): string | undefined =>
  Object.keys(message).find((field) => !COMMON.includes(field))

export const Mensagem = z.looseObject({
  date: lenient.number,
  chat,
  from: from.optional(),
  text: lenient.text,
  caption: lenient.text,
  contact: part({ phone_number: lenient.text, user_id: lenient.number }),
  web_app_data: part({ data: lenient.text, button_text: lenient.text }),
})

/**
 * An update of the Bot API (docs/vendors/chat.md#telegram-updates): one of many kinds, of which two are a customer's.
 */
export const Update = z.looseObject({
  update_id: z.number().int(),
  message: lenient.any,
  callback_query: part({ from, data: lenient.text, message: part({ chat }) }),
})

export type Message = z.output<typeof Mensagem>

/** Does the customer say something with this message? */
export const saysSomething = hasOneOf(SAID)
export type Author = z.output<typeof from>
