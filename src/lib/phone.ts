import { parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** A phone number in E.164 (`+5511987654321`); one without a country code is Brazilian. `undefined` when it is none. */
export function toE164(written: string): string | undefined {
  const parsed = parsePhoneNumberFromString(written, 'BR')
  return parsed?.isPossible() ? parsed.number : undefined
}
