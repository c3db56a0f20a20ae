import type { z } from 'zod'
import type { ChatEvent, InboundMessage } from '../contract.js'
import { ignore, jsonOf, reasonOf } from '../support.js'
import { readContact } from './contact.js'
import { changeOf, holderOf, robotChange } from './holder.js'
import { isSaid, named, readMessage, updated } from './message.js'
import { type Ajustes, Conversa, type ConversaDoChatwoot, Envelope, type Mudancas, OTHER_EVENTS } from './schema.js'

type Config = z.output<typeof Ajustes>

/** What an account webhook says (docs/vendors/chat.md#chatwoot-webhooks). */
export function readEvent(body: Buffer, ajustes: Config): ChatEvent {
  const json = jsonOf(body)
  const envelope = Envelope.safeParse(json)
  if (!envelope.success) return ignore('formato', { detalhe: 'falta event: não é um webhook do Chatwoot' })
  const { event, account, inbox, conversation: nested, changed_attributes: changed = [] } = envelope.data
  const especie = named(event)
  const conta = account?.id
  if (conta !== undefined && conta !== String(ajustes.conta_id))
    return ignore('outra_conta', { conta, especie, detalhe: 'é de outra conta do Chatwoot: confira conta_id' })
  const isMessage = event === 'message_created'
  if (!isMessage && !CONVERSATION.has(event))
    return ignore(event === 'message_updated' ? updated(json) : (reasonOf(OTHER_EVENTS, event) ?? 'sistema'), {
      especie,
    })
  const conversation = isMessage ? nested : Conversa.safeParse(json).data
  if (isOther((isMessage ? inbox?.id : undefined) ?? conversation?.inbox_id, ajustes))
    return ignore('outra_conta', { especie, detalhe: 'é de outra caixa de entrada: confira caixa_id' })
  return isMessage ? readMessage(json, conversation, conta) : readConversation(event, conversation, changed, conta)
}

const CONVERSATION = new Set(['conversation_created', 'conversation_status_changed', 'conversation_updated'])

const isOther = (inbox: string | undefined, { caixa_id }: Config): boolean =>
  caixa_id !== undefined && inbox !== undefined && inbox !== String(caixa_id)

function readConversation(
  event: string,
  conversation: ConversaDoChatwoot | undefined,
  changed: Mudancas,
  conta: string | undefined,
): ChatEvent {
  const about = { conta, conversa: conversation?.id, especie: event }
  const read = conversation && readContact(conversation)
  if (conversation?.id === undefined) return ignore('formato', { ...about, detalhe: 'falta id, o número da conversa' })
  if (!read) return ignore('formato', { ...about, detalhe: 'falta meta.sender.id, o número do contato' })
  if (read.naoPessoa) return ignore(read.naoPessoa, about)
  return conversationEvent(event, conversation, changed, { conta, conversa: conversation.id, contato: read.contato })
}

type Known = Pick<InboundMessage, 'conta' | 'conversa' | 'contato'>

function conversationEvent(event: string, one: ConversaDoChatwoot, changed: Mudancas, known: Known): ChatEvent {
  const { assignedTo, responsavel } = holderOf(one, changed)
  const enviado_em = one.updated_at ?? changedAt(changed)
  const { before, now } = changeOf(changed, 'status') ?? {}
  const start = (pediu: boolean): InboundMessage => {
    const wanted = handOver(one, enviado_em, before === 'snoozed')
    return { tipo: 'inicio', ...known, ...wanted, assignedTo, enviado_em: enviado_em ?? wanted.enviado_em, pediu }
  }
  const nothing = (kind?: string, detalhe?: string) =>
    ignore('sistema', { conversa: known.conversa, especie: named(event, kind), detalhe })
  if (event === 'conversation_created') return start(false)
  if (event === 'conversation_updated') {
    // A robot that takes it from a person is no responsável: the person gave it back.
    if (changed.some((each) => 'assignee_id' in each)) return { tipo: 'atribuicao', ...known, enviado_em, responsavel }
    const isFree = assignedTo === 'nobody' && (one.status === 'open' || one.status === 'pending')
    return isFree && robotChange(changed) === 'let-go' ? start(true) : nothing()
  }
  if (one.status === 'resolved') return { tipo: 'encerramento', ...known, enviado_em }
  // What is told is the conversation as it is by now; a change to something else is an older one, told late.
  if (one.status !== 'open' || (now != null && now !== 'open')) return nothing(one.status)
  if (robotChange(changed) === 'taken') return nothing(one.status, 'um robô recebeu a conversa')
  if (before === 'resolved') return { tipo: 'reabertura', ...known, enviado_em, responsavel, assignedTo }
  // Snoozed says nothing of who had it: a robot that has it now goes on. Out of `pending` is its hand-over.
  const isHandOver = before == null || before === 'pending' || (before === 'snoozed' && assignedTo !== 'robot')
  return isHandOver ? start(true) : nothing(one.status)
}

/** The time of a change, in versions that do not tell `updated_at` of the conversation. */
const changedAt = (changed: Mudancas): Date | undefined =>
  Conversa.shape.updated_at.safeParse(changeOf(changed, 'updated_at')?.now).data

/**
 * A conversation that wants a person. Its key is the id of the customer's last message, so that the hand-over and the message
 * itself count once. Without such a message, and at the end of a snooze that no message ended, it is made of the moment since
 * which the customer waits.
 *
 * @param at when it changed
 */
export function handOver(one: ConversaDoChatwoot, at?: Date, isSnoozed = false) {
  const { id, messages = [], waiting_since, last_activity_at } = one
  const last = lastSaid(messages)
  const enviado_em = last?.created_at ?? last_activity_at
  // While nobody is waited for, `waiting_since` is 0.
  const since = isSnoozed || !Number(waiting_since) ? (at ?? enviado_em)?.getTime() : waiting_since
  const isOver = isSnoozed && at !== undefined && (enviado_em?.getTime() ?? 0) < at.getTime() - SAME_CAUSE_MS
  const mensagem_id = (isOver ? undefined : last?.id) ?? `abertura-${id}-${since ?? '0'}`
  return { mensagem_id, enviado_em, texto: last?.content }
}

/** A message opens a snoozed conversation at once. */
const SAME_CAUSE_MS = 60_000

/** The customer's last words in a conversation. */
export const lastSaid = (messages: NonNullable<ConversaDoChatwoot['messages']>) =>
  messages.findLast((one) => one.message_type === 'incoming' && !one.private && isSaid(one))
