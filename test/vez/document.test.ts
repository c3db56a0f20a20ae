import { describe, expect, it } from '@jest/globals'
import { toUpdate } from '../../src/vez/commit/update.js'
import { fromDocument, toDocument } from '../../src/vez/document.js'
import { takesAll, testDrain } from '../support/drain.js'
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
    const insertProtocolos = async (entries: readonly unknown[]) => {
      copied.push(...entries)
      return new Map<string, string>()
    }
    const readVez = async () => fromDocument(withNewer())
    const { drain, drained } = testDrain({ ...takesAll, insertProtocolos }, readVez, new VirtualClock())
    await drain.drainAll()
    expect(copied).toMatchObject([{ tipo: 'protocolo', n: 1 }])
    expect(drained).toHaveLength(1)
  })

  it('is no excuse for a protocol that is not whole: that document is refused', () => {
    expect(() => fromDocument({ ...withNewer(), pendentes: [{ tipo: 'protocolo', lote: 'x', lugar: 1 }] })).toThrow()
  })
})
