import { describe, expect, it } from '@jest/globals'
import { fromDocument, isProtocolo, toDocument, type Vez } from '../../../src/vez/document.js'
import type { ChatTerms } from '../../../src/vez/rules/commands.js'
import { MAX_ESPERA_POR_CANAL, MAX_IDS_HERDADOS } from '../../../src/vez/rules/draft.js'
import { chat, consultor, decideAt, later, outcome, outcomes, T0, vezOf } from '../../support/vez.js'

const QUARTER_S = 900
const PASSES: ChatTerms['ausente'] = {
  ms: QUARTER_S * 1_000,
  passar: { atribuido: ['passado'], servido: ['passado depois'], em_espera: ['espera'] },
}
const passes = { chat: { ausente: PASSES } }
const switchTo = (id: number, online: boolean) => ({ tipo: 'alterar', id, mudanca: { online } }) as const
const again = (more: Parameters<typeof chat>[1] = passes) => chat('bia', { chave: 'again', ...more })
const protocols = ({ pendentes }: Vez) => pendentes.filter(isProtocolo)

/** Bia is with 1, who went offline at T0; the others are as given. */
function bereft(others: Parameters<typeof vezOf>[0] = [{}]): Vez {
  const with1 = decideAt(vezOf([{}, ...others.map((one) => ({ turno: 1, ...one }))]), [chat('bia')]).vez
  return decideAt(with1, [switchTo(1, false)], { now: T0 }).vez
}

describe('a customer whose responsável is absent', () => {
  it('goes by the rule to somebody else, by a new protocol that continues his and has all his ids', () => {
    const before = decideAt(
      vezOf([{}, { turno: 1 }, {}]),
      [chat('bia', { contato: { ids: ['wa:bia', 'lid:7'], nome: 'Bia', telefone: '+5511987654321' } })],
      { now: T0 },
    ).vez
    const away = decideAt(before, [switchTo(1, false)], { now: T0 }).vez
    const asked = again({ ...passes, contato: { ids: ['lid:7', 'bsuid:1'], nome: 'Bia Reis' } })
    const decision = decideAt(away, [asked], { now: later(QUARTER_S) })
    expect(decision.results[0]).toMatchObject({ situacao: 'atribuido', atribuicao: { n: 2, consultor_id: 3 } })
    expect(protocols(decision.vez)[1]).toMatchObject({
      continua: 1,
      contato: { ids: ['lid:7', 'bsuid:1', 'wa:bia'], nome: 'Bia Reis', telefone: '+5511987654321' },
      tarefas: ['passado'],
    })
    const byPhone = chat('bia', { chave: 'k3', contato: { ids: ['wa:bia'] } })
    expect(decideAt(decision.vez, [byPhone]).results[0]).toMatchObject({ protocolo: { n: 2 } })
    expect(decideAt(decision.vez, [asked], { now: later(99_999) }).results[0]).toMatchObject({
      repetida: true,
      atribuicao: { n: 2 },
    })
  })

  it.each([
    ['he has been offline for less than that', QUARTER_S - 1, [], {}],
    ['he is there again', QUARTER_S, [switchTo(1, true)], {}],
    ['the account keeps its customers', QUARTER_S, [], { chat: { ausente: { ms: 0 } } }],
    ['nobody else is eligible', QUARTER_S, [switchTo(2, false)], passes],
    ['nobody else speaks his language', QUARTER_S, [], { ...passes, idioma: 'en' }],
  ])('stays when %s', (_, seconds, commands, more) => {
    const decision = decideAt(bereft(), [...commands, again({ ...passes, ...more })], { now: later(seconds) })
    expect(decision.results.at(-1)).toMatchObject({ situacao: 'em_atendimento', protocolo: { n: 1 } })
    expect(protocols(decision.vez)).toHaveLength(1)
    expect(decision.vez.espera).toEqual([])
  })

  it('is told apart from one whose responsável is there, with the instant since when', () => {
    const ask = (seconds: number, vez = bereft([{ online: false }])) =>
      decideAt(vez, [again()], { now: later(seconds) }).results[0]
    expect(ask(QUARTER_S)).toMatchObject({ ausencia: { since: [T0] } })
    expect(ask(QUARTER_S - 1)).not.toHaveProperty('ausencia')
    expect(ask(QUARTER_S, decideAt(bereft([]), [switchTo(1, true)]).vez)).not.toHaveProperty('ausencia')
  })

  it('counts him as absent whose presence began before that was kept, and where a clock was set far back', () => {
    const unknown = { ...bereft(), consultores: new Map([[1, consultor({ online: false })]]) }
    expect(decideAt(unknown, [again()]).results[0]).toMatchObject({ ausencia: { since: [undefined] } })
    expect(outcomes(decideAt(bereft(), [again()], { now: later(-60) }))).toEqual(['em_atendimento'])
    expect(outcomes(decideAt(bereft(), [again()], { now: later(-2 * QUARTER_S) }))).toEqual([2])
  })

  it.each([
    ['nobody whom we know has him', { responsavel_id: null }],
    ['his responsável was removed', { responsavel_id: 9 }],
    ['his protocol has ended', { status: 'concluido', encerrado_em: T0 }],
  ])('has an ordinary turn, which continues nothing, when %s', (_, more) => {
    const known = {
      byKey: new Map(),
      byContact: new Map([['wa:bia', { ...priorOf(), ...more }]]),
    }
    const decision = decideAt({ ...bereft(), pendentes: [] }, [again()], { known, now: later(QUARTER_S) })
    expect(outcomes(decision)).toEqual([2])
    expect(protocols(decision.vez)[0]).not.toHaveProperty('continua')
  })

  it('stays with an old message of a protocol that has ended, and nobody is called absent', () => {
    const ended = { ...priorOf(), status: 'concluido', encerrado_em: later(100) }
    const known = { byKey: new Map(), byContact: new Map([['wa:bia', ended]]) }
    const late = again({ chat: { ausente: PASSES, enviado_em: later(50) } })
    const [result] = decideAt(bereft(), [late], { known, now: later(QUARTER_S) }).results
    expect(result).toMatchObject({ situacao: 'em_atendimento' })
    expect(result).not.toHaveProperty('ausencia')
  })

  it('takes over a bounded number of ids', () => {
    const many = Array.from({ length: 40 }, (_, index) => `id:${index}`)
    const known = { byKey: new Map(), byContact: new Map([['wa:bia', { ...priorOf(), contato_ids: many }]]) }
    const { vez } = decideAt({ ...bereft(), pendentes: [] }, [again()], { known, now: later(QUARTER_S) })
    const ids = protocols(vez)[0]?.contato?.ids
    expect(ids).toHaveLength(MAX_IDS_HERDADOS)
    expect(ids?.slice(0, 2)).toEqual(['wa:bia', 'id:0'])
  })
})

describe('a customer who is passed on while others wait', () => {
  /** Bia’s 1 is absent; 2 took a waiting customer just now, and one more is held. */
  const PACE = { esperaIntervaloMs: 20_000, now: later(QUARTER_S) }
  function held(): Vez {
    const line = decideAt(bereft([{ online: false }]), [chat('ana'), chat('caio')], PACE).vez
    return decideAt(line, [switchTo(2, true)], PACE).vez
  }

  it('goes behind them, and what he continues is kept until he is served', () => {
    const waits = decideAt(held(), [again()], PACE)
    expect(waits.results[0]).toMatchObject({ situacao: 'em_espera', posicao: 2 })
    expect(waits.vez.espera.at(-1)).toMatchObject({ continua: 1, tarefas: PASSES.passar })
    const stored = fromDocument(toDocument(waits.vez))
    const tick = { tipo: 'tique', fresco: true } as const
    const served = decideAt(stored, [tick], { now: later(QUARTER_S + 60), esperaIntervaloMs: 0 }).vez
    expect(protocols(served).map(({ n, contato, continua }) => [n, contato?.ids[0], continua])).toEqual([
      [1, 'wa:bia', undefined],
      [2, 'wa:ana', undefined],
      [3, 'wa:caio', undefined],
      [4, 'wa:bia', 1],
    ])
    expect(protocols(served).at(-1)).toMatchObject({ tarefas: ['passado depois'] })
  })

  it('still continues his protocol when another entry proves to be his', () => {
    const other = chat('nova', { contato: { ids: ['lid:9'] } })
    const waits = decideAt(held(), [other, again()], PACE).vez
    const both = decideAt(waits, [again({ ...passes, chave: 'both', contato: { ids: ['lid:9', 'wa:bia'] } })], PACE).vez
    expect(both.espera.map(({ contato, continua }) => [contato.ids[0], continua])).toEqual([
      ['wa:caio', undefined],
      ['lid:9', 1],
    ])
  })

  it('still continues it when somebody helps him elsewhere meanwhile', () => {
    const waits = decideAt(held(), [chat('nova', { contato: { ids: ['lid:9'] } }), again()], PACE).vez
    const both = { canal: 'loja', contato_ids: ['lid:9', 'wa:bia'], responsavel: 2 }
    const { vez } = decideAt(waits, [{ tipo: 'sair_da_espera', ...both }], PACE)
    expect(protocols(vez).at(-1)).toMatchObject({ consultor_id: 2, por: 'ajudou', continua: 1 })
    expect(vez.espera.map(({ contato }) => contato.ids[0])).toEqual(['wa:caio'])
  })

  it('stays where the line is full', () => {
    const full = decideAt(
      held(),
      Array.from({ length: MAX_ESPERA_POR_CANAL }, (_, index) => chat(`c${index}`)),
      PACE,
    )
    expect(outcome(full.results.at(-1))).toBe('indisponivel')
    expect(outcomes(decideAt(full.vez, [again()], PACE))).toEqual(['em_atendimento'])
  })

  it('is served at once where the account does not let wait', () => {
    const now = again({ chat: { ausente: PASSES, esperar: false } })
    expect(outcomes(decideAt(held(), [now], PACE))).toEqual([2])
  })
})

const priorOf = () => ({
  ...{ n: 1, versao: 1, lugar: 1, created_at: T0, consultor_id: 1, contato_ids: ['wa:bia'], status: 'aberto' },
  ...{ responsavel_id: 1, ultimo_contato_em: T0 },
})
