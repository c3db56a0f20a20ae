import type { z } from 'zod'
import { fromDigits } from '../../src/lib/phone.js'
import type { ChatEvent, ConversationChange, EventContact, InboundMessage } from '../contract.js'
import { ignore, jsonOf } from '../support.js'
import { type Ajustes, type Contato, Conversa, type ConversaDoChatwoot, Envelope, Mensagem } from './schema.js'

type Config = z.output<typeof Ajustes>

/** What an account webhook says (docs/vendors/chat.md#chatwoot-webhooks). */
export function readEvent(body: Buffer, ajustes: Config): ChatEvent {
  const json = jsonOf(body)
  const envelope = Envelope.safeParse(json)
  if (!envelope.success) return ignore('formato')
  const { event, account, inbox, changed_attributes: changed = [] } = envelope.data
  const conta = account?.id
  if (conta !== undefined && conta !== String(ajustes.conta_id)) return ignore('outra_conta', { conta })
  if (event === 'message_created') {
    const conversation = envelope.data.conversation
    return isOther(inbox?.id ?? conversation?.inbox_id, ajustes)
      ? ignore('outra_conta')
      : message(json, conversation, conta)
  }
  const conversation = Conversa.safeParse(json).data
  if (!conversation || !CONVERSATION.has(event)) return ignore(event === 'message_updated' ? 'recibo' : 'sistema')
  if (isOther(conversation.inbox_id, ajustes)) return ignore('outra_conta')
  const { id: conversa, meta } = conversation
  const contato = meta?.sender && toContato(meta.sender)
  if (conversa === undefined || !contato) return ignore('formato')
  return conversationEvent(event, conversation, changed, { conta, conversa, contato })
}

const CONVERSATION = new Set(['conversation_created', 'conversation_status_changed', 'conversation_updated'])

const isOther = (inbox: string | undefined, { caixa_id }: Config): boolean =>
  caixa_id !== undefined && inbox !== undefined && inbox !== String(caixa_id)

type Known = Pick<InboundMessage, 'conta' | 'conversa' | 'contato'>

function conversationEvent(
  event: string,
  conversation: ConversaDoChatwoot,
  changed: readonly Record<string, unknown>[],
  known: Known,
): ChatEvent {
  const enviado_em = conversation.updated_at
  if (event === 'conversation_created') return { tipo: 'inicio', ...known, ...handOver(conversation), pediu: false }
  if (event === 'conversation_status_changed') {
    if (conversation.status === 'resolved') return { tipo: 'encerramento', ...known, enviado_em }
    const before = valueBefore(changed, 'status')
    const isHandOver = conversation.status === 'open' && (before === undefined || before === 'pending')
    return isHandOver
      ? { tipo: 'inicio', ...known, ...handOver(conversation), pediu: true }
      : ignore('sistema', { conversa: known.conversa })
  }
  const moved = changed.some((one) => 'assignee_id' in one)
  return moved ? assigned(conversation, known, enviado_em) : ignore('sistema', { conversa: known.conversa })
}

function assigned(conversation: ConversaDoChatwoot, known: Known, enviado_em: Date | undefined): ConversationChange {
  const { id, name, email } = conversation.meta?.assignee ?? {}
  return {
    tipo: 'atribuicao',
    ...known,
    enviado_em,
    responsavel: id === undefined ? undefined : { id, email, nome: name },
  }
}

function valueBefore(changed: readonly Record<string, unknown>[], field: string): unknown {
  const one = changed.find((each) => field in each)?.[field]
  return typeof one === 'object' && one !== null && 'previous_value' in one ? one.previous_value : undefined
}

/**
 * A conversation that wants a person. Its key is the id of the customer's last message, so that the hand-over and the message
 * itself count once. Without such a message, the key is made of the moment since which the customer waits.
 */
export function handOver({ id, messages = [], meta, waiting_since, last_activity_at }: ConversaDoChatwoot) {
  const last = messages.filter(({ message_type, private: note }) => message_type === 'incoming' && !note).at(-1)
  const mensagem_id = last?.id ?? `abertura-${id}-${waiting_since ?? '0'}`
  return {
    mensagem_id,
    assignedTo: meta?.assignee?.id === undefined ? ('nobody' as const) : ('person' as const),
    enviado_em: last?.created_at ?? last_activity_at,
    texto: last?.content,
  }
}

function message(json: unknown, conversation: ConversaDoChatwoot | undefined, conta: string | undefined): ChatEvent {
  const parsed = Mensagem.safeParse(json)
  const conversa = conversation?.id
  if (!parsed.success || conversa === undefined) return ignore('formato')
  const { id, content, message_type, created_at, sender } = parsed.data
  const about = { mensagem_id: id, conta, conversa }
  if (parsed.data.private) return ignore('nota', about)
  const customer = conversation?.meta?.sender && toContato(conversation.meta.sender)
  if (message_type === 'outgoing') {
    const isRobot = sender?.type === 'agent_bot' || sender == null
    return isRobot ? ignore('robo', about) : ignore('atendente', { ...about, contato: customer })
  }
  if (message_type !== 'incoming') return ignore('sistema', about)
  const contato = (sender && toContato(sender)) ?? customer
  if (!contato) return ignore('formato', about)
  return {
    tipo: 'mensagem',
    ...about,
    contato,
    pediu: false,
    com_robo: conversation?.status === 'pending',
    assignedTo: conversation?.meta?.assignee?.id === undefined ? 'nobody' : 'person',
    texto: content,
    enviado_em: created_at,
  } satisfies InboundMessage
}

export function toContato({
  id,
  name,
  phone_number,
  identifier,
  email,
}: z.output<typeof Contato>): EventContact | undefined {
  if (id === undefined) return undefined
  const telefone = phone_number?.startsWith('+') ? fromDigits(phone_number.slice(1).replace(/\D/g, '')) : undefined
  const ids = [id, ...(identifier === undefined ? [] : [`id:${identifier}`])]
  return { ids, nome: name, telefone, email }
}
