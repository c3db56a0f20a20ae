import { z } from 'zod'
import { lenient, part } from '../../src/lib/lenient.js'
import type { IgnoreReason } from '../contract.js'
import { line, matching, SERVIDOR, serverUrl } from '../support.js'

export const Ajustes = z.object({
  phone_number_id: line(64).meta({ description: 'Phone number ID (não é o número)', example: '106540352242922' }),
  app_secret: line(256).meta({ description: 'App Secret: com ele a Meta assina', example: 'o-app-secret' }),
  token: line(1_024)
    .optional()
    .meta({ description: 'Token de um usuário do sistema, para responder', example: 'o-token' }),
  versao: matching(/^v\d{1,3}\.\d$/, 'Como v23.0')
    .default('v21.0')
    .meta({ description: 'Versão da Graph API' }),
  servidor: serverUrl.default('https://graph.facebook.com').meta({ description: SERVIDOR }),
})

/**
 * The types with which a customer says something; `unsupported` is something that the API cannot show. Others take no turn
 * (docs/vendors/chat.md#whatsapp-cloud-api-kinds-of-message).
 */
export const SAID: ReadonlySet<string> = new Set([
  'text',
  'audio',
  'button',
  'contacts',
  'document',
  'image',
  'interactive',
  'location',
  'order',
  'sticker',
  'unsupported',
  'video',
])

/** Why other types take no turn, where there is more to say than `sistema`. */
export const NOT_SAID: Readonly<Record<string, IgnoreReason>> = {
  reaction: 'reacao',
  poll_update: 'reacao',
  keep_in_chat: 'reacao',
  edit: 'edicao',
  revoke: 'edicao',
}

/** What an `unsupported` message is, where the API tells, and a customer says something with it. */
export const SAID_UNSUPPORTED: ReadonlySet<string> = new Set([
  'unknown',
  'audio',
  'button',
  'contacts',
  'document',
  'errors',
  'gif',
  'group_invite',
  'image',
  'interactive',
  'link_preview',
  'list',
  'location',
  'media_placeholder',
  'order',
  'poll_creation',
  'product',
  'sticker',
  'text',
  'video',
  'video_note',
])

/** The types of `interactive` that are an answer; `call_permission_reply` is none. One may lack its type. */
export const ANSWERS: readonly (string | undefined)[] = ['button_reply', 'list_reply', 'nfm_reply', undefined]

/** The system messages by which a customer gets another phone or id. */
export const CHANGES: ReadonlySet<string> = new Set([
  'user_changed_number',
  'customer_changed_number',
  'user_changed_user_id',
])

const caption = part({ caption: lenient.text })
const reply = part({ id: lenient.text, title: lenient.text })

const message = z.object({
  from: lenient.id,
  from_user_id: lenient.text,
  from_parent_user_id: lenient.text,
  group_id: lenient.text,
  id: lenient.text,
  timestamp: lenient.id,
  type: lenient.text,
  text: part({ body: lenient.text }),
  button: part({ text: lenient.text, payload: lenient.text }),
  interactive: part({
    type: lenient.text,
    button_reply: reply,
    list_reply: reply,
    nfm_reply: part({ body: lenient.text }),
  }),
  image: caption,
  video: caption,
  document: caption,
  order: part({ text: lenient.text }),
  unsupported: part({ type: lenient.text }),
  /** The phone or the id of a customer changed (docs/vendors/chat.md#whatsapp-cloud-api-ids-that-change). */
  system: part({
    type: lenient.text,
    wa_id: lenient.text,
    new_wa_id: lenient.text,
    customer: lenient.text,
    user_id: lenient.text,
    parent_user_id: lenient.text,
    previous_user_id: lenient.text,
    previous_parent_user_id: lenient.text,
  }),
  referral: part({ source_id: lenient.id, ctwa_clid: lenient.text, source_url: lenient.text }),
})

const echo = z.object({
  id: lenient.text,
  to: lenient.text,
  to_user_id: lenient.text,
  timestamp: lenient.id,
  type: lenient.text,
})

const contato = z.object({
  profile: part({ name: lenient.text }),
  wa_id: lenient.text,
  user_id: lenient.text,
  parent_user_id: lenient.text,
})

const beforeAndAfter = part({ previous: lenient.text, current: lenient.text })

const idUpdate = z.object({ wa_id: lenient.text, user_id: beforeAndAfter, parent_user_id: beforeAndAfter })

/** A call, as the field `calls` tells it. */
const callOf = z.object({
  id: lenient.text,
  from: lenient.text,
  from_user_id: lenient.text,
  from_parent_user_id: lenient.text,
  event: lenient.text,
  direction: lenient.text,
  duration: lenient.id,
  timestamp: lenient.id,
})

const list = <S extends z.ZodType>(item: S) => z.array(item).optional().catch(undefined)

const change = z.object({
  field: lenient.text,
  value: part({
    metadata: part({ phone_number_id: lenient.id }),
    contacts: list(contato),
    messages: list(message),
    message_echoes: list(echo),
    statuses: list(z.object({ status: lenient.text }).catch({ status: undefined })),
    user_id_update: z
      .union([z.array(idUpdate), idUpdate.transform((one) => [one])])
      .optional()
      .catch(undefined),
    calls: list(callOf),
  }),
})

/**
 * The envelope of the Cloud API (docs/vendors/chat.md#whatsapp-cloud-api-payload): entries, changes and messages are
 * lists, and all of them are read.
 */
export const Envelope = z.object({
  entry: z.array(z.object({ changes: z.array(change).catch([]) }).catch({ changes: [] })),
})

export type Change = NonNullable<z.output<typeof change>['value']>
export type Message = z.output<typeof message>
export type IdUpdate = z.output<typeof idUpdate>
export type WhatsAppCall = z.output<typeof callOf>
