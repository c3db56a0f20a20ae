import type { NetworkInterfaceInfo } from 'node:os'
import { describe, expect, it } from '@jest/globals'
import { readConfig } from '../../src/config.js'
import { whereToReach } from '../../src/replicas/where.js'

const MONGODB_URI = 'mongodb://127.0.0.1/x'
const v4 = (address: string, internal = false): NetworkInterfaceInfo => ({
  ...{ address, internal, family: 'IPv4', netmask: '255.255.255.0', mac: '00:00:00:00:00:00', cidr: null },
})
const v6: NetworkInterfaceInfo = { ...v4('fd00::1'), family: 'IPv6', scopeid: 0 } as NetworkInterfaceInfo
const NETS = {
  lo: [v4('127.0.0.1', true)],
  eth0: [v4('10.0.1.5'), v6],
  eth1: [v4('203.0.113.9')],
  eth2: [v4('172.18.0.3')],
}
const where = (env: Record<string, string>) => whereToReach(readConfig({ MONGODB_URI, ...env }), 8000, NETS)

describe('where other processes reach this one', () => {
  it('is each private address, where it listens on all', () => {
    expect(where({ HOST: '0.0.0.0' })).toEqual(['10.0.1.5:8000', '172.18.0.3:8000'])
  })
  it('is the one that it listens on', () => {
    expect(where({})).toEqual(['127.0.0.1:8000'])
    expect(where({ HOST: 'localhost' })).toEqual(['127.0.0.1:8000'])
    expect(where({ HOST: '10.0.1.5' })).toEqual(['10.0.1.5:8000'])
    expect(where({ HOST: '203.0.113.9' })).toEqual([])
  })
  it('is what ENDERECO_INTERNO says', () => {
    expect(where({ HOST: '0.0.0.0', ENDERECO_INTERNO: '10.9.9.9:8100' })).toEqual(['10.9.9.9:8100'])
  })
  it('is nowhere with a local database, and where passing on is switched off', () => {
    expect(where({ REPASSAR: 'nao' })).toEqual([])
    expect(whereToReach(readConfig({}), 8000, NETS)).toEqual([])
  })
  it.each(['8.8.8.8:80', '10.0.0.1', 'servico:8000', '10.0.0.1:80:90', '10.0.0.1:x'])('is not %s', (given) => {
    expect(() => readConfig({ ENDERECO_INTERNO: given })).toThrow('ENDERECO_INTERNO')
  })
})
