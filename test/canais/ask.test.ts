import { describe, expect, it } from '@jest/globals'
import type { InboundMessage } from '../../integrations/contract.js'
import { contactIds, toChave } from '../../src/canais/ask.js'

const NOW = new Date('2026-01-05T12:00:10Z')
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000)
const canal = { plataforma: 'manychat', slug: 'vendas' }
const event = (more: Partial<InboundMessage> = {}): InboundMessage => ({
  tipo: 'mensagem',
  conversa: '7',
  contato: { ids: ['7'] },
  pediu: true,
  texto: 'quero comprar',
  enviado_em: NOW,
  ...more,
})
const keyOf = (more: Partial<InboundMessage> = {}, now = NOW) => toChave(canal, event(more), now)

describe('the key of a message', () => {
  it('is platform, account and the platform’s id', () => {
    expect(keyOf({ mensagem_id: 'm1' })).toBe('manychat:vendas:m1')
    expect(keyOf({ mensagem_id: 'm1', chave: 'quem m1' })).toBe('manychat:vendas:quem m1')
  })

  it('is made of who, where, when and what, where the platform sends no id', () => {
    const made = keyOf()
    expect(keyOf({}, later(3_600))).toBe(made)
    const others: Partial<InboundMessage>[] = [
      { contato: { ids: ['8'] } },
      { conversa: '8' },
      { enviado_em: later(1) },
      { texto: 'quero vender' },
    ]
    expect(new Set([made, ...others.map((more) => keyOf(more))]).size).toBe(5)
    expect(toChave({ ...canal, slug: 'outra' }, event(), NOW)).not.toBe(made)
    expect(made).not.toContain('comprar')
  })

  it('holds for a minute, where the platform tells no time either', () => {
    const { enviado_em: _none, ...rest } = event()
    const timeless = (seconds: number) => toChave(canal, rest, later(seconds))
    expect(timeless(30)).toBe(timeless(0))
    expect(timeless(60)).not.toBe(timeless(0))
  })

  it('is short, and so are the names of a contact, however long the platform’s are', () => {
    const long = 'x'.repeat(5_000)
    expect(keyOf({ mensagem_id: long }).length).toBeLessThan(80)
    expect(keyOf({ mensagem_id: long })).not.toBe(keyOf({ mensagem_id: `${long}y` }))
    const ids = contactIds(canal, { ids: [long, 'curto'] })
    expect(ids[0]?.length).toBeLessThan(80)
    expect(ids[1]).toBe('vendas:curto')
  })
})
