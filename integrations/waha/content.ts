import { z } from 'zod'
import { unwrap, type WhatsappMessage } from '../../src/lib/baileys.js'
import { parseJson } from '../../src/lib/json.js'
import { lenient, part } from '../../src/lib/lenient.js'
import type { IgnoreReason } from '../contract.js'
import { NOT_SAID, type Payload, SAID, type Said, WRAPPERS } from './schema.js'

/** What a customer says with a message. */
export interface Content {
  readonly texto?: string | undefined
  /** Id of the button or list row that was pressed. */
  readonly botao?: string | undefined
  /** What advertisement brought him. */
  readonly referencia?: string | undefined
}

/** Why a message says nothing. */
export interface Nothing {
  readonly motivo: IgnoreReason
  /** The engine's name of the kind. */
  readonly especie: string
}

/** What a message says, or why it says nothing. The kind decides where the engine tells it, else what the message holds. */
export function readContent(payload: Payload): Content | Nothing {
  const parts = partsOf(payload)
  if (payload._data?.messageStubType) return { motivo: 'sistema', especie: 'stub' }
  // whatsmeow: 1 is an edit, 7 and 8 take a message back.
  if (/^[178]$/.test(payload._data?.Info?.Edit ?? '')) return { motivo: 'edicao', especie: 'Edit' }
  const kinds = kindsOf(payload, parts)
  const kind = kinds.find((one) => SAID.has(one))
  const said = kinds.length === 0 ? saidWithoutKind(payload) : SAID.get(kind ?? '')
  if (said === undefined) return nothing(kinds)
  const read = parts.map((one) => Part.parse(one))
  const texto = said === 'sem_texto' ? undefined : (payload.body ?? first(read, textOf))
  if (said === 'texto' && texto === undefined) return { motivo: 'sistema', especie: kind ?? 'vazia' }
  return { texto, botao: webButton(payload) ?? first(read, buttonOf), referencia: adOf(payload, parts) }
}

/** The message of NOWEB or GOWS and what its wrappers hold, the outermost first; of other engines nothing. */
function partsOf({ _data }: Payload): readonly WhatsappMessage[] {
  const message = _data?.message ?? _data?.Message
  return message === undefined ? [] : unwrap(message, WRAPPERS)
}

function kindsOf({ _data }: Payload, parts: readonly WhatsappMessage[]): readonly string[] {
  if (parts.length === 0) return _data?.type === undefined ? [] : [_data.type]
  return parts.flatMap((one) => Object.keys(one).filter((kind) => one[kind] != null && one[kind] !== ''))
}

/** Of a message whose kind the engine does not tell. */
function saidWithoutKind({ body, hasMedia, media, location, vCards }: Payload): Said | undefined {
  if (location != null || (vCards?.length ?? 0) > 0) return 'sem_texto'
  return hasMedia || media != null || body !== undefined ? 'legenda' : undefined
}

function nothing(kinds: readonly string[]): Nothing {
  const kind = kinds.find((one) => NOT_SAID.has(one)) ?? kinds.find((one) => one !== 'messageContextInfo') ?? 'vazia'
  return { motivo: NOT_SAID.get(kind) ?? 'sistema', especie: kind }
}

const caption = part({ caption: lenient.text })

/** The fields that are read of what a customer says; GOWS writes ids in capitals. */
const Part = z.object({
  conversation: lenient.text,
  extendedTextMessage: part({ text: lenient.text }),
  imageMessage: caption,
  videoMessage: caption,
  documentMessage: caption,
  buttonsResponseMessage: part({
    selectedButtonId: lenient.id,
    selectedButtonID: lenient.id,
    selectedDisplayText: lenient.text,
  }),
  templateButtonReplyMessage: part({
    selectedId: lenient.id,
    selectedID: lenient.id,
    selectedDisplayText: lenient.text,
  }),
  listResponseMessage: part({
    title: lenient.text,
    singleSelectReply: part({ selectedRowId: lenient.id, selectedRowID: lenient.id }),
  }),
  interactiveResponseMessage: part({
    body: part({ text: lenient.text }),
    nativeFlowResponseMessage: part({ paramsJson: lenient.text, paramsJSON: lenient.text }),
  }),
})

type Part = z.output<typeof Part>

const first = <T>(parts: readonly Part[], pick: (part: Part) => T | undefined): T | undefined =>
  parts.map(pick).find((value) => value !== undefined)

const textOf = (one: Part): string | undefined =>
  one.conversation ??
  one.extendedTextMessage?.text ??
  one.imageMessage?.caption ??
  one.videoMessage?.caption ??
  one.documentMessage?.caption ??
  one.buttonsResponseMessage?.selectedDisplayText ??
  one.templateButtonReplyMessage?.selectedDisplayText ??
  one.listResponseMessage?.title ??
  one.interactiveResponseMessage?.body?.text

function buttonOf(one: Part): string | undefined {
  const row = one.listResponseMessage?.singleSelectReply
  const flow = one.interactiveResponseMessage?.nativeFlowResponseMessage
  return (
    one.buttonsResponseMessage?.selectedButtonId ??
    one.buttonsResponseMessage?.selectedButtonID ??
    one.templateButtonReplyMessage?.selectedId ??
    one.templateButtonReplyMessage?.selectedID ??
    row?.selectedRowId ??
    row?.selectedRowID ??
    FlowAnswer.safeParse(parseJson(flow?.paramsJson ?? flow?.paramsJSON ?? '')).data?.id
  )
}

const FlowAnswer = z.object({ id: z.string() })

/** The button as WEBJS tells it. */
const webButton = ({ _data }: Payload): string | undefined =>
  _data?.selectedButtonId ?? _data?.listResponse?.singleSelectReply?.selectedRowId

const WithAd = z.object({
  contextInfo: z.object({
    externalAdReply: z.object({
      sourceId: lenient.id,
      sourceID: lenient.id,
      ctwaClid: lenient.text,
      sourceUrl: lenient.text,
      sourceURL: lenient.text,
    }),
  }),
})

/** Of the advertisement that the message came from, the most exact of what is told. */
function adOf({ _data }: Payload, parts: readonly WhatsappMessage[]): string | undefined {
  const inside = parts.flatMap((one) => Object.values(one)).map((one) => WithAd.safeParse(one).data?.contextInfo)
  const ad = inside.find((one) => one !== undefined)?.externalAdReply
  const web = _data?.ctwaContext
  return (
    ad?.sourceId ??
    ad?.sourceID ??
    ad?.ctwaClid ??
    ad?.sourceUrl ??
    ad?.sourceURL ??
    web?.sourceId ??
    web?.ctwaClid ??
    web?.sourceUrl
  )
}
