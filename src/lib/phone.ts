import { findPhoneNumbersInText, parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** What people write before a number, or an app puts there when it is copied. */
const BEFORE =
  /^(?:(?:tel|telefone|fone|cel|celular|phone|whats|whatsapp|sms|callto)\b[.:]*|(?:https?:\/\/)?wa\.me\/)\s*/i
/** The carrier that whoever dials has to choose: `0xx11`. */
const ANY_CARRIER = /^(\(?\s*0)\s*(?:xx|\*\*|--)\s*/i
const COUNTRY_IN_BRACKETS = /^\(\s*\+\s*(\d{1,3})\s*\)/
const EXTENSION = /\s*\(?\b(?:ramal|r\.)\s*\d{1,6}\)?$/i
/** Characters that are looked at. */
const MAX_WRITTEN = 100

/**
 * A phone number in E.164 (`+5511987654321`), however a person writes it: one without a country code is Brazilian, also with the
 * trunk's 0 and a carrier, and 00 stands for +. `undefined` when it is none.
 */
export function toE164(written: string | undefined): string | undefined {
  if (written === undefined || written.length > MAX_WRITTEN) return undefined
  const plain = written
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .trim()
    .replace(BEFORE, '')
    .replace(ANY_CARRIER, '$1')
    .replace(COUNTRY_IN_BRACKETS, '+$1 ')
    .replace(EXTENSION, '')
  const abroad = /^[^\d+]*0\s*0(.*)$/s.exec(plain)?.[1]
  if (abroad !== undefined) return fromAbroad(abroad)
  const parsed = parse(plain)
  return parsed?.isPossible() ? parsed.number : undefined
}

/** All numbers in a text, in E.164; one without a country code is of the country with this calling code. */
export function numbersIn(text: string, callingCode: string): string[] {
  const whole = parsePhoneNumberFromString(text, { defaultCallingCode: callingCode, extract: false })
  const parts = findPhoneNumbersInText(text, { defaultCallingCode: callingCode })
  return [...new Set([...(whole ? [whole.number] : []), ...parts.map(({ number }) => number.number)])]
}

/** The number as it is dialled within its country. */
export const nationalOf = (e164: string): string | undefined => parsePhoneNumberFromString(e164)?.nationalNumber

export const callingCodeOf = (e164: string): string | undefined => parsePhoneNumberFromString(e164)?.countryCallingCode

/** Is it a mobile, or of a country where that cannot be told? */
export function isMobile(e164: string): boolean {
  const type = parsePhoneNumberFromString(phoneForms(e164).at(-1) ?? e164)?.getType()
  return type === 'MOBILE' || type === 'FIXED_LINE_OR_MOBILE'
}

// Without `extract` a LID or an e-mail is not read as the number that stands in it
// (docs/vendors/chat.md#reading-a-number).
const parse = (written: string) => parsePhoneNumberFromString(written, { defaultCountry: 'BR', extract: false })

/** After 00 comes the country, or, dialled in Brazil, a carrier of two digits and then the country. */
function fromAbroad(rest: string): string | undefined {
  const digits = rest.replace(/\D/g, '')
  if (digits.length < rest.replace(/[\s().-]/g, '').length) return undefined
  return [digits, digits.slice(2)].map((one) => parse(`+${one}`)?.number).find((number) => isWhole(number))
}

/** A Brazilian number with its area. */
const WITH_AREA = /^\+55[1-9][1-9]\d{8,9}$/

/** Is this number whole, so that it can be called from anywhere? One that only lacks its area has a possible length too. */
export function isWhole(e164: string | undefined): e164 is string {
  if (e164 === undefined) return false
  if (WITH_AREA.test(e164)) return true
  const parsed = parse(e164)
  if (!parsed?.isPossible()) return false
  // `+11 98765-4321` lacks the 55.
  return parsed.isValid() || (parsed.countryCallingCode !== '55' && parse(e164.slice(1))?.isValid() !== true)
}

/**
 * A whole number, however a person or a flow writes it: without a `+` it is of another country where Brazil has no such number, as
 * the digits that WhatsApp tells of its customers. `undefined` when it is none.
 */
export function toWhole(written: string): string | undefined {
  const number = toE164(written)
  if (number !== undefined && phoneForms(number).some(isAssignable)) return number
  const abroad = /^\s*[1-9]/.test(written) ? toE164(`+${written.trim()}`) : undefined
  if (isAssignable(abroad)) return abroad
  return isWhole(number) ? number : undefined
}

/** In E.164, for digits that begin with the country code, as those of a `@s.whatsapp.net` address do. */
export const fromDigits = (digits: string | undefined): string | undefined =>
  digits !== undefined && /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : undefined

/** Is this a number that its country gives to somebody? */
export const isAssignable = (e164: string | undefined): boolean =>
  e164 !== undefined && parsePhoneNumberFromString(e164)?.isValid() === true

/** A country in which WhatsApp writes one mobile in two ways: what a number looks like, and its forms, the full one last. */
interface TwoForms {
  readonly written: RegExp
  readonly forms: (e164: string, national: string) => string[]
}

const TWO_FORMS: readonly TwoForms[] = [
  // Brazil: the ninth digit may be left out. A landline (2 to 5) never has one, and 7 may be either.
  { written: /^\+55(\d\d7\d{7})$/, forms: (e164, national) => [e164, withNinth(national)] },
  { written: /^\+55(\d\d[0-16-9]\d{7})$/, forms: (_, national) => [withNinth(national)] },
  // Argentina: a mobile has a 9 before its area code, which may be left out; a landline has none.
  { written: /^\+54([1-8]\d{9})$/, forms: (e164, national) => [e164, `+549${national}`] },
  // Mexico: a 1 before the number, no longer dialled since 2019, may still be there.
  { written: /^\+521(\d{10})$/, forms: (e164, national) => [e164, `+52${national}`] },
]

const withNinth = (national: string): string => `+55${national.slice(0, 2)}9${national.slice(2)}`

/**
 * All ways to write one phone. For comparing only: a call or a message uses the number as it came in
 * (docs/vendors/chat.md#one-mobile-in-two-forms).
 */
export function phoneForms(e164: string): string[] {
  for (const { written, forms } of TWO_FORMS) {
    const national = written.exec(e164)?.[1]
    if (national !== undefined) return forms(e164, national)
  }
  return [e164]
}

/** A full number: how it looks, and its short form. */
const SHORT: readonly (readonly [RegExp, string])[] = [
  [/^\+55(\d\d)9(\d{8})$/, '+55$1$2'],
  [/^\+549(\d{10})$/, '+54$1'],
  [/^\+52(\d{10})$/, '+521$1'],
]

/** All numbers that are the same phone, in whichever of its forms one is given: for finding what was stored in another one. */
export function writtenForms(e164: string | undefined): string[] {
  if (e164 === undefined) return []
  const full = phoneForms(e164)
  const short = full.flatMap((one) => SHORT.flatMap(([form, to]) => (form.test(one) ? [one.replace(form, to)] : [])))
  return [...new Set([e164, ...full, ...short.filter((one) => phoneForms(one).some((form) => full.includes(form)))])]
}
