import { describe, expect, it } from '@jest/globals'
import type { Person } from '../../src/eventos/rule.js'
import { LineState } from '../../src/eventos/state.js'
import { Alternatives } from '../../src/justica/alternatives.js'
import { Pairs } from '../../src/justica/pairs.js'
import { PresenceTimes } from '../../src/justica/presence.js'
import { WaitTimes } from '../../src/justica/waits.js'
import { differenceInWords, shareInWords } from '../../src/justica/words.js'

const [ANA, BIA, CAIO] = [1, 2, 3]
const NAMES = new Map([
  [ANA, 'Ana'],
  [BIA, 'Bia'],
])
const nameOf = (id: number): string => NAMES.get(id) ?? String(id)
const at = (n: number) => ({ n, em: new Date(n * 60_000) })

describe('two people of the same kind', () => {
  const compared = (...kinds: (readonly [number, string])[]): Pairs => {
    const pairs = new Pairs()
    for (const [id, kind] of kinds) pairs.put(id, kind)
    return pairs
  }

  it('who get turns by turns are never farther apart than 1, whoever begins', () => {
    const pairs = compared([ANA, 'pt'], [BIA, 'pt'])
    for (const [n, id] of [BIA, ANA, BIA, ANA, BIA].entries()) pairs.turn(id, at(n + 1))
    expect(pairs.worst).toMatchObject({ mais: BIA, menos: ANA, diferenca: 1 })
    expect(differenceInWords(pairs.worst, nameOf)).toContain('nunca passou de 1')
  })

  it('are as far apart as in the worst interval, which is named', () => {
    const pairs = compared([ANA, 'pt'], [BIA, 'pt'], [CAIO, 'es'])
    for (const [n, id] of [ANA, BIA, BIA, CAIO, BIA, ANA].entries()) pairs.turn(id, at(n + 1))
    expect(pairs.worst).toEqual({ mais: BIA, menos: ANA, diferenca: 3, de: at(1), ate: at(5) })
    expect(differenceInWords(pairs.worst, nameOf)).toBe(
      'De #00001 a #00005, Bia recebeu 3 vezes a mais do que Ana, embora as duas pessoas pudessem receber as mesmas.',
    )
  })

  it.each<[string, (pairs: Pairs) => void]>([
    [
      'one of them may take none for a while',
      (pairs) => {
        pairs.put(ANA, undefined)
        pairs.put(ANA, 'pt')
      },
    ],
    [
      'one of them speaks more for a while',
      (pairs) => {
        pairs.put(BIA, 'pt es')
        pairs.put(BIA, 'pt')
      },
    ],
    ['a turn that the rule did not give moves one of them', (pairs) => pairs.restart(BIA)],
  ])('are compared anew once %s', (_, happens) => {
    const pairs = compared([ANA, 'pt'], [BIA, 'pt'])
    pairs.turn(ANA, at(1))
    happens(pairs)
    pairs.turn(ANA, at(2))
    expect(pairs.worst?.diferenca).toBe(1)
    pairs.turn(ANA, at(3))
    expect(pairs.worst?.diferenca).toBe(2)
  })

  it('are not there: nothing is compared', () => {
    const pairs = compared([ANA, 'pt'], [BIA, 'es'])
    pairs.turn(ANA, at(1))
    expect(pairs.worst).toBeUndefined()
    expect(differenceInWords(pairs.worst, nameOf)).toContain('não puderam receber a vez ao mesmo tempo')
  })
})

describe('what the rule alone would have given', () => {
  const person = (id: number, more: Partial<Person> = {}): Person => ({
    ...{ id, turno: 0, ativo: true, sequencial: true, online: true, idiomas: ['pt'] },
    ...more,
  })

  /** Turns that went to these people, one after the other. */
  function story(people: readonly Person[], idioma: string, turns: readonly number[]): Alternatives {
    const line = new LineState()
    for (const one of people) line.put(one)
    const alternatives = new Alternatives()
    for (const [index, id] of turns.entries()) {
      alternatives.turn(index + 1, id, line.standing({ idioma }))
      line.gave(id, index + 1)
    }
    return alternatives
  }

  it('is told apart by cause: who speaks no German, and who was offline, had fewer', () => {
    const people = [person(ANA, { idiomas: ['de'] }), person(BIA), person(CAIO, { idiomas: ['de'], online: false })]
    const alternatives = story(people, 'de', [ANA, ANA, ANA, ANA, ANA, ANA])
    // Alone the rule goes round: two each. With languages Ana and Caio share Bia's; with absences Ana gets all.
    expect(alternatives.shareOf(ANA)).toEqual({
      regra_sozinha: 2,
      por_que: { equipe: 0, idioma: 1, ausencia: 3, limite: 0 },
    })
    expect(alternatives.shareOf(BIA)).toEqual({
      regra_sozinha: 2,
      por_que: { equipe: 0, idioma: -2, ausencia: 0, limite: 0 },
    })
    expect(alternatives.shareOf(CAIO)).toEqual({
      regra_sozinha: 2,
      por_que: { equipe: 0, idioma: 1, ausencia: -3, limite: 0 },
    })
    expect(shareInWords('Caio', 0, alternatives.shareOf(CAIO))).toBe(
      'Caio recebeu 0 vezes, 2 a menos do que a regra sozinha daria: +1 pelos idiomas e −3 por ausência.',
    )
    expect(alternatives.ids).toEqual(expect.arrayContaining([ANA, BIA, CAIO]))
  })

  it('is told apart by cause: a limit', () => {
    const people = [person(ANA, { limite: 1 }), person(BIA)]
    const alternatives = story(people, 'pt', [ANA, BIA, BIA, BIA])
    expect(alternatives.shareOf(ANA)).toEqual({
      regra_sozinha: 2,
      por_que: { equipe: 0, idioma: 0, ausencia: 0, limite: -1 },
    })
    expect(shareInWords('Bia', 3, alternatives.shareOf(BIA))).toBe(
      'Bia recebeu 3 vezes, 1 a mais do que a regra sozinha daria: +1 pelo limite.',
    )
  })

  it('moves with a turn that somebody got though it was not his', () => {
    const line = new LineState()
    for (const one of [person(ANA), person(BIA)]) line.put(one)
    const alternatives = new Alternatives()
    alternatives.moved(1, ANA)
    line.gave(ANA, 1)
    alternatives.turn(2, BIA, line.standing({ idioma: 'pt' }))
    expect(alternatives.shareOf(BIA)).toMatchObject({ regra_sozinha: 1 })
    expect(alternatives.shareOf(ANA)).toMatchObject({ regra_sozinha: 0 })
  })
})

describe('times', () => {
  it('count within the period only, however clocks step', () => {
    const times = new PresenceTimes(new Date(10_000), new Date(100_000))
    times.put(ANA, 'online', new Date(0))
    times.put(ANA, 'pausa', new Date(40_000))
    times.put(ANA, 'pausa', new Date(50_000))
    times.put(ANA, 'online', new Date(35_000))
    times.put(ANA, 'offline', new Date(60_000))
    times.put(BIA, 'online', new Date(90_000))
    times.put(BIA, undefined, new Date(95_000))
    const none = { fora: 0, fora_do_horario: 0 }
    expect(times.end()).toEqual(
      new Map([
        [ANA, { ...none, pausa: 0, offline: 40, online: 30 + 25 }],
        [BIA, { ...none, pausa: 0, offline: 0, online: 5 }],
      ]),
    )
  })

  it('of waiting are told by the half, by all but a twentieth, and by the longest', () => {
    const waits = new WaitTimes()
    for (let one = 20; one > 0; one -= 1) waits.add(one * 1_000)
    expect(waits.end()).toEqual({ clientes: 20, mediana_s: 10, p95_s: 19, pior_s: 20 })
    expect(new WaitTimes().end()).toEqual({ clientes: 0 })
  })
})
