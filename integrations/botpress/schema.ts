import { z } from 'zod'
import { lenient, part } from '../../src/lib/lenient.js'
import { line, webUrl } from '../support.js'

export const Ajustes = z.object({
  modo: z
    .enum(['codigo', 'chat'])
    .default('codigo')
    .meta({ description: '`codigo`: cartão Execute Code, que lê a resposta. `chat`: Webhook URL da integração Chat' }),
  webhook_url: webUrl(500).optional().meta({
    description: 'A integração Webhook do bot, para avisar quem esperou',
    example: 'https://webhook.botpress.cloud/…',
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
    payload: part({ text: lenient.text }),
  }),
})

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
