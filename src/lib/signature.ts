import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { parseJson } from './json.js'

/** Compares in constant time; bytes of different lengths are not the same. */
export function sameBytes(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

/** Compares texts in constant time; a missing text, or an empty secret, is never the same. */
export const sameText = (given: string | undefined, secret: string): boolean =>
  given !== undefined && secret !== '' && sameBytes(Buffer.from(given), Buffer.from(secret))

export const hmac = (algorithm: 'sha1' | 'sha256', key: string | Buffer, ...parts: (string | Buffer)[]): Buffer =>
  parts.reduce((sum, part) => sum.update(part), createHmac(algorithm, key)).digest()

/** Is this `sha256=<hex>` the HMAC-SHA256 of these bytes under one of these keys? */
export function isHexSignature(given: string | undefined, keys: readonly string[], ...parts: (string | Buffer)[]) {
  const [, hex] = /^sha256=([0-9a-f]{64})$/.exec(given ?? '') ?? []
  if (hex === undefined) return false
  const sum = hexHmac('sha256', hex, keys)
  for (const part of parts) sum.update(part)
  return sum.isRight()
}

/** An HMAC in hex, verified over bytes that may come in pieces. */
export interface HexHmac {
  update(bytes: Uint8Array | string): void
  /** Once all bytes were shown: is it theirs, under one of the keys? */
  isRight(): boolean
}

/** Begins to verify what was given as the HMAC of bytes that are still to come. */
export function hexHmac(algorithm: 'sha256' | 'sha512', given: string, keys: readonly string[]): HexHmac {
  const sums = keys.map((key) => createHmac(algorithm, key))
  return {
    update: (bytes) => {
      for (const sum of sums) sum.update(bytes)
    },
    isRight: () => sums.map((sum) => sameText(given.toLowerCase(), sum.digest('hex'))).includes(true),
  }
}

/** Is this Unix time at most `tolerance` seconds before or after now? */
export function isNear(seconds: string | undefined, now: Date, tolerance: number): boolean {
  if (seconds === undefined || !/^\d{1,12}$/.test(seconds)) return false
  return Math.abs(Math.floor(now.getTime() / 1_000) - Number(seconds)) <= tolerance
}

const TOLERANCE_S = 300

export type StandardHeaders = Readonly<Record<'id' | 'timestamp' | 'signature', string | undefined>>

const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64')

const digest = (secret: string, id: string, timestamp: string, body: Buffer | string): Buffer =>
  hmac('sha256', keyOf(secret), `${id}.${timestamp}.`, body)

/** Standard Webhooks (standardwebhooks.com, specification): `v1,<base64>` over `id.timestamp.body`, five minutes either way. */
export function isStandardWebhook(
  { id, timestamp, signature }: StandardHeaders,
  secrets: readonly string[],
  body: Buffer,
  now: Date,
): boolean {
  if (!id || !timestamp || !signature || !isNear(timestamp, now, TOLERANCE_S)) return false
  const given = signature
    .split(' ')
    .flatMap((one) => (one.startsWith('v1,') ? [Buffer.from(one.slice(3), 'base64')] : []))
  const right = secrets.map((secret) => digest(secret, id, timestamp, body))
  return right.flatMap((one) => given.map((other) => sameBytes(one, other))).includes(true)
}

/** The headers of a message of ours. */
export function signStandardWebhook(secret: string, id: string, now: Date, body: string): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1_000))
  const signature = `v1,${digest(secret, id, timestamp, body).toString('base64')}`
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
}

/** The claims of a JWT that HS256 signed with one of these keys; `undefined` when none did, or its time is over. */
export function readJwt(token: string, keys: readonly string[], now: Date): Record<string, unknown> | undefined {
  const [, signed, head, body, signature] = /^(([\w-]+)\.([\w-]+))\.([\w-]+)$/.exec(token) ?? []
  if (signed === undefined || head === undefined || body === undefined || signature === undefined) return undefined
  const header = parseObject(head)
  const claims = parseObject(body)
  const given = Buffer.from(signature, 'base64url')
  const isSigned = keys.map((key) => sameBytes(given, hmac('sha256', key, signed))).includes(true)
  if (!isSigned || header?.alg !== 'HS256') return undefined
  const { exp } = claims ?? {}
  return typeof exp === 'number' && exp * 1_000 > now.getTime() ? claims : undefined
}

const parseObject = (part: string): Record<string, unknown> | undefined =>
  z.record(z.string(), z.unknown()).safeParse(parseJson(Buffer.from(part, 'base64url').toString('utf8'))).data
