import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { addressReader, toNetwork } from '../../src/http/address.js'

const OURS = ['10.0.0.0/8', 'fd00::/8', '192.0.2.7']

function from(remoteAddress: string, forwarded?: string): string {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
  const request = new IncomingMessage(socket)
  if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded
  return addressReader(OURS)(request)
}

describe('who calls', () => {
  it.each([
    ['a stranger is himself, whatever he says', '203.0.113.9', '1.1.1.1', '203.0.113.9'],
    ['a proxy of ours tells who called it', '10.0.0.3', '203.0.113.9', '203.0.113.9'],
    [
      'what stands left of the first stranger could be made up',
      '10.0.0.3',
      '1.1.1.1, 203.0.113.9, 192.0.2.7',
      '203.0.113.9',
    ],
    ['through proxies of ours only, the farthest is told', '10.0.0.3', '10.1.1.1, 192.0.2.7', '10.1.1.1'],
    ['nonsense ends the way back', '10.0.0.3', '203.0.113.9, unknown', '10.0.0.3'],
    ['a proxy that tells nothing is told', '10.0.0.3', undefined, '10.0.0.3'],
    ['an IPv4 address in the form of IPv6 is the same', '::ffff:10.0.0.3', '::ffff:203.0.113.9', '203.0.113.9'],
    ['also with its last half in hex', '10.0.0.3', '::FFFF:cb00:7109', '203.0.113.9'],
    ['a port behind it is none of it', '10.0.0.3', '203.0.113.9:4711', '203.0.113.9'],
    ['nor one behind IPv6', '10.0.0.3', '[2001:db8::9]:443', '2001:db8::9'],
    ['however IPv6 is written', '10.0.0.3', '2001:0DB8:0000:0:0:0:0:0009', '2001:db8::9'],
    ['by IPv6 too', 'fd00::1', '2001:db8::9', '2001:db8::9'],
  ])('%s', (_, remote, forwarded, expected) => {
    expect(from(remote, forwarded)).toBe(expected)
  })
})

describe('a network', () => {
  it.each(['10.0.0.0/8', '10.0.0.1', 'fd00::/8', '::1'])('is written as %s', (written) => {
    expect(toNetwork(written)).toBeDefined()
  })

  it.each(['', '10.0.0.0/33', '10.0.0/8', 'fd00::/129', '10.0.0.0/', '10.0.0.0/8/8', 'proxy'])(
    'is not %s',
    (written) => {
      expect(toNetwork(written)).toBeUndefined()
    },
  )
})
