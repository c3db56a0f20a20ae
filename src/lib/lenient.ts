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
  flag: z.boolean().optional().catch(undefined),
  number: z.number().optional().catch(undefined),
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

/** Unix time in seconds, as a number or a text. */
export const fromUnix = (seconds: string | number | undefined): Date | undefined => {
  const value = Number(seconds)
  return seconds === undefined || !Number.isFinite(value) || value <= 0 ? undefined : new Date(value * 1_000)
}
/** Is this one of the secrets? All are compared, each in constant time. */
export const isOneOf = (found: string | undefined, secrets: readonly string[]): boolean =>
  secrets.map((secret) => sameText(found, secret)).includes(true)

export const bearer = (header: string | undefined): string | undefined => /^Bearer (\S+)$/i.exec(header ?? '')?.[1]
