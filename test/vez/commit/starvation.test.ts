import { describe, expect, it } from '@jest/globals'
import { Sequencer } from '../../../src/vez/commit/sequencer.js'
import type { VezStore } from '../../../src/vez/commit/store.js'
import type { Update } from '../../../src/vez/commit/update.js'
import { type Claims, entryId, type Vez } from '../../../src/vez/document.js'
import { noPriorProtocols } from '../../../src/vez/rules/prior-protocols.js'
import { applyUpdate, turn, vezOf } from '../../support/vez.js'
import { VirtualClock } from '../../support/virtual-clock.js'

/** The document of all processes. */
interface Shared {
  vez: Vez
  claims: Claims
}

/** A way to the document on which each operation takes so many ms, half of them before it arrives. */
function distant(shared: Shared, clock: VirtualClock, ms: number): VezStore {
  const there = async <T>(what: () => T): Promise<T> => {
    await clock.wait(ms / 2)
    const result = what()
    await clock.wait(ms / 2)
    return result
  }
  return {
    read: () => there(() => shared.vez),
    readAfter: (writeId) => there(() => (shared.vez.previousWriteId === writeId ? undefined : { ...shared })),
    findPrior: () => there(() => noPriorProtocols),
    beginLedger: async () => undefined,
    claim: (processId, claim) =>
      there(() => {
        shared.claims = { ...shared.claims, [processId]: claim }
      }),
    commit: (guard, update) =>
      there(() => {
        if (guard.previousWriteId !== shared.vez.previousWriteId) return undefined
        const { claims } = shared
        shared.vez = applyUpdate(guard, update)
        shared.claims = applyClaims(claims, update)
        return claims
      }),
  }
}

function applyClaims(before: Claims, { $set, $unset = {} }: Update): Claims {
  const made = Object.entries($set).flatMap(([path, claim]) =>
    path.startsWith('querem.') ? [[path.slice(7), claim] as const] : [],
  )
  const kept = Object.entries(before).filter(([processId]) => !(`querem.${processId}` in $unset))
  return Object.fromEntries([...kept, ...made]) as Claims
}

/** Processes at these distances from the document, each asked by so many clients that never rest, for so long. */
async function race(distances: readonly number[], clients: number, ms: number) {
  const clock = new VirtualClock()
  const shared: Shared = { vez: vezOf([{}, {}]), claims: {} }
  const written = new Map<string, number>()
  let lotes = 0
  let misses = 0
  let over = false
  const processes = distances.map((distance, place) => {
    const processId = `p${place}`
    written.set(processId, 0)
    const sequencer: Sequencer = new Sequencer({
      store: distant(shared, clock, distance),
      clock,
      random: () => 0.5,
      processId: processId,
      newWriteId: () => {
        lotes += 1
        return `${processId}:${lotes}`
      },
      esperaIntervaloMs: 0,
      // As a drain that is always done.
      onSnapshot: (vez) => sequencer.drained(vez.pendentes.map(entryId), new Map()),
      observer: {
        batch: () => written.set(processId, (written.get(processId) ?? 0) + 1),
        miss: (inARow) => {
          misses = Math.max(misses, inARow)
        },
      },
    })
    return sequencer
  })
  let refused = 0
  const client = async (process: Sequencer): Promise<void> => {
    while (!over) {
      await process.submit(turn()).catch(() => {
        refused += 1
      })
    }
  }
  const all = processes.flatMap((process) => Array.from({ length: clients }, () => client(process)))
  await clock.pass(ms)
  over = true
  await clock.pass(6_000)
  await Promise.all(all)
  const writes = [...written.values()]
  const total = writes.reduce((sum, one) => sum + one, 0)
  return { shares: writes.map((one) => one / total), misses, refused }
}

describe('processes that write one document without rest', () => {
  it.each([
    ['two as near', [2, 2], 0.4],
    ['one of them 10 ms farther', [2, 12], 0.25],
    ['three, one of them 10 ms farther', [2, 2, 12], 0.2],
  ])('(%s) each get their share of the writes, and few misses in a row', async (_, distances, least) => {
    const { shares, misses, refused } = await race(distances, 8, 2_000)
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(least)
    expect(misses).toBeLessThanOrEqual(20)
    expect(refused).toBe(0)
  })
})
