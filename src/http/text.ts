import { z } from 'zod'

const UNSTORABLE = /\0|\p{Surrogate}/u

/**
 * A string as we store it: trimmed, in Unicode form NFC, without NUL and without lone surrogates. One of a wrong length is looked
 * at no further: a pattern that is added to it may take long on a long text.
 */
export const text = (min: number, max: number): z.ZodString =>
  z
    .string()
    .normalize('NFC')
    .trim()
    .min(min, { abort: true })
    .max(max, { abort: true })
    .refine((value) => !UNSTORABLE.test(value), { message: 'Contém caracteres que não podem ser gravados' })

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
