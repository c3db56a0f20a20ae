import { z } from 'zod'
import { sameText } from './signature.js'

/**
 * Fields as platforms send them: of another type than documented they count as absent, so that one odd field does not cost a
 * customer his turn.
 */
export const lenient = {
  /** There or not, whatever it is. */
  any: z.unknown().optional(),
  /** A text that is not empty. */
  text: z.string().trim().min(1).optional().catch(undefined),
  /** Yes or no, also as a text. */
  flag: z
    .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
    .optional()
    .catch(undefined),
  /** A number, also as a text. */
  number: z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,20}$/)
        .transform(Number),
    ])
    .optional()
    .catch(undefined),
  /** An id: numbers and texts are the same. */
  id: z
    .union([z.string().trim().min(1), z.number().int()])
    .transform(String)
    .optional()
    .catch(undefined),
}

/** An object with these fields, whatever else it holds; anything else counts as absent. */
export const part = <S extends z.core.$ZodLooseShape>(shape: S) => z.object(shape).optional().catch(undefined)

/** An instant, out of what `Date` reads; one that is none counts as absent. */
export const instant = (given: z.ZodType<string | number>) =>
  given
    .transform((value) => new Date(value))
    .refine((date) => !Number.isNaN(date.getTime()))
    .optional()
    .catch(undefined)

/** From here on a Unix time is one in milliseconds: in seconds it is the year 5138. */
const MILLISECONDS = 100_000_000_000

/** Unix time in seconds, or in milliseconds as bridges tell it, as a number or a text; one that no date holds counts as absent. */
export const fromUnix = (told: string | number | undefined): Date | undefined => {
  const value = Number(told)
  if (told === undefined || !(value > 0)) return undefined
  const date = new Date(value < MILLISECONDS ? value * 1_000 : value)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** Is this one of the secrets? All are compared, each in constant time. */
export const isOneOf = (found: string | undefined, secrets: readonly string[]): boolean =>
  secrets.map((secret) => sameText(found, secret)).includes(true)

export const bearer = (header: string | undefined): string | undefined => /^Bearer (\S+)$/i.exec(header ?? '')?.[1]
