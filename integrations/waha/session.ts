import { z } from 'zod'

type Config = Readonly<Record<string, unknown>>

const Webhook = z.looseObject({ url: z.string() })

/** With these WAHA repeats a webhook for some half an hour (docs/vendors/chat.md#waha-webhooks). */
const RETRIES = { policy: 'exponential', delaySeconds: 2, attempts: 10 }

/**
 * The session's configuration with our webhook in it. WAHA replaces the whole and restarts the session, so all else that stands
 * there is kept, and nothing is written where ours is there already.
 *
 * @returns `undefined` when nothing has to change
 */
export function withWebhook(config: Config, { url, secret }: { url: string; secret: string }): Config | undefined {
  const known = z.array(z.unknown()).safeParse(config.webhooks).data ?? []
  const ours = { url, events: ['message.any', 'call.rejected'], hmac: { key: secret }, retries: RETRIES }
  const mine = known.filter((one) => isOurs(one, url))
  if (mine.length === 1 && holds(mine[0], ours)) return undefined
  return { ...config, webhooks: [...known.filter((one) => !isOurs(one, url)), ours] }
}

/** At our address, or at one with the secret behind it. */
function isOurs(webhook: unknown, url: string): boolean {
  const found = Webhook.safeParse(webhook).data?.url.replace(/\/$/, '')
  return found !== undefined && (found === url || found.startsWith(`${url}/`))
}

/** Is all that we ask for in it? */
function holds(found: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return found === wanted
  if (typeof found !== 'object' || found === null) return false
  const fields = new Map(Object.entries(found))
  return Object.entries(wanted).every(([name, value]) => holds(fields.get(name), value))
}
