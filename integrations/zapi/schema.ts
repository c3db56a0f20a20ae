import { z } from 'zod'
import { instant, lenient, part } from '../../src/lib/lenient.js'
import type { IgnoreReason } from '../contract.js'
import { hasOneOf, line, SERVIDOR, serverUrl } from '../support.js'

export const Ajustes = z.object({
  instancia: line(128).meta({ description: 'ID da instância', example: '3C01A2B3C4D5E6F70809' }),
  token: line(256)
    .optional()
    .meta({ description: 'Token da instância, para responder', example: 'o-token-da-instancia' }),
  client_token: line(256)
    .optional()
    .meta({ description: 'Token de segurança da conta (Client-Token)', example: 'o-client-token' }),
  servidor: serverUrl.default('https://api.z-api.io').meta({ description: SERVIDOR }),
})

/** The fields with which a customer says something. A message that has none of them takes no turn. */
const SAID = [
  'text',
  'audio',
  'buttonReply',
  'buttonsResponseMessage',
  'contact',
  'contacts',
  'document',
  'hydratedTemplate',
  'image',
  'listResponseMessage',
  'liveLocation',
  'location',
  'order',
  'poll',
  'product',
  'ptv',
  'sticker',
  'video',
]

/** Why other fields of a message take no turn, the first that is there, where there is more to say than `sistema`. */
export const NOT_SAID: Readonly<Record<string, IgnoreReason>> = {
  reaction: 'reacao',
  pollVote: 'reacao',
  eventResponse: 'reacao',
  event: 'sistema',
  pinMessage: 'sistema',
}

/** What the callbacks are that tell of no message, by their type in lower case (docs/vendors/chat.md#z-api-payload). */
export const CALLBACKS: Readonly<Record<string, IgnoreReason>> = {
  deliverycallback: 'recibo',
  messagestatuscallback: 'recibo',
  presencechatcallback: 'digitando',
}

/** Why a notice takes no turn, where there is more to say than `sistema` (docs/vendors/chat.md#z-api-notices). */
export const NOTICES: Readonly<Record<string, IgnoreReason>> = { REVOKE: 'edicao' }

/** Notices of a call that nobody answered. */
export const MISSED_CALLS: ReadonlySet<string> = new Set(['CALL_MISSED_VOICE', 'CALL_MISSED_VIDEO'])

const caption = part({ caption: lenient.text })

/**
 * "Ao receber" of Z-API (docs/vendors/chat.md#z-api-payload). Messages, edits, calls and notices share one type; the
 * flags tell them apart.
 */
export const Webhook = z.looseObject({
  type: lenient.text,
  instanceId: lenient.text,
  messageId: lenient.text,
  phone: lenient.id,
  chatLid: lenient.text,
  senderLid: lenient.text,
  fromMe: lenient.flag,
  /** Of a message of ours: it was sent through the API. */
  fromApi: lenient.flag,
  isGroup: lenient.flag,
  isNewsletter: lenient.flag,
  isEdit: lenient.flag,
  waitingMessage: lenient.flag,
  broadcast: lenient.flag,
  momment: instant(
    z.union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,16}$/)
        .transform(Number),
    ]),
  ),
  senderName: lenient.text,
  chatName: lenient.text,
  notification: lenient.text,
  text: part({ message: lenient.text }),
  image: caption,
  video: caption,
  document: caption,
  buttonsResponseMessage: part({ buttonId: lenient.id, message: lenient.text }),
  buttonReply: part({ buttonId: lenient.id, message: lenient.text }),
  listResponseMessage: part({ title: lenient.text, message: lenient.text, selectedRowId: lenient.id }),
  hydratedTemplate: part({ message: lenient.text }),
  externalAdReply: part({ sourceId: lenient.id, ctwaClid: lenient.text, sourceUrl: lenient.text }),
})

const hasContent = hasOneOf(SAID)

/** Does the customer say something with this message? A text has to hold one. */
export const saysSomething = (one: z.output<typeof Webhook>): boolean =>
  hasContent(one.text?.message === undefined ? { ...one, text: undefined } : one)
