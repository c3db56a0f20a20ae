import type { Context } from 'koa'
import { AppError } from '../lib/errors.js'

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

const FOREIGN = 'Este pedido não veio desta página: recarregue-a e tente de novo'

/**
 * A cookie goes along with whatever a browser sends, so whatever changes something must come from a page of ours: a browser says
 * so in `Sec-Fetch-Site`, an older one by `Origin` (docs/vendors/browsers.md#requests-of-other-sites).
 *
 * @throws 403
 */
export function requireSameOrigin(ctx: Context): void {
  if (SAFE.has(ctx.method)) return
  const site = ctx.get('Sec-Fetch-Site')
  const isOurs = site === '' ? isOrigin(ctx.get('Origin'), ctx.get('Host')) : site === 'same-origin'
  if (!isOurs) throw new AppError(403, FOREIGN, { extra: { motivo: 'outra_origem' } })
}

const isOrigin = (origin: string, host: string): boolean =>
  URL.canParse(origin) && /^https?:/i.test(origin) && new URL(origin).host === hostOf(new URL(origin).protocol, host)

/** As a URL has it: in lower case, without the port that the scheme has anyway. */
const hostOf = (protocol: string, host: string): string | undefined =>
  URL.canParse(`${protocol}//${host}`) ? new URL(`${protocol}//${host}`).host : undefined
