import { expect, it } from '@jest/globals'
import { Rests } from '../../src/protocolos/rests.js'
import { emptyVez } from '../../src/vez/document.js'

/** How long each list waited before it began, ms, and whether turns were given during it; between two `idle` ms pass. */
async function waited(lists: readonly { ms: number; turns: boolean; idle?: number; fails?: boolean }[]) {
  let [elapsed, versao] = [0, 1]
  const waits: number[] = []
  const clock = {
    elapsed: () => elapsed,
    wait: async (ms: number) => {
      waits.push(ms)
      elapsed += ms
    },
  }
  const rests = new Rests({ latest: () => ({ ...emptyVez('m'), versao }) }, clock)
  for (const { ms, turns, idle = 0, fails = false } of lists) {
    elapsed += idle
    const before = waits.length
    await rests
      .around(async () => {
        elapsed += ms
        if (turns) versao += 1
        if (fails) throw new Error('it cannot be read')
      })
      .catch(() => undefined)
    if (waits.length === before) waits.push(0)
  }
  return waits
}

it('a list waits after one during which turns were given, as long as that one took, a quarter of a second at most', async () => {
  const turns = true
  expect(await waited([80, 900, 40].map((ms) => ({ ms, turns })))).toEqual([0, 80, 250])
  expect(await waited([80, 900, 40].map((ms) => ({ ms, turns: false })))).toEqual([0, 0, 0])
  expect(
    await waited([
      { ms: 80, turns, fails: true },
      { ms: 10, turns, idle: 30 },
      { ms: 10, turns, idle: 10 },
    ]),
  ).toEqual([0, 50, 0])
})
