import { randomBytes } from 'node:crypto'
import { isSecret, sha256 } from '../http/auth.js'

/** 256 bits. */
const SECRET_BYTES = 32
const ID_BYTES = 12
const FORM = /^([\w-]{1,32})\.([\w-]{43})$/

export interface Token {
  readonly id: string
  readonly secret: string
}

export const newId = (): string => randomBytes(ID_BYTES).toString('base64url')

export const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url')

export const toText = ({ id, secret }: Token): string => `${id}.${secret}`

/** `undefined`: it has not the form of one. */
export function parseToken(written: string): Token | undefined {
  const [, id, secret] = FORM.exec(written) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

export const hashOf = (secret: string): string => sha256(secret).toString('base64url')

/** Compares in constant time. */
export const isOf = (secret: string, hash: string | undefined): boolean =>
  hash !== undefined && isSecret(hashOf(secret), hash)
