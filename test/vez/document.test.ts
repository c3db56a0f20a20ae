import { describe, expect, it } from '@jest/globals'
import { toUpdate } from '../../src/vez/commit/update.js'
import { Drain, type DrainStore } from '../../src/vez/copy/drain.js'
import { fromDocument, toDocument } from '../../src/vez/document.js'
import { applyUpdate, decideAt, T0, turn, vezOf } from '../support/vez.js'
import { VirtualClock } from '../support/virtual-clock.js'

/** What a later release may have left on the document: a kind of entry, and fields, that this one does not know. */
const newer = { tipo: 'evento', lote: 'newer', lugar: 1, em: T0, consultores: [1] }

function withNewer() {
  const stored = toDocument(decideAt(vezOf([{}, {}]), [turn()]).vez)
  const [protocolo] = stored.pendentes
  return {
    ...stored,
    consultores: { ...stored.consultores, 2: { ...vezOf([{}]).consultores.get(1), equipes: ['sul'] } },
    pendentes: [newer, { ...protocolo, candidatos: 3 }],
  }
}

describe('what a later release has added to the document', () => {
  it('is handed on by a turn: entries of an unknown kind, and unknown fields of entries and people', () => {
    const before = fromDocument(withNewer())
    const after = decideAt(before, [turn()]).vez
    const next = toDocument(applyUpdate(before, toUpdate(before, after, 'p', { unset: [] })))
    expect(next.consultores[2]).toMatchObject({ equipes: ['sul'], turno: 2 })
    expect(next.pendentes).toMatchObject([newer, { candidatos: 3, n: 1 }, { n: 2 }])
  })

  it('is neither copied nor dropped by the drain', async () => {
    const copied: unknown[] = []
    const reported: string[] = []
    const store: DrainStore = {
      insertProtocolos: async (entries) => {
        copied.push(...entries)
        return new Map()
      },
      endContinued: async () => undefined,
      insertTarefas: async () => new Map(),
      insertEventos: async () => new Map(),
    }
    const drain = new Drain({
      store,
      clock: new VirtualClock(),
      random: () => 0.5,
      processId: 'p',
      readVez: async () => fromDocument(withNewer()),
      onCopied: (drained) => reported.push(...drained),
      requestDrop: () => undefined,
      observer: { copied: () => undefined, refused: () => undefined, failed: () => undefined },
    })
    await drain.drainAll()
    expect(copied).toMatchObject([{ tipo: 'protocolo', n: 1 }])
    expect(reported).toHaveLength(1)
  })

  it('is no excuse for a protocol that is not whole: that document is refused', () => {
    expect(() => fromDocument({ ...withNewer(), pendentes: [{ tipo: 'protocolo', lote: 'x', lugar: 1 }] })).toThrow()
  })
})
