import { type Clock, systemClock } from '../../src/lib/clock.js'
import { Drain, type DrainStore } from '../../src/vez/copy/drain.js'
import type { Vez } from '../../src/vez/document.js'

/** A drain by itself, of a process `p`, and what it reported as copied and as refused. */
export function testDrain(store: DrainStore, readVez: () => Promise<Vez>, clock: Clock = systemClock) {
  const drained: string[] = []
  const refused: string[] = []
  const drain = new Drain({
    ...{ store, readVez, clock, random: () => 0.5, processId: 'p' },
    onCopied: (ids, those) => {
      drained.push(...ids)
      refused.push(...those.keys())
    },
    requestDrop: () => undefined,
    observer: { copied: () => undefined, refused: () => undefined, failed: () => undefined },
  })
  return { drain, drained, refused }
}

/** Collections that take everything. */
export const takesAll: DrainStore = {
  insertProtocolos: async () => new Map(),
  endContinued: async () => undefined,
  insertTarefas: async () => new Map(),
  insertEventos: async () => new Map(),
}
