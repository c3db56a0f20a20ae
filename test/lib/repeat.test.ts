import { beforeEach, describe, expect, it } from '@jest/globals'
import { type Clock, systemClock } from '../../src/lib/clock.js'
import { type Repetition, repeat } from '../../src/lib/repeat.js'
import { until } from '../support/until.js'

interface Timer {
  readonly ms: number
  readonly name: string | undefined
  readonly callback: () => void
}

let timers: Timer[]
let errors: unknown[]
beforeEach(() => {
  timers = []
  errors = []
})

/** Its timers wait until the test lets them come. */
const clock: Clock = {
  ...systemClock,
  after: (ms, callback, name) => {
    const timer = { ms, callback, name }
    timers.push(timer)
    return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0)
  },
}

const start = (work: () => Promise<void>, more: Partial<Repetition> = {}) =>
  repeat({
    name: 'round',
    clock,
    random: () => 0.5,
    everyMs: 1_000,
    work,
    onError: (error) => errors.push(error),
    ...more,
  })

const come = (): void => timers.shift()?.callback()

describe('a repetition', () => {
  it('waits before the first run, and again after the end of each', async () => {
    let runs = 0
    let end = (): void => undefined
    start(
      () => {
        runs += 1
        return new Promise((resolve) => {
          end = resolve
        })
      },
      { firstMs: 50 },
    )
    expect(timers).toMatchObject([{ ms: 50, name: 'round' }])
    expect(runs).toBe(0)
    come()
    expect(runs).toBe(1)
    expect(timers).toEqual([])
    end()
    await until(() => timers.length === 1)
    expect(timers).toMatchObject([{ ms: 1_000, name: 'round' }])
  })

  it.each([
    [0, 900],
    [1, 1_100],
  ])('with %d drawn waits %d ms of about 1,000', (drawn, ms) => {
    start(async () => undefined, { random: () => drawn })
    expect(timers[0]?.ms).toBeCloseTo(ms)
  })

  it('goes on after a run that failed, and tells of it', async () => {
    const failure = new Error('no')
    start(() => Promise.reject(failure))
    come()
    await until(() => timers.length === 1)
    expect(errors).toEqual([failure])
  })

  it('ends with the run in flight, and does not come again', async () => {
    let end = (): void => undefined
    const stop = start(
      () =>
        new Promise((resolve) => {
          end = resolve
        }),
    )
    come()
    let hasStopped = false
    const stopped = stop().then(() => {
      hasStopped = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(hasStopped).toBe(false)
    end()
    await stopped
    expect(timers).toEqual([])
  })

  it('that is ended while it waits never runs', async () => {
    const stop = start(() => Promise.reject(new Error('it ran')))
    await stop()
    expect(timers).toEqual([])
    expect(errors).toEqual([])
  })
})
