import { z } from 'zod'
import { instant, lenient, part } from '../../src/lib/lenient.js'
import { hasOneOf, line, serverUrl } from '../support.js'

export const Ajustes = z.object({
  instancia: line(128).meta({ description: 'ID da instância' }),
  token: line(256).optional().meta({ description: 'Token da instância, para responder' }),
  client_token: line(256).optional().meta({ description: 'Token de segurança da conta (Client-Token)' }),
  servidor: serverUrl.default('https://api.z-api.io'),
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

const caption = part({ caption: lenient.text })

/**
 * "Ao receber" of Z-API (docs/vendors/chat.md#z-api-payload). Messages, edits, calls and notices share one type; the
 * flags tell them apart.
 */
export const Webhook = z.looseObject({
  type: lenient.text,
  instanceId: lenient.text,
  messageId: lenient.text,
  phone: lenient.text,
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
  momment: instant(z.number()),
  senderName: lenient.text,
  chatName: lenient.text,
  notification: lenient.any,
  reaction: lenient.any,
  pollVote: lenient.any,
  event: lenient.any,
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

/** Does the customer say something with this message? */
export const saysSomething = hasOneOf(SAID)
