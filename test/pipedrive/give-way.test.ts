import { describe, expect, it } from '@jest/globals'
import { systemClock } from '../../src/lib/clock.js'
import { giveWay } from '../../src/pipedrive/give-way.js'

describe('work for Pipedrive', () => {
  it('gives way while the database is behind the turns, but never for longer than ten seconds', () => {
    let now = 0
    let busy = false
    const pausedMs = giveWay({ ...systemClock, elapsed: () => now }, () => busy)
    expect(pausedMs()).toBe(0)
    busy = true
    expect(pausedMs()).toBeGreaterThan(0)
    now = 9_999
    expect(pausedMs()).toBeGreaterThan(0)
    now = 10_000
    expect(pausedMs()).toBe(0)
    expect(pausedMs()).toBeGreaterThan(0)
    busy = false
    expect(pausedMs()).toBe(0)
    now = 30_000
    busy = true
    expect(pausedMs()).toBeGreaterThan(0)
  })
})
