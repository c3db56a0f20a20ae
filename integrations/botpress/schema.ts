import { z } from 'zod'
import { lenient, part } from '../../src/lib/lenient.js'
import type { IgnoreReason } from '../contract.js'
import { line, webUrl } from '../support.js'

export const Ajustes = z.object({
  modo: z.enum(['codigo', 'chat']).default('codigo').meta({
    description: '`codigo`: cartão Execute Code, que lê a resposta. `chat`: Webhook URL da integração Chat',
    example: 'codigo',
  }),
  webhook_url: webUrl(500).optional().meta({
    description: 'A integração Webhook do bot, para avisar quem esperou',
  }),
  webhook_segredo: line(256).optional().meta({ description: 'O segredo dessa integração (x-bp-secret)' }),
})

/** What the Chat integration posts (docs/vendors/chat.md#botpress-chat-events). */
export const Mensagem = z.object({
  type: z.string(),
  data: part({
    id: lenient.text,
    conversationId: lenient.text,
    userId: lenient.text,
    isBot: lenient.flag,
    payload: part({ type: lenient.text, text: lenient.text, markdown: lenient.text }),
  }),
})

/** The types of message with which a customer says something; the others are a bot's (docs/vendors/chat.md#botpress-chat-events). */
export const SAID: ReadonlySet<string> = new Set([
  'text',
  'markdown',
  'image',
  'audio',
  'video',
  'file',
  'location',
  'bloc',
])

/** Why other events take no turn, where there is more to say than `sistema`. */
export const NOT_SAID: Readonly<Record<string, IgnoreReason>> = { message_deleted: 'edicao', message_updated: 'edicao' }

/** Names in the body of the Execute Code card; the ready one is `cartao.js`. */
export const NAMES = {
  id: ['messageId', 'eventId'],
  conversa: ['conversationId'],
  usuario: ['userId'],
  nome: ['name', 'nome'],
  telefone: ['phone', 'telefone'],
  texto: ['text', 'texto'],
  idioma: ['locale', 'idioma', 'language'],
} as const
