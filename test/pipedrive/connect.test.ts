import { describe, expect, it } from '@jest/globals'
import { UsersApi, Configuration as V1Configuration } from 'pipedrive/v1'
import { Configuration, DealsApi } from 'pipedrive/v2'
import { addressOf, proxyTo } from '../../src/pipedrive/connect.js'

/** Where the official client itself would go. */
const own = [new UsersApi(new V1Configuration({})), new DealsApi(new Configuration({}))].map((api): unknown =>
  Reflect.get(api, 'basePath'),
)

describe('a proxy', () => {
  const real = 'https://exemplo.pipedrive.com/api'
  const proxy = (NO_PROXY: string[], base = real) => proxyTo(base, { HTTPS_PROXY: 'proxy.interno:3128', NO_PROXY })

  it('is for the real Pipedrive, unless its host is exempt', () => {
    expect(proxy([])).toBe('http://proxy.interno:3128')
    expect(proxy(['outra.com', 'drive.com'])).toBe('http://proxy.interno:3128')
    for (const exempt of [
      '*',
      'pipedrive.com',
      '.pipedrive.com',
      '*.pipedrive.com',
      'EXEMPLO.pipedrive.com',
      ' pipedrive.com:443 ',
    ])
      expect(proxy([exempt])).toBeUndefined()
    expect(proxy([], 'http://127.0.0.1:8099/api')).toBeUndefined()
    expect(proxyTo(real, { HTTPS_PROXY: undefined, NO_PROXY: [] })).toBeUndefined()
  })
})

describe('the address of the API', () => {
  it('is the official client’s own while nobody has named the company', () => {
    const { base, v1 } = addressOf({ PIPEDRIVE_BASE_URL: undefined, PIPEDRIVE_DOMINIO: undefined })
    expect([v1, `${base}/v2`]).toEqual(own)
  })

  it('is the company’s host, or the stand-in whatever the company', () => {
    const PIPEDRIVE_DOMINIO = 'exemplo'
    expect(addressOf({ PIPEDRIVE_BASE_URL: undefined, PIPEDRIVE_DOMINIO })).toEqual({
      base: 'https://exemplo.pipedrive.com/api',
    })
    expect(addressOf({ PIPEDRIVE_BASE_URL: 'http://127.0.0.1:8099', PIPEDRIVE_DOMINIO })).toEqual({
      base: 'http://127.0.0.1:8099/api',
    })
  })
})
