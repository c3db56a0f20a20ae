import { z } from 'zod'
import { unwrap, type WhatsappMessage } from '../../src/lib/baileys.js'
import { lenient, part } from '../../src/lib/lenient.js'
import { omitUndefined } from '../../src/lib/omit.js'
import type { IgnoreReason } from '../contract.js'
import { line, reasonOf, serverUrl } from '../support.js'

export const Ajustes = z.object({
  instancia: line(128).meta({ description: 'Nome da instância', example: 'loja1' }),
  servidor: serverUrl
    .optional()
    .meta({ description: 'Endereço da Evolution API, para responder', example: 'https://evolution.exemplo.com' }),
  chave_api: line(512).optional().meta({ description: 'apikey da instância (ou a global)', example: 'a-apikey' }),
})

const caption = part({ caption: lenient.text })

/** The fields that are read of what a customer says, by kind of message. */
const Content = z.object({
  conversation: lenient.text,
  extendedTextMessage: part({ text: lenient.text }),
  imageMessage: caption,
  videoMessage: caption,
  documentMessage: caption,
  buttonsResponseMessage: part({ selectedButtonId: lenient.text, selectedDisplayText: lenient.text }),
  templateButtonReplyMessage: part({ selectedId: lenient.text, selectedDisplayText: lenient.text }),
  listResponseMessage: part({ title: lenient.text, singleSelectReply: part({ selectedRowId: lenient.text }) }),
  interactiveResponseMessage: part({
    body: part({ text: lenient.text }),
    nativeFlowResponseMessage: part({ paramsJson: lenient.text }),
  }),
})

/**
 * The kinds of message with which a customer says something, by Baileys' names. Any other kind takes no turn
 * (docs/vendors/chat.md#evolution-kinds-of-message).
 */
const SAID: ReadonlySet<string> = new Set([
  'conversation',
  'extendedTextMessage',
  'imageMessage',
  'videoMessage',
  'ptvMessage',
  'audioMessage',
  'documentMessage',
  'stickerMessage',
  'stickerPackMessage',
  'locationMessage',
  'liveLocationMessage',
  'contactMessage',
  'contactsArrayMessage',
  'orderMessage',
  'productMessage',
  'groupInviteMessage',
  'buttonsResponseMessage',
  'templateButtonReplyMessage',
  'listResponseMessage',
  'interactiveResponseMessage',
  'pollCreationMessage',
  'pollCreationMessageV2',
  'pollCreationMessageV3',
  'pollCreationMessageV5',
])

/** Why other kinds take no turn, where there is more to say than `sistema`. */
const NOT_SAID: Readonly<Record<string, IgnoreReason>> = {
  reactionMessage: 'reacao',
  encReactionMessage: 'reacao',
  pollUpdateMessage: 'reacao',
  keepInChatMessage: 'reacao',
  encEventResponseMessage: 'reacao',
  editedMessage: 'edicao',
  secretEncryptedMessage: 'edicao',
}

/** A message of the protocol deletes or edits another; the other types of it are WhatsApp's own. */
const Protocol = z.object({ type: z.union([z.string(), z.number()]).default('REVOKE') })
const EDITS: readonly (string | number)[] = [0, 'REVOKE', 14, 'MESSAGE_EDIT']

/** A call, as it stands in the conversation. Outcomes without an answer, by their names and numbers in the protocol. */
const CallLog = z.object({ callOutcome: z.union([z.string(), z.number()]) })
const UNANSWERED: readonly (string | number)[] = [
  ...['MISSED', 'FAILED', 'REJECTED', 'SILENCED_BY_DND', 'SILENCED_UNKNOWN_CALLER'],
  ...[1, 2, 3, 6, 7],
]
/** The same, of releases that tell a missed call by a stub. */
const MISSED_STUBS: readonly unknown[] = [40, 41, 'CALL_MISSED_VOICE', 'CALL_MISSED_VIDEO']
/** The customer changed his phone: the parameters are the addresses. */
const CHANGED_STUBS: readonly unknown[] = [42, 'INDIVIDUAL_CHANGE_NUMBER']

/** Kinds that hold another message one level deeper. */
const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'lottieStickerMessage',
  'associatedChildMessage',
  'pollCreationMessageV4',
  'botInvokeMessage',
  'botForwardedMessage',
]

/** A text without a text in it. */
function isEmptyText(message: WhatsappMessage, kind: string): boolean {
  if (kind !== 'conversation' && kind !== 'extendedTextMessage') return false
  const { conversation, extendedTextMessage } = Content.parse(message)
  return (kind === 'conversation' ? conversation : extendedTextMessage?.text) === undefined
}

export type Said = z.output<typeof Content>

/** Why a message says nothing, and of what kind it is. `ligacao`: it is a call that nobody answered. */
export interface NotSaid {
  readonly motivo: IgnoreReason
  readonly especie?: string
  readonly ligacao?: boolean
  /** Further addresses of the same person. */
  readonly enderecos?: readonly string[]
}

/** What a message says, or why it says nothing. */
export function readContent({ message, messageStubType, messageStubParameters = [] }: Received): Said[] | NotSaid {
  if (message == null || messageStubType != null)
    return {
      motivo: 'sistema',
      especie: 'stub',
      ligacao: MISSED_STUBS.includes(messageStubType),
      ...(CHANGED_STUBS.includes(messageStubType) && { enderecos: messageStubParameters }),
    }
  const parts = unwrap(message, WRAPPERS)
  const kinds = parts.flatMap((one) => Object.keys(one).filter((kind) => one[kind] != null && !isEmptyText(one, kind)))
  if (kinds.some((kind) => SAID.has(kind))) return parts.map((one) => Content.parse(one))
  const known = kinds.find((kind) => reasonOf(NOT_SAID, kind) !== undefined)
  const especie = known ?? kinds.find((kind) => kind !== 'messageContextInfo' && !WRAPPERS.includes(kind))
  const isEdit = EDITS.includes(Protocol.safeParse(message.protocolMessage).data?.type ?? '')
  const outcome = CallLog.safeParse(message.callLogMesssage).data?.callOutcome
  return omitUndefined({
    motivo: reasonOf(NOT_SAID, known) ?? (isEdit ? 'edicao' : 'sistema'),
    especie,
    ligacao: outcome !== undefined && UNANSWERED.includes(outcome),
  })
}

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
    participant: lenient.text,
    participantPn: lenient.text,
    participantLid: lenient.text,
    participantAlt: lenient.text,
    /** Where Evolution has replaced a LID by a phone. */
    previousRemoteJid: lenient.text,
    fromMe: lenient.flag,
    id: lenient.text,
  }),
  pushName: lenient.text,
  message: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  messageStubType: lenient.any,
  messageStubParameters: z.array(z.string()).optional().catch(undefined),
  messageTimestamp: z
    .union([z.number(), z.string(), z.object({ low: z.number() }).transform(({ low }) => low)])
    .optional()
    .catch(undefined),
  contextInfo: ad,
})

/** The event `call` (docs/vendors/chat.md#evolution-calls). */
export const Call = z.object({
  id: lenient.text,
  from: lenient.text,
  chatId: lenient.text,
  callerPn: lenient.text,
  status: lenient.text,
  isGroup: lenient.flag,
  date: lenient.any,
})

export const Envelope = z.object({ event: z.string(), instance: lenient.text, data: lenient.any })

export type Received = z.output<typeof Data>
