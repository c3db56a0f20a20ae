import type { z } from 'zod'
import { TYPE_WORDS } from '../lib/type-words.js'
import { unknownKeys } from './unknown.js'

export const REQUIRED = 'Campo obrigatório'

const UNITS: Readonly<Record<string, readonly [one: string, more: string]>> = {
  string: [' caractere', ' caracteres'],
  array: [' item', ' itens'],
}

/** What a text should have looked like, by zod's name of the form; a pattern has to bring its own words. */
const FORMS: Readonly<Record<string, string>> = {
  email: 'Deve ser um endereço de e-mail, como ana@exemplo.com.br',
  url: 'Deve ser um endereço inteiro, como https://chat.exemplo.com.br',
  datetime: 'Deve ser uma data com hora, como 2026-01-31T00:00:00Z',
  date: 'Deve ser uma data, como 2026-01-31',
}

/** What is wrong with a field, and what would be right, in Brazilian Portuguese. */
export const portuguese: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'too_small':
      return bounded(issue.origin, issue.minimum, 'no mínimo', issue.inclusive === false ? 'maior que' : 'no mínimo')
    case 'too_big':
      return bounded(issue.origin, issue.maximum, 'no máximo', issue.inclusive === false ? 'menor que' : 'no máximo')
    case 'invalid_type':
      return issue.input === undefined ? REQUIRED : `Deve ser ${TYPE_WORDS[issue.expected] ?? 'de outro tipo'}`
    case 'invalid_value':
      return oneOf(issue.values, issue.input)
    case 'unrecognized_keys':
      return unknownKeys(issue.keys, issue.inst)
    case 'invalid_format':
      return FORMS[issue.format] ?? 'Não tem a forma esperada: veja a descrição em /docs'
    case 'not_multiple_of':
      return `Deve ser múltiplo de ${issue.divisor}`
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'Não é um nome que exista aqui'
    case 'invalid_union':
      return oneOf(Array.isArray(issue.options) ? issue.options : [], Object(issue.input)[String(issue.discriminator)])
    default:
      return 'Não serve aqui: veja a descrição em /docs'
  }
}

function bounded(origin: string, limit: number | bigint | string, ofLength: string, ofNumber: string): string {
  const [one, more] = UNITS[origin] ?? []
  if (one === undefined || more === undefined) return `Deve ser ${ofNumber} ${limit}`
  return `Deve ter ${ofLength} ${limit}${Number(limit) === 1 ? one : more}`
}

function oneOf(values: readonly unknown[], input: unknown): string {
  const list = values.map(String).join(', ')
  if (list === '') return 'Não tem nenhuma das formas aceitas: veja a descrição em /docs'
  return input === undefined ? `${REQUIRED}. Use um destes: ${list}` : `Deve ser um destes: ${list}`
}
