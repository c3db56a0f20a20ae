import { describe, expect, it } from '@jest/globals'
import { openingWords } from '../../src/canais/opening-words.js'
import { tell } from '../../src/canais/texts.js'

const own = (atribuido: string) => ({ pt: { atribuido } })

describe('a text', () => {
  it.each([
    ['2026-11-27T22:00Z', 'hoje às 19:00', 'hoy a las 19:00', 'today at 19:00'],
    ['2026-11-28T11:00Z', 'amanhã às 08:00', 'mañana a las 08:00', 'tomorrow at 08:00'],
    ['2026-11-29T11:00Z', 'no domingo às 08:00', 'el domingo a las 08:00', 'on Sunday at 08:00'],
    ['2026-12-03T04:30Z', 'na quinta-feira à 01:30', 'el jueves a la 01:30', 'on Thursday at 01:30'],
    ['2026-12-04T11:00Z', 'em 4 de dezembro às 08:00', 'el 4 de diciembre a las 08:00', 'on December 4 at 08:00'],
  ])('tells when it opens as people say it: %s', (em, ...words) => {
    const abre = { em: new Date(em), fuso: 'America/Sao_Paulo' }
    // Friday, half past six in the evening.
    const now = new Date('2026-11-27T21:30Z')
    expect(['pt-BR', 'es', 'en'].map((idioma) => openingWords(idioma, abre, now))).toEqual(words)
  })

  it('is never longer than any platform takes, and never ends in half a character', () => {
    const text = tell(own('😀{consultor}'.repeat(90)), 'pt', 'atribuido', { consultor: '😀'.repeat(100) })
    expect(text.length).toBeLessThanOrEqual(1_500)
    expect(text.length).toBeGreaterThan(1_490)
    expect(text).not.toMatch(/[\uD800-\uDBFF]$/)
  })

  it('takes a name as one line, and as no template', () => {
    const told = tell(own('Olá {cliente}, com {primeiro_nome}: {protocolo}'), 'pt-BR', 'atribuido', {
      cliente: 'Bia\n{protocolo}\u0007',
      consultor: 'Ana Lima',
      protocolo: '#00001',
    })
    expect(told).toBe('Olá Bia {protocolo} , com Ana: #00001')
  })

  it.each([
    ['pt-BR', 'Pronto!'],
    ['es_MX', '¡Listo!'],
    ['EN', 'Done!'],
    ['fr', 'Pronto!'],
    [undefined, 'Pronto!'],
  ])('in %s begins with %s', (idioma, start) => {
    expect(tell({}, idioma, 'atribuido', { consultor: 'Ana' })).toContain(start)
  })
})
