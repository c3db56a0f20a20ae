import { z } from 'zod'
import { toWhole } from '../lib/phone.js'
import { CAMPOS, unknownField } from '../lib/template.js'
import { normalized } from '../lib/unicode.js'
import { REQUIRED } from './portuguese.js'

const UNSTORABLE = /\0|\p{Surrogate}/u

/**
 * A string as we store it: trimmed, in Unicode form NFC, without NUL and without lone surrogates. One of a wrong length is looked
 * at no further: a pattern that is added to it may take long on a long text.
 */
export const text = (min: number, max: number): z.ZodString =>
  z
    .string()
    .overwrite((value) => normalized(value, 'NFC'))
    .trim()
    .min(min, { abort: true })
    .max(max, { abort: true })
    .refine((value) => !UNSTORABLE.test(value), { message: 'Contém caracteres que não podem ser gravados: tire-os' })

/** A text with fields of its own in braces. */
export const template = (max: number) =>
  text(1, max).superRefine((value, ctx) => {
    const unknown = unknownField(value)
    if (unknown === undefined) return
    ctx.addIssue({
      code: 'custom',
      message: `{${unknown.slice(0, 40)}} não existe: use ${CAMPOS.map((one) => `{${one}}`).join(', ')}`,
    })
  })

/** Spaces of any kind, and marks that nobody sees, as apps leave them around what is copied. */
const UNSEEN = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

/** A person's name: on one line, with something to read in it. */
export const personName = z
  .string()
  .overwrite((value) => normalized(value, 'NFC').replace(UNSEEN, '').replace(/\s+/g, ' '))
  .trim()
  .min(2, { abort: true })
  .max(255, { abort: true })
  .refine((value) => !UNSTORABLE.test(value) && !/\p{Cc}/u.test(value), {
    message: 'Contém caracteres que não podem ser gravados: tire-os',
  })
  .refine((value) => /[\p{L}\p{N}]/u.test(value), { message: 'Deve ter letras' })

/** Language, script, region: `pt`, `pt-BR`, `es-419`, `zh-Hans`. */
const LANGUAGE = /^[A-Za-z]{2,3}(?:[-_][A-Za-z]{4})?(?:[-_](?:[A-Za-z]{2}|\d{3}))?$/
const A_CODE = 'Use um código, como pt, en, es'

/** The code of a language. */
export const language = z
  .string({ error: ({ input }) => (input === undefined ? `${REQUIRED}. ${A_CODE}` : A_CODE) })
  .trim()
  .regex(LANGUAGE, { message: A_CODE })

/** Characters of a telephone as somebody writes it. */
const MAX_PHONE = 64

const A_PHONE =
  'Não é um telefone inteiro: use DDD e número, como (11) 98765-4321, ou, de outro país, + e o código dele, como +351 912 345 678'

/** A telephone in every form that a person writes, as E.164. */
export const telephone = z
  .string()
  .max(MAX_PHONE, { abort: true })
  .transform((written, ctx) => {
    const number = toWhole(written)
    if (number !== undefined) return number
    ctx.addIssue({ code: 'custom', message: A_PHONE })
    return z.NEVER
  })

/** How a telephone is documented. */
export const TELEPHONE = {
  description: 'Como se escreve: (11) 98765-4321, 5511…, +351 …; é gravado e mostrado com + e o código do país',
  example: '+5511987654321',
} as const

/** A whole number written in a path or a query. */
export const integer = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^-?\d{1,16}$/, { message: 'Deve ser um número inteiro' })
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .meta({ override: { type: 'integer', minimum: min, ...(max < Number.MAX_SAFE_INTEGER && { maximum: max }) } })

/** The same, where it may be left out. */
export const integerOr = (fallback: number, min: number, max?: number) =>
  integer(min, max)
    .default(fallback)
    .meta({ override: { default: fallback } })

/** An instant in what is returned; the handler gives it as a Date. */
export const instant = z
  .date()
  .transform((at) => at.toISOString())
  .pipe(z.iso.datetime())

/** A field of what is returned: `null` where the handler gives nothing. */
export const orNull = <T extends z.ZodType>(type: T, meta: z.GlobalMeta = {}) =>
  z.prefault(type.nullable().meta(meta), null)
