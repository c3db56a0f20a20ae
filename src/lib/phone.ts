import { findPhoneNumbersInText, parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** A phone number in E.164 (`+5511987654321`); one without a country code is Brazilian. `undefined` when it is none. */
export function toE164(written: string | undefined): string | undefined {
  if (written === undefined) return undefined
  // Without `extract` a LID or an e-mail is not read as the number that stands in it
  // (docs/vendors/chat.md#reading-a-number).
  const parsed = parsePhoneNumberFromString(written, { defaultCountry: 'BR', extract: false })
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

/** In E.164, for digits that begin with the country code, as those of a `@s.whatsapp.net` address do. */
export const fromDigits = (digits: string | undefined): string | undefined =>
  digits !== undefined && /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : undefined

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
