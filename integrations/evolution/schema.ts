import { z } from 'zod'
import { lenient, part } from '../../src/lib/lenient.js'
import { line, serverUrl } from '../support.js'

export const Ajustes = z.object({
  instancia: line(128).meta({ description: 'Nome da instância', example: 'loja1' }),
  servidor: serverUrl
    .optional()
    .meta({ description: 'Endereço da Evolution API, para responder', example: 'https://evolution.exemplo.com' }),
  chave_api: line(512).optional().meta({ description: 'apikey da instância (ou a global)' }),
})

const caption = part({ caption: lenient.text })

/** What the customer sent, by kind. Wrappers (ephemeral, view once …) hold the same fields one level deeper. */
const content = {
  conversation: lenient.text,
  extendedTextMessage: part({ text: lenient.text }),
  imageMessage: caption,
  videoMessage: caption,
  documentMessage: caption,
  buttonsResponseMessage: part({ selectedButtonId: lenient.text, selectedDisplayText: lenient.text }),
  templateButtonReplyMessage: part({ selectedId: lenient.text, selectedDisplayText: lenient.text }),
  listResponseMessage: part({ title: lenient.text, singleSelectReply: part({ selectedRowId: lenient.text }) }),
  interactiveResponseMessage: part({ body: part({ text: lenient.text }) }),
}

const wrapped = part({ message: z.object(content).catch({}) })

const message = z.object({
  ...content,
  ephemeralMessage: wrapped,
  viewOnceMessage: wrapped,
  viewOnceMessageV2: wrapped,
  documentWithCaptionMessage: wrapped,
  reactionMessage: lenient.any,
  encReactionMessage: lenient.any,
  protocolMessage: lenient.any,
  editedMessage: lenient.any,
  pollUpdateMessage: lenient.any,
  keepInChatMessage: lenient.any,
  pinInChatMessage: lenient.any,
})

const ad = part({
  externalAdReply: part({ sourceId: lenient.id, sourceUrl: lenient.text, ctwaClid: lenient.text }),
})

/** One message of Baileys, as Evolution 2.3 hands it on (docs/vendors/chat.md#evolution-api-payload). */
export const Data = z.object({
  key: z.object({
    remoteJid: z.string(),
    remoteJidAlt: lenient.text,
    /** Of older Baileys versions. */
    senderPn: lenient.text,
    senderLid: lenient.text,
    fromMe: lenient.flag,
    id: lenient.text,
  }),
  pushName: lenient.text,
  message: message.nullish().catch(undefined),
  messageStubType: lenient.any,
  messageTimestamp: z
    .union([z.number(), z.string(), z.object({ low: z.number() }).transform(({ low }) => low)])
    .optional()
    .catch(undefined),
  contextInfo: ad,
})

export const Envelope = z.object({ event: z.string(), instance: lenient.text, data: lenient.any })

export type Received = z.output<typeof Data>
