import { expect, it } from '@jest/globals'
import type { Pendente } from '../../../src/vez/document.js'
import { takesAll, testDrain } from '../../support/drain.js'
import { decideAt, turn, vezOf } from '../../support/vez.js'
import { VirtualClock } from '../../support/virtual-clock.js'

/** Far more than the copies that the test needs. */
const ENDLESS = 50

it('copies all that is there when it is asked to, and does not wait for what comes with each copy', async () => {
  let vez = decideAt(
    vezOf([{}, {}]),
    Array.from({ length: 100 }, () => turn()),
  ).vez
  const last = vez.seq
  const copied: Pendente[][] = []
  const insertProtocolos = async (entries: readonly Pendente[]) => {
    if (copied.length === ENDLESS) throw new Error('it goes on for as long as turns are given')
    copied.push([...entries])
    vez = decideAt(vez, [turn()]).vez
    drain.onSnapshot(vez)
    return new Map<string, string>()
  }
  const store = { ...takesAll, insertProtocolos }
  const { drain } = testDrain(store, async () => vez, new VirtualClock())
  await drain.drainAll()
  const numbers = copied.flat().flatMap((entry) => ('n' in entry ? [entry.n] : []))
  expect(numbers).toEqual(expect.arrayContaining(Array.from({ length: last }, (_, place) => place + 1)))
  expect(copied).toHaveLength(2)
})
