import { describe, expect, it } from '@jest/globals'
import { isProtocolo, type Vez } from '../../../src/vez/document.js'
import type { LeaveLineCommand } from '../../../src/vez/rules/commands.js'
import { chat, decideAt, later, outcomes, T0, vezOf } from '../../support/vez.js'

const TAREFAS = { atribuido: ['texto_atribuido'], ajudou: ['pipedrive'] }
const away = { online: false }
const helped = (more: Partial<LeaveLineCommand> = {}): LeaveLineCommand => ({
  tipo: 'sair_da_espera',
  canal: 'loja',
  contato_ids: ['wa:ana'],
  ...more,
})
const ana = chat('ana', { conversa: '42', descricao: 'um orçamento', tarefas: TAREFAS })
const waiting = (now = T0): Vez => decideAt(vezOf([away, { ...away, turno: 9 }]), [ana, chat('bia')], { now }).vez
const lineOf = ({ espera }: Vez): unknown[] => espera.map(({ contato }) => contato.ids[0])
const protocols = ({ pendentes }: Vez) => pendentes.filter(isProtocolo)

describe('a waiting customer who was helped elsewhere', () => {
  it('leaves the line, and nobody’s place in the rotation moves', () => {
    const { results, vez } = decideAt(waiting(), [helped()])
    expect(results).toMatchObject([{ situacao: 'cancelada' }])
    expect(lineOf(vez)).toEqual(['wa:bia'])
    expect(protocols(vez)).toEqual([])
    expect(vez.consultores).toEqual(waiting().consultores)
  })

  it('has a number with who helped him, without a turn, and keeps all that he said', () => {
    const before = waiting()
    const { results, vez } = decideAt(before, [helped({ responsavel: 2 })])
    expect(results).toMatchObject([{ situacao: 'atribuido', repetida: false, consultor: { turno: 9 } }])
    const kept = { chave: 'wa:loja:ana', idioma: 'pt', descricao: 'um orçamento', contato: { ids: ['wa:ana'] } }
    expect(protocols(vez)).toMatchObject([{ n: 1, por: 'ajudou', consultor_id: 2, ...kept, tarefas: ['pipedrive'] }])
    // He has one more that is open, and that is all.
    const [one, two] = before.consultores.values()
    expect([...vez.consultores.values()]).toEqual([one, { ...two, abertos: 1 }])
    expect(outcomes(decideAt(vez, [ana]))).toEqual([2])
  })

  it('has a number with the name of somebody whom only the platform knows, who attends him from then on', () => {
    const { vez } = decideAt(waiting(), [helped({ responsavel: 'Zoe' })])
    expect(protocols(vez)).toMatchObject([{ n: 1, atendente: 'Zoe' }])
    expect(protocols(vez)[0]).not.toHaveProperty('consultor_id')
    const online = decideAt(vez, [{ tipo: 'alterar', id: 1, mudanca: { online: true } }]).vez
    const again = decideAt(online, [chat('ana', { chave: 'another message' })])
    expect(again.results).toMatchObject([{ situacao: 'em_atendimento', protocolo: { n: 1, atendente: 'Zoe' } }])
  })

  it('is found by any of his ids, in any of the conversations in which he asked', () => {
    const further = chat('ana', { chave: 'k2', conversa: '43', contato: { ids: ['wa:ana', 'lid:9'] } })
    const { vez } = decideAt(waiting(), [further])
    for (const conversa of ['42', '43', undefined]) {
      const command = helped({ contato_ids: ['lid:9'], ...(conversa && { conversa }) })
      expect(lineOf(decideAt(vez, [command]).vez)).toEqual(['wa:bia'])
    }
  })

  it('leaves without a number when who helped him is a consultor no more', () => {
    const { results, vez } = decideAt(waiting(), [helped({ responsavel: 7 })])
    expect(results).toMatchObject([{ situacao: 'cancelada' }])
    expect([lineOf(vez), protocols(vez)]).toEqual([['wa:bia'], []])
  })

  it.each([
    ['another account', { canal: 'outra' }],
    ['another conversation', { conversa: '77' }],
    ['another customer', { contato_ids: ['wa:zoe'] }],
    ['before he asked', { em: later(-1) }],
  ])('stays in the line when it was %s', (_, more) => {
    const decision = decideAt(waiting(), [helped(more)])
    expect(decision.results).toMatchObject([{ situacao: 'nao_encontrado' }])
    expect(decision.changed).toBe(false)
  })

  it('leaves when it was in the second in which he asked, since platforms tell whole seconds', () => {
    const asked = new Date(T0.getTime() + 700)
    expect(lineOf(decideAt(waiting(asked), [helped({ em: T0 })]).vez)).toEqual(['wa:bia'])
  })
})

describe('a message of the second in which its protocol ended', () => {
  it('counts as after, one of an earlier second does not', () => {
    const given = protocols(decideAt(vezOf([{}]), [chat('ana')]).vez)[0]
    const ended = {
      ...given,
      n: 1,
      versao: 1,
      lugar: 1,
      created_at: T0,
      contato_ids: ['wa:ana'],
      status: 'concluido',
      responsavel_id: 1,
      ultimo_contato_em: T0,
      encerrado_em: new Date(T0.getTime() + 60_900),
    }
    const known = { byKey: new Map(), byContact: new Map([['wa:ana', ended]]) }
    const asks = (enviado_em: Date) =>
      decideAt(vezOf([{}]), [chat('ana', { chave: 'k', chat: { enviado_em } })], { known })
    expect(outcomes(asks(later(60)))).toEqual([1])
    expect(outcomes(asks(later(59)))).toEqual(['em_atendimento'])
  })
})
