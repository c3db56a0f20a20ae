import { describe, it } from '@jest/globals'
import fc from 'fast-check'
import { act, created } from '../../support/line-acts.js'
import { LineModel } from '../../support/line-model.js'
import { changes, copies, type Happening, LineWorld, written } from '../../support/line-world.js'
import { amount } from '../../support/sample.js'

/** Seconds by which a clock moves before a write: mostly little, now and then hours, and back. */
const moves = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 240 }) },
  { weight: 2, arbitrary: fc.integer({ min: 3_600, max: 180_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: -5_400, max: -1 }) },
)
/** What becomes of a write: whoever asks hears of it; it never gets there; or it does, and nobody hears of it. */
const fate = fc.oneof(
  { weight: 5, arbitrary: fc.constant('told' as const) },
  { weight: 1, arbitrary: fc.constant('lost' as const) },
  { weight: 1, arbitrary: fc.constant('unheard' as const) },
)
const writes = fc
  .record({ process: fc.constantFrom('A', 'B'), moves, fate, acts: fc.array(act, { minLength: 1, maxLength: 5 }) })
  .map(written)
const nth = fc.nat(30)
const happening: fc.Arbitrary<Happening>[] = [
  writes,
  fc.boolean().map(copies),
  fc.record({ nth, status: fc.constantFrom('concluido', 'cancelado', 'aberto') }).map(changes),
  fc.record({ nth, responsavel_id: fc.integer({ min: 1, max: 5 }) }).map(changes),
]

/** With whom each story begins. */
const TEAM = written({
  ...{ process: 'A', moves: 0, fate: 'told' },
  acts: [created(['pt', 'en'], ['vendas']), created(['pt'], []), created(['en'], ['vendas', 'pós-venda'])],
})
const RUNS = amount(2_000, 60)

describe('a line with all policies together', () => {
  it('answers as the model does on every prefix, whatever comes, whatever the clocks do and whatever gets lost', () => {
    const stories = fc.commands([writes, writes, writes, ...happening], { maxCommands: 40, size: 'max' })
    fc.assert(
      fc.property(stories, (story) => {
        const line = new LineModel()
        const world = new LineWorld()
        TEAM.run(line, world)
        fc.modelRun(() => ({ model: line, real: world }), story)
        world.expectReplay()
      }),
      { numRuns: RUNS },
    )
  })
})
