import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import type { ChatEvent } from '../../integrations/contract.js'
import { Batches } from '../../src/canais/batch.js'
import { AT_ONCE } from '../../src/canais/in-order.js'
import { ignored } from '../../src/canais/result.js'
import { VirtualClock } from '../support/virtual-clock.js'

const event = (id: number, conversa = `c${id}`): ChatEvent => ({
  tipo: 'mensagem',
  mensagem_id: String(id),
  conversa,
  contato: { ids: [conversa] },
  pediu: false,
})
const many = (count: number): ChatEvent[] => Array.from({ length: count }, (_, id) => event(id))

/** Work of which each piece ends when it is told to. */
function slowWork() {
  const begun: string[] = []
  const open: (() => void)[] = []
  return {
    begun,
    work: async ({ mensagem_id = '' }: ChatEvent) => {
      begun.push(mensagem_id)
      await new Promise<void>((resolve) => open.push(resolve))
      return ignored(mensagem_id)
    },
    end: (count: number): void => {
      for (const resolve of open.splice(0, count)) resolve()
    },
    inFlight: (): number => open.length,
  }
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await turnOfTheLoop()
}

describe('the events of a request', () => {
  it('are few at a time, in their order, and answered in their order', async () => {
    const { work, begun, end, inFlight } = slowWork()
    const taken = new Batches(new VirtualClock()).take('a', many(120), work)
    for (let done = 0; done < 120; done += 1) {
      await settle()
      expect(inFlight()).toBe(Math.min(AT_ONCE, 120 - done))
      end(1)
    }
    expect(begun).toEqual(many(120).map(({ mensagem_id }) => mensagem_id))
    expect((await taken).map(({ motivo }) => motivo)).toEqual(begun)
  })

  it('of one conversation are one after the other, also when one fails', async () => {
    const begun: string[] = []
    const events = [event(1, 'x'), event(2, 'y'), event(3, 'x'), event(4, 'x')]
    const taken = new Batches(new VirtualClock()).take('a', events, async ({ mensagem_id = '', conversa }) => {
      begun.push(mensagem_id)
      await settle()
      if (mensagem_id === '3') throw new Error('not durable')
      return ignored(conversa ?? '')
    })
    await expect(taken).rejects.toThrow('not durable')
    expect(begun).toEqual(['1', '2', '3', '4'])
  })

  it('are not begun after 8 s; those that were are not begun again, whether or not they took a turn', async () => {
    const clock = new VirtualClock()
    const batches = new Batches(clock)
    const { work, begun, end } = slowWork()
    const late = expect(batches.take('a', many(14), work)).rejects.toMatchObject({
      status: 503,
      headers: { 'Retry-After': '5' },
    })
    for (let done = 0; done < 4; done += 1) {
      await settle()
      end(1)
    }
    await settle()
    await clock.pass(8_000)
    await late
    end(AT_ONCE)
    await settle()
    expect(begun).toHaveLength(4 + AT_ONCE)
    const again = batches.take('a', many(14), work)
    for (let left = 14 - begun.length; left > 0; left -= 1) {
      await settle()
      end(1)
    }
    expect(await again).toHaveLength(14)
    expect(begun).toEqual(many(14).map(({ mensagem_id }) => mensagem_id))
  })

  it('are decided again when the platform repeats what was answered', async () => {
    const batches = new Batches(new VirtualClock())
    let count = 0
    const work = async () => {
      count += 1
      return ignored('x')
    }
    await batches.take('a', many(3), work)
    await batches.take('a', many(3), work)
    expect(count).toBe(6)
  })

  it('without an id are never held for the same', async () => {
    const clock = new VirtualClock()
    const batches = new Batches(clock)
    const { work, begun, end } = slowWork()
    const nameless: ChatEvent = { ...event(1), mensagem_id: undefined }
    const late = expect(batches.take('a', [nameless], work)).rejects.toMatchObject({ status: 503 })
    await clock.pass(8_000)
    await late
    end(1)
    await settle()
    const again = batches.take('a', [nameless], work)
    await settle()
    end(1)
    await again
    expect(begun).toHaveLength(2)
  })
})

describe('what an account may send', () => {
  it('is charged by events, may be owed, and comes back with time', async () => {
    const clock = new VirtualClock()
    const batches = new Batches(clock)
    const work = async () => ignored('x')
    batches.admit('a')
    await batches.take('a', many(6_000), work)
    const refused = (() => {
      try {
        batches.admit('a')
        return undefined
      } catch (error) {
        return error
      }
    })()
    // 5,001 are missing, at 500 a second.
    expect(refused).toMatchObject({ status: 429, headers: { 'Retry-After': '11' } })
    batches.admit('b')
    await clock.pass(10_000)
    expect(() => batches.admit('a')).toThrow()
    await clock.pass(10)
    batches.admit('a')
  })

  it('is not charged for what was not begun', async () => {
    const clock = new VirtualClock()
    const batches = new Batches({
      ...clock,
      now: () => clock.now(),
      elapsed: () => 0,
      after: (ms, then) => clock.after(ms, then),
      wait: (ms) => clock.wait(ms),
    })
    const { work } = slowWork()
    const late = expect(batches.take('a', many(6_000), work)).rejects.toMatchObject({ status: 503 })
    await settle()
    expect(() => batches.admit('a')).toThrow()
    await clock.pass(8_000)
    await late
    batches.admit('a')
  })
})
