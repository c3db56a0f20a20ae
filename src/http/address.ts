import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** A network in CIDR form, or one address; `undefined` when the text is neither. */
export function toNetwork(written: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', length, ...more] = written.split('/')
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  if (version === 0 || more.length > 0 || !(bits <= most)) return undefined
  return { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' }
}

/**
 * Tells who called: the other end of the connection or, where that is a proxy of ours, the rightmost address of
 * `X-Forwarded-For` that is none. What stands left of it could have been written by anybody.
 *
 * @param proxies our networks, in CIDR form
 */
export function addressReader(proxies: readonly string[]): (request: IncomingMessage) => string {
  const ours = new BlockList()
  for (const network of proxies.flatMap((one) => toNetwork(one) ?? []))
    ours.addSubnet(network.address, network.bits, network.family)
  const isOurs = (address: string): boolean => ours.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
  return ({ socket, headers }) => {
    const told = String(headers['x-forwarded-for'] ?? '').split(',')
    let address = plain(socket.remoteAddress ?? '')
    while (isIP(address) !== 0 && isOurs(address)) {
      const next = plain(told.pop() ?? '')
      if (isIP(next) === 0) break
      address = next
    }
    return address
  }
}

const WITH_PORT = /^(?:\[(.*)\](?::\d+)?|([\d.]+):\d+)$/
const MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/

/** An address in one form: some proxies write a port behind it, IPv6 has many ways to write one, and one for each of IPv4. */
function plain(written: string): string {
  const bare = written.trim().replace(WITH_PORT, '$1$2')
  if (isIP(bare) !== 6 || !URL.canParse(`http://[${bare}]`)) return bare
  const short = new URL(`http://[${bare}]`).hostname.slice(1, -1)
  const [, high, low] = MAPPED.exec(short) ?? []
  if (high === undefined || low === undefined) return short
  return [high, low].flatMap((half) => [Number.parseInt(half, 16) >> 8, Number.parseInt(half, 16) & 0xff]).join('.')
}

/** Whoever has one IPv6 address has its whole /64: by what its attempts are counted. */
export function groupOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const left = head.split(':').filter((one) => one !== '')
  const right = tail === undefined ? [] : tail.split(':').filter((one) => one !== '')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].slice(0, 4).join(':')
}
