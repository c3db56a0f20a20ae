import { describe, expect, it } from '@jest/globals'
import { check, type Event, unfairness } from '../support/checker.js'

const person = (at: string, id: number, elegivel = true): Event => ({
  at,
  what: { tipo: 'consultor', id, idiomas: ['pt'], elegivel },
})
const turn = (at: string, n: number, consultor_id: number): Event => ({
  at,
  what: { tipo: 'turno', idioma: 'pt', n, consultor_id },
})
const preferring = (at: string, n: number, consultor_id: number, preferido: number): Event => ({
  at,
  what: { tipo: 'turno', idioma: 'pt', n, consultor_id, preferido },
})
const two = [person('1.1', 1), person('2.1', 2)]

describe('the checker', () => {
  it('passes a fair history, in whatever order its answers came', () => {
    expect(check([turn('3.2', 2, 2), ...two, turn('3.1', 1, 1), turn('4.1', 3, 1)])).toEqual([])
  })

  it.each<[string, Event[]]>([
    ['a wrong person', [...two, turn('3.1', 1, 2)]],
    ['a number twice', [...two, turn('3.1', 1, 1), turn('4.1', 1, 2)]],
    ['a gap', [...two, turn('3.1', 1, 1), turn('4.1', 3, 2)]],
    ['a 404 while somebody is there', [...two, { at: '2.9999', what: { tipo: 'ninguem', idioma: 'pt' } }]],
    ['a turn of somebody who is away', [...two, person('3.1', 1, false), turn('4.1', 1, 1)]],
    [
      'somebody brought forward by going away',
      [...two, turn('3.1', 1, 1), person('4.1', 1, false), person('5.1', 1), turn('6.1', 2, 1)],
    ],
    [
      'a turn of somebody in pause',
      [
        ...two,
        { at: '3.1', what: { tipo: 'consultor', id: 1, idiomas: ['pt'], elegivel: true, pausado: true } },
        turn('4.1', 1, 1),
      ],
    ],
    [
      'a turn of somebody of no team',
      [...two, { at: '3.1', what: { tipo: 'turno', idioma: 'pt', equipe: 'azul', n: 1, consultor_id: 1 } }],
    ],
    [
      'a turn of somebody at his limit',
      [
        ...two,
        { at: '3.1', what: { tipo: 'consultor', id: 1, idiomas: ['pt'], elegivel: true, limite: 1 } },
        turn('4.1', 1, 1),
        turn('5.1', 2, 2),
        turn('6.1', 3, 1),
      ],
    ],
    ['somebody there who is preferred, and passed over', [...two, preferring('3.1', 1, 1, 2)]],
    ['somebody whom a preferred turn has moved', [...two, preferring('3.1', 1, 1, 1), turn('4.1', 2, 2)]],
    ['somebody new who is not last', [...two, turn('3.1', 1, 1), person('4.1', 3), turn('5.1', 2, 3)]],
  ])('finds %s', (_, events) => {
    expect(check(events)).not.toEqual([])
  })

  it('measures unfairness in any interval', () => {
    expect(unfairness([turn('1.1', 1, 1), turn('2.1', 2, 2), turn('3.1', 3, 2)], 1, 2)).toBe(2)
  })
})
