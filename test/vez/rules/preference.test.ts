import { describe, expect, it } from '@jest/globals'
import { isProtocolo, type Preferencia, type Vez } from '../../../src/vez/document.js'
import { chat, decideAt, later, outcome, outcomes, T0, turn, vezOf } from '../../support/vez.js'

const prefers = (consultor_id: number, motivo = 'pedido') => ({ preferido: { consultor_id, motivo } })

const preferences = (vez: Vez): (Preferencia | undefined)[] =>
  vez.pendentes.filter(isProtocolo).map(({ preferencia }) => preferencia)

describe('a preferred person', () => {
  it('gets the customer without losing his place, and the protocol says that it does not count', () => {
    const { vez, results } = decideAt(vezOf([{}, {}, {}]), [turn('pt', prefers(3)), turn(), turn(), turn()])
    expect(results.map(outcome)).toEqual([3, 1, 2, 3])
    expect(vez.pendentes[0]).toMatchObject({
      por: 'preferido',
      conta: false,
      preferencia: { consultor_id: 3, seguida: true, motivo: 'pedido' },
    })
    expect(vez.pendentes[1]).not.toHaveProperty('preferencia')
    expect(vez.pendentes[1]).not.toHaveProperty('conta')
  })

  it('keeps the first place too: being preferred again and again takes no turn from him', () => {
    const often = Array.from({ length: 5 }, () => turn('pt', prefers(1)))
    expect(outcomes(decideAt(vezOf([{}, {}]), [...often, turn(), turn()]))).toEqual([1, 1, 1, 1, 1, 1, 2])
  })

  it('is shown with the instant of his last customer', () => {
    expect(decideAt(vezOf([{ turno: 0 }]), [turn('pt', prefers(1))]).vez.consultores.get(1)).toMatchObject({
      turno: 0,
      ultimo_atendimento: T0,
    })
  })

  it.each([
    ['inativo', { ativo: false, online: false }],
    ['fora_da_sequencia', { sequencial: false, online: false }],
    ['idioma', { idiomas: ['en'], online: false }],
    ['offline', { online: false }],
  ])('who is not eligible leaves it to the rule, which costs a turn: %s', (motivo, more) => {
    const { vez, results } = decideAt(vezOf([{}, {}, more]), [turn('pt', prefers(3)), turn(), turn()])
    expect(results.map(outcome)).toEqual([1, 2, 1])
    expect(preferences(vez)[0]).toEqual({ consultor_id: 3, seguida: false, motivo })
    expect(vez.pendentes[0]).toMatchObject({ por: 'regra' })
  })

  it('who does not exist, or could not be found out, leaves it to the rule', () => {
    const unknown = turn('pt', { preferido: { motivo: 'tempo_esgotado' } })
    const { vez, results } = decideAt(vezOf([{}]), [turn('pt', prefers(7)), unknown])
    expect(results.map(outcome)).toEqual([1, 1])
    expect(preferences(vez)).toEqual([
      { consultor_id: 7, seguida: false, motivo: 'inexistente' },
      { consultor_id: null, seguida: false, motivo: 'tempo_esgotado' },
    ])
  })

  it('does not make anybody who is not there: nobody eligible stays nobody', () => {
    const { results, changed } = decideAt(vezOf([{ online: false }]), [turn('pt', prefers(1))])
    expect([outcome(results[0]), changed]).toEqual(['indisponivel', false])
  })
})

describe('a preferred person of a customer who waits', () => {
  const online = (id: number) => ({ tipo: 'alterar', id, mudanca: { online: true } }) as const

  it('gets him when he comes, though another would be next', () => {
    const waits = decideAt(vezOf([{ online: false }, { online: false }]), [chat('a', prefers(2)), chat('b')]).vez
    expect(waits.espera[0]).toMatchObject(prefers(2))
    const come = { ...waits, consultores: new Map(waits.consultores) }
    const { vez } = decideAt(come, [online(2), online(1)])
    const served = vez.pendentes.filter(isProtocolo).map(({ consultor_id, por }) => [consultor_id, por])
    expect(served).toEqual([
      [2, 'preferido'],
      [2, 'regra'],
    ])
  })

  it('is paced like everybody, and nobody takes the customer from him or passes him meanwhile', () => {
    const at = (seconds: number) => ({ now: later(seconds), esperaIntervaloMs: 20_000 })
    const nobody = vezOf([{ online: false }, { online: false }])
    const waits = decideAt(nobody, [chat('a', prefers(2)), chat('b', prefers(2)), chat('c')], at(0)).vez
    const first = decideAt(waits, [online(2), online(1)], at(1)).vez
    expect(first.pendentes.filter(isProtocolo).map(({ consultor_id }) => consultor_id)).toEqual([2])
    expect(first.espera.map(({ chave }) => chave)).toEqual(['wa:loja:b', 'wa:loja:c'])
    const second = decideAt(first, [{ tipo: 'tique', fresco: true }], at(22)).vez
    expect(second.espera).toHaveLength(0)
    const served = second.pendentes.filter(isProtocolo).map(({ consultor_id, chave }) => [consultor_id, chave])
    expect(served).toEqual([
      [2, 'wa:loja:a'],
      [2, 'wa:loja:b'],
      [1, 'wa:loja:c'],
    ])
  })

  it('who is not there when somebody else is leaves him to the rule', () => {
    const waits = decideAt(vezOf([{ online: false }, { online: false }]), [chat('a', prefers(2))]).vez
    const { vez } = decideAt(waits, [online(1)])
    expect(vez.pendentes.filter(isProtocolo)).toMatchObject([
      { consultor_id: 1, preferencia: { consultor_id: 2, seguida: false, motivo: 'offline' } },
    ])
  })
})
