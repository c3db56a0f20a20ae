import { z } from 'zod'
import { lenient, part } from '../../src/lib/lenient.js'
import type { IgnoreReason } from '../contract.js'
import { line, matching, serverUrl } from '../support.js'

export const Ajustes = z.object({
  phone_number_id: line(64).meta({ description: 'Phone number ID (não é o número)', example: '106540352242922' }),
  app_secret: line(256).meta({ description: 'App Secret: com ele a Meta assina' }),
  token: line(1_024).optional().meta({ description: 'Token de um usuário do sistema, para responder' }),
  versao: matching(/^v\d{1,3}\.\d$/)
    .default('v21.0')
    .meta({ description: 'Versão da Graph API' }),
  servidor: serverUrl.default('https://graph.facebook.com'),
})

/** The types with which a customer says something; `unsupported` is something that the API cannot show. Others take no turn. */
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
export const NOT_SAID: Readonly<Record<string, IgnoreReason>> = { reaction: 'reacao', edit: 'edicao', revoke: 'edicao' }

const caption = part({ caption: lenient.text })
const reply = part({ id: lenient.text, title: lenient.text })

const message = z.object({
  from: lenient.text,
  from_user_id: lenient.text,
  from_parent_user_id: lenient.text,
  group_id: lenient.text,
  id: lenient.text,
  timestamp: lenient.id,
  type: lenient.text,
  text: part({ body: lenient.text }),
  button: part({ text: lenient.text, payload: lenient.text }),
  interactive: part({ button_reply: reply, list_reply: reply, nfm_reply: part({ body: lenient.text }) }),
  image: caption,
  video: caption,
  document: caption,
  order: part({ text: lenient.text }),
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

const list = <S extends z.ZodType>(item: S) => z.array(item).optional().catch(undefined)

const change = z.object({
  value: part({
    metadata: part({ phone_number_id: lenient.id }),
    contacts: list(contato),
    messages: list(message),
    message_echoes: list(echo),
    statuses: list(z.unknown()),
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
