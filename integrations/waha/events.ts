import { z } from 'zod'
import { identityOf, parseJid } from '../../src/lib/jid.js'
import { fromUnix } from '../../src/lib/lenient.js'
import type { ChatEvent, EventContact } from '../contract.js'
import { ignore, malformed, missedCall, ofKind, unreadable } from '../support.js'
import { readContent } from './content.js'
import { Call, type Envelope, EVENTS, Payload } from './schema.js'

/** With the name of the field, for the words about what it lacks. */
const Message = z.object({ payload: Payload })
const MissedCall = z.object({ payload: Call })

type Me = Envelope['me']

const NO_ADDRESS = '`payload.from`: não é um endereço do WhatsApp'

/** An event that is no message: why it takes no turn. */
export function whyNoMessage(event: string): ChatEvent {
  const known = [...EVENTS].find(([name]) => event === name || event.startsWith(`${name}.`))
  return ignore(known?.[1] ?? 'sistema', { especie: event })
}

/** A message of `message` or `message.any`. */
export const readMessage = (envelope: Envelope): ChatEvent => ofKind(envelope.event, toMessage(envelope))

function toMessage({ event, session, me, payload }: Envelope): ChatEvent {
  const parsed = Message.safeParse({ payload })
  if (!parsed.success) return malformed(parsed.error, { especie: event })
  const one = parsed.data.payload
  const { chat, id } = partsOfId(one.id)
  const { contato, conversa, naoPessoa } = whoWrote(one, chat, me)
  const about = { mensagem_id: id, conta: session, conversa }
  if (naoPessoa) return ignore(naoPessoa, about)
  const enviado_em = fromUnix(one.timestamp)
  const content = readContent(one)
  const isNothing = 'motivo' in content
  if (one.fromMe)
    return ignore('propria', {
      ...about,
      contato,
      enviado_em,
      // A reaction or a deletion of ours is no answer to the customer.
      ...(isNothing ? { especie: content.especie } : { typed: one.source !== 'api', texto: content.texto }),
    })
  if (conversa === undefined) return unreadable(NO_ADDRESS, about)
  if (isNothing) return ignore(content.motivo, { ...about, especie: content.especie })
  return {
    tipo: 'mensagem',
    ...about,
    conversa,
    // The whole id: a stranger may write another's bare one.
    chave: one.id,
    contato: { ...contato, nome: one._data?.notifyName ?? one._data?.pushName ?? one._data?.Info?.PushName },
    pediu: false,
    enviado_em,
    ...content,
  }
}

/** A call that was not taken: GOWS tells so when the caller gives up, too (docs/vendors/chat.md#waha-calls). */
export function readMissedCall({ event, session, payload }: Envelope): ChatEvent {
  const parsed = MissedCall.safeParse({ payload })
  if (!parsed.success) return malformed(parsed.error, { especie: event })
  const { id, from, isGroup, timestamp, _data } = parsed.data.payload
  const his = [from, _data?.From, _data?.CallCreator, _data?.CallCreatorAlt, _data?.callerPn].map(bare)
  const { addresses, telefone, naoPessoa } = identityOf(his)
  const conversa = his.find((one) => one !== undefined && addresses.includes(one))
  const about = { mensagem_id: id, conta: session, conversa }
  if (isGroup || naoPessoa) return ignore(naoPessoa ?? 'grupo', { ...about, especie: event })
  if (conversa === undefined) return unreadable(NO_ADDRESS, { ...about, especie: event })
  const call = { ...about, conversa, contato: { ids: addresses, telefone }, enviado_em: fromUnix(timestamp) }
  return ofKind(event, missedCall(call))
}

/** The chat and the id of WhatsApp itself, which an answer to `sendText` may tell alone. */
export function partsOfId(serialized: string | undefined): { readonly chat?: string; readonly id?: string } {
  const [, chat, id] = /^(?:true|false)_([^_]+)_([^_]+)(?:_.*)?$/.exec(serialized ?? '') ?? []
  if (chat !== undefined && id !== undefined) return { chat, id }
  return serialized === undefined ? {} : { id: serialized }
}

/**
 * Who the customer is, by every address in the event that is his. In a message of ours only the chat is: the senders, and the
 * second address of NOWEB, are ours then.
 */
function whoWrote({ from, to, fromMe, _data }: Payload, chat: string | undefined, me: Me) {
  const { key, Info } = _data ?? {}
  const chats = [chat, Info?.Chat, key?.remoteJid]
  const isNamed = chats.some((one) => one !== undefined)
  const his = fromMe
    ? [...(isNamed ? chats : [to ?? from]), Info?.RecipientAlt]
    : [from, _data?.from, ...chats, key?.remoteJidAlt, key?.senderPn, key?.senderLid, Info?.Sender, Info?.SenderAlt]
  const mine = [me?.id, me?.lid].map(bare)
  const found = his.map(bare).filter((one) => one !== undefined && !mine.includes(one))
  const { addresses, telefone, naoPessoa } = identityOf(found)
  const contato: EventContact = { ids: addresses, telefone }
  const conversa = found.find((one) => one !== undefined && addresses.includes(one))
  return { contato, conversa, naoPessoa }
}

/** Without a device, and in the form that WAHA takes (docs/vendors/chat.md#waha-addresses). */
const bare = (written: string | undefined): string | undefined =>
  parseJid(written ?? '')?.endereco.replace(/@s\.whatsapp\.net$/, '@c.us')
