import { type Authenticate, isSecret, missingKey, sha256, unauthorized } from '../http/auth.js'
import type { Caller } from '../http/route.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import { LIMIT } from '../lib/mongo.js'
import { Failures } from './failures.js'
import { isOurs, keyId } from './key.js'
import type { ChaveModel } from './model.js'

/** A revoked key is refused everywhere within this time (the API promises 30 s). */
const TRUST_MS = 15_000
const MOST_TRUSTED = 1_000
/** How exact `ultimo_uso` is: each note of it is a write, and it is only for people to read. */
const USE_NOTED_MS = 600_000

/**
 * Who sent this key: the one of the environment, or one of `api_keys` that is active.
 *
 * @param own the environment's key, scope admin
 */
export function authenticator(own: string | undefined, chaves: ChaveModel, clock: Clock): Authenticate {
  const trusted = new Map<string, { readonly caller: Caller; readonly until: number }>()
  const admin: Caller | undefined = own === undefined ? undefined : { id: keyId(own), escopos: ['admin'] }
  const failures = new Failures(clock)
  return async (key, address) => {
    if (key === '') throw unauthorized(missingKey())
    if (own !== undefined && admin && isSecret(key, own)) return admin
    const hash = sha256(key).toString('base64url')
    const known = trusted.get(hash)
    if (known && known.until > clock.elapsed()) return known.caller
    const looked = clock.elapsed()
    // A key that was good the last time is looked up at once, whoever else fails at this address.
    if (!known) failures.check(address)
    const caller = await lookUp(chaves, key, hash, clock.now()).catch((error: unknown) => {
      if (error instanceof AppError && error.status === 401) {
        trusted.delete(hash)
        failures.add(address)
      }
      throw error
    })
    if (trusted.size >= MOST_TRUSTED) trusted.clear()
    trusted.set(hash, { caller, until: looked + TRUST_MS })
    return caller
  }
}

const UNKNOWN = 'API Key inválida: não é uma chave deste serviço. Confira se a copiou inteira'
const INCOMPLETE = 'API Key inválida: falta um pedaço dela, ou um caractere está trocado. Copie-a inteira'

async function lookUp(chaves: ChaveModel, key: string, hash: string, now: Date): Promise<Caller> {
  if (!isOurs(key)) throw unauthorized(key.startsWith('cdv_') ? INCOMPLETE : UNKNOWN)
  const found = await chaves.findById(keyId(key)).maxTimeMS(LIMIT.maxTimeMS).lean()
  if (!found || !isSecret(hash, found.hash)) throw unauthorized(UNKNOWN)
  if (!found.ativa) throw unauthorized('API Key revogada: peça outra a quem administra o serviço')
  if (now.getTime() - (found.ultimo_uso?.getTime() ?? 0) > USE_NOTED_MS) {
    await chaves.updateOne({ _id: found._id }, { $set: { ultimo_uso: now } }).maxTimeMS(LIMIT.maxTimeMS)
  }
  return { id: found._id, escopos: found.escopos }
}
