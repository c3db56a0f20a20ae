import { describe, expect, it } from '@jest/globals'
import { tell } from '../../src/canais/texts.js'

const own = (atribuido: string) => ({ pt: { atribuido } })

describe('a text', () => {
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
