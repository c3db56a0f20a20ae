import type { AnyRoute, Caller } from '../http/route.js'
import { parseAll } from '../http/validate.js'
import { OwnError } from '../lib/errors.js'

interface Asked {
  readonly params?: object
  readonly query?: object
  readonly body?: object
}

interface Told {
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}

/** Calls a route of the API in this process, as whoever is signed in. */
export type Api = (name: string, caller: Caller, asked?: Asked) => Promise<Told>

/**
 * The API as the pages use it: each call is validated and answered by the route's own schemas. Whether somebody may call it was
 * decided by the page's own route.
 */
export function inProcess(routes: readonly AnyRoute[]): Api {
  const known = new Map(routes.map((one) => [`${one.method.toUpperCase()} ${one.path}`, one]))
  return async (name, caller, asked = {}) => {
    const one = known.get(name)
    if (!one) throw new OwnError(`there is no route ${name}`)
    const { params = {}, query = {}, body } = asked
    const input = parseAll(one, { params, query, headers: {}, body })
    const { body: told, headers = {} } = await one.handler({ ...input, caller, address: '', isAlive: () => true })
    return { body: one.returns.parse(told), headers }
  }
}
