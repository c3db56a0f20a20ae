import { z } from 'zod'
import { type AppError, unprocessable } from '../lib/errors.js'
import { sha256 } from './auth.js'
import type { Caller } from './route.js'

/** The key with or without its quotes. HTTP cuts spaces off its ends. */
const AS_SENT = '^(?!""$)(?:"[ -~]{1,255}"|[!-~](?:[ -~]{0,253}[!-~])?)$'

const key = z
  .string()
  .transform((given) => /^"(.*)"$/.exec(given)?.[1] ?? given)
  .pipe(z.string().regex(/^[\x20-\x7e]{1,255}$/, { message: 'De 1 a 255 caracteres ASCII imprimíveis' }))
  .optional()
  // No example: the pages would send it with every call, and each would be a repetition of the first.
  .meta({
    override: { type: 'string', minLength: 1, maxLength: 257, pattern: AS_SENT },
    description:
      'Um valor único por pedido, como `conversa-4711`: de 1 a 255 caracteres ASCII imprimíveis, com ou sem aspas em volta. Repetido com a mesma chave, o pedido recebe a mesma resposta e nada é dado de novo.',
  })

/** The header of every call that takes a number (the field's draft standard; bare values are accepted too). */
export const IdempotencyHeader = z.object({ 'idempotency-key': key })

/**
 * The key in its caller's own space, with the fingerprint of what is asked for.
 *
 * @param operation calls that do the same share one name
 * @param asked the validated input, as JSON
 */
export function idempotency(
  headers: z.output<typeof IdempotencyHeader>,
  caller: Caller,
  operation: string,
  asked: unknown,
): { chave?: string; impressao?: string } {
  const given = headers['idempotency-key']
  if (given === undefined) return {}
  const impressao = sha256(JSON.stringify([operation, canonical(asked)])).toString('base64url')
  return { chave: `api:${caller.id}:${given}`, impressao }
}

/** The key came before, for something else. */
export const keyReused = (): AppError =>
  unprocessable([
    {
      loc: ['header', 'idempotency-key'],
      msg: 'Esta Idempotency-Key já foi usada para outro pedido: use uma nova para cada pedido',
      type: 'idempotency_key_reused',
    },
  ])

/** The same value with its keys in order, so that two spellings of one request have one fingerprint. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (!(value instanceof Object)) return value
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => [name, canonical(one)])
}
