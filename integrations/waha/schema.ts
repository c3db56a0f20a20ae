import { z } from 'zod'
import { lenient, part } from '../../src/lib/lenient.js'
import type { IgnoreReason } from '../contract.js'
import { line, serverUrl } from '../support.js'

export const Ajustes = z.object({
  sessao: line(128).default('default').meta({ description: 'Nome da sessão do WAHA', example: 'default' }),
  servidor: serverUrl
    .optional()
    .meta({ description: 'Endereço do WAHA, para responder', example: 'https://waha.exemplo.com' }),
  chave_api: line(512).optional().meta({ description: 'Chave da API do WAHA (X-Api-Key)', example: 'a-chave' }),
})

/** A table whose keys a stranger may name: `constructor` is none of them. */
function table<V>(rows: Readonly<Record<string, V>>): ReadonlyMap<string, V> {
  return new Map(Object.entries(rows))
}

/** What stands in `body` of a kind of message: what is said, a caption that may be missing, or no text at all. */
export type Said = 'texto' | 'legenda' | 'sem_texto'

/**
 * The kinds of message with which a customer says something; any other kind takes no turn. NOWEB and GOWS have the names of
 * WhatsApp's protocol, WEBJS and WPP those of WhatsApp Web, where the `body` of a location or a product is a picture
 * (docs/vendors/chat.md#waha-messages).
 */
export const SAID: ReadonlyMap<string, Said> = table({
  // NOWEB, GOWS
  conversation: 'texto',
  extendedTextMessage: 'texto',
  imageMessage: 'legenda',
  videoMessage: 'legenda',
  ptvMessage: 'sem_texto',
  audioMessage: 'sem_texto',
  documentMessage: 'legenda',
  stickerMessage: 'sem_texto',
  stickerPackMessage: 'sem_texto',
  locationMessage: 'sem_texto',
  liveLocationMessage: 'sem_texto',
  contactMessage: 'sem_texto',
  contactsArrayMessage: 'sem_texto',
  orderMessage: 'sem_texto',
  productMessage: 'sem_texto',
  groupInviteMessage: 'sem_texto',
  buttonsResponseMessage: 'legenda',
  templateButtonReplyMessage: 'legenda',
  listResponseMessage: 'legenda',
  interactiveResponseMessage: 'legenda',
  pollCreationMessage: 'legenda',
  pollCreationMessageV2: 'legenda',
  pollCreationMessageV3: 'legenda',
  pollCreationMessageV5: 'legenda',
  // WEBJS, WPP
  chat: 'texto',
  image: 'legenda',
  video: 'legenda',
  ptv: 'sem_texto',
  audio: 'sem_texto',
  ptt: 'sem_texto',
  document: 'legenda',
  sticker: 'sem_texto',
  location: 'sem_texto',
  vcard: 'sem_texto',
  multi_vcard: 'sem_texto',
  order: 'sem_texto',
  product: 'sem_texto',
  groups_v4_invite: 'sem_texto',
  buttons_response: 'legenda',
  template_button_reply: 'legenda',
  list_response: 'legenda',
  interactive_response: 'legenda',
  poll_creation: 'legenda',
})

/** Why other kinds take no turn, where there is more to say than `sistema`. */
export const NOT_SAID: ReadonlyMap<string, IgnoreReason> = table({
  // NOWEB, GOWS
  reactionMessage: 'reacao',
  encReactionMessage: 'reacao',
  pollUpdateMessage: 'reacao',
  encEventResponseMessage: 'reacao',
  keepInChatMessage: 'reacao',
  protocolMessage: 'edicao',
  editedMessage: 'edicao',
  secretEncryptedMessage: 'edicao',
  // WEBJS, WPP
  reaction: 'reacao',
  poll_update: 'reacao',
  protocol: 'edicao',
  revoked: 'edicao',
})

/** The two events that bring messages: `message` those of others, `message.any` all of them. One message may come by both. */
export const MESSAGE_EVENTS: readonly string[] = ['message', 'message.any']

/** A call that was not taken, as it becomes a message where the account wants that. */
export const MISSED_CALL = 'call.rejected'

/** Why other events take no turn, by the beginning of their name; any other is `sistema`. */
export const EVENTS: ReadonlyMap<string, IgnoreReason> = table({
  'message.reaction': 'reacao',
  'message.ack': 'recibo',
  'message.edited': 'edicao',
  'message.revoked': 'edicao',
  'poll.vote': 'reacao',
  'event.response': 'reacao',
  'presence.update': 'digitando',
  group: 'grupo',
})

/** Kinds that hold another message one level deeper. */
export const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'lottieStickerMessage',
  'associatedChildMessage',
]

/** An address, which WhatsApp Web also writes as an object. */
export const address = z
  .union([z.string(), z.object({ _serialized: z.string() }).transform(({ _serialized }) => _serialized)])
  .optional()
  .catch(undefined)

const message = z.record(z.string(), z.unknown()).optional().catch(undefined)
const ctwaContext = part({ sourceId: lenient.id, sourceUrl: lenient.text, ctwaClid: lenient.text })

/** What the engine itself received. Each engine has fields of its own; which one it is shows in what is there. */
const EngineData = part({
  // WEBJS, WPP
  type: lenient.text,
  from: address,
  notifyName: lenient.text,
  selectedButtonId: lenient.id,
  listResponse: part({ singleSelectReply: part({ selectedRowId: lenient.id }) }),
  ctwaContext,
  // NOWEB
  key: part({
    remoteJid: lenient.text,
    remoteJidAlt: lenient.text,
    /** Of older Baileys versions. */
    senderPn: lenient.text,
    senderLid: lenient.text,
  }),
  pushName: lenient.text,
  message,
  messageStubType: lenient.any,
  // GOWS
  Info: part({
    Chat: lenient.text,
    Sender: lenient.text,
    SenderAlt: lenient.text,
    RecipientAlt: lenient.text,
    PushName: lenient.text,
    Edit: lenient.text,
  }),
  Message: message,
})

/** A message (`WAMessage` of WAHA). */
export const Payload = z.object({
  /** `<fromMe>_<chat>_<id>`, and the participant in a group. */
  id: address,
  timestamp: lenient.number,
  from: lenient.text,
  fromMe: lenient.flag,
  /** `api`: sent through WAHA's API; `app`: written on a phone or in WhatsApp Web. */
  source: lenient.text,
  to: lenient.text,
  body: lenient.text,
  hasMedia: lenient.flag,
  media: lenient.any,
  location: lenient.any,
  vCards: z.array(z.unknown()).optional().catch(undefined),
  _data: EngineData,
})

export type Payload = z.output<typeof Payload>

/** A call. Its caller may have a second address in what the engine received. */
export const Call = z.object({
  id: lenient.id,
  from: lenient.text,
  timestamp: lenient.number,
  isGroup: lenient.flag,
  _data: part({ From: lenient.text, CallCreator: lenient.text, CallCreatorAlt: lenient.text, callerPn: lenient.text }),
})

export const Envelope = z.object({
  event: z.string(),
  session: lenient.text,
  /** The account's own number. */
  me: part({ id: lenient.text, lid: lenient.text }),
  payload: lenient.any,
})

export type Envelope = z.output<typeof Envelope>
