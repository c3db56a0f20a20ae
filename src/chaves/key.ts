import { randomBytes } from 'node:crypto'
import { sha256 } from '../http/auth.js'

const FORM = /^cdv_([\w-]{43})_([\w-]{6})$/

const checksum = (secret: string): string => sha256(`cdv:${secret}`).toString('base64url').slice(0, 6)

/** A new key: `cdv_<256 random bits>_<checksum>`. */
export function newKey(): string {
  const secret = randomBytes(32).toString('base64url')
  return `cdv_${secret}_${checksum(secret)}`
}

/** Has it the form and the checksum of a key of ours? Others are refused without a look into the database. */
export function isOurs(key: string): boolean {
  const [, secret, sum] = FORM.exec(key) ?? []
  return secret !== undefined && checksum(secret) === sum
}

/** The id of a key, for logs and idempotency keys: made of its hash, so it is the same in every replica. */
export const keyId = (key: string): string => sha256(key).toString('hex').slice(0, 16)
