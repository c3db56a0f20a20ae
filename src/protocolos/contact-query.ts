import { fromDigits, isAssignable, isWhole, toE164, writtenForms } from '../lib/phone.js'

/** What of a customer is looked for: his phone, in every form that it may be stored in, or the words that his name has. */
export type ContactQuery =
  | {
      readonly telefones: readonly string[]
      /** Protocols whose customer was known by one of these telephones later. */
      readonly numeros?: ReadonlySet<number>
    }
  | { readonly nome: string }

/** Digits and what people write between them; a chat address may follow. */
const PHONE = /^(?:tel:|whatsapp:)?\s*([+(\d][\d\s().+\-/x‐-―−]*)(?:@(?:s\.whatsapp\.net|c\.us))?$/iu
/** A number without its area code has eight digits, or nine. */
const LOCAL = /^9?\d{8}$/
/** Brazilian area codes. */
const AREAS = (
  '11 12 13 14 15 16 17 18 19 21 22 24 27 28 31 32 33 34 35 37 38 41 42 43 44 45 46 47 48 49 51 53 54 55 ' +
  '61 62 63 64 65 66 67 68 69 71 73 74 75 77 79 81 82 83 84 85 86 87 88 89 91 92 93 94 95 96 97 98 99'
).split(' ')

/** Reads what somebody looks for; `undefined` where there is no letter and no digit in it. */
export function toContactQuery(written: string): ContactQuery | undefined {
  const telefones = phonesIn(written.normalize('NFKC').trim())
  if (telefones.length > 0) return { telefones }
  const nome = foldWords(written)
  return nome === '' ? undefined : { nome }
}

/** All phones that may be meant. Without a country it is a Brazilian one where there is such a number, else one of anywhere. */
function phonesIn(written: string): string[] {
  const number = PHONE.exec(written)?.[1]
  // With words around it, or behind a link: as it is stored.
  if (number === undefined) return wholeIn(written)
  const digits = number.replace(/\D/g, '')
  if (digits.length < 8) return []
  if (LOCAL.test(digits)) return formsOf(AREAS.map((area) => `+55${area}${digits}`))
  const whole = digits.replace(/^00/, '')
  const abroad = toE164(`+${whole}`) ?? fromDigits(whole)
  if (number.startsWith('+') || digits.startsWith('00')) return formsOf([abroad])
  const brazilian = toE164(digits)
  return isAssignable(brazilian) ? formsOf([brazilian]) : formsOf([brazilian, abroad])
}

function wholeIn(written: string): string[] {
  const phone = /\d{4}/.test(written) ? toE164(written) : undefined
  return isWhole(phone) ? formsOf([phone]) : []
}

const formsOf = (phones: readonly (string | undefined)[]): string[] => [...new Set(phones.flatMap(writtenForms))]

/** Without accents, case and ornament (`𝓜𝓪𝓻𝓲𝓪`), the words parted by one space, each with a space before it. */
function foldWords(text: string): string {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return plain
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => ` ${word}`)
    .join('')
}

/** Does a name hold these words, one behind the other, the last one perhaps only begun? */
export const holdsWords = (name: string | undefined, words: string): boolean =>
  name !== undefined && foldWords(name).includes(words)
