import { describe, expect, it } from '@jest/globals'
import type { AtividadeDoPipedrive, NegocioDoPipedrive } from '../../integrations/pipedrive/schema.js'
import { diffActivity, diffDeal } from '../../src/pipedrive/diff.js'
import type { NoPipedrive, Protocolo } from '../../src/protocolos/model.js'

const EM = new Date('2026-11-25T12:00:00Z')
const people = {
  consultorOf: (usuario: number) =>
    new Map([
      [11, 1],
      [12, 2],
    ]).get(usuario),
  nameOf: (usuario: number) => `Usuário ${usuario}`,
}
const known: NoPipedrive = {
  pessoa_id: 5,
  negocio_id: 42,
  atividade_id: 9,
  negocio: 'aproveitado',
  negocio_dono_id: 11,
  negocio_situacao: 'open',
  atividade_feita: false,
  atividade_dono_id: 11,
}
const protocolo = (more: Partial<Protocolo> = {}): Protocolo => ({
  _id: 1,
  n: 1,
  numero: '#00001',
  versao: 1,
  lugar: 1,
  lote: 'x',
  consultor_id: 1,
  consultor_nome: 'Ana',
  created_at: EM,
  prioridade: 'normal',
  status: 'aberto',
  responsavel_id: 1,
  ultimo_contato_em: EM,
  historico: [],
  rev: 0,
  pipedrive: known,
  ...more,
})
const deal = (more: Partial<NegocioDoPipedrive> = {}): NegocioDoPipedrive => ({
  id: 42,
  owner_id: 11,
  status: 'open',
  update_time: '2026-11-25T12:00:00Z',
  add_time: '2026-11-01T12:00:00Z',
  ...more,
})
const activity = (more: Partial<AtividadeDoPipedrive> = {}): AtividadeDoPipedrive => ({
  id: 9,
  owner_id: 11,
  done: false,
  update_time: '2026-11-25T12:00:00Z',
  ...more,
})

describe('a deal that people changed', () => {
  it('and went to another consultor takes the customer to him', () => {
    const acordo = diffDeal(protocolo(), deal({ owner_id: 12 }), people, EM)
    expect(acordo).toMatchObject({ reassigned: true, soon: false, change: { $set: { responsavel_id: 2 } } })
    expect(acordo?.change.eventos).toEqual([{ em: EM, tipo: 'responsavel', de: 1, para: 2, motivo: 'pipedrive' }])
  })

  it('and went to somebody who is no consultor is with nobody we know, by his name', () => {
    const acordo = diffDeal(protocolo(), deal({ owner_id: 99 }), people, EM)
    expect(acordo?.change.$set).toEqual({ responsavel_id: null })
    expect(acordo?.change.eventos).toMatchObject([{ tipo: 'responsavel', de: 1, para: 'Usuário 99' }])
  })

  it.each([
    ['won', 'negocio_ganho'],
    ['lost', 'negocio_perdido'],
  ])('and is %s ends the protocol, with the reason', (status, motivo) => {
    const acordo = diffDeal(protocolo(), deal({ status, lost_reason: 'preço' }), people, EM)
    expect(acordo?.change.$set).toEqual({ status: 'concluido', encerrado_em: EM })
    expect(acordo?.change.eventos).toMatchObject([{ tipo: 'status', para: 'concluido', motivo }])
    expect(acordo?.change.pipedrive).toMatchObject({ negocio_situacao: status, motivo_da_perda: 'preço' })
  })

  it('and is gone is told of on the protocol, once', () => {
    const acordo = diffDeal(protocolo(), undefined, people, EM)
    expect(acordo?.change).toMatchObject({ $set: {}, eventos: [{ tipo: 'pipedrive', motivo: 'negocio_excluido' }] })
    const after = protocolo({ pipedrive: { ...known, ...acordo?.change.pipedrive } })
    expect(diffDeal(after, undefined, people, EM)).toBeUndefined()
  })

  it('is no news a second time, and not when it was read before what is known', () => {
    const first = diffDeal(protocolo(), deal({ owner_id: 12 }), people, EM)
    const after = protocolo({ responsavel_id: 2, pipedrive: { ...known, ...first?.change.pipedrive } })
    expect(diffDeal(after, deal({ owner_id: 12 }), people, EM)).toBeUndefined()
    const older = deal({ owner_id: 11, update_time: '2026-11-25T11:59:59Z' })
    expect(diffDeal(after, older, people, EM)).toBeUndefined()
  })

  it('and is as we wrote it ourselves is no news either', () => {
    const ours = protocolo({ pipedrive: { ...known, negocio_dono_id: 12, negocio_hora: '2026-11-25T12:00:00Z' } })
    expect(diffDeal(ours, deal({ owner_id: 12 }), people, EM)).toBeUndefined()
  })

  it('within a minute of its birth counts as any other change, and is marked where we made the deal', () => {
    const made = protocolo({ pipedrive: { ...known, negocio: 'criado' } })
    const given = deal({ owner_id: 12, add_time: '2026-11-25T11:59:01Z' })
    const acordo = diffDeal(made, given, people, EM)
    expect(acordo).toMatchObject({ soon: true, reassigned: true, change: { $set: { responsavel_id: 2 } } })
    expect(acordo?.change.pipedrive).toMatchObject({ dono_trocado_logo: true })
    expect(diffDeal(made, { ...given, add_time: '2026-11-25T11:58:59Z' }, people, EM)?.soon).toBe(false)
    expect(diffDeal(protocolo(), given, people, EM)?.soon).toBe(false)
  })

  it('and is archived ends the protocol', () => {
    const acordo = diffDeal(protocolo(), deal({ is_archived: true }), people, EM)
    expect(acordo?.change.$set).toEqual({ status: 'concluido', encerrado_em: EM })
    expect(acordo?.change.eventos).toMatchObject([{ tipo: 'status', para: 'concluido', motivo: 'arquivado' }])
    expect(acordo?.change.pipedrive).toMatchObject({ negocio_situacao: 'archived' })
  })

  it.each([
    ['won', 'negocio_ganho', true],
    ['lost', 'negocio_perdido', true],
    ['archived', 'arquivado', true],
    ['lost', 'atividade_concluida', false],
    ['lost', undefined, false],
  ])(
    'and was %s, the protocol over by %s: open again, it goes on only if the deal had ended it',
    (situacao, motivo, goesOn) => {
      const end = { em: EM, tipo: 'status' as const, de: 'aberto', para: 'concluido', ...(motivo && { motivo }) }
      const over = protocolo({
        status: 'concluido',
        encerrado_em: EM,
        historico: [end],
        pipedrive: { ...known, negocio_situacao: situacao },
      })
      const again = diffDeal(over, deal(), people, EM)
      expect(again?.change.$set).toEqual(goesOn ? { status: 'em_andamento' } : {})
      expect(again?.change.eventos.map((one) => one.motivo)).toEqual(goesOn ? ['negocio_reaberto'] : [])
      expect(again?.change.pipedrive).toMatchObject({ negocio_situacao: 'open' })
      const cancelled = protocolo({ ...over, status: 'cancelado' })
      expect(diffDeal(cancelled, deal(), people, EM)?.change.$set).toEqual({})
    },
  )

  it.each([
    ['2026-11-25T12:00:20.500Z', '2026-11-25T12:00:20Z', true],
    ['2026-11-25T12:00:20Z', '2026-11-25T12:00:20.500Z', true],
    ['2026-11-25 12:00:21', '2026-11-25T12:00:20Z', true],
    ['2026-11-25T12:00:19Z', '2026-11-25T12:00:20.500Z', false],
    ['2026-11-25T12:00:20.100Z', '2026-11-25T12:00:20.500Z', false],
  ])('at %s is news after %s: %s', (update_time, negocio_hora, isNews) => {
    const before = protocolo({ pipedrive: { ...known, negocio_hora } })
    expect(diffDeal(before, deal({ owner_id: 12, update_time }), people, EM) !== undefined).toBe(isNews)
  })

  it('before it was over counts also where that is heard afterwards: two records tell of it in any order', () => {
    const over = protocolo({ status: 'concluido', encerrado_em: EM })
    const acordo = diffDeal(over, deal({ owner_id: 12 }), people, EM)
    expect(acordo).toMatchObject({ reassigned: false, change: { $set: { responsavel_id: 2 } } })
  })

  it('changes nothing of what has been over for a while', () => {
    const over = protocolo({ status: 'cancelado', encerrado_em: new Date(EM.getTime() - 180_000) })
    const acordo = diffDeal(over, deal({ owner_id: 12, status: 'won' }), people, EM)
    expect(acordo?.change).toMatchObject({ $set: {}, eventos: [] })
  })
})

describe('an activity that people changed', () => {
  it('and is done ends the protocol; reopened, it goes on', () => {
    const done = diffActivity(protocolo(), activity({ done: true }), people, EM)
    expect(done?.change.$set).toEqual({ status: 'concluido', encerrado_em: EM })
    expect(done?.change.eventos).toMatchObject([{ motivo: 'atividade_concluida' }])
    const over = protocolo({
      status: 'concluido',
      encerrado_em: EM,
      pipedrive: { ...known, ...done?.change.pipedrive },
    })
    const again = diffActivity(over, activity({ update_time: '2026-11-25T12:01:00Z' }), people, EM)
    expect(again?.change).toMatchObject({ $set: { status: 'em_andamento' }, $unset: ['encerrado_em'] })
  })

  it('and went to another consultor takes the customer to him', () => {
    expect(diffActivity(protocolo(), activity({ owner_id: 12 }), people, EM)).toMatchObject({
      reassigned: true,
      change: { $set: { responsavel_id: 2 } },
    })
  })

  it('and was done here is no news', () => {
    const over = protocolo({ status: 'concluido', pipedrive: { ...known, atividade_feita: true } })
    expect(diffActivity(over, activity({ done: true }), people, EM)?.change.eventos ?? []).toEqual([])
  })

  it('and is gone is told of once, and closes nothing', () => {
    const gone = diffActivity(protocolo(), undefined, people, EM)
    expect(gone?.change).toMatchObject({ $set: {}, eventos: [{ motivo: 'atividade_excluida' }] })
    const after = protocolo({ pipedrive: { ...known, ...gone?.change.pipedrive } })
    expect(diffActivity(after, activity({ is_deleted: true }), people, EM)).toBeUndefined()
  })
})
