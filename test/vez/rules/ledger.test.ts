import { describe, expect, it } from '@jest/globals'
import { entryId, type Vez } from '../../../src/vez/document.js'
import type { Command } from '../../../src/vez/rules/commands.js'
import { chat, decideAt, later, turn, vezOf } from '../../support/vez.js'

const by = { por: 'chave:a1', motivo: 'almoço' }
const DADOS = { nome: 'Dora', ativo: true, sequencial: true, online: true, idiomas: ['es'] }

/** What these commands add to the ledger, without the places. */
const events = (vez: Vez, commands: readonly Command[]) =>
  decideAt(vez, commands, { now: later(60) }).vez.eventos.map(
    ({ writeId: _w, versao: _v, lugar: _l, em: _e, ...rest }) => rest,
  )

describe('the ledger', () => {
  it('keeps each change of who may be picked, by whom and why, at the place that its answer names', () => {
    const change = { tipo: 'alterar', id: 1, mudanca: { online: false, nome: 'Ana Maria' }, autor: by } as const
    const { vez, results } = decideAt(vezOf([{}]), [turn(), change], { now: later(60) })
    expect(vez.eventos).toEqual([
      {
        tipo: 'presenca',
        consultores: [1],
        de: { online: true },
        para: { online: false },
        ...by,
        em: later(60),
        versao: results[1]?.versao,
        lugar: results[1]?.lugar,
        writeId: vez.previousWriteId,
      },
    ])
    expect(vez.consultores.get(1)).toMatchObject({ desde: later(60), desde_por: 'chave:a1', desde_motivo: 'almoço' })
  })

  it('keeps who came and who went', () => {
    expect(
      events(vezOf([{}], { seq: 4 }), [
        { tipo: 'criar', dados: DADOS, autor: by },
        { tipo: 'alterar', id: 1, mudanca: { idiomas: ['pt', 'es'], equipes: ['vendas'], online: false } },
        { tipo: 'remover', id: 1, autor: by },
      ]),
    ).toMatchObject([
      { tipo: 'criado', consultores: [2], para: { online: true, idiomas: ['es'], turno: 4 }, ...by },
      {
        tipo: 'alterado',
        de: { idiomas: ['pt'], equipes: null, online: true },
        para: { idiomas: ['pt', 'es'], equipes: ['vendas'], online: false },
        por: 'sistema',
      },
      { tipo: 'removido', consultores: [1], de: { online: false }, ...by },
    ])
  })

  it('keeps nothing of what decides about nobody', () => {
    const same = {
      tipo: 'alterar',
      id: 1,
      mudanca: { online: true, nome: 'Outro', telefone: '+551133334444' },
    } as const
    expect(events(vezOf([{}]), [turn(), same, { tipo: 'remover', id: 9 }])).toEqual([])
  })

  it('keeps who joined the line and how he left it, but nothing of who he is', () => {
    const out = vezOf([{ online: false }])
    const waits = decideAt(out, [chat('ana'), chat('bia'), chat('caio')]).vez
    const [ana, bia, caio] = waits.espera
    expect(waits.eventos).toMatchObject([
      { tipo: 'entrou_na_espera', espera: ana?.id, canal: 'loja', idioma: 'pt' },
      { espera: bia?.id },
      { espera: caio?.id },
    ])
    expect(JSON.stringify(waits.eventos)).not.toMatch(/wa:|responder/)
    const left = events(
      { ...waits, eventos: [], espera: waits.espera.map((one) => (one === bia ? { ...one, ate: later(1) } : one)) },
      [
        { tipo: 'cancelar_espera', id: ana?.id ?? '', autor: by },
        { tipo: 'sair_da_espera', canal: 'loja', contato_ids: ['wa:caio'], responsavel: 'Fulana' },
      ],
    )
    expect(left).toEqual([
      { tipo: 'saiu_da_espera', espera: bia?.id, canal: 'loja', idioma: 'pt', motivo: 'expirada', por: 'sistema' },
      { tipo: 'saiu_da_espera', espera: ana?.id, canal: 'loja', idioma: 'pt', motivo: 'cancelada', por: 'chave:a1' },
      { tipo: 'saiu_da_espera', espera: caio?.id, canal: 'loja', idioma: 'pt', motivo: 'ajudou', por: 'sistema' },
    ])
  })

  it('gives no event the identity of anything else of its write', () => {
    const { vez } = decideAt(vezOf([{ online: false }]), [
      chat('ana'),
      chat('bia'),
      turn(),
      { tipo: 'criar', dados: DADOS },
    ])
    const ids = [...vez.pendentes, ...vez.eventos].map(entryId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('begins anew after a write of a release that keeps none, and goes on otherwise', () => {
    const { livro: _, ...older } = vezOf([{}])
    const begun = decideAt(older, [turn()]).vez
    expect(begun.eventos).toMatchObject([{ tipo: 'inicio', lugar: 0, versao: 1, marca: 'm0' }])
    const next = decideAt(begun, [turn()]).vez
    expect(next.eventos).toHaveLength(1)
    const byOther = { ...next, versao: next.versao + 1, previousWriteId: 'other' }
    expect(decideAt(byOther, [turn()]).vez.eventos.at(-1)).toMatchObject({ tipo: 'inicio', marca: 'other' })
    expect(decideAt(byOther, [{ tipo: 'tique', fresco: false }])).toMatchObject({ changed: false, vez: byOther })
  })

  it('takes no more commands than there is room for their events', () => {
    const back = { tipo: 'alterar', id: 1, mudanca: { online: false } } as const
    const there = { ...back, mudanca: { online: true } }
    const many = Array.from({ length: 300 }, (_, at) => (at % 2 === 0 ? back : there))
    const { vez, results } = decideAt(vezOf([{}]), many)
    expect([vez.eventos.length, results.length]).toEqual([249, 249])
  })
})
