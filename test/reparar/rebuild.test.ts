import { describe, expect, it } from '@jest/globals'
import { type Found, type LastNumber, noteLast, rebuild } from '../../src/reparar/rebuild.js'
import { decideAt, outcomes, turn, vezOf } from '../support/vez.js'

const found = (more: Partial<Found>): Found => ({
  highest: 0,
  count: 0,
  byConsultor: new Map(),
  claimed: new Map(),
  ...more,
})

describe('reparar', () => {
  it('changes nothing where nothing is wrong', () => {
    expect(rebuild(vezOf([{}], { seq: 5 }), found({ highest: 5 }), 'm').vez).toBeUndefined()
  })

  it('moves a document that was set back past the highest number, and remembers who took those turns', () => {
    const byConsultor = new Map([[1, { nome: 'Um', last: 9 }]])
    const { vez } = rebuild(vezOf([{ turno: 3 }, { turno: 4 }], { seq: 4 }), found({ highest: 9, byConsultor }), 'm')
    expect(vez).toMatchObject({ seq: 9, base: 9, versao: 1, previousWriteId: 'm' })
    const next = decideAt(vez ?? vezOf([]), [turn()])
    expect(outcomes(next)).toEqual([2])
    expect(next.vez.seq).toBe(10)
  })

  it('gives a number of its own to an entry whose number another protocol has', () => {
    const { vez: owing } = decideAt(vezOf([{}]), [turn('pt', { chave: 'k' })])
    const { vez } = rebuild(owing, found({ highest: 1, claimed: new Map([[1, { lote: 'another' }]]) }), 'm')
    expect(vez?.pendentes).toMatchObject([{ n: 2, chave: 'k' }])
    expect(vez?.seq).toBe(2)
  })

  it('does not move who got a customer without losing his place', () => {
    const byConsultor = new Map<number, LastNumber>()
    const of = (n: number, conta?: false) => ({
      n,
      consultor_id: 1,
      consultor_nome: 'Um',
      ...(conta === false && { conta }),
    })
    for (const one of [of(9, false), of(5), of(3)]) noteLast(byConsultor, one)
    expect(byConsultor.get(1)).toEqual({ nome: 'Um', last: 5 })
  })

  it('makes a missing document anew, with people whom an administrator must complete', () => {
    const byConsultor = new Map([[4, { nome: 'Quatro', last: 7 }]])
    const { vez } = rebuild(undefined, found({ highest: 8, byConsultor }), 'm')
    expect(vez).toMatchObject({ seq: 8, ultimo_consultor_id: 4 })
    expect(vez?.consultores.get(4)).toMatchObject({ nome: 'Quatro', ativo: false, online: false, turno: 7 })
  })
})
