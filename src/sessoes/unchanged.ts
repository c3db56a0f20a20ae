import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Context } from 'koa'

/**
 * Tells a page that has this answer already that it is so still, instead of saying it again. The page keeps it, for as long as it
 * is open: no browser stores what is read here, customers are in it.
 */
export function sayUnchanged(ctx: Context): void {
  // A stream has no end to wait for.
  if (ctx.status !== 200 || ctx.body == null || ctx.body instanceof Readable) return
  const text = JSON.stringify(ctx.body)
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  ctx.set('ETag', etag)
  // A proxy that compresses makes it a weak one.
  if (ctx.get('If-None-Match').replace(/^W\//, '') === etag) {
    ctx.status = 304
    return
  }
  ctx.body = text
  ctx.type = 'json'
}
