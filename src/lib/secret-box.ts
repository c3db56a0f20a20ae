import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { OwnError } from './errors.js'

const FORM = /^v1\.([\w-]{8})\.([\w-]{16})\.([\w-]{22})\.([\w-]*)$/

interface Key {
  /** The begin of the key's hash: says which key locked a text, and nothing about the key itself. */
  readonly id: string
  readonly bytes: Buffer
}

/** What locks and opens the secrets that the database keeps. */
export interface SecretBox {
  /** Locks a text for one purpose; it opens for no other. */
  lock(plain: string, purpose: string): string
  /** Throws when no key of the list opens it, or it was locked for another purpose. */
  open(locked: string, purpose: string): string
  /** Was it locked with a key that is not the first of the list any more? */
  isStale(locked: string): boolean
}

const toKey = (master: string): Key => ({
  id: createHash('sha256').update(`id:${master}`).digest('base64url').slice(0, 8),
  bytes: Buffer.from(hkdfSync('sha256', master, '', 'consultor-da-vez', 32)),
})

/**
 * AES-256-GCM with keys that are derived from these texts: the first one locks, each of them opens. To change the key, put the
 * new one first.
 */
export function secretBox(masters: readonly [string, ...string[]]): SecretBox {
  const [first, ...rest] = masters
  const current = toKey(first)
  const keys = new Map([current, ...rest.map(toKey)].map((key) => [key.id, key]))
  return {
    lock(plain, purpose) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', current.bytes, iv).setAAD(Buffer.from(purpose))
      const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return ['v1', current.id, ...[iv, cipher.getAuthTag(), data].map((part) => part.toString('base64url'))].join('.')
    },
    open(locked, purpose) {
      const [, id = '', iv = '', tag = '', data = ''] = FORM.exec(locked) ?? []
      const key = keys.get(id)
      if (!key) throw new OwnError('no key of the list opens this secret')
      const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(iv, 'base64url'))
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(Buffer.from(tag, 'base64url'))
      return Buffer.concat([decipher.update(Buffer.from(data, 'base64url')), decipher.final()]).toString('utf8')
    },
    isStale: (locked) => FORM.exec(locked)?.[1] !== current.id,
  }
}
