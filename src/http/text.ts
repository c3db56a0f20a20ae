import { z } from 'zod'

const UNSTORABLE = /\0|\p{Surrogate}/u

/** A string as we store it: trimmed, in Unicode form NFC, without NUL and without lone surrogates. */
export const text = (min: number, max: number): z.ZodString =>
  z
    .string()
    .normalize('NFC')
    .trim()
    .min(min)
    .max(max)
    .refine((value) => !UNSTORABLE.test(value), { message: 'Contém caracteres que não podem ser gravados' })

/** A whole number written in a path or a query. */
export const whole = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^-?\d{1,16}$/, { message: 'Deve ser um número inteiro' })
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .meta({ override: { type: 'integer', minimum: min, ...(max < Number.MAX_SAFE_INTEGER && { maximum: max }) } })
