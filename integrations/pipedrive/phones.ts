import { callingCodeOf, isMobile, nationalOf, numbersIn, phoneForms } from '../../src/lib/phone.js'

/** A text that people wrote into a field of a telephone; of longer ones only the beginning is read. */
const MOST_READ = 200
const BRAZIL = '55'
/** Between two numbers in one field. */
const BETWEEN = /[/;,|\n]|\s(?:e|ou|y|o|and|or)\s/i
/** An extension behind a number, in words that libphonenumber does not know. */
const EXTENSION = /[\s,;.(-]*\b(?:ramal|rml|rm|r|extens[aã]o|extensi[oó]n|interno)\b[.:\s]*\d{1,6}\)?\s*$/i
/** `0xx11`: where a carrier's code has to be put in. */
const CARRIER_MISSING = /0\s*x\s*x\s*/gi

/**
 * What the phone search is asked for, one after the other: the last eight digits, in which every way to write a Brazilian
 * number ends, then the number as it is dialled within its country (docs/vendors/pipedrive.md#searching-a-phone).
 */
export function searchTerms(e164: string): string[] {
  const digits = e164.replace(/\D/g, '')
  return [...new Set([digits.slice(-8), nationalOf(e164) ?? digits])]
}

/** Do both lead to the same telephone? The ninth digit may be missing from a mobile's, never added to a landline's. */
export function isSamePhone(written: string, e164: string): boolean {
  const forms = new Set(phoneForms(e164))
  return readings(written, e164).some((number) => phoneForms(number).some((form) => forms.has(form)))
}

/** Is this very form written there already, however it is punctuated? */
export const isWritten = (written: string, e164: string): boolean => readings(written, e164).includes(e164)

/** Is a mobile among what is written there? */
export const hasMobile = (written: string, e164: string): boolean => readings(written, e164).some(isMobile)

/** The numbers that a text can be read as; one without a country code is of the other number's country, or Brazilian. */
function readings(written: string, e164: string): string[] {
  const text = written.slice(0, MOST_READ).replace(CARRIER_MISSING, '')
  const codes = [...new Set([callingCodeOf(e164) ?? BRAZIL, BRAZIL])]
  const found = new Set<string>()
  let area: string | undefined
  for (const part of text.split(BETWEEN)) {
    const one = part.replace(EXTENSION, '').trim()
    const dialled = one.replace(/\D/g, '')
    const digits = dialled.replace(/^0+/, '')
    if (digits === '') continue
    // As it stands: libphonenumber takes some mobiles without their ninth digit for numbers of another country.
    const plain = one.startsWith('+') || digits.length > 11 ? `+${digits}` : `+${BRAZIL}${digits}`
    found.add(plain)
    // From most countries one dials 00 before another's code.
    if (dialled.startsWith('00')) found.add(`+${digits}`)
    for (const number of codes.flatMap((code) => numbersIn(one, code))) found.add(number)
    // The second of two is often written without its area code.
    if (area !== undefined && (digits.length === 8 || digits.length === 9)) found.add(`+${BRAZIL}${area}${digits}`)
    area = /^\+55(\d\d)\d{8,9}$/.exec(plain)?.[1] ?? area
  }
  return [...found]
}
