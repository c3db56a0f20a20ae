import { describe, expect, it } from '@jest/globals'
import { type Entry, entryId, fromDocument, isProtocolo, toDocument, type Vez } from '../../../src/vez/document.js'
import type { PriorProtocol } from '../../../src/vez/rules/commands.js'
import { decide } from '../../../src/vez/rules/decide.js'
import { MAX_CONSULTORES, MAX_PENDENTES } from '../../../src/vez/rules/draft.js'
import type { PriorProtocols } from '../../../src/vez/rules/prior-protocols.js'
import { chat, consultor, decideAt, later, outcome, outcomes, T0, turn, vezOf } from '../../support/vez.js'

const PAUSA = { desde: T0, por: 'chave:a1' }

const dados = (nome: string, email?: string) => {
  const { turno: _, ...rest } = consultor({ nome, ...(email !== undefined && { email }) })
  return rest
}

describe('whose turn it is', () => {
  it('is the one who has waited longest by number, then the lowest id, and goes round', () => {
    const vez = vezOf([{}, {}, { turno: -1 }])
    expect(outcomes(decideAt(vez, [turn(), turn(), turn(), turn()]))).toEqual([3, 1, 2, 3])
  })

  it('gives each turn the next number, and the number is the new place in the order', () => {
    const { vez, results: respostas } = decideAt(vezOf([{}], { seq: 99_999 }), [turn()])
    expect(respostas[0]).toMatchObject({ situacao: 'atribuido', atribuicao: { n: 100_000, consultor_id: 1 } })
    expect(vez.seq).toBe(100_000)
    expect(vez.consultores.get(1)).toMatchObject({ turno: 100_000, ultimo_atendimento: T0 })
    expect(vez.pendentes).toHaveLength(1)
  })

  it.each([
    ['pt', 'pt', true],
    ['PT_br', 'pt-BR', true],
    ['pt', 'pt-BR', true],
    ['pt-BR', 'pt', true],
    ['pt-PT', 'pt-BR', false],
    ['pt', 'ptx', false],
    ['en', 'pt', false],
  ])('asked for %s, one who speaks %s: %s', (asked, spoken, matches) => {
    const given = outcome(decideAt(vezOf([{ idiomas: [spoken] }]), [turn(asked)]).results[0])
    expect(given).toBe(matches ? 1 : 'indisponivel')
  })

  it.each([
    ['ninguem_ativo', {}, []],
    ['ninguem_ativo', { inativo: 1, fora_da_sequencia: 1 }, [{ ativo: false, online: false }, { sequencial: false }]],
    ['ninguem_fala_o_idioma', { idioma: 2 }, [{ idiomas: ['en'], equipes: ['x'] }, { idiomas: ['es'] }]],
    ['ninguem_fala_o_idioma', { idioma: 1, inativo: 1 }, [{ idiomas: ['en'] }, { ativo: false }]],
    [
      'todos_em_pausa',
      { pausa: 2, idioma: 1 },
      [{ pausa: PAUSA }, { pausa: PAUSA, online: false }, { idiomas: ['en'] }],
    ],
    ['ninguem_online', { offline: 2, idioma: 1 }, [{ online: false }, { online: false }, { idiomas: ['en'] }]],
  ])('says why nobody can, and how many each condition keeps out: %s %j', (motivo, fora, people) => {
    const before = vezOf(people)
    const { results: respostas, changed, vez } = decideAt(before, [turn()])
    expect(respostas).toEqual([{ situacao: 'indisponivel', motivo, fora, versao: 0, lugar: 9_999 }])
    expect(changed).toBe(false)
    expect(vez).toBe(before)
  })

  it('is of the team that is asked for, whatever its case and accents, and of any where none is', () => {
    const vez = vezOf([{}, { equipes: ['Pós-Venda', 'vendas'] }, { equipes: ['VENDAS'], idiomas: ['en'] }])
    const asked = [turn('en', { equipe: 'Vêndas' }), turn('pt', { equipe: 'pos-venda' }), turn()]
    const { results, vez: after } = decideAt(vez, asked)
    expect(results.map(outcome)).toEqual([3, 2, 1])
    expect(after.pendentes).toMatchObject([
      { equipe: 'Vêndas', candidatos: 1, pulados: { equipe: [1], idioma: [2] } },
      { equipe: 'pos-venda', candidatos: 1, pulados: { equipe: [1] } },
      { candidatos: 2, segundo: 2 },
    ])
    expect(after.pendentes[2]).not.toHaveProperty('pulados')
    const nobody = decideAt(vez, [turn('pt', { equipe: 'suporte' }), turn('es', { equipe: 'vendas' })]).results
    expect(nobody).toMatchObject([
      { motivo: 'ninguem_da_equipe', fora: { equipe: 3 } },
      { motivo: 'ninguem_fala_o_idioma', fora: { equipe: 1, idioma: 2 } },
    ])
  })

  it('is kept with why: of very many who were passed over the first 40, those who are only offline last', () => {
    const others = (size: number, more: object) =>
      Array.from({ length: size }, (_, at) => ({ turno: at - 99, ...more }))
    const people = [...others(30, { online: false }), ...others(25, { idiomas: ['en'] }), {}, { turno: 1 }]
    const apart = [
      { turno: -100, ativo: false },
      { turno: -100, sequencial: false },
    ]
    const [entry] = decideAt(vezOf([...people, ...apart]), [turn()]).vez.pendentes
    expect(entry).toMatchObject({
      por: 'regra',
      consultor_id: 56,
      candidatos: 2,
      segundo: 57,
      turno_antes: 0,
      pulados: {
        offline: Array.from({ length: 15 }, (_, at) => at + 1),
        idioma: Array.from({ length: 25 }, (_, at) => at + 31),
      },
      pulados_cortados: { offline: 15 },
    })
    const many = decideAt(vezOf([...others(60, { idiomas: ['en'] }), {}]), [turn()]).vez.pendentes[0]
    expect(many).toMatchObject({ pulados: { idioma: { length: 40 } }, pulados_cortados: { idioma: 20 } })
  })

  it('is kept in the order of the line as earlier turns of the same write have left it', () => {
    const { vez } = decideAt(vezOf([{ idiomas: ['en'] }, { idiomas: ['en'], turno: 1 }, { turno: 30 }]), [
      turn('pt', { preferido: { consultor_id: 3, motivo: 'pedido' } }),
      turn('en'),
      turn('pt'),
    ])
    expect(vez.pendentes.filter(isProtocolo).map(({ pulados }) => pulados)).toEqual([
      undefined,
      undefined,
      { idioma: [2, 1] },
    ])
  })

  it('is no turn where a number is given: the number says so, and nothing of the line', () => {
    const [entry] = decideAt(vezOf([{}, {}]), [{ tipo: 'numero', consultor_id: 2 }]).vez.pendentes
    expect(entry).toMatchObject({ por: 'numero', consultor_id: 2 })
    for (const field of ['candidatos', 'segundo', 'turno_antes', 'pulados']) expect(entry).not.toHaveProperty(field)
  })

  it('is not moved by going offline and online again', () => {
    const vez = vezOf([{}, {}, {}])
    const off = { tipo: 'alterar', id: 1, mudanca: { online: false } } as const
    const on = { tipo: 'alterar', id: 1, mudanca: { online: true } } as const
    expect(outcomes(decideAt(vez, [turn(), off, turn(), on, turn(), turn()]))).toEqual([
      1,
      'consultor',
      2,
      'consultor',
      3,
      1,
    ])
  })

  it('comes last to whoever is new', () => {
    const vez = vezOf([{}, {}])
    const novo = { tipo: 'criar', dados: dados('Novo') } as const
    expect(outcomes(decideAt(vez, [turn(), novo, turn(), turn(), turn()])).filter(Number)).toEqual([1, 2, 1, 3])
  })
})

describe('a key', () => {
  it('seen before in this batch, in pendentes or in protocolos gets the same answer', () => {
    const first = decideAt(vezOf([{}, {}]), [turn('pt', { chave: 'a' }), turn('pt', { chave: 'a' })])
    expect(outcomes(first)).toEqual([1, 1])
    expect(first.vez.seq).toBe(1)
    const second = decideAt(first.vez, [turn('pt', { chave: 'a' })])
    expect(second).toMatchObject({ changed: false, results: [{ repetida: true, atribuicao: { n: 1 } }] })
    const drained = { ...first.vez, pendentes: [] }
    const known: PriorProtocols = { byKey: new Map([['a', stored({ n: 1, consultor_id: 1 })]]), byContact: new Map() }
    expect(outcomes(decideAt(drained, [turn('pt', { chave: 'a' })], { known }))).toEqual([1])
  })

  it('is refused for another request, and never for a platform’s message', () => {
    const asked = turn('pt', { chave: 'a', impressao: 'x' })
    const { vez } = decideAt(vezOf([{}]), [asked])
    expect(outcomes(decideAt(vez, [turn('en', { chave: 'a', impressao: 'y' })]))).toEqual(['chave_reutilizada'])
    expect(outcomes(decideAt(vez, [turn('en', { chave: 'a' })]))).toEqual([1])
  })

  it('stores nothing when nobody was there', () => {
    const offline = vezOf([{ online: false }])
    const on = { tipo: 'alterar', id: 1, mudanca: { online: true } } as const
    expect(outcomes(decideAt(offline, [turn('pt', { chave: 'a' }), on, turn('pt', { chave: 'a' })]))).toEqual([
      'indisponivel',
      'consultor',
      1,
    ])
  })

  it('replays where and when the turn was, even when the person is gone', () => {
    const { vez, results: respostas } = decideAt(vezOf([{}]), [turn('pt', { chave: 'a' })])
    const gone = decideAt(vez, [{ tipo: 'remover', id: 1 }]).vez
    const { consultor: _, ...rest } = { consultor: undefined, ...respostas[0] }
    const replay = decideAt(gone, [turn('pt', { chave: 'a' })], { now: later(60) }).results[0]
    expect(replay).toMatchObject({ ...rest, repetida: true })
    expect(respostas[0]).toHaveProperty('consultor')
    expect(replay).not.toHaveProperty('consultor')
  })
})

describe('a number without a turn', () => {
  it('moves nobody’s place', () => {
    const vez = vezOf([{}, {}])
    const forOne = { tipo: 'numero', consultor_id: 1 } as const
    expect(outcomes(decideAt(vez, [forOne, { tipo: 'numero' }, turn(), turn()]))).toEqual([1, undefined, 1, 2])
  })

  it('is refused for a consultor who does not exist', () => {
    expect(outcomes(decideAt(vezOf([{}]), [{ tipo: 'numero', consultor_id: 9 }]))).toEqual(['nao_encontrado'])
  })
})

describe('the roster', () => {
  it('keeps e-mails unique, whatever their case, among those who are there', () => {
    const vez = vezOf([{ email: 'a@b.co' }, {}])
    const mine = { tipo: 'alterar', id: 1, mudanca: { email: 'A@b.co' } } as const
    const taken = { tipo: 'alterar', id: 2, mudanca: { email: 'a@B.co' } } as const
    const { results: respostas } = decideAt(vez, [taken, mine, { tipo: 'remover', id: 1 }, taken])
    expect(respostas.map(outcome)).toEqual(['email_em_uso', 'consultor', 'removido', 'consultor'])
  })

  it('never gives an id twice', () => {
    const vez = vezOf([{}, {}])
    const { results: respostas } = decideAt(vez, [
      { tipo: 'remover', id: 2 },
      { tipo: 'criar', dados: dados('Novo') },
    ])
    expect(respostas[1]).toMatchObject({ id: 3 })
  })

  it('has a bound', () => {
    const vez = vezOf(Array.from({ length: MAX_CONSULTORES }, () => ({})))
    expect(outcomes(decideAt(vez, [{ tipo: 'criar', dados: dados('Demais') }]))).toEqual(['roster_cheio'])
  })

  it('writes nothing when nothing changes', () => {
    const { changed } = decideAt(vezOf([{}]), [{ tipo: 'alterar', id: 1, mudanca: { online: true } }])
    expect(changed).toBe(false)
  })

  it('knows since when each person is online or offline: from when that really changed', () => {
    const switchTo = (online: boolean, more = {}) => ({ tipo: 'alterar', id: 1, mudanca: { online, ...more } }) as const
    const made = decideAt(vezOf([]), [{ tipo: 'criar', dados: dados('Ana') }]).vez
    const since = (vez: Vez) => vez.consultores.get(1)?.desde
    expect(since(made)).toEqual(T0)
    const off = decideAt(made, [switchTo(false)], { now: later(10) }).vez
    expect(since(off)).toEqual(later(10))
    const renamed = [switchTo(false, { nome: 'Bia' }), switchTo(false)]
    expect(since(decideAt(off, renamed, { now: later(20) }).vez)).toEqual(later(10))
    expect(since(decideAt(off, [turn(), switchTo(true)], { now: later(30) }).vez)).toEqual(later(30))
    expect(since(fromDocument(toDocument(off)))).toEqual(later(10))
  })

  it('clears an optional field by null and keeps what is absent', () => {
    const vez = vezOf([{ email: 'a@b.co', telefone: '+5511987654321' }])
    const { vez: next } = decideAt(vez, [{ tipo: 'alterar', id: 1, mudanca: { email: null } }])
    expect(next.consultores.get(1)).not.toHaveProperty('email')
    expect(next.consultores.get(1)?.telefone).toBe('+5511987654321')
  })
})

describe('the window of a chat', () => {
  const served = (more: Partial<PriorProtocol> = {}) =>
    knownContact('wa:ana', stored({ n: 1, consultor_id: 1, ...more }))

  it('gives the same protocol again while it is open, recent and its responsável is there', () => {
    const decision = decideAt(vezOf([{}, {}], { seq: 1 }), [chat('ana', { chave: 'k2' })], {
      known: served(),
      now: later(60),
    })
    expect(decision.results[0]).toMatchObject({ situacao: 'em_atendimento', protocolo: { n: 1 } })
    expect(decision.changed).toBe(false)
  })

  it('asks the responsável, not the one who took the turn', () => {
    const known = served({ responsavel_id: 2 })
    const decision = decideAt(vezOf([{}, {}], { seq: 1 }), [chat('ana', { chave: 'k2' })], { known, now: later(60) })
    expect(decision.results[0]).toMatchObject({ situacao: 'em_atendimento', consultor: { nome: 'Fulano' } })
  })

  it.each([
    ['the protocol is concluded', { status: 'concluido' }, {}],
    ['the protocol is cancelled', { status: 'cancelado' }, {}],
    ['the last contact is too long ago', { ultimo_contato_em: later(-90_000) }, {}],
    ['nobody whom we know is responsável', { responsavel_id: null }, {}],
    ['the responsável is not ativo', { responsavel_id: 3 }, {}],
    ['the account has no window', {}, { janela_ms: 0 }],
    ['it has none, and the clock was put back', { ultimo_contato_em: later(60) }, { janela_ms: 0 }],
  ])('does not apply when %s', (_, protocolo, account) => {
    const vez = vezOf([{}, {}, { ativo: false }], { seq: 1 })
    const asked = chat('ana', { chave: 'k2', chat: account })
    expect(outcomes(decideAt(vez, [asked], { known: served(protocolo) }))).toEqual([1])
  })

  it('applies to a message that is older than the end of its protocol', () => {
    const known = served({ status: 'concluido', encerrado_em: later(100) })
    const late = (seconds: number) => chat('ana', { chave: 'k2', chat: { enviado_em: later(seconds) } })
    const vez = vezOf([{}], { seq: 1 })
    expect(outcomes(decideAt(vez, [late(50)], { known }))).toEqual(['em_atendimento'])
    expect(outcomes(decideAt(vez, [late(150)], { known }))).toEqual([1])
  })

  it('knows a contact by any of its ids, and by its latest protocol', () => {
    const known: PriorProtocols = {
      byKey: new Map(),
      byContact: new Map([
        ['wa:ana', stored({ n: 1, consultor_id: 1, status: 'aberto' })],
        ['lid:7', stored({ n: 2, consultor_id: 2, status: 'concluido' })],
      ]),
    }
    const asked = chat('ana', { chave: 'k2', contato: { ids: ['wa:ana', 'lid:7'] } })
    expect(outcomes(decideAt(vezOf([{}, {}], { seq: 2 }), [asked], { known }))).toEqual([1])
  })

  it('never holds for a REST call', () => {
    const known = served()
    const rest = turn('pt', { contato: { ids: ['wa:ana'] } })
    expect(outcomes(decideAt(vezOf([{}], { seq: 1 }), [rest], { known }))).toEqual([1])
  })

  it('takes protocolos for right where the same number is still in pendentes', () => {
    const { vez } = decideAt(vezOf([{}]), [chat('ana')])
    const known = knownContact('wa:ana', stored({ n: 1, consultor_id: 1, status: 'concluido' }))
    expect(decideAt(vez, [chat('ana', { chave: 'k2' })], { known }).results[0]).toMatchObject({
      situacao: 'atribuido',
      atribuicao: { n: 2 },
    })
  })
})

describe('pendentes', () => {
  it('that are full let the rest of a batch wait for the drain', () => {
    const decision = decideAt(
      vezOf([{}]),
      Array.from({ length: MAX_PENDENTES + 5 }, () => turn()),
    )
    expect(decision.results).toHaveLength(MAX_PENDENTES)
    expect(decision.vez.pendentes).toHaveLength(MAX_PENDENTES)
  })

  it('lose what was seen copied, and keep and mark what was refused', () => {
    const { vez } = decideAt(vezOf([{}]), [turn(), turn(), turn()])
    const [first, second] = vez.pendentes.map(entryId)
    const owed = { drained: new Set([first ?? '']), refused: new Map([[second ?? '', 'codigo_1']]) }
    const context = { now: T0, writeId: 'next', esperaIntervaloMs: 0 }
    const next = decide(vez, [turn()], { byKey: new Map(), byContact: new Map() }, context, owed).vez
    expect(next.pendentes.map((entry) => [n(entry), isProtocolo(entry) ? entry.recusada : undefined])).toEqual([
      [2, 'codigo_1'],
      [3, undefined],
      [4, undefined],
    ])
  })
})

const n = (entry: Entry): number => (isProtocolo(entry) ? entry.n : 0)

const stored = (more: Partial<PriorProtocol> & { n: number }): PriorProtocol => ({
  versao: 1,
  lugar: 1,
  created_at: T0,
  consultor_nome: 'Fulano',
  contato_ids: [],
  status: 'aberto',
  responsavel_id: more.consultor_id ?? null,
  ultimo_contato_em: T0,
  ...more,
})

const knownContact = (id: string, one: PriorProtocol): PriorProtocols => ({
  byKey: new Map(),
  byContact: new Map([[id, one]]),
})
