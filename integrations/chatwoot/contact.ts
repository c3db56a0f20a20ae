import { identityOf } from '../../src/lib/jid.js'
import { fromDigits, toE164 } from '../../src/lib/phone.js'
import type { EventContact, IgnoreReason } from '../contract.js'
import type { ContatoDoChatwoot, ConversaDoChatwoot } from './schema.js'

/** A contact of a conversation, or why it is no customer. */
export interface Read {
  readonly contato: EventContact
  readonly naoPessoa?: IgnoreReason | undefined
}

/** The channels that name a customer by his telephone: in `source_id` Twilio writes `whatsapp:+5511…`, Meta the bare digits. */
const BY_PHONE: ReadonlySet<string> = new Set(['Channel::Whatsapp', 'Channel::TwilioSms', 'Channel::Sms'])

/** The contacts through which Evolution and WAHA tell of their own connection: by phone, and by identifier. */
const BRIDGES: ReadonlySet<string | undefined> = new Set(['+123456', 'whatsapp.integration'])

/**
 * Whom a webhook is about, by every id in it. A bridge (Evolution, WAHA, Z-API) leaves an address of WhatsApp in `identifier`,
 * in `source_id` or in an attribute, and may put the digits of a LID where a phone belongs
 * (docs/vendors/chat.md#addresses-behind-a-bridge).
 *
 * @param sender who wrote; absent: the conversation's contact
 */
export function readContact(conversation: ConversaDoChatwoot, sender?: ContatoDoChatwoot | null): Read | undefined {
  const { inbox_id, contact_inbox, channel, meta } = conversation
  const contact = sender?.id === undefined ? meta?.sender : sender
  if (contact?.id === undefined) return undefined
  const source = contact_inbox?.source_id
  const written = [...addressesOf(contact), source]
  // In a group, as forks have it, the sender is a member and the conversation's contact is the group.
  const { naoPessoa } = identityOf([...written, ...(meta?.sender ? addressesOf(meta.sender) : [])])
  const phone = contact.phone_number
  const told = phone?.startsWith('+') ? toPhone(phone.slice(1).replace(/\D/g, '')) : undefined
  const { addresses, telefone = identityOf(written, phoneIn(source, channel)).telefone } = identityOf(written, told)
  const known = [contact.identifier, ...addresses].flatMap((one) => (one === undefined ? [] : [`id:${one}`]))
  // The contact's own id changes when two contacts are merged; its id in the inbox stays.
  const inInbox = source === undefined || inbox_id === undefined ? [] : [`caixa:${inbox_id}:${source}`]
  const { name, email } = contact
  return {
    contato: { ids: [...new Set([contact.id, ...known, ...inInbox])], nome: name, telefone, email },
    naoPessoa: naoPessoa ?? whyNobody(conversation, contact),
  }
}

function whyNobody({ group, group_type }: ConversaDoChatwoot, contact: ContatoDoChatwoot): IgnoreReason | undefined {
  if (group === true || group_type === 'group') return 'grupo'
  return BRIDGES.has(contact.phone_number) || BRIDGES.has(contact.identifier) ? 'robo' : undefined
}

const addressesOf = ({ identifier, phone_number, custom_attributes: noted }: ContatoDoChatwoot) => [
  identifier,
  phone_number,
  noted?.waha_whatsapp_chat_id,
  noted?.waha_whatsapp_jid,
  noted?.waha_whatsapp_lid,
]

function phoneIn(source: string | undefined, channel: string | undefined): string | undefined {
  const digits = /^(?:whatsapp:)?\+?([1-9]\d{6,14})$/.exec(source ?? '')?.[1]
  return digits !== undefined && channel !== undefined && BY_PHONE.has(channel) ? toPhone(digits) : undefined
}

/** More than 13 digits are those of a LID, but in a country whose numbers are so long. */
const toPhone = (digits: string): string | undefined => (digits.length > 13 ? toE164(`+${digits}`) : fromDigits(digits))
