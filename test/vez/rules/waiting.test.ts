import { describe, expect, it } from '@jest/globals'
import { isProtocolo, type Vez } from '../../../src/vez/document.js'
import { MAX_ESPERA_POR_CANAL } from '../../../src/vez/rules/draft.js'
import { upcoming } from '../../../src/vez/rules/upcoming.js'
import { whyWaiting } from '../../../src/vez/rules/why-waiting.js'
import { chat, consultor, decideAt, later, outcomes, T0, turn, vezOf } from '../../support/vez.js'

const online = (id: number, on = true) => ({ tipo: 'alterar', id, mudanca: { online: on } }) as const
const tick = { tipo: 'tique', fresco: true } as const
const PACE = { esperaIntervaloMs: 20_000 }

/** Number → consultor of the protocols that are to be copied. */
const given = ({ pendentes }: Vez): [string | undefined, number | undefined][] =>
  pendentes.filter(isProtocolo).map(({ contato, consultor_id }) => [contato?.ids[0], consultor_id])

const lineOf = ({ espera }: Vez): (string | undefined)[] => espera.map(({ contato }) => contato.ids[0])

/** The state after these customers asked while nobody was there. */
const waiting = (people: Parameters<typeof vezOf>[0], ...asked: Parameters<typeof chat>[]): Vez =>
  decideAt(
    vezOf(people),
    asked.map((one) => chat(...one)),
  ).vez

describe('who finds nobody', () => {
  it('waits, is told his place, and is served in order when someone comes', () => {
    const asked = decideAt(vezOf([{ online: false }]), [chat('ana'), chat('bia')])
    expect(asked.results).toMatchObject([
      { situacao: 'em_espera', posicao: 1, repetida: false },
      { situacao: 'em_espera', posicao: 2 },
    ])
    expect(asked.vez.pendentes.map((entry) => entry.tipo)).toEqual(['aviso', 'aviso'])
    const { vez } = decideAt(asked.vez, [online(1)])
    expect(given(vez)).toEqual([
      ['wa:ana', 1],
      ['wa:bia', 1],
    ])
    expect(vez.espera).toEqual([])
  })

  it('is told so at once where the account does not let wait, and by REST', () => {
    const asked = [chat('ana', { chat: { esperar: false } }), turn()]
    const decision = decideAt(vezOf([{ online: false }]), asked)
    expect(outcomes(decision)).toEqual(['indisponivel', 'indisponivel'])
    expect(decision.changed).toBe(false)
  })

  it('is one customer by key and by contact, and the protocol carries all that he said', () => {
    const first = waiting([{ online: false }], ['ana', { descricao: 'um orçamento', impressao: 'f' }])
    const again = decideAt(first, [
      chat('ana'),
      chat('ana', { chave: 'other', contato: { ids: ['lid:9', 'wa:ana'] } }),
      chat('x', { chave: 'third', contato: { ids: ['lid:9'] } }),
    ])
    expect(again.results).toMatchObject([{ repetida: true }, { repetida: true }, { repetida: true, posicao: 1 }])
    expect(again.vez.espera).toHaveLength(1)
    const served = decideAt(again.vez, [online(1)]).vez.pendentes.find(({ tipo }) => tipo === 'protocolo')
    expect(served).toMatchObject({
      descricao: 'um orçamento',
      impressao: 'f',
      chave: 'wa:loja:ana',
      idioma: 'pt',
      canal: 'loja',
      contato: { ids: ['wa:ana', 'lid:9'] },
      tarefas: ['responder'],
    })
  })

  it('becomes the earlier one when two prove to be one contact', () => {
    const vez = waiting([{ online: false }], ['ana'], ['bia'], ['lid', { contato: { ids: ['lid:9'] } }])
    const both = chat('ana', { chave: 'k', contato: { ids: ['wa:ana', 'lid:9'] } })
    expect(lineOf(decideAt(vez, [both]).vez)).toEqual(['wa:ana', 'wa:bia'])
  })

  it('is refused when the line of his account is full', () => {
    const many = Array.from({ length: MAX_ESPERA_POR_CANAL }, (_, place) => chat(`c${place}`))
    const { vez } = decideAt(vezOf([{ online: false }]), many)
    const { results: respostas } = decideAt({ ...vez, pendentes: [] }, [chat('late'), chat('other', { canal: 'b' })])
    expect(respostas).toMatchObject([{ situacao: 'indisponivel', motivo: 'fila_cheia' }, { situacao: 'em_espera' }])
  })

  it('is dropped, counted and told when he waited too long', () => {
    const vez = waiting([{ online: false }], ['ana', { chat: { espera_max_ms: 60_000 } }], ['bia'])
    const { vez: next, expired: expiradas } = decideAt(vez, [tick], { now: later(60) })
    expect(lineOf(next)).toEqual(['wa:bia'])
    expect(expiradas).toBe(1)
    expect(next.pendentes.at(-1)).toMatchObject({ tipo: 'aviso', motivo: 'expirada', tarefas: ['responder'] })
  })

  it('may leave', () => {
    const vez = waiting([{ online: false }], ['ana'], ['bia'])
    const id = vez.espera[0]?.id ?? ''
    const decision = decideAt(vez, [
      { tipo: 'cancelar_espera', id },
      { tipo: 'cancelar_espera', id },
    ])
    expect(outcomes(decision)).toEqual(['cancelada', 'nao_encontrado'])
    expect(lineOf(decision.vez)).toEqual(['wa:bia'])
  })

  it('is known by an id that he got meanwhile, and two who prove to be one wait once', () => {
    const vez = waiting([{ online: false }], ['ana'], ['bia'], ['cau'])
    const { vez: next } = decideAt(vez, [
      { tipo: 'reconhecer', ids: ['wa:ana', 'wa:novo'] },
      { tipo: 'reconhecer', ids: ['wa:bia', 'wa:cau'] },
      { tipo: 'reconhecer', ids: ['wa:ninguem'] },
    ])
    expect(next.espera.map(({ contato }) => contato.ids)).toEqual([
      ['wa:ana', 'wa:novo'],
      ['wa:bia', 'wa:cau'],
    ])
    expect(outcomes(decideAt(next, [chat('novo')]))).toEqual(['em_espera'])
  })

  it('asks for its language only: those of others pass', () => {
    const vez = waiting([{ online: false }, { idiomas: ['en'] }], ['ana'])
    expect(outcomes(decideAt(vez, [chat('bob', { idioma: 'en' }), turn('en')]))).toEqual([2, 2])
  })
})

describe('those who wait come first', () => {
  it('before each new request of the same write, not once at its end', () => {
    const vez = waiting([{ online: false }, { online: false, turno: 0 }], ['ana'])
    const { vez: next } = decideAt(vez, [online(1), chat('bia'), online(2), chat('cau')])
    expect(given(next)).toEqual([
      ['wa:ana', 1],
      ['wa:bia', 1],
      ['wa:cau', 2],
    ])
  })

  it('again before the second of a write, when the first has moved the rotation', () => {
    const waits = decideAt(vezOf([{ online: false }, { online: false }]), [chat('w')]).vez
    const people = [consultor({ espera_em: T0 }), consultor({ turno: 1 })]
    const vez = { ...waits, seq: 5, consultores: new Map(people.map((one, place) => [place + 1, one])) }
    const after = decideAt(vez, [turn(), turn()], { now: later(1), ...PACE })
    expect(outcomes(after)).toEqual([1, 1])
    expect(given(after.vez).map(([, id]) => id)).toEqual([1, 2, 1])
    expect(after.vez.espera).toEqual([])
  })

  it('serves by a tick when someone else brought a consultor online', () => {
    const vez = waiting([{ online: false }], ['ana'])
    const brought = {
      ...vez,
      consultores: new Map([...vez.consultores].map(([id, one]) => [id, { ...one, online: true }])),
    }
    expect(given(decideAt(brought, [tick]).vez)).toEqual([['wa:ana', 1]])
  })
})

describe('pacing', () => {
  it('gives one consultor one waiting customer per interval', () => {
    const vez = decideAt(waiting([{ online: false }], ['ana'], ['bia']), [online(1)], PACE).vez
    expect(given(vez)).toEqual([['wa:ana', 1]])
    expect(given(decideAt(vez, [tick], { ...PACE, now: later(19) }).vez)).toHaveLength(1)
    expect(given(decideAt(vez, [tick], { ...PACE, now: later(20) }).vez)).toHaveLength(2)
  })

  it('delays and never diverts: the rotation stays exact', () => {
    const before = waiting(
      [
        { online: false, turno: -5 },
        { online: false, turno: 3 },
      ],
      ['ana'],
      ['bia'],
    )
    const served = decideAt(before, [online(1)], PACE).vez
    const held = decideAt(served, [online(2)], { ...PACE, now: later(1) }).vez
    // bia's turn is consultor 1's again (number 1 is below turno 3), and he took one a moment ago.
    expect(given(held)).toEqual([['wa:ana', 1]])
    expect(given(decideAt(held, [tick], { ...PACE, now: later(21) }).vez)).toEqual([
      ['wa:ana', 1],
      ['wa:bia', 1],
    ])
  })

  it('lets nobody who speaks a held customer’s language take one who waits behind him', () => {
    const people = [
      { online: false, idiomas: ['pt', 'en'], turno: -9 },
      { online: false, idiomas: ['en'], turno: -1 },
    ]
    const vez = waiting(people, ['ana'], ['bia'], ['eve', { idioma: 'en' }])
    const both = decideAt(vez, [online(1)], PACE).vez
    // Consultor 1 took ana; bia is held for him; eve, behind bia, may go to consultor 2, who speaks no pt …
    expect(given(decideAt({ ...both, seq: 10 }, [online(2)], { ...PACE, now: later(1) }).vez)).toEqual([
      ['wa:ana', 1],
      ['wa:eve', 2],
    ])
  })

  it('keeps one who speaks a held customer’s language from those behind him, though the rule would pick him there', () => {
    const people = [
      { online: false, idiomas: ['pt'], turno: -9 },
      { online: false, idiomas: ['pt', 'en'], turno: 50 },
    ]
    const vez = waiting(people, ['ana'], ['bia'], ['eve', { idioma: 'en' }])
    const first = decideAt(vez, [online(1)], PACE).vez
    // bia is held for consultor 1; eve could only go to consultor 2, who speaks bia's language too.
    const held = decideAt({ ...first, seq: 10 }, [online(2)], { ...PACE, now: later(1) }).vez
    expect(given(held)).toEqual([['wa:ana', 1]])
  })

  it('keeps one of a held customer’s team from those behind him, whatever team they ask for, and leaves them to others', () => {
    // 1 of sales took somebody a moment ago; bia is held for him. 2 is of another team.
    const people = [
      { equipes: ['vendas'], espera_em: T0 },
      { equipes: ['suporte'], turno: 6 },
    ]
    const { espera } = waiting([{ online: false }], ['bia', { equipe: 'Vendas' }])
    const two = vezOf(people, { espera })
    const asksNow = (equipe?: string) =>
      outcomes(decideAt(two, [chat('caio', equipe === undefined ? {} : { equipe })], { ...PACE, now: later(1) }))[0]
    expect([asksNow('vendas'), asksNow('suporte'), asksNow()]).toEqual(['em_espera', 2, 'em_espera'])
    const behind = decideAt({ ...two, espera: [...espera, ...waiting([], ['caio']).espera] }, [tick], {
      ...PACE,
      now: later(1),
    }).vez
    expect([given(behind), behind.espera.length]).toEqual([[], 2])
    const other = waiting([], ['dora', { equipe: 'suporte' }]).espera
    const passed = decideAt({ ...two, espera: [...espera, ...other] }, [tick], { ...PACE, now: later(1) }).vez
    expect(given(passed)).toEqual([['wa:dora', 2]])
  })

  it('makes a new chat request wait behind a held customer, but neither REST nor an account that cannot wait', () => {
    const vez = decideAt(waiting([{ online: false }], ['ana'], ['bia']), [online(1)], PACE).vez
    const asked = [chat('cau'), turn(), chat('dan', { chat: { esperar: false } })]
    expect(outcomes(decideAt(vez, asked, { ...PACE, now: later(1) }))).toEqual(['em_espera', 1, 1])
  })

  it('does not send a new request behind someone for whom nobody is there', () => {
    const vez = waiting([{ idiomas: ['en'] }, { online: false }], ['ana', { idioma: 'pt' }])
    expect(outcomes(decideAt(vez, [chat('eve', { idioma: 'en' })], PACE))).toEqual([1])
  })

  it('takes a mark in the future for a clock that was set back', () => {
    const vez = decideAt(waiting([{ online: false }], ['ana'], ['bia']), [online(1)], {
      ...PACE,
      now: later(3_600),
    }).vez
    expect(given(decideAt(vez, [tick], { ...PACE, now: later(10) }).vez)).toHaveLength(2)
  })

  it('of zero has no limit', () => {
    expect(given(decideAt(waiting([{ online: false }], ['ana'], ['bia']), [online(1)]).vez)).toHaveLength(2)
  })
})

describe('one customer', () => {
  it('is known by his message, also when it comes with other ids', () => {
    const vez = waiting([{ online: false }], ['ana'])
    const again = decideAt(vez, [chat('ana', { contato: { ids: ['lid:9'] } })])
    expect(again.results).toMatchObject([{ situacao: 'em_espera', posicao: 1, repetida: true }])
    expect(again.vez.espera).toHaveLength(1)
  })
})

describe('a notice', () => {
  it('is owed once: who asks again while he waits makes no second', () => {
    const vez = waiting([{ online: false }], ['ana'])
    const { changed, vez: next } = decideAt(vez, [chat('ana')])
    expect(changed).toBe(false)
    expect(next.pendentes.filter(({ tipo }) => tipo === 'aviso')).toHaveLength(1)
  })
})

describe('what is shown of the next turns', () => {
  const context = { now: T0, writeId: 'copy', esperaIntervaloMs: 0 }

  it('serves those who wait first, as the next request would, however many they are', () => {
    const crowd = ['a', 'b', 'c', 'd', 'e'].flatMap((canal) =>
      Array.from({ length: MAX_ESPERA_POR_CANAL }, (_, at) => chat(`${canal}${at}`, { canal })),
    )
    const full = crowd.reduce<Vez>(
      (vez, one) => ({ ...decideAt(vez, [one]).vez, pendentes: [], eventos: [] }),
      vezOf([{}, {}, {}].map(() => ({ online: false }))),
    )
    const there = {
      ...full,
      consultores: new Map([...full.consultores].map(([id, one]) => [id, { ...one, online: true }])),
    }
    expect(full.espera).toHaveLength(500)
    expect(upcoming(there, { idioma: 'pt' }, 4, context)).toEqual({ ids: [3, 1, 2, 3] })
    expect(upcoming(full, { idioma: 'pt' }, 4, context)).toEqual({
      ids: [],
      nobody: { motivo: 'ninguem_online', fora: { offline: 3 } },
    })
  })
})

describe('why a customer waits', () => {
  const why = (vez: Vez, place: number, seconds: number, esperaIntervaloMs = 20_000) =>
    whyWaiting(vez, vez.espera[place]?.id ?? '', { now: later(seconds), writeId: 'copy', esperaIntervaloMs })

  it('is told by the function that serves him, and changes nothing', () => {
    // The first speaks both, the second Portuguese only.
    const people = [{ idiomas: ['pt', 'en'] }, {}].map((one) => ({ ...one, online: false }))
    const all = waiting(people, ['a', { idioma: 'en' }], ['b', { idioma: 'en' }], ['c'], ['d', { idioma: 'es' }])
    expect(why(all, 0, 1)).toEqual({ motivo: 'ninguem_online', fora: { offline: 1, idioma: 1 } })
    expect(why(all, 3, 1)).toEqual({ motivo: 'ninguem_fala_o_idioma', fora: { idioma: 2 } })
    const there = {
      ...all,
      consultores: new Map([...all.consultores].map(([id, one]) => [id, { ...one, online: true }])),
    }
    expect(why(there, 0, 1)).toEqual({ motivo: 'agora', consultor_id: 1 })
    expect(why(there, 2, 1)).toEqual({ motivo: 'agora', consultor_id: 2 })
    const { vez } = decideAt(all, [online(1)], { now: later(1), ...PACE })
    expect(vez.espera.map(({ chave }) => chave)).toEqual(['wa:loja:b', 'wa:loja:c', 'wa:loja:d'])
    expect(why(vez, 0, 2)).toEqual({ motivo: 'intervalo', consultor_id: 1, a_partir_de: later(21) })
    expect(why(vez, 0, 22)).toEqual({ motivo: 'agora', consultor_id: 1 })
    expect(why(vez, 0, 7_300)).toEqual({ motivo: 'expirada' })
  })

  it('may be that whose turn it is takes one who waits before him', () => {
    const people = [
      { idiomas: ['pt', 'en'], turno: 9 },
      { turno: 1, espera_em: T0 },
    ].map((one) => ({ ...one, online: false }))
    const all = waiting(people, ['a'], ['b', { idioma: 'en' }])
    const there = {
      ...all,
      consultores: new Map([...all.consultores].map(([id, one]) => [id, { ...one, online: true }])),
    }
    expect(why(there, 0, 1)).toMatchObject({ motivo: 'intervalo', consultor_id: 2 })
    expect(why(there, 1, 1)).toEqual({ motivo: 'atras', consultor_id: 1 })
  })
})
