import { createHash } from 'node:crypto'
import type { Context } from 'koa'

/** A file as a browser gets it. */
export interface Asset {
  readonly type: string
  readonly content: string | Buffer
  readonly etag: string
}

/** A name that holds a hash of the content never stands for another one: a browser need not ask again for a year. */
const FOR_EVER = 'public, max-age=31536000, immutable'
const ASK_AGAIN = 'no-cache'

export function asset(type: string, content: string | Buffer): Asset {
  return { type, content, etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"` }
}

interface Sending {
  /** The Content-Security-Policy. */
  readonly policy: string
  readonly immutable?: boolean
}

/** Sends it, or 304 to who has it already. */
export function sendAsset(ctx: Context, { type, content, etag }: Asset, { policy, immutable = false }: Sending): void {
  ctx.set({
    'Content-Security-Policy': policy,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': immutable ? FOR_EVER : ASK_AGAIN,
    ETag: etag,
  })
  ctx.status = 200
  if (ctx.fresh) {
    ctx.status = 304
    return
  }
  ctx.type = /^(text|application\/json|image\/svg)/.test(type) ? `${type}; charset=utf-8` : type
  ctx.body = content
}
