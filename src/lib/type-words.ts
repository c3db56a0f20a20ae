/** What a field should have been, by zod's name of its type, in Brazilian Portuguese. */
export const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'um texto',
  number: 'um número',
  int: 'um número inteiro',
  boolean: 'verdadeiro ou falso',
  array: 'uma lista',
  object: 'um objeto',
  record: 'um objeto',
  null: 'nulo (null)',
  date: 'uma data',
}
