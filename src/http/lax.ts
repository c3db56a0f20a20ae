import { z } from 'zod'

/**
 * What the old system read as a boolean, whatever the case (docs/vendors/fastapi.md#values-out-of-texts). For its own routes only:
 * new ones take JSON's types.
 */
const TRUE = ['1', 't', 'true', 'y', 'yes', 'on']
const FALSE = ['0', 'f', 'false', 'n', 'no', 'off']

/** A whole number, also as a text: `3`, `"3"`, `" 3 "`, `"3.0"`. */
const WHOLE = /^\s*\+?\d{1,16}(?:\.0*)?\s*$/

/** These words, whatever their case. */
const anyCase = (words: readonly string[]): string =>
  `^(${words.map((word) => word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)).join('|')})$`

/** In the OpenAPI document one of these, instead of what the schema of the value itself says. */
const documentedAs = (anyOf: readonly object[]) => ({
  override: ({ jsonSchema }: { jsonSchema: object }) => {
    for (const key of ['type', 'minimum', 'maximum']) Reflect.deleteProperty(jsonSchema, key)
    Object.assign(jsonSchema, { anyOf })
  },
})

/** Yes or no: a boolean, 0 or 1, or a word for it. */
export const laxBoolean = z
  .preprocess((given) => {
    const word = typeof given === 'number' ? String(given) : typeof given === 'string' ? given.toLowerCase() : ''
    return TRUE.includes(word) ? true : FALSE.includes(word) ? false : given
  }, z.boolean())
  .meta(
    documentedAs([{ type: 'boolean' }, { enum: [0, 1] }, { type: 'string', pattern: anyCase([...TRUE, ...FALSE]) }]),
  )

const whole = z.int({
  error: ({ code, input }) =>
    code === 'invalid_type' && input !== undefined ? 'Deve ser um número inteiro' : undefined,
})

/** A whole number, also written as a text. */
export const laxInteger = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  z
    .preprocess(
      (given) => (typeof given === 'string' && WHOLE.test(given) ? Number(given) : given),
      whole.min(min).max(max),
    )
    .meta(
      documentedAs([
        { type: 'integer', minimum: min, ...(max < Number.MAX_SAFE_INTEGER && { maximum: max }) },
        { type: 'string', pattern: WHOLE.source },
      ]),
    )
