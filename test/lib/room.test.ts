import { describe, expect, it } from '@jest/globals'
import { Room } from '../../src/lib/room.js'
import { VirtualClock } from '../support/virtual-clock.js'

const open = () => {
  const clock = new VirtualClock()
  return { clock, room: new Room({ clock, size: 10, waitMs: 1_000, maxWaiting: 2 }) }
}

describe('room that many share', () => {
  it('is given in order of arrival, and nobody small goes past who waits', async () => {
    const { room } = open()
    expect(await room.take(8)).toBe(true)
    const order: string[] = []
    const large = room.take(6).then(() => order.push('large'))
    expect(room.tryTake(1)).toBe(false)
    const small = room.take(1).then(() => order.push('small'))
    room.give(8)
    await Promise.all([large, small])
    expect(order).toEqual(['large', 'small'])
    expect(room.taken).toBe(7)
  })

  it('is waited for only so long; who gives up lets the next one in', async () => {
    const { room, clock } = open()
    expect(room.tryTake(8)).toBe(true)
    const large = room.take(6)
    await clock.pass(500)
    const small = room.take(2)
    await clock.pass(500)
    expect(await large).toBe(false)
    expect(await small).toBe(true)
    expect(room.taken).toBe(10)
  })

  it('is refused at once when too many wait already', async () => {
    const { room, clock } = open()
    room.tryTake(10)
    const waiting = [room.take(1), room.take(1)]
    expect(await room.take(1)).toBe(false)
    await clock.pass(1_000)
    expect(await Promise.all(waiting)).toEqual([false, false])
    expect(room.taken).toBe(10)
  })
})
