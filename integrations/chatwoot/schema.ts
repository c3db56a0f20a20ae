import { z } from 'zod'
import { instant, lenient, part } from '../../src/lib/lenient.js'
import { line, serverUrl } from '../support.js'

export const Ajustes = z.object({
  servidor: serverUrl.meta({ description: 'Endereço do Chatwoot', example: 'https://chat.exemplo.com' }),
  conta_id: z.int().min(1).meta({ description: 'Número da conta (aparece no endereço)' }),
  token: line(256).optional().meta({ description: 'api_access_token de um administrador, para agir lá' }),
  segredo_do_webhook: line(256).optional().meta({
    description: 'O segredo que o Chatwoot (4.11.2 ou mais novo) mostra no webhook: com ele a assinatura é exigida',
  }),
  caixa_id: z.int().min(1).optional().meta({ description: 'Só esta caixa de entrada' }),
  etiqueta: line(64).optional().meta({ description: 'Etiqueta posta na conversa' }),
})

export const Contato = z.object({
  id: lenient.id,
  name: lenient.text,
  phone_number: lenient.text,
  identifier: lenient.text,
  email: lenient.text,
  type: lenient.text,
})

const pessoa = z.object({ id: lenient.id, name: lenient.text, email: lenient.text }).nullish().catch(undefined)

/**
 * The direction of a message: a word in webhooks, a number in nested messages and lists
 * (docs/vendors/chat.md#chatwoot-webhooks).
 */
const direcao = z
  .union([z.string(), z.number()])
  .transform((given) => ['incoming', 'outgoing', 'activity', 'template'][Number(given)] ?? String(given))
  .optional()
  .catch(undefined)

/** A number is Unix time in seconds. */
const instante = instant(z.union([z.number().transform((seconds) => seconds * 1_000), z.string()]))

export const Mensagem = z.object({
  id: lenient.id,
  content: lenient.text,
  message_type: direcao,
  private: lenient.flag,
  created_at: instante,
  sender: Contato.nullish().catch(undefined),
})

export const Conversa = z.object({
  id: lenient.id,
  inbox_id: lenient.id,
  status: lenient.text,
  labels: z.array(z.string()).optional().catch(undefined),
  waiting_since: lenient.id,
  last_activity_at: instante,
  updated_at: instante,
  messages: z.array(Mensagem).optional().catch(undefined),
  meta: part({ sender: Contato.optional().catch(undefined), assignee: pessoa }),
})

/** An account webhook: a message, or a conversation, at the top level. */
export const Envelope = z.object({
  event: z.string(),
  account: part({ id: lenient.id }),
  inbox: part({ id: lenient.id }),
  conversation: Conversa.optional().catch(undefined),
  changed_attributes: z.array(z.record(z.string(), z.unknown())).optional().catch(undefined),
})

export const Lista = z.object({ data: z.object({ payload: z.array(Conversa) }) })

export const Mensagens = z.object({ payload: z.array(Mensagem) })

export const Webhooks = z.object({
  payload: z.object({ webhooks: z.array(z.object({ id: z.int(), url: z.string() })) }),
})

export const Agentes = z.array(
  z.object({ id: z.int(), email: z.string(), name: lenient.text, availability_status: lenient.text }),
)

export type ConversaDoChatwoot = z.output<typeof Conversa>
