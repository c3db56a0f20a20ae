import { describe, expect, it } from '@jest/globals'
import { accountOf, arrival, PLATFORMS, waysOf } from './folders.js'
import { signed, type ToSign, type Way } from './signing.js'

const NOW = new Date('2026-01-05T12:00:00Z')
const SECRET = 'c2VncmVkby1kZS10ZXN0ZS1jb20tMzItYnl0ZXM='
const OTHER = 'b3V0cm8tc2VncmVkby1jb20tbWFpcy1kZS0zMi1ieXRlcw=='
const RAW = '{"texto":"ação/😀 ok"}'
const URL_HERE = 'https://exemplo.com/webhooks/x/conta'

interface Try {
  readonly secrets?: readonly string[]
  readonly ajustes?: object
  /** Signed at another time, or over other bytes, than it comes. */
  readonly signing?: Partial<ToSign>
  readonly body?: string
}

function opens(plataforma: string, way: Way, secret: string, { secrets, ajustes, signing, body }: Try = {}): boolean {
  const { adapter, account } = accountOf(plataforma, SECRET, undefined, ajustes)
  const given = signed(way, { secret, body: RAW, url: URL_HERE, now: NOW, ...signing })
  const request = arrival(RAW, { ...given, ...(body !== undefined && { body: Buffer.from(body) }) })
  return adapter.verify(request, { ...account, secrets: secrets ?? account.secrets }, NOW).authentic
}

const all = PLATFORMS.flatMap((plataforma) =>
  Object.entries(waysOf(plataforma)).map(([name, way]) => [plataforma, name, way] as const),
)
const waysWith = (wanted: (way: Way) => boolean) => all.filter(([, , way]) => wanted(way))
const wayOf = (plataforma: string, name: string): Way => {
  const way = waysOf(plataforma)[name]
  if (!way) throw new Error(`no such way: ${name}`)
  return way
}

describe('a secret', () => {
  it.each(PLATFORMS)('of %s has at least one way', (plataforma) => {
    expect(Object.keys(waysOf(plataforma))).not.toEqual([])
  })

  it.each(all)('of %s by %s opens, and another does not, nor none', (plataforma, _name, way) => {
    expect(opens(plataforma, way, SECRET)).toBe(true)
    expect(opens(plataforma, way, OTHER)).toBe(false)
    expect(opens(plataforma, way, '')).toBe(false)
    expect(opens(plataforma, way, `x${SECRET}`)).toBe(false)
  })

  it.each(waysWith(({ caminho }) => caminho === true))(
    'of %s by %s that is empty opens nothing',
    (plataforma, _n, way) => {
      expect(opens(plataforma, way, '', { secrets: [''] })).toBe(false)
    },
  )

  it.each(waysWith(({ doFornecedor }) => !doFornecedor))(
    'of %s by %s: the new one and the former one open',
    (plataforma, _name, way) => {
      const secrets = [OTHER, SECRET]
      expect([SECRET, OTHER].map((one) => opens(plataforma, way, one, { secrets }))).toEqual([true, true])
      expect(opens(plataforma, way, 'a third one', { secrets })).toBe(false)
    },
  )
})

describe('a signature', () => {
  const late = (minutes: number): Try => ({ signing: { now: new Date(NOW.getTime() - minutes * 60_000) } })
  const isTimed = ({ cabecalhos = {} }: Way): boolean => Object.values(cabecalhos).includes('{agora}')
  const coversBody = ({ assina }: Way): boolean => assina !== undefined && assina.jwt === undefined

  it.each(waysWith(isTimed))('of %s by %s holds for five minutes either way', (plataforma, _name, way) => {
    expect([4.9, -4.9].map((minutes) => opens(plataforma, way, SECRET, late(minutes)))).toEqual([true, true])
    expect([5.1, -5.1].map((minutes) => opens(plataforma, way, SECRET, late(minutes)))).toEqual([false, false])
  })

  it.each(waysWith(coversBody))('of %s by %s holds for these very bytes', (plataforma, _name, way) => {
    const form = way.cabecalhos?.['content-type']?.includes('form') ? 'a=1&b=2' : RAW
    const changed = form === RAW ? `${RAW} ` : 'a=1&b=3'
    expect(opens(plataforma, way, SECRET, { signing: { body: form }, body: form })).toBe(true)
    expect(opens(plataforma, way, SECRET, { signing: { body: form }, body: changed })).toBe(false)
  })

  it('of Chatwoot is demanded once its secret is known; before, the path’s is', () => {
    const path: Way = { caminho: true }
    expect(opens('chatwoot', path, SECRET)).toBe(false)
    const ajustes = { segredo_do_webhook: undefined }
    expect(opens('chatwoot', path, SECRET, { ajustes })).toBe(true)
    expect(opens('chatwoot', path, OTHER, { ajustes })).toBe(false)
    expect(opens('chatwoot', wayOf('chatwoot', 'assinatura'), SECRET, { ajustes })).toBe(false)
  })
})

describe('a token that Evolution signed', () => {
  const jwt = wayOf('evolution', 'jwt')
  const claims = { app: 'evolution', action: 'webhook' }
  const withClaims = (more: object): Way => ({
    ...jwt,
    ...(jwt.assina && { assina: { ...jwt.assina, jwt: { ...claims, ...more } } }),
  })

  it.each([
    ['whose time is over', withClaims({ exp: NOW.getTime() / 1_000 - 1 })],
    ['without an end', withClaims({ exp: undefined })],
    ['of another application', withClaims({ app: 'outra' })],
    ['of another algorithm', withClaims({ alg: 'none' })],
  ])('%s is refused', (_name, way) => {
    expect(opens('evolution', way, SECRET)).toBe(false)
  })
})
