import { z } from 'zod'
import { TYPE_WORDS } from '../lib/type-words.js'
import { unknownKeys } from './unknown.js'

const fallback = z.locales.pt().localeError

const UNITS: Readonly<Record<string, readonly [one: string, more: string]>> = {
  string: [' caractere', ' caracteres'],
  array: [' item', ' itens'],
}

function counted(count: number | bigint, origin: string): string {
  const [one, more] = UNITS[origin] ?? ['', '']
  return `${count}${Number(count) === 1 ? one : more}`
}

/** What is wrong with a field, in Brazilian Portuguese; rare problems get the text of the library, which is in European Portuguese. */
export const portuguese: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'too_small':
      return `Deve ter no mínimo ${counted(issue.minimum, issue.origin)}`
    case 'too_big':
      return `Deve ter no máximo ${counted(issue.maximum, issue.origin)}`
    case 'invalid_type':
      return `Deve ser ${TYPE_WORDS[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `Deve ser um destes: ${issue.values.join(', ')}`
    case 'unrecognized_keys':
      return unknownKeys(issue.keys, issue.inst)
    case 'invalid_format':
      return 'Formato inválido'
    default:
      return fallback(issue)
  }
}
