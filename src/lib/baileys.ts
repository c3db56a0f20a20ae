import { z } from 'zod'

/** A message of WhatsApp's protocol, as Baileys and whatsmeow hand it on: one field, by which its kind is told. */
export type WhatsappMessage = Readonly<Record<string, unknown>>

const MOST_WRAPPERS = 4
const Wrapper = z.object({ message: z.record(z.string(), z.unknown()) })

/**
 * A message and what its wrappers hold, the outermost first.
 *
 * @param wrappers the kinds that hold another message one level deeper
 */
export function unwrap(
  message: WhatsappMessage,
  wrappers: readonly string[],
  depth = MOST_WRAPPERS,
): WhatsappMessage[] {
  const held = wrappers.map((kind) => Wrapper.safeParse(message[kind]).data?.message).filter((one) => one !== undefined)
  return [message, ...(depth > 0 ? held.flatMap((one) => unwrap(one, wrappers, depth - 1)) : [])]
}
