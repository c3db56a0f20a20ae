import { createHash, timingSafeEqual } from 'node:crypto'
import { AppError } from '../lib/errors.js'
import type { Caller, Route } from './route.js'

/** Finds out who sent this `api-key` header. Throws 401 when it is missing or nobody's, 429 when its address has tried too many. */
export type Authenticate = (key: string, address: string) => Promise<Caller>

export const unauthorized = (detail: string): AppError => new AppError(401, detail)

/** That a request has no key. @param elsewhere where it put something that may be one */
export const missingKey = (elsewhere?: string): string =>
  `Falta a API Key: envie-a no cabeçalho \`api-key\`${elsewhere === undefined ? '' : `, não ${elsewhere}`}`

/** `admin` is allowed everything. Throws 403 when the caller has none of the scopes. */
export function authorize(caller: Caller, scopes: Exclude<Route['scopes'], 'aberto'>): void {
  const allowed = caller.escopos.some((escopo) => escopo === 'admin' || scopes.some((scope) => scope === escopo))
  if (allowed) return
  const needed = [...scopes, 'admin'].map((scope) => `\`${scope}\``).join(' ou ')
  const held = caller.escopos.map((scope) => `\`${scope}\``).join(', ')
  throw new AppError(403, `Esta API Key não tem permissão: é preciso o escopo ${needed}, e ela tem ${held}`)
}

export const sha256 = (value: string): Buffer => createHash('sha256').update(value).digest()

/** Compares in constant time, whatever the lengths. */
export const isSecret = (given: string, secret: string): boolean => timingSafeEqual(sha256(given), sha256(secret))
