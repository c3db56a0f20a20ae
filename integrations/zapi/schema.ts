import { z } from 'zod'
import { given, part } from '../../src/lib/given.js'
import { serverUrl } from '../support.js'

export const Ajustes = z.object({
  instancia: z.string().min(1).max(128).meta({ description: 'ID da instância' }),
  token: z.string().min(1).max(256).optional().meta({ description: 'Token da instância, para responder' }),
  client_token: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .meta({ description: 'Token de segurança da conta (Client-Token)' }),
  servidor: serverUrl.default('https://api.z-api.io'),
})

const caption = part({ caption: given.text })

/** "Ao receber" of Z-API (reference 9.2). Messages, edits, calls and notices share one type; the flags tell them apart. */
export const Aviso = z.object({
  type: given.text,
  instanceId: given.text,
  messageId: given.text,
  phone: given.text,
  chatLid: given.text,
  senderLid: given.text,
  connectedPhone: given.text,
  fromMe: given.flag,
  isGroup: given.flag,
  isNewsletter: given.flag,
  isEdit: given.flag,
  waitingMessage: given.flag,
  broadcast: given.flag,
  momment: given.number,
  senderName: given.text,
  chatName: given.text,
  notification: given.any,
  reaction: given.any,
  pollVote: given.any,
  event: given.any,
  text: part({ message: given.text }),
  image: caption,
  video: caption,
  document: caption,
  buttonsResponseMessage: part({ buttonId: given.id, message: given.text }),
  buttonReply: part({ buttonId: given.id, message: given.text }),
  listResponseMessage: part({ title: given.text, message: given.text, selectedRowId: given.id }),
  hydratedTemplate: part({ message: given.text }),
  externalAdReply: part({ sourceId: given.id, ctwaClid: given.text, sourceUrl: given.text }),
})
