import { isIPv4 } from 'node:net'
import { isInternal } from './http-client.js'

/** The parts of `address:port`; nothing unless it is a private address: the request carries its caller's key. */
export function parseWhere(onde: string): { readonly host: string; readonly port: number } | undefined {
  const [host = '', port = '', ...more] = onde.split(':')
  const isRight = more.length === 0 && isIPv4(host) && isInternal(host) && /^\d{1,5}$/.test(port)
  return isRight ? { host, port: Number(port) } : undefined
}
