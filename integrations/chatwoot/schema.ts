import { z } from 'zod'
import { instant, lenient, part } from '../../src/lib/lenient.js'
import type { IgnoreReason } from '../contract.js'
import { line, serverUrl } from '../support.js'

export const Ajustes = z.object({
  servidor: serverUrl.meta({ description: 'Endereço do Chatwoot', example: 'https://chat.exemplo.com' }),
  conta_id: z.int().min(1).meta({ description: 'Número da conta (aparece no endereço)', example: 1 }),
  token: line(256)
    .optional()
    .meta({ description: 'api_access_token de um administrador, para agir lá', example: 'o-token' }),
  segredo_do_webhook: line(256).optional().meta({
    description: 'O segredo que o Chatwoot (4.11.2 ou mais novo) mostra no webhook: com ele a assinatura é exigida',
  }),
  caixa_id: z.int().min(1).optional().meta({ description: 'Só esta caixa de entrada' }),
  etiqueta: line(64).optional().meta({ description: 'Etiqueta posta na conversa' }),
})

/**
 * The types of content with which a customer says something (docs/vendors/chat.md#chatwoot-messages). Any other takes no turn:
 * `input_csat` is a rating, `voice_call` a call, and the rest is a robot's.
 */
export const SAID: ReadonlySet<string> = new Set([
  'text',
  'form',
  'incoming_email',
  'input_email',
  'input_select',
  'input_text',
  'input_textarea',
  'sticker',
])

/** The kinds of attachment that a customer sends. A message of other ones alone takes no turn. */
export const ATTACHED: ReadonlySet<string> = new Set([
  'audio',
  'contact',
  'embed',
  'fallback',
  'file',
  'ig_post',
  'ig_reel',
  'ig_story',
  'image',
  'location',
  'share',
  'story_mention',
  'video',
])

/** Why events that are neither a message nor a change of a conversation take no turn, where there is more to say than `sistema`. */
export const OTHER_EVENTS: Readonly<Record<string, IgnoreReason>> = {
  message_updated: 'recibo',
  conversation_typing_on: 'digitando',
  conversation_typing_off: 'digitando',
}

const list = <S extends z.ZodType>(item: S) => z.array(item).optional().catch(undefined)

export const Contato = z.object({
  id: lenient.id,
  name: lenient.text,
  phone_number: lenient.text,
  identifier: lenient.text,
  email: lenient.text,
  type: lenient.text,
  blocked: lenient.flag,
  /** What WAHA notes of the customer's addresses. */
  custom_attributes: part({
    waha_whatsapp_chat_id: lenient.text,
    waha_whatsapp_jid: lenient.text,
    waha_whatsapp_lid: lenient.text,
  }),
})

const dono = z
  .object({ id: lenient.id, name: lenient.text, email: lenient.text, type: lenient.text })
  .nullish()
  .catch(undefined)

const DIRECTIONS = ['incoming', 'outgoing', 'activity', 'template']

/**
 * The direction of a message: a word in webhooks, a number in nested messages and lists
 * (docs/vendors/chat.md#chatwoot-webhooks).
 */
const direcao = z
  .union([z.string(), z.number()])
  .transform((given) => (typeof given === 'number' ? DIRECTIONS[given] : given))
  .optional()
  .catch(undefined)

/** A number is Unix time in seconds, of `updated_at` with a fraction. */
const instante = instant(z.union([z.number().transform((seconds) => seconds * 1_000), z.string()]))

export const Mensagem = z.object({
  id: lenient.id,
  content: lenient.text,
  content_type: lenient.text,
  content_attributes: part({
    automation_rule_id: lenient.id,
    csat_flow_reply: lenient.any,
    deleted: lenient.flag,
    email: part({ auto_reply: lenient.flag }),
    external_echo: lenient.flag,
    external_sender_name: lenient.text,
    is_edited: lenient.flag,
    is_reaction: lenient.flag,
    is_unsupported: lenient.flag,
    submitted_email: lenient.text,
    submitted_values: list(part({ title: lenient.text, value: lenient.id })),
  }),
  additional_attributes: part({ campaign_id: lenient.id }),
  attachments: list(part({ file_type: lenient.text })),
  message_type: direcao,
  private: lenient.flag,
  created_at: instante,
  sender: Contato.nullish().catch(undefined),
})

export const Conversa = z.object({
  id: lenient.id,
  inbox_id: lenient.id,
  channel: lenient.text,
  contact_inbox: part({ source_id: lenient.id }),
  /** Forks with groups of WhatsApp say so in one of these. */
  group: lenient.flag,
  group_type: lenient.text,
  status: lenient.text,
  labels: z.array(z.string()).optional().catch(undefined),
  waiting_since: lenient.id,
  last_activity_at: instante,
  updated_at: instante,
  messages: z.array(Mensagem).optional().catch(undefined),
  meta: part({ sender: Contato.optional().catch(undefined), assignee: dono, assignee_type: lenient.text }),
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
export type MensagemDoChatwoot = z.output<typeof Mensagem>
export type ContatoDoChatwoot = z.output<typeof Contato>
/** What a webhook says of each field that changed. */
export type Mudancas = readonly Readonly<Record<string, unknown>>[]
