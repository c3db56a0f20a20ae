import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { omitUndefined } from './omit.js'

/** A phone number in E.164 (`+5511987654321`); one without a country code is Brazilian. `undefined` when it is none. */
export function toE164(written: string | undefined): string | undefined {
  if (written === undefined) return undefined
  // Without `extract` a LID or an e-mail is not read as the number that stands in it
  // (docs/vendors/chat.md#reading-a-number).
  const parsed = parsePhoneNumberFromString(written, { defaultCountry: 'BR', extract: false })
  return parsed?.isPossible() ? parsed.number : undefined
}

/** In E.164, for digits that begin with the country code, as those of a `@s.whatsapp.net` address do. */
export const fromDigits = (digits: string | undefined): string | undefined =>
  digits !== undefined && /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : undefined

/** An address of WhatsApp. Its domain says what it is: the digits of a LID look like those of a telephone. */
export interface Jid {
  readonly tipo: 'telefone' | 'lid' | 'grupo' | 'canal' | 'status' | 'outro'
  /** Without the device that may stand in it. */
  readonly endereco: string
  readonly telefone?: string
}

const DOMAINS: Readonly<Record<string, Jid['tipo']>> = {
  's.whatsapp.net': 'telefone',
  'c.us': 'telefone',
  lid: 'lid',
  'hosted.lid': 'lid',
  'g.us': 'grupo',
  newsletter: 'canal',
  broadcast: 'status',
}

/** Takes `user[:device]@domain` apart. One without a domain is none. */
export function parseJid(written: string): Jid | undefined {
  const [, user, domain] = /^([^@:_]+)(?:[:_]\d+)?(?::\d+)?@([\w.]+)$/.exec(written) ?? []
  if (user === undefined || domain === undefined) return undefined
  const tipo = DOMAINS[domain] ?? 'outro'
  const telefone = tipo === 'telefone' ? fromDigits(user) : undefined
  return omitUndefined({ tipo, endereco: `${user}@${domain}`, telefone })
}

/**
 * All ways to write one Brazilian phone: WhatsApp often leaves the ninth digit out. For comparing only; a call or a message
 * uses the number as it came in. A landline (2 to 5) has no ninth digit, and 7 may be either
 * (docs/vendors/chat.md#the-ninth-digit).
 */
export function phoneForms(e164: string): string[] {
  const [, ddd, local] = /^\+55(\d\d)(\d{8})$/.exec(e164) ?? []
  if (ddd === undefined || local === undefined || /^[2-5]/.test(local)) return [e164]
  const withNinth = `+55${ddd}9${local}`
  return local.startsWith('7') ? [e164, withNinth] : [withNinth]
}
