// Loaded before the service: what it would call outside this machine fails at once. The made-up accounts of these tests name
// servers that may be somebody's.
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const HERE = new net.BlockList()
HERE.addSubnet('127.0.0.0', 8)
HERE.addAddress('::1', 'ipv6')
const isHere = (host) => net.isIP(host) > 0 && HERE.check(host, net.isIPv6(host) ? 'ipv6' : 'ipv4')

dns.promises.lookup = async () => {
  throw Object.assign(new Error('no names here'), { code: 'ENOTFOUND' })
}
syncBuiltinESMExports()

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...given) {
  // `net.connect` hands over its options in an array.
  const [options] = given.flat()
  const isOutside = Number.isInteger(options?.port) && !isHere(options.host ?? '127.0.0.1')
  if (!isOutside) return connect.apply(this, given)
  process.nextTick(() => this.destroy(Object.assign(new Error('no internet here'), { code: 'ENETUNREACH' })))
  return this
}
