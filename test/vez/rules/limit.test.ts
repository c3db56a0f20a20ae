import { describe, expect, it } from '@jest/globals'
import { entryId } from '../../../src/vez/document.js'
import { decide } from '../../../src/vez/rules/decide.js'
import type { OpenProtocols, OpenState } from '../../../src/vez/rules/limit.js'
import { noPriorProtocols } from '../../../src/vez/rules/prior-protocols.js'
import { chat, decideAt, later, outcomes, turn, vezOf } from '../../support/vez.js'
import { explore, RULES } from './limit-model.js'

describe('the model of the limit', () => {
  it.each([
    { turns: 2, changes: 1, limit: true },
    { turns: 1, changes: 2, limit: true },
    { turns: 1, changes: 1, limit: false },
  ])('counts right whatever comes in whatever order: %j', (given) => {
    const { wrong, states } = explore(new Set(RULES), given)
    expect(wrong).toBeUndefined()
    expect(states).toBeGreaterThan(500)
  })

  it.each(RULES)('needs the rule %s', (rule) => {
    const rules = new Set(RULES.filter((one) => one !== rule))
    const found = [true, false].some((limit) =>
      [
        { turns: 2, changes: 1, limit },
        { turns: 1, changes: 2, limit },
      ].some((given) => explore(rules, given).wrong !== undefined),
    )
    expect(found).toBe(true)
  })
})

const openOf = (numbers: readonly number[], copied: readonly (readonly [number, OpenState])[] = []): OpenProtocols => ({
  byConsultor: new Map([[1, numbers]]),
  copied: new Map(copied),
})
const recount = { tipo: 'recontar', ids: [1] } as const
const abertosOf = (open: OpenProtocols, dropped: readonly number[] = []): number | undefined => {
  const vez = decideAt(vezOf([{}]), [turn(), turn()]).vez
  const drained = new Set(vez.pendentes.flatMap((one, place) => (dropped.includes(place + 1) ? [entryId(one)] : [])))
  const context = { now: later(1), writeId: 'w', esperaIntervaloMs: 0 }
  const known = { ...noPriorProtocols, open }
  return decide(vez, [turn(), recount], known, context, { drained, refused: new Map() }).vez.consultores.get(1)?.abertos
}

describe('counting anew', () => {
  it('joins numbers: of the collection, of those that wait for their copy, and of the same write', () => {
    expect(abertosOf(openOf([]))).toBe(3)
    expect(abertosOf(openOf([1, 2, 90]))).toBe(4)
    expect(abertosOf(openOf([90]), [1, 2])).toBe(4)
  })

  it('takes a number that is copied already as its copy is', () => {
    const closed = { status: 'concluido', responsavel_id: 1 }
    const others = { status: 'aberto', responsavel_id: 2 }
    expect(abertosOf(openOf([], [[1, closed]]))).toBe(2)
    expect(abertosOf(openOf([2], [[2, others]]))).toBe(2)
  })

  it('gives a waiting customer to whom it makes room, in the same write, and is written down', () => {
    const full = vezOf([{ limite: 2, abertos: 2 }])
    const { vez, results } = decideAt(full, [chat('ana'), turn(), recount], {
      known: { ...noPriorProtocols, open: openOf([8]) },
    })
    expect(results.map(({ situacao }) => situacao)).toEqual(['em_espera', 'indisponivel', 'feito'])
    expect(results[1]).toMatchObject({ motivo: 'todos_no_limite', fora: { limite: 1 } })
    expect([vez.espera.length, vez.consultores.get(1)?.abertos]).toEqual([0, 2])
    expect(vez.eventos).toContainEqual(
      expect.objectContaining({ tipo: 'recontado', consultores: [1], para: { abertos: 1 } }),
    )
  })

  it('keeps out, within a write too, whoever reaches his own limit or the common one, and names it last', () => {
    const vez = vezOf([{ limite: 1 }, {}, { online: false, limite: 1, abertos: 5 }], { politica: { limite: 2 } })
    const decision = decideAt(vez, [turn(), turn(), turn(), turn()])
    expect(outcomes(decision)).toEqual([1, 2, 2, 'indisponivel'])
    expect(decision.results[3]).toMatchObject({ motivo: 'todos_no_limite', fora: { limite: 2, offline: 1 } })
    expect(outcomes(decideAt(vez, [{ tipo: 'numero', consultor_id: 1 }, turn()]))).toEqual([1, 2])
    const preferring = turn('pt', { preferido: { consultor_id: 1, motivo: 'pedido' } })
    const preferred = decideAt({ ...decideAt(vez, [turn()]).vez, pendentes: [] }, [preferring])
    expect(preferred.vez.pendentes).toMatchObject([
      { consultor_id: 2, preferencia: { seguida: false, motivo: 'limite' } },
    ])
  })
})
