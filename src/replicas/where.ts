import { networkInterfaces } from 'node:os'
import type { Config } from '../config.js'
import { parseWhere } from '../lib/private-address.js'

/** More networks than a container is in. */
const MOST = 4
const ALL_INTERFACES = new Set(['0.0.0.0', '::'])

/**
 * Where other processes on this database may reach this one, `address:port` each: by private addresses only. Nowhere with a
 * local database, which is one process's own.
 *
 * @param port the one that is listened on
 * @param interfaces of this machine, by name
 */
export function whereToReach(
  { HOST, MONGODB_URI, REPASSAR, ENDERECO_INTERNO }: Config,
  port: number,
  interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): string[] {
  if (MONGODB_URI === undefined || REPASSAR === 'nao') return []
  if (ENDERECO_INTERNO !== undefined) return [ENDERECO_INTERNO]
  const own = Object.values(interfaces).flatMap((all = []) =>
    all.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address),
  )
  const host = HOST === 'localhost' ? '127.0.0.1' : HOST
  const addresses = ALL_INTERFACES.has(host) ? own : [host]
  return addresses
    .map((address) => `${address}:${port}`)
    .filter((onde) => parseWhere(onde) !== undefined)
    .slice(0, MOST)
}
