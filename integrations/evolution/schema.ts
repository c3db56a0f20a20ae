import { z } from 'zod'
import { given, part } from '../../src/lib/given.js'
import { serverUrl } from '../support.js'

export const Ajustes = z.object({
  instancia: z.string().min(1).max(128).meta({ description: 'Nome da instância', example: 'loja1' }),
  servidor: serverUrl
    .optional()
    .meta({ description: 'Endereço da Evolution API, para responder', example: 'https://evolution.exemplo.com' }),
  chave_api: z.string().min(1).max(512).optional().meta({ description: 'apikey da instância (ou a global)' }),
})

const caption = part({ caption: given.text })

/** What the customer sent, by kind. Wrappers (ephemeral, view once …) hold the same fields one level deeper. */
const content = {
  conversation: given.text,
  extendedTextMessage: part({ text: given.text, contextInfo: given.any }),
  imageMessage: caption,
  videoMessage: caption,
  documentMessage: caption,
  buttonsResponseMessage: part({ selectedButtonId: given.text, selectedDisplayText: given.text }),
  templateButtonReplyMessage: part({ selectedId: given.text, selectedDisplayText: given.text }),
  listResponseMessage: part({ title: given.text, singleSelectReply: part({ selectedRowId: given.text }) }),
  interactiveResponseMessage: part({ body: part({ text: given.text }) }),
}

const wrapped = part({ message: z.object(content).catch({}) })

export const Mensagem = z.object({
  ...content,
  ephemeralMessage: wrapped,
  viewOnceMessage: wrapped,
  viewOnceMessageV2: wrapped,
  documentWithCaptionMessage: wrapped,
  reactionMessage: given.any,
  encReactionMessage: given.any,
  protocolMessage: given.any,
  editedMessage: given.any,
  pollUpdateMessage: given.any,
  keepInChatMessage: given.any,
  pinInChatMessage: given.any,
})

const anuncio = part({ externalAdReply: part({ sourceId: given.id, sourceUrl: given.text, ctwaClid: given.text }) })

/** One message of Baileys, as Evolution 2.3 hands it on (reference 1.2). */
export const Dados = z.object({
  key: z.object({
    remoteJid: z.string(),
    remoteJidAlt: given.text,
    /** Of older Baileys versions. */
    senderPn: given.text,
    senderLid: given.text,
    fromMe: given.flag,
    id: given.text,
  }),
  pushName: given.text,
  message: Mensagem.nullish().catch(undefined),
  messageType: given.text,
  messageStubType: given.any,
  messageTimestamp: z
    .union([z.number(), z.string(), z.object({ low: z.number() }).transform(({ low }) => low)])
    .optional()
    .catch(undefined),
  contextInfo: anuncio,
})

export const Envelope = z.object({ event: z.string(), instance: given.text, data: given.any })

export type DadosDaEvolution = z.output<typeof Dados>
