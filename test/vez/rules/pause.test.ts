import { describe, expect, it } from '@jest/globals'
import { fromDocument, toDocument, type Vez } from '../../../src/vez/document.js'
import { nextBoundary } from '../../../src/vez/rules/boundaries.js'
import type { Command, NovaPausa } from '../../../src/vez/rules/commands.js'
import { decide } from '../../../src/vez/rules/decide.js'
import { MAX_EVENTOS } from '../../../src/vez/rules/draft.js'
import { noPriorProtocols } from '../../../src/vez/rules/prior-protocols.js'
import { upcoming } from '../../../src/vez/rules/upcoming.js'
import { whyWaiting } from '../../../src/vez/rules/why-waiting.js'
import { chat, decideAt, later, outcomes, T0, turn, vezOf } from '../../support/vez.js'

const autor = { por: 'chave:a1' }
const change = (id: number, mudanca: object): Command => ({ tipo: 'alterar', id, mudanca, autor })
const pause = (id: number, pausa: NovaPausa = {}): Command => change(id, { pausa })
const tick: Command = { tipo: 'tique', fresco: true }
const at = (seconds: number) => ({ now: later(seconds) })
const context = (seconds: number) => ({ ...at(seconds), writeId: 'w', esperaIntervaloMs: 0 })
/** So many who are all in pause for a minute from T0 on. */
const resting = (size: number): Vez =>
  vezOf(Array.from({ length: size }, () => ({ pausa: { desde: T0, ate: later(60), por: 'chave:a1' } })))

describe('a pause', () => {
  it('is passed over while it lasts, ends by itself before the first turn at or after its end, and moves nobody', () => {
    const paused = decideAt(vezOf([{}, { turno: 1 }]), [pause(1, { minutos: 1, motivo: 'almoço' }), turn()])
    expect(paused.results[1]).toMatchObject({ atribuicao: { consultor_id: 2, pulados: { pausa: [1] }, candidatos: 1 } })
    const pausa = { motivo: 'almoço', ate: later(60), desde: T0, por: 'chave:a1' }
    expect(paused.vez.consultores.get(1)).toMatchObject({ pausa, online: true, turno: 0 })
    expect(nextBoundary(paused.vez)).toEqual(later(60))
    expect(outcomes(decideAt(paused.vez, [turn()], at(59)))).toEqual([2])
    const ended = decideAt(fromDocument(toDocument(paused.vez)), [turn()], at(60))
    expect(outcomes(ended)).toEqual([1])
    expect(ended.vez.consultores.get(1)).not.toHaveProperty('pausa')
    expect(nextBoundary(ended.vez)).toBeUndefined()
    const said = { tipo: 'presenca', consultores: [1] }
    expect(ended.vez.eventos).toMatchObject([
      { ...said, de: { pausa: null }, para: { pausa }, ...autor, motivo: 'almoço', ate: later(60) },
      { ...said, de: { pausa }, para: { pausa: null }, por: 'agenda', ate: later(60), em: later(60), lugar: 1 },
    ])
  })

  it('without an end lasts until he is put online, or it is ended; offline and presence at a platform leave it as it is', () => {
    const paused = decideAt(vezOf([{}]), [pause(1)]).vez
    const lasts = [change(1, { online: false }), change(1, { online: true }), change(1, { nome: 'Ana' })]
    expect(outcomes(decideAt(paused, [...lasts, turn()], at(999_999)))[3]).toBe('indisponivel')
    for (const mudanca of [{ pausa: null }, { pausa: null, online: true }]) {
      const { vez, results } = decideAt(paused, [change(1, mudanca), turn()], at(9))
      expect(results[1]).toMatchObject({ atribuicao: { consultor_id: 1 } })
      expect(vez.eventos.slice(1)).toMatchObject([{ tipo: 'presenca', para: { pausa: null }, ...autor }])
    }
  })

  it('is put off or shortened by another one, and that is over at once where its end has come meanwhile', () => {
    const paused = decideAt(vezOf([{}]), [pause(1, { minutos: 1 })]).vez
    const longer = decideAt(paused, [pause(1, { minutos: 5, motivo: 'banco' })], at(30)).vez
    expect(longer.consultores.get(1)?.pausa).toMatchObject({ desde: T0, ate: later(330), motivo: 'banco' })
    expect(outcomes(decideAt(longer, [turn()], at(329)))).toEqual(['indisponivel'])
    expect(outcomes(decideAt(longer, [pause(1, { ate: later(40) }), turn()], at(40)))[1]).toBe(1)
    const same = decideAt(longer, [pause(1, { ate: later(330), motivo: 'banco' })], at(50))
    expect([same.changed, same.vez]).toEqual([false, longer])
  })

  it('ends once, and for good: a clock that steps back begins none again', () => {
    const ended = decideAt(resting(1), [tick], at(60)).vez
    expect(outcomes(decideAt(ended, [turn()], at(-900)))).toEqual([1])
  })

  it('ends for several in the order of their ends, then of their ids, before anything else', () => {
    const ends = [later(50), later(40), later(50), later(61)]
    const vez = vezOf(ends.map((ate) => ({ pausa: { desde: T0, ate, por: 'chave:a1' } })))
    const { eventos } = decideAt(vez, [turn()], at(60)).vez
    expect(eventos.map(({ consultores, lugar }) => [consultores?.[0], lugar])).toEqual([
      [2, 1],
      [1, 2],
      [3, 3],
    ])
  })

  it('that ends serves who waits, and whoever asks before that is written is told so', () => {
    const { vez } = decideAt(resting(2), [chat('bia')])
    const [bia] = vez.espera
    expect(whyWaiting(vez, bia?.id ?? '', context(59))).toEqual({ motivo: 'todos_em_pausa', fora: { pausa: 2 } })
    expect(whyWaiting(vez, bia?.id ?? '', context(60))).toEqual({ motivo: 'agora', consultor_id: 1 })
    expect(upcoming(vez, { idioma: 'pt' }, 2, context(59)).nobody).toEqual({
      motivo: 'todos_em_pausa',
      fora: { pausa: 2 },
    })
    expect(upcoming(vez, { idioma: 'pt' }, 2, context(60))).toEqual({ ids: [2, 1] })
    const served = decideAt(vez, [tick], at(60)).vez
    expect(served.espera).toEqual([])
    expect(served.pendentes.at(-1)).toMatchObject({ tipo: 'protocolo', consultor_id: 1, esperou_desde: T0 })
  })

  it('is no absence: a customer who comes back stays with whoever is in pause', () => {
    const { vez } = decideAt(vezOf([{}, { turno: 5 }]), [chat('bia'), pause(1)])
    const passes = chat('bia', { chave: 'again', chat: { ausente: { ms: 0, passar: { atribuido: ['x'] } } } })
    expect(decideAt(vez, [passes], at(600)).results[0]).toMatchObject({ situacao: 'em_atendimento' })
  })

  it('of more people than the ledger has room for ends little by little, and nobody gets a turn before the last one', () => {
    const vez = resting(300)
    const first = decideAt(vez, [turn(), tick], at(60))
    expect([first.results.length, first.changed, first.vez.seq]).toEqual([0, true, 0])
    expect(first.vez.eventos.length).toBeLessThanOrEqual(MAX_EVENTOS)
    expect(decideAt(first.vez, [turn()], at(60))).toMatchObject({ results: [], changed: false })
    const drained = new Set(first.vez.eventos.map(({ writeId, lugar }) => `${writeId}:${lugar}`))
    const second = decide(first.vez, [turn()], noPriorProtocols, context(60), { drained, refused: new Map() })
    expect(outcomes(second)).toEqual([1])
    expect([...second.vez.consultores.values()].some(({ pausa }) => pausa)).toBe(false)
  })
})
