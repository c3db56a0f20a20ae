import type { ChatEvent, IgnoredEvent, IgnoreReason, InboundMessage } from '../contract.js'
import { ignore } from '../support.js'
import { readContact } from './contact.js'
import { holderOf } from './holder.js'
import { ATTACHED, type ConversaDoChatwoot, Mensagem, type MensagemDoChatwoot, SAID } from './schema.js'

const EVENT = 'message_created'

/** A new message, in either direction. */
export function readMessage(
  json: unknown,
  conversation: ConversaDoChatwoot | undefined,
  conta: string | undefined,
): ChatEvent {
  const { data: message } = Mensagem.safeParse(json)
  const conversa = conversation?.id
  if (!message || conversation === undefined || conversa === undefined)
    return ignore('formato', { conta, especie: EVENT, detalhe: 'falta conversation.id' })
  const { id, content, message_type, created_at, sender } = message
  const about = { mensagem_id: id, conta, conversa }
  const skip = (motivo: IgnoreReason, more: Partial<IgnoredEvent> = {}): IgnoredEvent =>
    ignore(motivo, { ...about, especie: EVENT, ...more })
  if (message.private) return skip('nota')
  const read = readContact(conversation, message_type === 'incoming' ? sender : undefined)
  if (read?.naoPessoa) return skip(read.naoPessoa)
  if (message_type === 'outgoing')
    return isRobots(message) ? skip('robo') : skip('atendente', { contato: read?.contato })
  if (message_type !== 'incoming') return skip('sistema', { especie: named(EVENT, message_type) })
  const unsaid = whyUnsaid(message)
  if (unsaid) return skip(unsaid.motivo, unsaid)
  if (!read) return skip('formato', { detalhe: 'falta sender.id, o número do contato' })
  if (sender?.blocked || conversation.meta?.sender?.blocked)
    return skip('sistema', { detalhe: 'o contato está bloqueado no Chatwoot' })
  const [answer] = message.content_attributes?.submitted_values ?? []
  return {
    tipo: 'mensagem',
    ...about,
    contato: read.contato,
    pediu: false,
    com_robo: conversation.status === 'pending',
    assignedTo: holderOf(conversation).assignedTo,
    texto: content ?? answer?.title ?? answer?.value,
    botao: answer?.value,
    enviado_em: created_at,
  } satisfies InboundMessage
}

/** A message updated says nothing new of a customer: a receipt, an edit, a deletion, a reaction that was taken back. */
export function updated(json: unknown): IgnoredEvent['motivo'] {
  const attributes = Mensagem.safeParse(json).data?.content_attributes
  if (attributes?.is_reaction) return 'reacao'
  return attributes?.deleted || attributes?.is_edited ? 'edicao' : 'recibo'
}

/** A message of the company's: a robot's, of an automation or of a campaign; or a person's, in Chatwoot or on the phone. */
function isRobots({ sender, content_attributes, additional_attributes }: MensagemDoChatwoot): boolean {
  if (content_attributes?.automation_rule_id !== undefined || additional_attributes?.campaign_id !== undefined)
    return true
  if (sender == null)
    return !content_attributes?.external_echo && content_attributes?.external_sender_name === undefined
  return sender.type !== undefined && sender.type !== 'user'
}

/** Does an incoming message hold something that a customer can say? */
export const isSaid = (message: MensagemDoChatwoot): boolean => whyUnsaid(message) === undefined

function whyUnsaid(message: MensagemDoChatwoot): IgnoredEvent | undefined {
  const { content, content_type = 'text', content_attributes: attributes, attachments = [] } = message
  if (attributes?.is_reaction) return ignore('reacao', { especie: named(EVENT, 'reaction') })
  if (attributes?.deleted) return ignore('edicao', { especie: named(EVENT, 'deleted') })
  if (attributes?.email?.auto_reply) return ignore('robo', { especie: named(EVENT, 'auto_reply') })
  if (attributes?.csat_flow_reply) return ignore('sistema', { especie: named(EVENT, 'csat_flow_reply') })
  if (!SAID.has(content_type)) return ignore('sistema', { especie: named(EVENT, content_type) })
  const { is_unsupported, submitted_email, submitted_values = [] } = attributes ?? {}
  const kinds = attachments.flatMap((one) => one?.file_type ?? [])
  const holds =
    content !== undefined ||
    kinds.some((kind) => ATTACHED.has(kind)) ||
    // Something that the channel cannot show, like the first message out of an advertisement.
    is_unsupported === true ||
    submitted_email !== undefined ||
    submitted_values.length > 0 ||
    content_type === 'sticker'
  const [kind = 'vazia'] = kinds
  return holds
    ? undefined
    : ignore('sistema', { especie: named(EVENT, kind), detalhe: 'a mensagem não traz texto nem anexo' })
}

/** The platform's word for a kind, as it is counted: words only, never what somebody typed. */
export const named = (event: string, kind?: string): string =>
  [event, kind].flatMap((one) => (one === undefined ? [] : [WORD.test(one) ? one : 'outro'])).join(':')

const WORD = /^[a-z][a-z0-9_]{0,39}$/i
