import { beforeEach, describe, expect, it } from '@jest/globals'
import { WriteClaims } from '../../../src/vez/commit/write-claims.js'
import { VirtualClock } from '../../support/virtual-clock.js'

let clock: VirtualClock
let claims: WriteClaims
beforeEach(() => {
  clock = new VirtualClock()
  claims = new WriteClaims(clock, 'own')
})

describe("another process's claim", () => {
  it('that a write of ours found holds the next one up, for five of its attempts', async () => {
    claims.wrote({ other: { ms: 20, n: 1 } })
    expect(claims.waitMs).toBeGreaterThan(0)
    await clock.pass(99)
    expect(claims.waitMs).toBeGreaterThan(0)
    await clock.pass(1)
    expect(claims.waitMs).toBeUndefined()
  })

  it('is looked at first when one of its attempts should be over, and then sooner', async () => {
    claims.wrote({ other: { ms: 20, n: 1 } })
    await clock.pass(5)
    expect(claims.waitMs).toBe(15)
    await clock.pass(15)
    expect(claims.waitMs).toBeGreaterThan(0)
    expect(claims.waitMs).toBeLessThan(20)
  })

  it('holds us up for half a second at most', async () => {
    claims.wrote({ other: { ms: 10_000, n: 1 } })
    await clock.pass(500)
    expect(claims.waitMs).toBeUndefined()
  })

  it('that is gone or another one by now has been served', () => {
    claims.wrote({ other: { ms: 20, n: 1 }, third: { ms: 20, n: 1 } })
    claims.looked({ other: { ms: 20, n: 2 }, third: { ms: 20, n: 1 } })
    expect(claims.waitMs).toBeGreaterThan(0)
    claims.looked({ other: { ms: 20, n: 2 } })
    expect(claims.waitMs).toBeUndefined()
  })

  it('is waited for once, not after each write of ours', async () => {
    claims.wrote({ other: { ms: 20, n: 1 } })
    await clock.pass(100)
    claims.wrote({ other: { ms: 20, n: 1 } })
    expect(claims.waitMs).toBeUndefined()
    claims.wrote({ other: { ms: 20, n: 2 } })
    expect(claims.waitMs).toBeGreaterThan(0)
  })

  it('is taken away once it has not changed for two seconds: its process is gone', async () => {
    claims.wrote({ other: { ms: 20, n: 1 } })
    await clock.pass(1_999)
    expect(claims.change(5).unset).toEqual([])
    await clock.pass(1)
    expect(claims.change(5).unset).toEqual(['other'])
  })

  it('of our own name is no other process', () => {
    claims.wrote({ own: { ms: 20, n: 1 } })
    expect(claims.waitMs).toBeUndefined()
  })
})

describe('our own claim', () => {
  it('is made anew by each write for a second after a loss, and goes with the next', async () => {
    const first = claims.lost(12.3)
    expect(first).toEqual({ ms: 13, n: 1 })
    await clock.pass(999)
    expect(claims.change(8)).toEqual({ set: { ms: 8, n: 2 }, unset: [] })
    await clock.pass(1)
    expect(claims.change(8)).toEqual({ unset: ['own'] })
    expect(claims.change(8)).toEqual({ unset: ['own'] })
    claims.wrote({})
    expect(claims.change(8)).toEqual({ unset: [] })
  })

  it('is also made as long as others make theirs, so that all write in turn', () => {
    claims.wrote({ other: { ms: 20, n: 1 } })
    expect(claims.change(8).set).toEqual({ ms: 8, n: 1 })
  })
})
